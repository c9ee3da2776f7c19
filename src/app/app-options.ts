/** What an app is made of: everything that differs between a real visit, a demo and a test. */
import type { Surroundings } from '../engine/capabilities.ts';
import type { WorkerLike } from '../engine/worker-link.ts';
import type { CatalogEntry } from '../protocol/models.ts';
import type { Capabilities } from '../protocol/snapshot.ts';
import type { Mesh } from '../mesh/mesh-types.ts';
import type { Env } from '../shared/env.ts';
import type { DeviceId, PeerId } from '../shared/ids.ts';
import type { ConfigFiles } from './config/config-files.ts';
import type { ConfigStorage } from './config/config-storage.ts';
import type { LocalSide } from './open-mesh.ts';
import type { Preferences } from './settings-storage.ts';

export interface AppOptions {
  readonly version: string;
  readonly env: Env;
  /** Absolute address of the page, with a trailing slash. */
  readonly baseUrl: string;
  readonly surroundings: Surroundings;
  readonly capabilities: Capabilities;
  readonly catalog: readonly CatalogEntry[];
  readonly preferences: Preferences;
  readonly config: { readonly files: ConfigFiles; readonly storage: ConfigStorage };
  /** The model to load after the built-in one. */
  readonly model: string | null;
  readonly demo: boolean;
  /** Who this tab is among others. */
  readonly peer: PeerId;
  readonly device: DeviceId;
  readonly mobile: boolean;
  /** The page's address follows the swarm: its link, or null for none. */
  showAddress(link: string | null): void;
  /** @throws LlamboError `unsupported` where no mesh can be had, `bad-request` for a damaged invitation */
  createMesh(invitation: string | undefined, local: LocalSide): Promise<Mesh>;
  createWorker(): WorkerLike;
}
