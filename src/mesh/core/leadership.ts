/**
 * Who leads, as far as this peer knows: the claim it accepted, how fresh the lease is, and claims that compete. It accepts
 * at most one leader per term, ever, itself included. How a leader is found when the lease runs out is `ballot.ts`.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { Claim } from '../../protocol/messages.ts';
import type { PeerId } from '../../shared/ids.ts';
import { isSameClaim, outranks } from './election.ts';

/** What a neighbour's beat says of who leads. */
export interface Hearsay {
  readonly claim: Claim;
  readonly tick: number;
  readonly provisional: boolean;
}

/**
 * What a claim was to this peer: a new leader; a sign of life of its own leader; nothing new; one that is out of date; one
 * that competes with the accepted leader.
 */
export type Heard = 'accepted' | 'fresher' | 'known' | 'outdated' | 'rival';

export interface Leadership {
  /** The accepted claim of the highest term. Its leader may be dead, or this peer that has stepped down. */
  readonly claim: Claim | null;
  readonly leading: boolean;
  readonly provisional: boolean;
  /** The newest tick of that leader that came here. */
  readonly tick: number;
  /** The neighbour through which it came first. */
  readonly via: PeerId | null;
  readonly rival: Claim | null;
  /** When the rival was first heard of. */
  readonly rivalSince: number;
  /** When the last sign of life of the leader came. */
  readonly freshAt: number;
  /** When the claim was accepted. */
  readonly acceptedAt: number;
  /** True while the leader can be taken for alive. */
  leaseLives(now: number): boolean;
  hear(from: PeerId, hearsay: Hearsay, now: number): Heard;
  /** Somebody knows of another claim. @returns true if that was news */
  noteRival(claim: Claim): boolean;
  /** A vote was granted (also to itself): in this term and below no other vote is. */
  grant(claim: Claim, now: number): void;
  readonly granted: Claim | null;
  /** A term that nobody has used, as far as is known here. */
  freshTerm(): number;
  /** A term was mentioned: ours are to be higher. */
  seeTerm(term: number): void;
  /** This peer leads from now on. The term must be higher than any accepted. */
  lead(claim: Claim, provisional: boolean, now: number): void;
  /** The leader's sign of life, once a beat. */
  beat(): void;
  setProvisional(provisional: boolean): void;
  /** No more leader, no more orders: this peer slept, or its leader said good-bye. Lease: what is left of it, milliseconds. */
  doubt(now: number, leaseLeftMs: number): void;
  obeys(order: { readonly leader: PeerId; readonly term: number }): boolean;
  /** Once a tick: a vote for somebody who did not come to lead, while the leader lives on, needs a new term. */
  settle(now: number): void;
}

export function createLeadership(self: PeerId, start: number): Leadership {
  let claim: Claim | null = null;
  let leading = false;
  let provisional = false;
  let tick = 0;
  let via: PeerId | null = null;
  let rival: Claim | null = null;
  let rivalSince = 0;
  let granted: Claim | null = null;
  let grantedAt = 0;
  let seen = 0;
  let freshAt = start;
  let acceptedAt = start;
  let clock = start;

  const leaseLives = (now: number): boolean => leading || (claim !== null && now - freshAt <= LIMITS.leaseMs);

  function accept(accepted: Claim, now: number): void {
    claim = accepted;
    seen = Math.max(seen, accepted.term);
    leading = accepted.leader === self;
    freshAt = now;
    acceptedAt = now;
    tick = 0;
    via = null;
    // A rival of a later term may still be about; one of this term is about if it is another.
    if (rival && (rival.term < accepted.term || isSameClaim(rival, accepted))) rival = null;
  }

  function noteRival(other: Claim): boolean {
    seen = Math.max(seen, other.term);
    if (claim === null || other.term < claim.term || isSameClaim(claim, other) || (rival && !outranks(other, rival))) return false;
    if (!rival) rivalSince = clock;
    rival = other;
    return true;
  }

  function hear(from: PeerId, hearsay: Hearsay, now: number): Heard {
    const { claim: other } = hearsay;
    clock = now;
    seen = Math.max(seen, other.term);
    if (claim !== null && other.term < claim.term) return 'outdated';
    if (isSameClaim(claim, other)) {
      if (leading || hearsay.tick <= tick) return 'known';
      tick = hearsay.tick;
      provisional = hearsay.provisional;
      via = from;
      freshAt = now;
      return 'fresher';
    }
    // A claim of ours that we know nothing of is nobody's: only `lead` makes them.
    if (other.leader === self) return 'known';
    // One tab that lost its network for a while must not take over the whole swarm with the term that it opened alone.
    const weaker = claim !== null && hearsay.provisional && !provisional && leaseLives(now);
    if (claim !== null && (other.term === claim.term || weaker)) return noteRival(other) ? 'rival' : 'known';
    accept(other, now);
    tick = hearsay.tick;
    provisional = hearsay.provisional;
    via = from;
    return 'accepted';
  }

  return {
    get claim() { return claim; },
    get leading() { return leading; },
    get provisional() { return provisional; },
    get tick() { return tick; },
    get via() { return via; },
    get rival() { return rival; },
    get rivalSince() { return rivalSince; },
    get freshAt() { return freshAt; },
    get acceptedAt() { return acceptedAt; },
    get granted() { return granted; },
    leaseLives,
    hear,
    noteRival,
    grant(candidate, now) {
      granted = candidate;
      grantedAt = now;
      seen = Math.max(seen, candidate.term);
    },
    freshTerm: () => seen + 1,
    seeTerm: (term) => void (seen = Math.max(seen, term)),
    lead(own, asProvisional, now) {
      clock = now;
      accept(own, now);
      provisional = asProvisional;
    },
    beat: () => void (tick += 1),
    setProvisional: (value) => void (provisional = value),
    doubt(now, leaseLeftMs) {
      leading = false;
      freshAt = now - LIMITS.leaseMs + leaseLeftMs;
    },
    obeys: (order) =>
      claim !== null && order.term === claim.term && order.leader === claim.leader &&
      // Whoever gave its vote away in a later term is done with the old leader.
      (granted === null || granted.term <= claim.term) && (leading || claim.leader !== self),
    settle(now) {
      clock = now;
      if (granted && claim && granted.term > claim.term && now - grantedAt > LIMITS.voteMs && leaseLives(now)) noteRival(granted);
    },
  };
}
