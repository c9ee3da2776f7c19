import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Claim } from '../../protocol/messages.ts';
import type { PeerEntry } from '../../protocol/peer.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerId } from '../../shared/ids.ts';
import { deputyOf, isFitter, outranks, patience, rankOf } from './election.ts';

const claims = fc.record({
  term: fc.integer({ min: 0, max: 3 }),
  rank: fc.integer({ min: 0, max: 3 }),
  leader: fc.constantFrom('a', 'b', 'c').map((id) => id as PeerId),
});
const isSame = (one: Claim, other: Claim): boolean => one.term === other.term && one.rank === other.rank && one.leader === other.leader;
const entry = (peer: string, rank: number, links: string[]): PeerEntry => ({ peer, rank, links }) as unknown as PeerEntry;

describe('the comparison of claims', () => {
  it('puts exactly one of two different claims first', () => {
    fc.assert(fc.property(claims, claims, (one, other) => isSame(one, other) ? !outranks(one, other) : outranks(one, other) !== outranks(other, one)));
  });

  it('never goes in a circle', () => {
    fc.assert(fc.property(claims, claims, claims, (one, two, three) => !(outranks(one, two) && outranks(two, three)) || outranks(one, three)));
  });

  it('asks for the term first, then the rank, then the id', () => {
    const claim = (term: number, rank: number, leader: string): Claim => ({ term, rank, leader: leader as PeerId });
    expect(outranks(claim(2, 0, 'a'), claim(1, 9, 'z'))).toBe(true);
    expect(outranks(claim(1, 2, 'a'), claim(1, 1, 'z'))).toBe(true);
    expect(outranks(claim(1, 1, 'b'), claim(1, 1, 'a'))).toBe(true);
    expect(isFitter(claim(1, 1, 'a'), claim(9, 1, 'a'))).toBe(false);
  });
});

describe('rank', () => {
  it('puts any eligible tab above any that should not lead', () => {
    const worst = rankOf({ eligible: true, visible: false, cores: 1 }, 0);
    const best = rankOf({ eligible: false, visible: true, cores: 64 }, Number.MAX_SAFE_INTEGER);
    expect(worst).toBeGreaterThan(best);
  });

  it('prefers who has been there, then who has processors, then who is looked at', () => {
    const rank = (visible: boolean, cores: number, uptime: number): number => rankOf({ eligible: true, visible, cores }, uptime);
    expect(rank(false, 2, 61_000)).toBeGreaterThan(rank(true, 8, 59_000));
    expect(rank(false, 8, 0)).toBeGreaterThan(rank(true, 2, 0));
    expect(rank(true, 8, 0)).toBeGreaterThan(rank(false, 8, 0));
  });
});

describe('the deputy', () => {
  it('is the fittest of those that have a link to the leader', () => {
    const entries = [entry('lead', 15, ['a', 'b']), entry('a', 8, ['lead']), entry('b', 9, ['lead']), entry('c', 15, ['a'])];
    expect(deputyOf(entries, 'lead' as PeerId)).toBe('b');
    expect(deputyOf(entries, null)).toBeNull();
    expect(deputyOf([entry('lead', 15, [])], 'lead' as PeerId)).toBeNull();
  });

  it('stands before all others, and those that should not lead stand last', () => {
    const dice = [0, 0.5, 0.999];
    const of = (role: Parameters<typeof patience>[0]): number[] => dice.map((value) => patience(role, value));
    expect(Math.max(...of('deputy'))).toBeLessThan(Math.min(...of('eligible')));
    expect(Math.max(...of('eligible'))).toBeLessThanOrEqual(Math.min(...of('last')));
    expect(Math.max(...of('last'))).toBeLessThanOrEqual(LIMITS.electionJitterMs);
  });
});
