import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { Claim } from '../../protocol/messages.ts';
import type { PeerEntry } from '../../protocol/peer.ts';
import type { PeerId } from '../../shared/ids.ts';
import { createRoster, type Roster } from './membership.ts';

const claim: Claim = { term: 3, rank: 8, leader: 'lead' as PeerId };
const id = (name: string): PeerId => name as PeerId;
const entry = (name: string, incarnation = 1, revision = 1): PeerEntry => ({ peer: name, incarnation, revision, links: [] }) as unknown as PeerEntry;
const names = (roster: Roster): string[] => [...roster.entries()].map(({ peer, incarnation }) => `${peer}/${incarnation}`).sort();

function leading(...members: string[]): Roster {
  const roster = createRoster(id('lead'));
  roster.lead(0);
  for (const name of ['lead', ...members]) roster.take(entry(name));
  return roster;
}

describe('the roster of a leader', () => {
  it('takes what is newer and nothing else', () => {
    const roster = leading('a');
    expect(roster.take(entry('a', 1, 2))).toBe('changed');
    expect(roster.take(entry('a', 1, 2))).toBe('known');
    expect(roster.take(entry('a', 1, 1))).toBe('stale');
    expect(roster.take(entry('a', 2, 1))).toBe('changed');
    expect(roster.take(entry('b'))).toBe('new');
    expect(names(roster)).toEqual(['a/2', 'b/1', 'lead/1']);
  });

  it('does not bring back the dead by hearsay, but takes them when they come themselves', () => {
    const roster = leading('a', 'b');
    expect(roster.bury(id('a'), 'dead', 0)?.peer).toBe('a');
    expect(roster.take(entry('a', 1, 99))).toBe('stale');
    expect(names(roster)).toEqual(['b/1', 'lead/1']);
    expect(roster.take(entry('a', 2))).toBe('new');
    expect(names(roster)).toEqual(['a/2', 'b/1', 'lead/1']);
  });

  it('remembers the dead for longer than gossip lives, and not for ever', () => {
    const roster = leading('a');
    roster.bury(id('a'), 'left', 1000);
    roster.prune(1000 + LIMITS.tombstoneMs);
    expect(roster.take(entry('a'))).toBe('stale');
    roster.prune(1001 + LIMITS.tombstoneMs);
    expect(roster.take(entry('a'))).toBe('new');
  });

  it('keeps no more tombstones than a message holds, the latest', () => {
    const roster = leading();
    for (let index = 0; index < LIMITS.tombstones + 10; index += 1) {
      roster.take(entry(`p${index}`));
      roster.bury(id(`p${index}`), 'left', index);
    }
    expect(roster.since(0, claim).gone).toHaveLength(LIMITS.tombstones);
    expect(roster.tombstone(id('p9'))).toBeUndefined();
    expect(roster.tombstone(id('p10'))).toBeDefined();
  });

  it('begins a new term with whom it knew, less those who said good-bye', () => {
    const roster = createRoster(id('a'));
    roster.apply(leading('a', 'b').since(0, claim), 0);
    roster.hide(id('lead'), 0);
    roster.lead(0);
    expect(names(roster)).toEqual(['a/1', 'b/1']);
    expect(roster.tombstone(id('lead'))).toMatchObject({ incarnation: 1, reason: 'left' });
  });
});

describe('a copy of the roster', () => {
  it('follows by changes, from any version that it has', () => {
    const roster = leading('a', 'b');
    const [early, late] = [createRoster(id('a')), createRoster(id('b'))];
    early.apply(roster.since(0, claim), 0);
    roster.take(entry('c'));
    late.apply(roster.since(0, claim), 0);
    roster.bury(id('b'), 'dead', 0);
    roster.take(entry('a', 1, 2));
    const change = roster.since(early.version, claim);
    expect(change.entries.map(({ peer }) => peer)).toEqual(['a', 'c']);
    expect(early.apply(change, 0).gone.map(({ entry: { peer }, reason }) => [peer, reason])).toEqual([['b', 'dead']]);
    // What a copy hands on to another copy is as good as the leader's own.
    expect(late.apply(early.since(late.version, claim), 0)).toMatchObject({ changed: true, ownTombstone: { peer: 'b', incarnation: 1 } });
    for (const copy of [early, late]) expect([copy.version, names(copy)]).toEqual([roster.version, names(roster)]);
  });

  it('ignores what it has, and what it can not follow', () => {
    const roster = leading('a');
    const copy = createRoster(id('a'));
    const whole = roster.since(0, claim);
    expect(copy.apply({ ...whole, base: 1 }, 0).changed).toBe(false);
    expect(copy.apply(whole, 0).changed).toBe(true);
    expect(copy.apply(whole, 0).changed).toBe(false);
    expect(copy.apply({ ...whole, base: copy.version + 1, version: copy.version + 2 }, 0).changed).toBe(false);
  });

  it('loses whom a whole roster leaves out', () => {
    const copy = createRoster(id('a'));
    copy.apply(leading('a', 'b').since(0, claim), 0);
    copy.follow();
    const { gone, came } = copy.apply(leading('a', 'c').since(0, claim), 0);
    expect([gone.map(({ entry: { peer } }) => peer), came.map(({ peer }) => peer)]).toEqual([['b'], ['c']]);
    expect(names(copy)).toEqual(['a/1', 'c/1', 'lead/1']);
  });

  it('believes its leader before the tombstones of another', () => {
    const copy = createRoster(id('a'));
    const other = leading('a', 'b');
    other.bury(id('b'), 'dead', 0);
    copy.apply(other.since(0, claim), 0);
    copy.follow();
    copy.apply(leading('a', 'b').since(0, claim), 0);
    expect(names(copy)).toEqual(['a/1', 'b/1', 'lead/1']);
  });

  it('hands on a death of which it knew before the leader did', () => {
    const first = leading('a', 'b', 'c');
    const [knows, asks] = [createRoster(id('a')), createRoster(id('c'))];
    first.bury(id('b'), 'dead', 0);
    knows.apply(first.since(0, claim), 0);
    knows.follow();
    const second = leading('a', 'b', 'c', 'd', 'e');
    asks.apply(second.since(0, claim), 0);
    second.bury(id('b'), 'dead', 0);
    knows.apply(second.since(0, claim), 0);
    asks.apply(knows.since(asks.version, claim), 0);
    expect([asks.version, names(asks)]).toEqual([second.version, names(second)]);
  });

  it('does not show who said good-bye, until the peer comes anew', () => {
    const roster = leading('a', 'b');
    const copy = createRoster(id('a'));
    copy.apply(roster.since(0, claim), 0);
    expect(copy.hide(id('b'), 0)?.peer).toBe('b');
    expect([names(copy), copy.size]).toEqual([['a/1', 'lead/1'], 2]);
    roster.take(entry('b', 2));
    copy.apply(roster.since(copy.version, claim), 0);
    expect(names(copy)).toEqual(['a/1', 'b/2', 'lead/1']);
  });
});
