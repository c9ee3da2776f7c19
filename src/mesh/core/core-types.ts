/**
 * What goes into the swarm's mind and what comes out: events, effects, and the view of it. The machine itself is
 * `swarm-core.ts`; `mesh.ts` and the simulation know nothing but these types.
 */
import type { Claim, PeerMessage } from '../../protocol/messages.ts';
import type { NodeAd, PeerEntry } from '../../protocol/peer.ts';
import type { Topology } from '../../protocol/policy.ts';
import type { Random } from '../../shared/env.ts';
import type { DeviceId, EndpointId, PeerId } from '../../shared/ids.ts';

/** Messages that the core understands; the rest (handshake, tasks) passes it by. */
export type CoreMessage = Extract<PeerMessage, { t: 'beat' | 'vote?' | 'vote' | 'leave' | 'status' | 'roster' | 'roster?' }>;

export type CoreEvent =
  /** Some four times a second. A gap between two ticks is how the machine learns that it slept. */
  | { readonly type: 'tick' }
  /** A handshake is done. A second link to the same peer replaces the first. */
  | { readonly type: 'linked'; readonly peer: PeerId; readonly entry: PeerEntry; readonly claim: Claim | null }
  /** The link is gone. `left`: they said so. */
  | { readonly type: 'unlinked'; readonly peer: PeerId; readonly reason: 'left' | 'lost' | 'refused' }
  | { readonly type: 'message'; readonly from: PeerId; readonly message: CoreMessage }
  /** A dial that the core asked for came to nothing. */
  | { readonly type: 'dial failed'; readonly peer: PeerId }
  /** A door that the core asked for: got it, somebody else holds it, or no signalling. Also when one is lost. */
  | { readonly type: 'door'; readonly door: number; readonly state: 'held' | 'taken' | 'unreachable' | 'lost' }
  /**
   * A direct link is used or wanted (for a task). It is dialled, and kept for a minute after the last of these: both ends
   * say so while a task runs, since either may drop a link that it does not need.
   */
  | { readonly type: 'want link'; readonly peer: PeerId }
  /** From now on these devices, and no others, may not be in: their peers leave the roster. */
  | { readonly type: 'bar'; readonly devices: ReadonlySet<DeviceId> }
  /** What the swarm has decided about its size and its links. */
  | { readonly type: 'topology'; readonly topology: Topology }
  /** This tab's own facts changed. */
  | { readonly type: 'self'; readonly change: Partial<SelfFacts> }
  /** This tab goes now: tells everybody, names a successor. */
  | { readonly type: 'leave' };

export interface SelfFacts {
  readonly name: string;
  readonly endpoints: readonly EndpointId[];
  readonly visible: boolean;
  /** False for hidden mobile tabs and others that must not lead. */
  readonly eligible: boolean;
  readonly cores: number;
  readonly nodes: readonly NodeAd[];
  readonly sharing: PeerEntry['sharing'];
}

export type CoreEffect =
  | { readonly type: 'send'; readonly to: PeerId; readonly message: CoreMessage }
  | { readonly type: 'dial'; readonly peer: PeerId; readonly endpoints: readonly EndpointId[] }
  /** End the link: silent for `LIMITS.deadMs`, no longer needed, against the rules, or (`removed`) one too many in the
   *  swarm. The core has forgotten it already. */
  | { readonly type: 'drop'; readonly peer: PeerId; readonly reason: 'silent' | 'surplus' | 'violation' | 'removed'; readonly what?: string }
  | { readonly type: 'hold door'; readonly door: number }
  | { readonly type: 'release door'; readonly door: number }
  /** Somebody else holds that door and may be another part of the swarm: dial it. */
  | { readonly type: 'knock'; readonly door: number }
  | { readonly type: 'tell'; readonly event: CoreNews };

export type CoreNews =
  | { readonly type: 'joined'; readonly peer: PeerId; readonly name: string }
  | { readonly type: 'left'; readonly peer: PeerId; readonly name: string; readonly reason: 'left' | 'dead' | 'removed' }
  | { readonly type: 'leader'; readonly leader: PeerId | null; readonly term: number; readonly provisional: boolean }
  /** The direct link to that peer has been silent for a while. */
  | { readonly type: 'suspect'; readonly peer: PeerId }
  /** The roster, a link's state or a round trip changed: look at `view()` again. */
  | { readonly type: 'changed' };

/** What the core believes now. Frozen values; the same object until something changed. */
export interface CoreView {
  readonly self: PeerEntry;
  readonly leader: PeerId | null;
  readonly deputy: PeerId | null;
  readonly term: number;
  readonly provisional: boolean;
  /** This tab leads. */
  readonly leading: boolean;
  /** Version of the roster in this term. */
  readonly version: number;
  /** Everybody who is in, this tab included, by time of joining and then id. */
  readonly entries: readonly PeerEntry[];
  readonly links: ReadonlyMap<PeerId, { readonly suspect: boolean; readonly rttMs: number | null }>;
}

export interface SwarmCoreDeps {
  readonly identity: { readonly peer: PeerId; readonly device: DeviceId };
  readonly random: Random;
  readonly facts: SelfFacts;
  /** Of the clock that `handle` is given. */
  readonly now: number;
  /** Milliseconds since 1970: when this tab joined. */
  readonly wallTime: number;
}

/**
 * A tab that is alone at its first tick founds a swarm and leads it at once; one that has a link by then has joined.
 */
export interface SwarmCore {
  /** @param now milliseconds of a clock that never goes back; it may skip when the machine slept */
  handle(event: CoreEvent, now: number): readonly CoreEffect[];
  view(): CoreView;
  /** For a welcome: what to say of ourselves and of who leads. */
  introduce(): { readonly entry: PeerEntry; readonly claim: Claim | null };
  /** May this peer come in now? `full`, or null for yes. */
  refuses(peer: PeerId): 'full' | null;
  /**
   * Fencing: may an order of `leader` in `term` be obeyed? Only the accepted leader of the highest term seen.
   * Every control frame of the orchestrator is asked about here.
   */
  obeys(order: { readonly leader: PeerId; readonly term: number }): boolean;
}
