import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeBallot } from '../../testing/fusion-suite.ts';
import { isDecided } from './posterior.ts';
import { EQUAL, QUANTUM, tally } from './tally.ts';
import type { Ballot, Matter, Verdict } from './types.ts';
import { createVote } from './vote.ts';

const number: Matter = { format: 'number', promptClass: 'number' };
const words: Matter = { format: 'words', promptClass: 'word' };
const ballotsOf = (matter: Matter, texts: readonly string[], change: Partial<Ballot> = {}): Ballot[] => texts.map((text, index) => makeBallot(matter, { text, index, ...change }));

describe('a vote', () => {
  it('counts what is the same, however it is written, and shows it as the first wrote it', () => {
    const { text, chosen, votes } = createVote(number).judge(ballotsOf(number, ['47 + 38 = 85', '86', '85.', 'The answer is 85']), 0);
    expect({ text, chosen }).toEqual({ text: '47 + 38 = 85', chosen: 0 });
    expect(votes).toEqual([
      { answer: '85', text: '47 + 38 = 85', count: 3, weight: 0.75, candidates: [0, 2, 3] },
      { answer: '86', text: '86', count: 1, weight: 0.25, candidates: [1] },
    ]);
  });

  it('keeps the words of who was first to be done, whoever comes before it in the list', () => {
    const [late, early] = [makeBallot(words, { text: 'Paris', index: 0, arrival: 1 }), makeBallot(words, { text: 'paris.', index: 1, arrival: 0 })];
    expect(createVote(words).judge([late, early], 3)).toMatchObject({ text: 'paris.', chosen: 1 });
  });

  it('takes all ways to say that one can\'t tell for one answer', () => {
    const { text, votes } = createVote(words).judge(ballotsOf(words, ['Rome', 'I am too small to know that.', 'A larger model can help.']), 0);
    expect(text).toBe('I am too small to know that.');
    expect(votes[0]).toMatchObject({ answer: 'refusal', count: 2 });
  });

  it('is certain as soon as nobody can catch up, and not of a tie', () => {
    const sure = (texts: readonly string[], pending: number): string => createVote(words).judge(ballotsOf(words, texts), pending).confidence.meaning;
    expect(sure(['a b', 'a b', 'a b'], 2)).toBe('certain');
    expect(sure(['a b', 'a b', 'c'], 1)).toBe('posterior');
    expect(sure(['a b', 'a b'], 2)).toBe('posterior');
    expect(sure(['a b', 'a b', 'c'], 0)).toBe('posterior');
  });
});

describe('an exact early stop', () => {
  const weights = fc.constantFrom(QUANTUM / 3, 0.001, 0.1, 0.2, 0.3, 1, 1.7, 2);
  const sequence = fc.array(fc.record({ text: fc.constantFrom('one', 'two', 'three', ''), weight: weights, logprob: fc.constantFrom(-2, -1, 0, null) }), { maxLength: 12 });
  const best = (ballots: readonly Ballot[], weightOf: (ballot: Ballot) => number): Ballot => tally(ballots, 0, ({ answer }) => answer, { weightOf, most: 2 }).groups[0]!.ballots[0];

  it('always equals the full count, whatever the weights', () => {
    let stopped = 0;
    fc.assert(fc.property(sequence, (drafts) => {
      const ballots = drafts.map(({ text, logprob }, index) => makeBallot(words, { text, logprob, index }));
      const weightOf = ({ index }: Ballot): number => drafts[index]!.weight;
      for (let count = 1; count < ballots.length; count += 1) {
        const heard = ballots.slice(0, count);
        if (!isDecided(tally(heard, ballots.length - count, ({ answer }) => answer, { weightOf, most: 2 }).standing)) continue;
        stopped += 1;
        expect(best(ballots, weightOf)).toBe(best(heard, weightOf));
        return;
      }
    }), { numRuns: 3000 });
    expect(stopped).toBeGreaterThan(300);
  });

  it('sees a tie where weights add up to the same, in spite of rounding', () => {
    const drafts = [['one', 0.1, -2], ['one', 0.2, -2], ['two', 0.3, -1]] as const;
    const ballots = drafts.map(([text, , logprob], index) => makeBallot(words, { text, logprob, index }));
    expect(best(ballots, ({ index }) => drafts[index]![1]).text).toBe('two');
  });

  it('comes as early as it can: one ballot before, it could still go wrong', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('one', 'two', 'three'), { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 6 }), (texts, pending) => {
      const ballots = ballotsOf(words, texts, { logprob: -1 });
      const { groups, standing } = tally(ballots, pending, ({ answer }) => answer, EQUAL);
      if (isDecided(standing)) return;
      const rival = groups[1]?.answer ?? 'four';
      const more = Array.from({ length: pending }, (_, place) => makeBallot(words, { text: rival, index: texts.length + place, logprob: 0 }));
      expect(tally([...ballots, ...more], 0, ({ answer }) => answer, EQUAL).groups[0]!.answer).toBe(rival);
    }));
  });
});

