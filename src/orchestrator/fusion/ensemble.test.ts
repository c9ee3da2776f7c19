import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../protocol/chat.ts';
import { LlamboError } from '../../shared/errors.ts';
import { nodeAddress } from '../../shared/ids.ts';
import { HASH } from '../../testing/fused-rig.ts';
import { chooseToken, createEnsemble, type EnsembleEffect, type EnsembleStart } from './ensemble.ts';

type Chances = Readonly<Record<string, number>>;

/** One token of an engine that finds these so likely; the empty one is the end. */
function stepOf(chances: Chances, promptTokens: number, change: Partial<Answer> = {}): Answer {
  const alternatives = Object.entries(chances).map(([token, chance]) => ({ token, logprob: Math.log(chance) })).sort((one, other) => other.logprob - one.logprob);
  const { token, logprob } = alternatives[0]!;
  return {
    text: token, finishReason: token === '' ? 'stop' : 'length', usage: { promptTokens, cachedTokens: promptTokens - 1, answerTokens: 1 },
    timings: { queueMs: 0, firstTokenMs: 1, tokensPerSecond: 1 }, model: 'm', modelHash: HASH, node: nodeAddress('t', '1'), seed: 1, profile: 'chat', logprobs: [{ token, logprob, alternatives }], ...change,
  };
}

function setUp(change: Partial<EnsembleStart> = {}) {
  const ensemble = createEnsemble({
    members: ['1', '2'].map((name) => ({ node: nodeAddress('t', name), model: `m${name}`, modelHash: HASH })),
    matter: { format: 'number', promptClass: 'number' }, seed: 3, temperature: 0, maxTokens: 100, stop: [], budget: {}, candidate: 5, ...change,
  });
  const effects: EnsembleEffect[] = [...ensemble.handle({ type: 'begin' }, 0)];
  let read = 10;
  let now = 0;
  /** Both say what comes next. */
  function step(one: Chances, other: Chances, changes: readonly Partial<Answer>[] = []): void {
    now += 50;
    for (const [member, chances] of [one, other].entries()) {
      effects.push(...ensemble.handle({ type: 'answered', member, answer: stepOf(chances, read, changes[member]) }, now));
    }
    read += 1;
  }
  const asked = (): (readonly [number, string])[] => effects.flatMap((effect) => (effect.type === 'step' ? [[effect.member, effect.text] as const] : []));
  const last = (): EnsembleEffect => effects.at(-1)!;
  const answer = (): Answer => {
    const effect = last();
    if (effect.type !== 'settle' || !effect.outcome.ok) throw new Error('it has no answer');
    return effect.outcome.answer;
  };
  return { ensemble, effects, step, asked, last, answer };
}

const END: Chances = { '': 0.9, '0': 0.1 };

