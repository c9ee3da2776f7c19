/**
 * How a leader is found when the lease runs out: a pre-vote (does anybody still hear the leader?), then a vote in a new
 * term. Without a majority, but also without anybody who objects, the candidate leads provisionally whom it can reach:
 * work is idempotent here, so that going on is better than waiting. The rules of who is fitter are in `election.ts`.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { Claim, MessageOf } from '../../protocol/messages.ts';
import type { Random } from '../../shared/env.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { CoreParts } from './core-parts.ts';
import { deputyOf, isFitter, mayLead, patience } from './election.ts';
import type { Leadership } from './leadership.ts';

export interface Electorate {
  /** Everybody in the last roster, this peer included. */
  readonly members: ReadonlySet<PeerId>;
  /** Those with a direct link that is not silent. */
  readonly reachable: readonly PeerId[];
  readonly rank: number;
  readonly role: 'deputy' | 'eligible' | 'last';
}

export interface BallotDeps {
  readonly self: PeerId;
  readonly random: Random;
  readonly leadership: Leadership;
  electorate(): Electorate;
  send(to: PeerId, message: MessageOf<'vote?'> | MessageOf<'vote'>): void;
  /** This peer is elected. */
  win(claim: Claim, provisional: boolean): void;
}

export interface Ballot {
  /** Stands, or counts, when it is time. Only while no lease lives. */
  tick(now: number): void;
  /** Somebody stands: answers it. */
  asked(from: PeerId, request: MessageOf<'vote?'>, now: number): void;
  answered(from: PeerId, vote: MessageOf<'vote'>, now: number): void;
  /** A link ended: its peer's answer is not waited for. */
  gone(peer: PeerId): void;
  /** There is a leader: no standing. */
  cancel(): void;
}

/** Standing for election: first whether anybody minds, then for good. */
interface Candidacy {
  readonly pre: boolean;
  readonly claim: Claim;
  readonly until: number;
  readonly granted: Set<PeerId>;
  /** Reachable peers that have not answered. */
  readonly awaited: Set<PeerId>;
}

/** Who may vote, and whether this peer should be among the first to stand. */
export function electorateOf({ self, own, leadership, roster, liveness }: CoreParts): Electorate {
  const { rank } = own.entry;
  const isDeputy = deputyOf(roster.entries(), leadership.claim?.leader ?? null) === self;
  const members = roster.has(self) ? roster.ids() : new Set([...roster.ids(), self]);
  return { members, reachable: liveness.live(), rank, role: !mayLead(rank) ? 'last' : isDeputy ? 'deputy' : 'eligible' };
}

/** How long another candidate is remembered, so that the fitter of two is preferred. */
const RECENT_MS = LIMITS.voteMs;

export function createBallot(deps: BallotDeps): Ballot {
  const { self, random, leadership } = deps;
  let candidacy: Candidacy | null = null;
  let standAt: number | null = null;
  /** The fittest other candidate that asked lately. */
  let other: { claim: Claim; at: number } | null = null;

  function stand(pre: boolean, now: number): void {
    const { members, reachable, rank } = deps.electorate();
    const claim: Claim = { term: leadership.freshTerm(), rank, leader: self };
    if (!pre) leadership.grant(claim, now);
    candidacy = { pre, claim, until: now + LIMITS.voteMs, granted: new Set([self]), awaited: new Set(reachable.filter((peer) => members.has(peer))) };
    for (const peer of candidacy.awaited) deps.send(peer, { t: 'vote?', claim, pre });
    count(now);
  }

  function count(now: number): void {
    if (!candidacy) return;
    const { pre, claim, until, granted, awaited } = candidacy;
    const { members } = deps.electorate();
    const majority = [...granted].filter((peer) => members.has(peer)).length * 2 > members.size;
    if (!majority && awaited.size > 0 && now < until) return;
    candidacy = null;
    if (pre) stand(false, now);
    else deps.win(claim, !majority);
  }

  function withdraw(now: number): void {
    candidacy = null;
    standAt = now + LIMITS.beatMs * (0.5 + random.next());
  }

  function judge(from: PeerId, { claim, pre }: MessageOf<'vote?'>, now: number): Claim | null {
    const { claim: accepted, granted } = leadership;
    // A leader that asks has stepped down: there is nothing to wait for.
    const isMissed = accepted?.leader === from || !leadership.leaseLives(now);
    if (accepted && (!isMissed || claim.term <= accepted.term)) return accepted;
    if (granted && claim.term <= granted.term && granted.leader !== from) return granted;
    if (!pre) return null;
    if (candidacy && isFitter(candidacy.claim, claim)) return candidacy.claim;
    return other && now - other.at < RECENT_MS && other.claim.leader !== from && isFitter(other.claim, claim) ? other.claim : null;
  }

  function cancel(): void {
    candidacy = null;
    standAt = null;
  }

  return {
    cancel,
    tick(now) {
      if (leadership.leaseLives(now)) return cancel();
      standAt ??= leadership.freshAt + LIMITS.leaseMs + patience(deps.electorate().role, random.next());
      if (candidacy) count(now);
      else if (now >= standAt) stand(true, now);
    },
    asked(from, request, now) {
      const { claim, pre } = request;
      const why = judge(from, request, now);
      if (why === null && !pre) {
        leadership.grant(claim, now);
        candidacy = null;
      }
      if (why === null) {
        // Whoever is for another gives it the time to win.
        standAt = Math.max(standAt ?? 0, now + (pre ? LIMITS.beatMs : LIMITS.voteMs) * (1 + random.next() / 2));
        if (pre && candidacy?.pre) candidacy = null;
        if (!other || now - other.at >= RECENT_MS || !isFitter(other.claim, claim)) other = { claim, at: now };
      }
      deps.send(from, { t: 'vote', term: claim.term, pre, granted: why === null, claim: why });
    },
    answered(from, vote, now) {
      if (vote.claim) leadership.seeTerm(vote.claim.term);
      if (!candidacy || vote.pre !== candidacy.pre || vote.term !== candidacy.claim.term) return;
      if (!vote.granted) return withdraw(now);
      candidacy.granted.add(from);
      candidacy.awaited.delete(from);
      count(now);
    },
    gone(peer) {
      candidacy?.awaited.delete(peer);
      candidacy?.granted.delete(peer);
      if (other?.claim.leader === peer) other = null;
    },
  };
}
