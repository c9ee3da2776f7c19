/** From an invitation to a mesh, with everything that only a browser has: keys, WebRTC, channels between tabs, a steady tick. */
import { createMesh } from '../mesh/mesh.ts';
import type { LocalFacts, Mesh, MeshDeps } from '../mesh/mesh-types.ts';
import { SECRET_BYTES, foundRoom, openInvitation, openRoom } from '../mesh/invitation.ts';
import { createMultiTransport } from '../mesh/transport/multi-transport.ts';
import { createBroadcastTransport } from '../mesh/platform/broadcast-transport.ts';
import { createPeerjsTransport } from '../mesh/platform/peerjs-transport.ts';
import { createRoomStorage } from '../mesh/platform/room-storage.ts';
import { createRelayCrypto } from '../mesh/platform/relay-crypto.ts';
import { createTurnCredentials, fetchMinted } from '../mesh/platform/turn-credentials.ts';
import { createTicker } from '../mesh/platform/ticker.ts';
import { createWebCrypto, type WebCrypto } from '../mesh/platform/web-crypto.ts';
import { createWebIdentity, type WebIdentity } from '../mesh/platform/web-identity.ts';
import { planSignalling } from '../mesh/transport/signalling-servers.ts';
import type { TaskServer } from '../mesh/tasks/task-server.ts';
import type { SignallingConfig } from '../protocol/signalling.ts';
import type { Env } from '../shared/env.ts';
import { LlamboError } from '../shared/errors.ts';
import type { DeviceId, PeerId } from '../shared/ids.ts';

/** What the app gives to a mesh. */
export interface LocalSide {
  readonly facts: LocalFacts;
  readonly tasks: TaskServer;
  /** What this tab tells of itself to those who read it. */
  readonly serve: MeshDeps['serve'];
  /** If this founds a swarm: newcomers are let in by hand. */
  readonly gated: boolean;
  /** What the person or the site says of it now; the rest is as `llambo.json` has it. */
  readonly signalling: SignallingConfig;
}

export interface MeshMaker {
  /** Who this tab is among others. */
  readonly peer: PeerId;
  /** Whose tabs are counted together; that of this tab alone where no keys can be had. */
  readonly device: DeviceId;
  /**
   * @param invitation a link or six words; absent: a new room
   * @returns the mesh, not started
   * @throws LlamboError `bad-request` for a damaged invitation, `unsupported` where keys can't be had
   */
  create(invitation: string | undefined, local: LocalSide): Promise<Mesh>;
}

export interface MeshMakerOptions {
  readonly env: Env;
  /** Absolute address of the page, with a trailing slash. */
  readonly baseUrl: string;
  readonly config: SignallingConfig;
  /** Which build this is. */
  readonly build: string;
}

/** Makes this tab's keys. Where a browser refuses them, the tab works alone, and joining says why. */
export async function openMeshMaker({ env, baseUrl, config, build }: MeshMakerOptions): Promise<MeshMaker> {
  const keys = await makeKeys().catch((error: unknown) => (error instanceof LlamboError ? error : new LlamboError('unsupported', String(error))));
  if (keys instanceof LlamboError) {
    const id = env.random.id();
    return { peer: id as PeerId, device: id as DeviceId, create: () => Promise.reject(keys) };
  }
  const { crypto, identity } = keys;
  return {
    peer: identity.peer,
    device: identity.device,
    async create(invitation, { signalling, ...local }) {
      const { servers, iceServers, turnUrl } = planSignalling({ ...config, ...signalling }, baseUrl);
      // Who names servers of their own wants these and no others.
      const turn = turnUrl && signalling.iceServers === undefined ? { turn: () => createTurnCredentials({ env, fetchText: (signal) => fetchMinted(turnUrl, signal) }) } : {};
      const founds = invitation === undefined;
      const room = founds ? { ...(await openRoom(foundRoom(randomBytes(SECRET_BYTES)), crypto)), founder: local.gated ? identity.device : null } : await openInvitation(invitation, crypto);
      return createMesh({
        relayCrypto: createRelayCrypto(),
        env, identity, crypto, room, founds, build,
        ...local,
        link: room.link(baseUrl),
        code: room.code,
        founder: room.founder,
        gateStorage: createRoomStorage('rules'),
        policyStorage: createRoomStorage('policy'),
        transport: createMultiTransport([createBroadcastTransport({ env }), createPeerjsTransport({ env, servers, iceServers, ...turn })], env.clock),
        tick: createTicker(env.clock),
      });
    },
  };
}

async function makeKeys(): Promise<{ crypto: WebCrypto; identity: WebIdentity }> {
  const crypto = createWebCrypto();
  return { crypto, identity: await createWebIdentity(crypto) };
}

const randomBytes = (count: number): Uint8Array => globalThis.crypto.getRandomValues(new Uint8Array(count));
