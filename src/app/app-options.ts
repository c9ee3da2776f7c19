/** What an app is made of: everything that differs between a real visit, a demo and a test. */
import type { Surroundings } from '../engine/capabilities.ts';
import type { WorkerLike } from '../engine/worker-link.ts';
import type { CatalogEntry } from '../protocol/models.ts';
import type { Capabilities } from '../protocol/snapshot.ts';
import type { Env } from '../shared/env.ts';
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
  /** The model to load after the built-in one. */
  readonly model: string | null;
  readonly demo: boolean;
  createWorker(): WorkerLike;
}
