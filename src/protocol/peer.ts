/** What peers tell of themselves, and how a swarm looks from one of its tabs. */
import type * as v from 'valibot';
import type { WireError } from '../shared/errors.ts';
import type { DeviceId, PeerId, RoomId } from '../shared/ids.ts';
import type { NodeInfo } from './engine-node.ts';
import type { nodeAdSchema, peerEntrySchema } from './peer-schema.ts';

/** A node as its peer describes it to others. A claim: nobody has checked it. */
export type NodeAd = v.InferOutput<typeof nodeAdSchema>;

/**
 * One line of the roster. Only the peer itself makes its entry. `(incarnation, revision)` grows: the larger pair is the
 * newer. A peer that was taken for dead comes back with a higher incarnation, through a handshake of its own.
 */
export type PeerEntry = v.InferOutput<typeof peerEntrySchema>;

/** How far joining has come, in this order. */
export const JOIN_STEPS = ['signalling', 'dialling', 'handshake', 'in'] as const;
export type JoinStep = (typeof JOIN_STEPS)[number];

/** A device as people know it. */
export interface NamedDevice {
  readonly device: DeviceId;
  /** What it calls itself, or did when it was last seen; empty: not known here. */
  readonly name: string;
}

/** How newcomers come in. */
export interface GateInfo {
  /** They are let in by hand; else the invitation is enough. */
  readonly on: boolean;
  /** What this tab's person may do: everything, let others in and bar them, or nothing. */
  readonly mine: 'founder' | 'steward' | null;
  readonly founder: DeviceId;
  /** Devices beside the founder's that may let others in. */
  readonly stewards: readonly DeviceId[];
  /** Who waits to be let in, where this tab's person may do so. */
  readonly knocking: readonly NamedDevice[];
  readonly barred: readonly NamedDevice[];
}

/** The swarm as this tab sees it. */
export interface SwarmInfo {
  readonly state: 'joining' | 'in' | 'failed';
  /** Where joining is, or where it failed. */
  readonly step: JoinStep;
  /** Why it failed; or, while `in`, what is not as it should be (signalling is down: newcomers can't find us). */
  readonly problem: WireError | null;
  readonly room: RoomId;
  /** Whoever opens it is in the swarm. Holds the secret. */
  readonly link: string;
  /** The secret as six words, to be read aloud. */
  readonly code: string;
  readonly self: PeerId;
  /** The elected orchestrator; null while there is none. */
  readonly leader: PeerId | null;
  /** Of the leader: grows with each election. */
  readonly term: number;
  /** The leader has not the majority of those it knew with it: others vanished, and may go on without it. Also when this tab is all that is left. */
  readonly provisional: boolean;
  /** This tab first, then in the order of joining. */
  readonly peers: readonly PeerInfo[];
  readonly signalling: 'up' | 'down';
  /** A person in the swarm was asked to let this tab in. While `joining`. */
  readonly waiting: boolean;
  /** Null while this tab knows no rules: it is not in yet, or nobody is there who had any. */
  readonly gate: GateInfo | null;
}

export interface PeerInfo {
  readonly id: PeerId;
  readonly device: DeviceId;
  readonly name: string;
  readonly self: boolean;
  readonly leader: boolean;
  /** Takes over if the leader goes. */
  readonly deputy: boolean;
  /** `self`, a direct link, none (known from the roster only), or a direct link that has been silent for a while. */
  readonly link: 'self' | 'direct' | 'none' | 'suspect';
  /** How that link runs: `webrtc`, `broadcast` (a tab of this browser), `relayed` (over another tab, sealed); null without one. */
  readonly path: string | null;
  /** Round trip of the last heartbeat, milliseconds; null until known. */
  readonly rttMs: number | null;
  readonly visible: boolean;
  readonly nodes: readonly NodeInfo[];
  /** Slots that it works with for others, and how many of them are taken. */
  readonly sharing: { readonly slots: number; readonly busy: number };
  /** Whom it is linked with: for the picture. */
  readonly links: readonly PeerId[];
  /** Milliseconds since 1970, by that peer's clock. */
  readonly joinedAt: number;
}

/** What this device gives to others. The person's own choice, never the swarm's. */
export interface Sharing {
  readonly on: boolean;
  /** The most slots, over all nodes of this tab, that work for others at once; 0 = all. */
  readonly slots: number;
  /** The most tokens that one other device may have written here in an hour; 0 = no limit. */
  readonly tokensPerHour: number;
  /** Models whose nodes are kept for this tab alone. */
  readonly keptModels: readonly string[];
}