describe('a vote on fields', () => {
  const matter: Matter = { format: 'json', promptClass: 'json', fields: ['city', 'age'] };
  const judge = (texts: readonly string[], pending = 0): Verdict => createVote(matter).judge(ballotsOf(matter, texts), pending);

  it('puts together what most said of each, though nobody said it all', () => {
    const verdict = judge(['{"city": "Oslo", "age": 5}', '{"city": "oslo.", "age": 6}', '{"city": "Rome", "age": 6}', '{"city": "Oslo", "age": 7}', '{"city": "Lima", "age": 6}']);
    expect(verdict).toMatchObject({ text: '{"city": "oslo.", "age": 6}', chosen: 1 });
    const made = judge(['{"city": "Oslo", "age": 5}', '{"city": "Oslo", "age": 4}', '{"city": "Rome", "age": 6}', '{"city": "Lima", "age": 6}']);
    expect(made).toMatchObject({ text: '{"city":"Oslo","age":6}', chosen: null });
    expect(made.votes.filter(({ field }) => field === 'age').map(({ text, count }) => [text, count])).toEqual([['6', 2], ['5', 1], ['4', 1]]);
    expect(made.votes.find(({ field }) => field === 'city')).toMatchObject({ answer: '"oslo"', text: 'Oslo', count: 2, candidates: [0, 1] });
  });

  it('does not put together what no candidate has the form of', () => {
    const verdict = judge(['{"city": "Oslo"}', '{"city": "Oslo"}', '{"age": 6}', '{"age": 6}', '{"age": 6, "city": null}']);
    // Oslo has two of five, 6 has three: an object with both was never given.
    expect(verdict.chosen).not.toBeNull();
    expect(verdict.confidence.meaning).toBe('score');
  });

  it('counts what is no object for nothing, and shows it', () => {
    const verdict = judge(['oops', '{"city": "Oslo", "age": 5}', '{"city": "Oslo", "age"', 'oops']);
    expect(verdict).toMatchObject({ text: '{"city": "Oslo", "age": 5}', chosen: 1 });
    expect(verdict.votes.filter(({ field }) => field === undefined).map(({ weight }) => weight)).toEqual([0, 0]);
    expect(judge(['oops', 'oops', 'no']).text).toBe('oops');
  });

  it('is certain only where each field is, and of an answer that somebody gave', () => {
    const same = '{"city": "Oslo", "age": 5}';
    expect(judge([same, same, same], 2).confidence.meaning).toBe('certain');
    expect(judge([same, same, '{"city": "Oslo", "age": 6}'], 2).confidence.meaning).toBe('posterior');
    expect(judge(['oops', 'oops', 'oops'], 2).confidence.meaning).toBe('none');
    // Both fields are decided, and the seventh may say just this, in its own words.
    const apart = ['"Oslo", "age": 1', '"Oslo", "age": 2', '"Oslo", "age": 3', '"Rome", "age": 6', '"Lima", "age": 6', '"Bern", "age": 6'].map((rest) => `{"city": ${rest}}`);
    expect(judge(apart, 1)).toMatchObject({ text: '{"city":"Oslo","age":6}', chosen: null, confidence: { meaning: 'posterior' } });
    expect(judge([...apart, '{"age": 6, "city": "Oslo"}'])).toMatchObject({ text: '{"age": 6, "city": "Oslo"}', chosen: 6 });
  });

  it('survives names and values that are made to harm', () => {
    const hostile: Matter = { format: 'json', promptClass: 'json', fields: ['__proto__', 'constructor'] };
    const texts = ['{"__proto__": {"polluted": 1}, "constructor": 2}', '{"__proto__": {"polluted": 1}}', `{"constructor": ${'['.repeat(50_000)}${']'.repeat(50_000)}}`];
    const verdict = createVote(hostile).judge(ballotsOf(hostile, texts), 0);
    expect(verdict.text).toContain('"__proto__": {"polluted": 1}');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('gives valid JSON, made of values that were given', () => {
    const texts = fc.array(fc.record({ city: fc.constantFrom('Oslo', 'Rome'), age: fc.option(fc.integer({ min: 0, max: 3 })) }, { requiredKeys: [] }), { minLength: 1, maxLength: 7 });
    fc.assert(fc.property(texts, (objects) => {
      const made = JSON.parse(judge(objects.map((object) => JSON.stringify(object))).text!) as Record<string, unknown>;
      for (const field of ['city', 'age'] as const) expect(objects.map((object) => object[field])).toContain(made[field]);
    }));
  });
});
