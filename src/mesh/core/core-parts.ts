/** What the duties of `swarm-core.ts` share: its parts, and how effects and news go out. */
import type { MessageOf } from '../../protocol/messages.ts';
import type { PeerEntry } from '../../protocol/peer.ts';
import type { Topology } from '../../protocol/policy.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { CoreMessage, CoreNews } from './core-types.ts';
import type { Redial } from './redial.ts';
import type { Leadership } from './leadership.ts';
import type { LinkState, Liveness } from './liveness.ts';
import type { Reason, Roster } from './membership.ts';
import type { OwnEntry } from './own-entry.ts';

export interface CoreParts {
  readonly self: PeerId;
  readonly own: OwnEntry;
  readonly leadership: Leadership;
  readonly roster: Roster;
  readonly liveness: Liveness;
  readonly redial: Redial;
  /** What was decided for all, or the protocol's own. */
  topology: Topology;
  send(to: PeerId, message: CoreMessage): void;
  /** A beat with everything that is known of who leads. */
  sendBeat(to: PeerId, marks?: Pick<MessageOf<'beat'>, 'ping' | 'pong'>): void;
  /** A beat to all links but one: news of who leads travels at once. */
  flood(except?: PeerId): void;
  /** Ends a link that is no good: the core forgets it, its owner closes it. */
  drop(peer: PeerId, reason: 'silent' | 'surplus' | 'violation' | 'removed', now: number, what?: string): void;
  tell(news: CoreNews): void;
  /** Something that `view()` shows is not as it was. */
  changed(): void;
  came(entry: PeerEntry): void;
  went(entry: PeerEntry, reason: Reason, now: number): void;
}

export type { LinkState };