describe('an ensemble', () => {
  it('writes what all find likeliest together, token by token, and says who they were', () => {
    const { step, asked, answer, effects } = setUp();
    step({ 8: 0.6, 7: 0.4 }, { 7: 0.9, 8: 0.1 });
    step({ 5: 0.9, 1: 0.1 }, { 5: 0.8, 1: 0.2 });
    step(END, { '': 0.6, '0': 0.4 });
    expect(asked()).toEqual([[0, ''], [1, ''], [0, '7'], [1, '7'], [0, '75'], [1, '75']]);
    expect(effects.flatMap((effect) => (effect.type === 'emit' ? [effect.event] : []))).toEqual([
      { type: 'lead', candidate: 5 }, { type: 'started', node: nodeAddress('t', '1'), model: 'm1' }, { type: 'text', delta: '7', candidate: 5 }, { type: 'text', delta: '5', candidate: 5 },
    ]);
    expect(answer()).toMatchObject({
      text: '75', finishReason: 'stop', policy: 'ensemble', chosen: null, usage: { promptTokens: 10, answerTokens: 2 }, votes: [{ answer: '75', count: 2 }], dissent: [],
      cost: { calls: 6, tokens: 12, seconds: 0.15 }, confidence: { meaning: 'score' },
    });
    expect(answer().confidence!.value).toBeCloseTo(Math.sqrt(0.65 * 0.85));
    expect(answer().candidates!.map(({ logprob }) => logprob)).toEqual([expect.closeTo((Math.log(0.4) + Math.log(0.9)) / 2) as number, expect.closeTo((Math.log(0.9) + Math.log(0.8)) / 2) as number]);
  });

  it('stops at its length, at a stop text, and when its budget is used up', () => {
    const short = setUp({ maxTokens: 1 });
    short.step({ a: 1 }, { a: 1 });
    expect(short.answer()).toMatchObject({ text: 'a', finishReason: 'length' });
    const stopped = setUp({ stop: ['.'] });
    stopped.step({ 'ab.c': 1 }, { 'ab.c': 1 });
    expect(stopped.answer()).toMatchObject({ text: 'ab', finishReason: 'stop' });
    const dear = setUp({ budget: { tokens: 3 } });
    dear.step({ a: 1 }, { a: 1 });
    expect(dear.answer()).toMatchObject({ text: 'a', finishReason: 'length', note: expect.stringContaining('budget') as string });
  });

  it.each<[string, Partial<Answer>[], string]>([
    ['the text is cut otherwise there', [{}, { usage: { promptTokens: 12, cachedTokens: 10, answerTokens: 1 } }], 'same tokens'],
    ['the cache is not where it was', [{ usage: { promptTokens: 11, cachedTokens: 4, answerTokens: 1 } }], 'anew'],
    ['nobody says how likely words are', [{ logprobs: [] }], 'how likely'],
  ])('is given up where %s', (_, changes, why) => {
    const { step, last } = setUp();
    step({ a: 1 }, { a: 1 });
    step({ b: 1 }, { b: 1 }, changes);
    expect(last()).toEqual({ type: 'give up', why: expect.stringContaining(why) as string });
  });

  it('is given up where a token is half a character, or an engine is lost, and does nothing after', () => {
    const half = setUp();
    half.step({ '\ufffd': 1 }, { '\ufffd': 1 });
    expect(half.last()).toMatchObject({ type: 'give up' });
    const nothing = setUp();
    nothing.step({ '': 0.9, a: 0.1 }, { '': 0.9, a: 0.1 }, [{ finishReason: 'length' }, { finishReason: 'length' }]);
    expect(nothing.last()).toMatchObject({ type: 'give up', why: 'a token has no text' });
    const { ensemble, effects, step } = setUp();
    step({ a: 1 }, { a: 1 });
    expect(ensemble.handle({ type: 'failed', member: 1, error: new LlamboError('peer-lost', 'Gone.') }, 99)).toEqual([{ type: 'give up', why: 'an engine was lost: Gone.' }]);
    const before = effects.length;
    step({ a: 1 }, { a: 1 });
    expect(effects).toHaveLength(before);
    expect(ensemble.handle({ type: 'cancel' }, 100)).toEqual([]);
  });

  it('that is cancelled has what it has written; before the first step it is an abort', () => {
    const { ensemble, step } = setUp();
    step({ a: 1 }, { a: 1 });
    expect(ensemble.handle({ type: 'cancel' }, 100)).toMatchObject([{ type: 'settle', outcome: { ok: true, answer: { text: 'a', finishReason: 'cancelled' } } }]);
    expect(setUp().ensemble.handle({ type: 'cancel' }, 1)).toMatchObject([{ type: 'settle', outcome: { ok: false, error: { code: 'aborted' } } }]);
  });
});

describe('the token that is chosen', () => {
  const chances = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.double({ min: 0.01, max: 1, noNaN: true }), { minKeys: 1 });
  const members = fc.array(chances, { minLength: 1, maxLength: 4 });

  it('does not depend on the order of the members', () => {
    fc.assert(fc.property(members, fc.constantFrom(0, 0.5, 1), fc.double({ min: 0, max: 0.999, noNaN: true }), (all, temperature, chance) => {
      const answers = all.map((each) => stepOf(each, 1));
      const [one, other] = [answers, answers.toReversed()].map((each) => chooseToken(each, temperature, chance)!);
      // Sums of the same figures in another order differ in the last digit, and so may who is ahead by less than that.
      expect(one!.probability).toBeCloseTo(other!.probability, 10);
    }));
  });

  it('is drawn as often as it is likely, and greedy ever the likeliest', () => {
    const answers = [stepOf({ a: 0.7, b: 0.3 }, 1), stepOf({ a: 0.3, b: 0.7, c: 1e-9 }, 1), stepOf({ a: 0.8, b: 0.2 }, 1)];
    expect(chooseToken(answers, 0, 0.99)!.text).toBe('a');
    const drawn = Array.from({ length: 1000 }, (_, index) => chooseToken(answers, 1, index / 1000)!.text);
    expect(drawn.filter((text) => text === 'a').length / 1000).toBeCloseTo(0.6, 2);
  });
});
