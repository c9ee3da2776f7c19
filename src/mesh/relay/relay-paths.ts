/** The ways that a peer has over neighbours to others, by the other end and the name that the dialler gave. */
import { LIMITS } from '../../protocol/limits.ts';
import { deferred, type Deferred } from '../../shared/abort.ts';
import type { LlamboError } from '../../shared/errors.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { RelayedConnection } from './relay-connection.ts';

/** One way to one peer: a connection, or what will be one. */
export interface Path {
  readonly id: string;
  readonly remote: PeerId;
  readonly via: PeerId;
  /** The other end's answer to our offer. */
  readonly answered: Deferred<Uint8Array>;
  /** Sealed boxes that came while the keys were being made. */
  readonly early: Uint8Array[];
  connection: RelayedConnection | null;
  over: boolean;
}

export interface Paths {
  get(remote: PeerId, id: string): Path | undefined;
  all(): readonly Path[];
  open(remote: PeerId, via: PeerId, id: string): Path;
  /** Each that is asked for costs a key agreement before anybody knows who asks. */
  hasRoom(remote: PeerId, via: PeerId): boolean;
  /** Nothing more goes over it. */
  forget(path: Path): void;
  /** The same, and whoever waits or listens at it is told. */
  lose(path: Path, error: LlamboError): void;
  loseAll(error: LlamboError, isLost: (path: Path) => boolean): void;
}

export function createPaths(): Paths {
  const paths = new Map<string, Path>();
  const keyOf = (remote: PeerId, id: string): string => `${remote} ${id}`;
  const all = (): readonly Path[] => [...paths.values()];

  function forget(path: Path): void {
    path.over = true;
    paths.delete(keyOf(path.remote, path.id));
  }

  function lose(path: Path, error: LlamboError): void {
    if (path.over) return;
    forget(path);
    path.answered.reject(error);
    path.connection?.lose();
  }

  return {
    all,
    forget,
    lose,
    get: (remote, id) => paths.get(keyOf(remote, id)),
    open(remote, via, id) {
      const path: Path = { id, remote, via, answered: deferred(), early: [], connection: null, over: false };
      paths.set(keyOf(remote, id), path);
      return path;
    },
    hasRoom: (remote, via) =>
      paths.size < LIMITS.relayPaths && all().filter((path) => path.remote === remote && path.via === via).length < LIMITS.relayPathsPerPeer,
    loseAll(error, isLost) {
      for (const path of all()) if (isLost(path)) lose(path, error);
    },
  };
}
