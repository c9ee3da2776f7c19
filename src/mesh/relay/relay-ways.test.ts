import { describe, expect, it } from 'vitest';
import type { PeerEntry } from '../../protocol/peer.ts';
import type { PeerId } from '../../shared/ids.ts';
import { createFakeCrypto } from '../../testing/fake-crypto.ts';
import { entryOf } from '../../testing/mesh-peers.ts';
import { createSeededRandom } from '../../testing/seeded-random.ts';
import { createDirectAgain, waysThrough } from './relay-ways.ts';

const crypto = createFakeCrypto(7);
const entry = (change: Partial<PeerEntry> = {}): PeerEntry => entryOf(crypto.newIdentity(), change);
const MINUTE = 60_000;

describe('the ways through neighbours', () => {
  it('are those that either end says are linked, the best first', () => {
    const [byTheirs, target] = [entry(), entry()];
    const links = [target.peer];
    const hidden = entry({ links, visible: false });
    const [near, far, silent, unlinked, stranger] = [entry({ links }), entry({ links }), entry({ links }), entry(), entry({ links })];
    const entries = [hidden, silent, far, stranger, near, unlinked, byTheirs, { ...target, links: [byTheirs.peer, target.peer] }];
    const states = new Map<PeerId, { suspect: boolean; rttMs: number | null }>([
      [near.peer, { suspect: false, rttMs: 5 }],
      [far.peer, { suspect: false, rttMs: 90 }],
      [byTheirs.peer, { suspect: false, rttMs: null }],
      [hidden.peer, { suspect: false, rttMs: 1 }],
      [silent.peer, { suspect: true, rttMs: 1 }],
      [unlinked.peer, { suspect: false, rttMs: 1 }],
      [target.peer, { suspect: false, rttMs: 1 }],
    ]);
    expect(waysThrough(target.peer, { entries, links: states })).toEqual([near, far, byTheirs, hidden, silent].map(({ peer }) => peer));
  });

  it('are none to somebody whom nobody knows', () => {
    expect(waysThrough('zzzzzzzzzzzzzzzzzzzz' as PeerId, { entries: [entry()], links: new Map() })).toEqual([]);
  });
});

describe('a relayed link', () => {
  const [small, large] = ['aaaaaaaaaaaaaaaaaaaa' as PeerId, 'bbbbbbbbbbbbbbbbbbbb' as PeerId];

  /** In which minutes a dial is due. */
  function minutes(self: PeerId, other: PeerId, most: number, isRelayed: (minute: number) => boolean = () => true): number[] {
    const again = createDirectAgain(self, createSeededRandom(1));
    return Array.from({ length: most }, (_, minute) => minute).filter((minute) => again.due(isRelayed(minute) ? [other] : [], minute * MINUTE).length > 0);
  }

  it('is tried without a relay by one end only, soon and then less and less', () => {
    expect(minutes(large, small, 100)).toEqual([]);
    const tried = minutes(small, large, 60);
    expect(tried[0]).toBeGreaterThanOrEqual(1);
    expect(tried[0]).toBeLessThanOrEqual(2);
    const gaps = tried.slice(1).map((minute, index) => minute - tried[index]!);
    expect(gaps[0]).toBeLessThanOrEqual(3);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(13);
    expect(gaps.at(-1)).toBeGreaterThanOrEqual(8);
  });

  it('counts from the start again if it was direct in between', () => {
    const tried = minutes(small, large, 40, (minute) => minute !== 30);
    expect(tried.filter((minute) => minute > 30)[0]).toBeLessThanOrEqual(33);
  });
});
