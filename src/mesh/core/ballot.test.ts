import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { Claim, MessageOf } from '../../protocol/messages.ts';
import type { PeerId } from '../../shared/ids.ts';
import { createSeededRandom } from '../../testing/seeded-random.ts';
import { createBallot, type Electorate } from './ballot.ts';
import { createLeadership } from './leadership.ts';

const [self, one, two, chief] = ['self', 'one', 'two', 'chief'] as PeerId[] as [PeerId, PeerId, PeerId, PeerId];
const claim = (term: number, leader: PeerId, rank = 8): Claim => ({ term, rank, leader });
/** By now the lease has run out, and whoever waits has waited. */
const LATER = LIMITS.leaseMs + LIMITS.electionJitterMs + 1;

function stage(electorate: Partial<Electorate> = {}) {
  const leadership = createLeadership(self, 0);
  leadership.hear(chief, { claim: claim(4, chief), tick: 1, provisional: false }, 0);
  const sent: (MessageOf<'vote?'> | MessageOf<'vote'>)[] = [];
  const won: [Claim, boolean][] = [];
  const ballot = createBallot({
    self,
    random: createSeededRandom(1),
    leadership,
    electorate: () => ({ members: new Set([self, one, two, chief]), reachable: [one, two], rank: 8, role: 'eligible', ...electorate }),
    send: (_to, message) => void sent.push(message),
    win: (mine, provisional) => void won.push([mine, provisional]),
  });
  const answer = (pre: boolean, granted: boolean, why: Claim | null = null): MessageOf<'vote'> => ({ t: 'vote', term: 5, pre, granted, claim: why });
  const ask = (from: PeerId, term: number, pre: boolean, rank = 8): MessageOf<'vote'> | MessageOf<'vote?'> | undefined => {
    ballot.asked(from, { t: 'vote?', claim: claim(term, from, rank), pre }, LATER);
    return sent.at(-1);
  };
  return { leadership, ballot, sent, won, answer, ask };
}

describe('a candidate', () => {
  it('does not stand while the lease lives', () => {
    const { ballot, sent } = stage();
    for (let now = 0; now <= LIMITS.leaseMs; now += 250) ballot.tick(now);
    expect(sent).toEqual([]);
  });

  it('asks first whether anybody hears the leader, and opens no term if one does', () => {
    const { ballot, sent, won, answer, leadership } = stage();
    ballot.tick(LATER);
    expect(sent.map((message) => message.t === 'vote?' && message.pre)).toEqual([true, true]);
    ballot.answered(one, answer(true, true), LATER);
    ballot.answered(two, answer(true, false, claim(4, chief)), LATER);
    ballot.tick(LATER + 100);
    expect([sent.length, won, leadership.granted]).toEqual([2, [], null]);
  });

  it('leads with the votes of most', () => {
    const { ballot, sent, won, answer } = stage();
    ballot.tick(LATER);
    for (const pre of [true, false]) for (const voter of [one, two]) ballot.answered(voter, answer(pre, true), LATER);
    expect(sent.map((message) => message.t === 'vote?' && message.pre)).toEqual([true, true, false, false]);
    expect(won).toEqual([[claim(5, self), false]]);
  });

  it('leads provisionally those whom it reaches, if nobody objects and most are away', () => {
    const { ballot, won, answer } = stage({ reachable: [one] });
    ballot.tick(LATER);
    for (const pre of [true, false]) ballot.answered(one, answer(pre, true), LATER);
    expect(won).toEqual([[claim(5, self), true]]);
  });

  it('waits for silent voters, but not for ever', () => {
    const { ballot, won } = stage();
    for (let now = LATER; now <= LATER + 2 * LIMITS.voteMs + 500; now += 250) ballot.tick(now);
    expect(won).toEqual([[claim(5, self), true]]);
  });
});

describe('a voter', () => {
  it('has one vote in a term', () => {
    const { ask } = stage();
    expect(ask(one, 5, false)).toMatchObject({ granted: true });
    expect(ask(two, 5, false, 15)).toMatchObject({ granted: false, claim: claim(5, one) });
    expect(ask(two, 6, false)).toMatchObject({ granted: true });
  });

  it('has none for a term that has a leader, or is past', () => {
    const { ask } = stage();
    expect(ask(one, 4, false)).toMatchObject({ granted: false, claim: claim(4, chief) });
  });

  it('prefers the fitter of two that ask', () => {
    const { ask } = stage();
    expect(ask(one, 5, true, 12)).toMatchObject({ granted: true });
    expect(ask(two, 5, true, 8)).toMatchObject({ granted: false, claim: claim(5, one, 12) });
    expect(ask(two, 5, true, 15)).toMatchObject({ granted: true });
  });

  it('keeps to its leader while it hears it, unless that one asks itself', () => {
    const { ballot, sent } = stage();
    ballot.asked(one, { t: 'vote?', claim: claim(5, one), pre: true }, 1000);
    ballot.asked(chief, { t: 'vote?', claim: claim(5, chief), pre: true }, 1000);
    expect(sent.map((message) => message.t === 'vote' && message.granted)).toEqual([false, true]);
  });

  it('obeys the old leader no more once it gave its vote away', () => {
    const { ask, leadership } = stage();
    expect(leadership.obeys({ leader: chief, term: 4 })).toBe(true);
    ask(one, 5, false);
    expect(leadership.obeys({ leader: chief, term: 4 })).toBe(false);
  });
});

describe('a peer', () => {
  it('accepts one leader in a term and remembers the other as a rival', () => {
    const { leadership } = stage();
    expect(leadership.hear(one, { claim: claim(4, one, 15), tick: 99, provisional: false }, 10)).toBe('rival');
    expect([leadership.claim, leadership.rival]).toEqual([claim(4, chief), claim(4, one, 15)]);
    expect(leadership.hear(one, { claim: claim(3, two), tick: 99, provisional: false }, 10)).toBe('outdated');
    expect(leadership.hear(one, { claim: claim(5, two, 0), tick: 0, provisional: false }, 10)).toBe('accepted');
    expect(leadership.rival).toBeNull();
  });

  it('keeps its leader before a provisional one, and takes that when its own is gone', () => {
    const { leadership } = stage();
    const provisional = { claim: claim(9, one), tick: 1, provisional: true };
    expect(leadership.hear(one, provisional, 1000)).toBe('rival');
    expect(leadership.obeys({ leader: chief, term: 4 })).toBe(true);
    expect(leadership.hear(one, provisional, LATER)).toBe('accepted');
  });
});
