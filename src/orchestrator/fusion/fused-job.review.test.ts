import { describe, expect, it } from 'vitest';
import { LlamboError } from '../../shared/errors.ts';
import { nodeAddress } from '../../shared/ids.ts';
import { answerOf, counting, createFusedRig, type FusedRig } from '../../testing/fused-rig.ts';
import type { FusedStart } from './types.ts';
import { createJudgeReview } from './judge-review.ts';
import { createSynthesis } from './synthesise.ts';

const messages = [{ role: 'user' as const, content: 'Tell me about llamas.' }];
const writing = { policy: counting('vote', 0), review: createSynthesis({ messages, tier: 'large', seed: 7 }), matter: { format: 'open', promptClass: 'open' } } satisfies Partial<FusedStart>;
const judging = { ...writing, review: createJudgeReview({ messages, seed: 7 }) };
const lost = new LlamboError('peer-lost', 'Gone.');

function answered(change: Partial<FusedStart>, ...texts: string[]): FusedRig {
  const rig = createFusedRig(texts.length, change);
  for (const [candidate, text] of texts.entries()) {
    rig.begin(candidate);
    rig.say(candidate, text);
    rig.end(candidate, text);
  }
  return rig;
}

describe('a larger model that writes one answer of all', () => {
  it('begins when all have answered, and its words are shown from the first one on', () => {
    const rig = answered(writing, 'They are tall.', 'They spit.', 'They spit.');
    expect(rig.outcomes).toEqual([]);
    expect(rig.reviews).toMatchObject([{ index: 3, tier: 'large' }]);
    expect(rig.reviews[0]!.messages.at(-1)!.content).toContain('They spit.');
    rig.send({ type: 'said', candidate: 3, event: { type: 'started', node: nodeAddress('t', '9'), model: 'big' } });
    expect(rig.shown().candidate).toBe(1);
    rig.say(3, 'Llamas ');
    rig.say(3, 'spit.');
    expect(rig.shown()).toEqual({ candidate: 3, text: 'Llamas spit.' });
    rig.send({ type: 'answered', candidate: 3, answer: { ...answerOf(3, 'Llamas spit.'), model: 'big' } });
    expect(rig.answer()).toMatchObject({ text: 'Llamas spit.', model: 'big', policy: 'synthesise', chosen: null, votes: [{ count: 2 }, { count: 1 }], cost: { calls: 4 } });
    expect(rig.answer().candidates).toHaveLength(3);
    expect(rig.answer()).not.toHaveProperty('note');
  });

  it('reads all of them, also where the votes are decided before', () => {
    const rig = createFusedRig(4, writing);
    for (const candidate of [0, 1, 2]) rig.end(candidate, 'They spit.');
    expect(rig.reviews).toEqual([]);
    expect(rig.stopped).toEqual([]);
    rig.end(3, 'They are tall.');
    expect(rig.reviews[0]!.messages.at(-1)!.content).toContain('They are tall.');
  });

  it('that fails leaves what the candidates say, and its words are shown no more', () => {
    const rig = answered(writing, 'They spit.', 'They are tall.');
    rig.say(2, 'Lla');
    rig.fail(2, lost);
    expect(rig.answer()).toMatchObject({ text: 'They spit.', policy: 'vote', note: 'Nothing came of what was to be written of the answers (Gone.); this is what they say themselves.' });
    expect(rig.shown()).toEqual({ candidate: 0, text: 'They spit.' });
  });

  it('is not begun when the budget is used up, and stopped when it is meanwhile', () => {
    const late = createFusedRig(2, { ...writing, budget: { seconds: 1 } });
    late.end(0, 'They spit.');
    late.wait(1000);
    expect(late.reviews).toEqual([]);
    expect(late.answer()).toMatchObject({ text: 'They spit.', policy: 'vote' });
    const during = answered({ ...writing, budget: { seconds: 1 } }, 'They spit.', 'Tall.');
    during.wait(1000);
    expect(during.stopped).toEqual([2]);
    expect(during.answer()).toMatchObject({ text: 'They spit.', policy: 'vote', note: 'The budget of 1 s was used up when 2 of 2 were done.' });
  });

  it('that is cancelled has written what it has written', () => {
    const rig = answered(writing, 'They spit.', 'Tall.');
    rig.send({ type: 'said', candidate: 2, event: { type: 'started', node: nodeAddress('t', '9'), model: 'big' } });
    rig.say(2, 'Lla');
    rig.send({ type: 'cancel' });
    expect(rig.answer()).toMatchObject({ text: 'Lla', finishReason: 'cancelled', chosen: null, model: 'big' });
    expect(rig.stopped).toEqual([2]);
  });
});

describe('a judge', () => {
  it('is asked in several orders, says one of the letters, and decides', () => {
    const rig = answered(judging, 'They spit.', 'They are tall.', 'They spit.');
    expect(rig.reviews.map(({ index }) => index)).toEqual([3, 4]);
    expect(rig.reviews.every(({ choices }) => choices?.join('') === 'AB')).toBe(true);
    // The second answer, wherever it stands.
    for (const { index, messages: asked } of rig.reviews) rig.end(index, asked.at(-1)!.content.indexOf('tall') < asked.at(-1)!.content.indexOf('spit') ? 'A' : 'B');
    expect(rig.answer()).toMatchObject({ text: 'They are tall.', chosen: 1, policy: 'select' });
    expect(rig.shown()).toEqual({ candidate: 1, text: 'They are tall.' });
  });

  it('is not asked where all say the same, and if it fails the votes stand', () => {
    const unanimous = answered(judging, 'They spit.', 'They spit.');
    expect(unanimous.reviews).toEqual([]);
    expect(unanimous.answer()).toMatchObject({ text: 'They spit.', policy: 'vote' });
    const failing = answered(judging, 'They spit.', 'They are tall.');
    for (const { index } of failing.reviews) failing.fail(index, lost);
    expect(failing.answer()).toMatchObject({ text: 'They spit.', policy: 'vote', note: expect.stringContaining('judge the answers (Gone.)') as string });
  });
});
