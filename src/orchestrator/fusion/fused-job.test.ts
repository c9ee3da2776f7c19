import { describe, expect, it } from 'vitest';
import { LlamboError } from '../../shared/errors.ts';
import { nodeAddress } from '../../shared/ids.ts';
import { counting, createFusedRig } from '../../testing/fused-rig.ts';

const lost = new LlamboError('peer-lost', 'That tab is gone.');
const kinds = (rig: ReturnType<typeof createFusedRig>): string[] => rig.events.map(({ type }) => type);

describe('a fused job', () => {
  it('starts as many as there is room for, and the next as one ends', () => {
    const rig = createFusedRig(5, { parallel: () => 2, policy: counting('vote', 0.1) });
    expect(rig.started).toEqual([0, 1]);
    rig.end(1, '1');
    expect(rig.started).toEqual([0, 1, 2]);
    rig.fail(0, lost);
    expect(rig.started).toEqual([0, 1, 2, 3]);
  });

  it('begins with one where there is no room, which then waits in line, and with more as soon as there is', () => {
    let room = 0;
    const rig = createFusedRig(5, { parallel: () => room });
    expect(rig.started).toEqual([0]);
    room = 3;
    rig.begin(0);
    expect(rig.started).toEqual([0, 1, 2]);
  });

  it('counts, says so after each, stops the rest when nothing can change, and says what that saved', () => {
    const rig = createFusedRig(5, { policy: counting('vote', 0.5) });
    for (const candidate of [0, 1, 2, 3, 4]) rig.begin(candidate);
    rig.say(4, 'fo');
    rig.end(0, 'forty');
    rig.wait(500);
    rig.end(1, '42');
    rig.end(2, '42.');
    expect(rig.outcomes).toEqual([]);
    rig.end(3, 'It is 42');
    expect(rig.stopped).toEqual([4]);
    const votes = rig.events.filter(({ type }) => type === 'votes');
    expect(votes).toMatchObject([{ pending: 4 }, { pending: 3 }, { pending: 2 }, { pending: 1, votes: [{ answer: '42', count: 3, candidates: [1, 2, 3] }, { answer: 'forty', count: 1 }] }]);
    const answer = rig.answer();
    expect(answer).toMatchObject({
      text: '42', finishReason: 'stop', seed: 101, node: nodeAddress('t', '1'), policy: 'vote', promptClass: 'number', chosen: 1,
      confidence: { value: 1, meaning: 'certain' },
      dissent: [{ answer: 'forty', candidates: [0] }],
      cost: { calls: 5, seconds: 0.5 },
    });
    expect(answer.candidates!.map(({ text, answer: said, finishReason }) => [text, said, finishReason])).toEqual([
      ['forty', 'forty', 'stop'], ['42', '42', 'stop'], ['42.', '42', 'stop'], ['It is 42', '42', 'stop'], ['fo', '', 'cancelled'],
    ]);
    expect(answer.candidates![1]).toMatchObject({ node: nodeAddress('t', '1'), model: 'm1', seed: 101, temperature: 0.1, logprob: -0.3, replayable: true, tokens: 1 });
    // Written: 3 + 1 + 2 + 4, and some of the last; with that whole it would have been 12.5.
    expect(answer.cost!.saved).toBeCloseTo(1 - 11 / 12.5);
    expect(answer.cost!.tokens).toBe(40 + 10 + 1);
    expect(answer).not.toHaveProperty('note');
  });

  it('stops at the confidence that was asked for; of one that must be certain only certainty is enough', () => {
    const eager = createFusedRig(5, { policy: counting('vote', 0.96) });
    eager.end(0, '1');
    expect(eager.answer()).toMatchObject({ text: '1', confidence: { meaning: 'posterior', value: 0.96 } });
    const strict = createFusedRig(5, { policy: counting('vote', 1), confidence: 1 });
    strict.end(0, '1');
    strict.end(1, '1');
    expect(strict.outcomes).toEqual([]);
    strict.end(2, '1');
    expect(strict.answer().confidence).toEqual({ value: 1, meaning: 'certain' });
  });

  it('is not made sure by those who are quick: whoever began before them is heard first', () => {
    const rig = createFusedRig(9, { policy: counting('vote', 0.96) });
    rig.end(1, '1');
    rig.end(3, '1');
    rig.end(5, '1');
    expect(rig.outcomes).toEqual([]);
    rig.end(0, '2');
    // Those of 0 to 1 say different things, and the leader among them is not the leader of all.
    expect(rig.outcomes).toEqual([]);
    rig.end(2, '1');
    expect(rig.answer()).toMatchObject({ text: '1', confidence: { meaning: 'posterior' } });
  });

  it('of `first` takes the first that counts: an empty one, or one that failed, does not', () => {
    const rig = createFusedRig(4, { policy: counting('first', 0) });
    rig.end(2, ' ');
    rig.fail(0, lost);
    rig.end(3, '8');
    expect(rig.answer()).toMatchObject({ text: '8', chosen: 3, policy: 'first' });
    expect(rig.answer().note).toBe('1 of 4 failed: That tab is gone. 1 of 4 said nothing that counts.');
    expect(rig.stopped).toEqual([1]);
  });
});

describe('what the reader sees', () => {
  it('is the first who speaks, at once, and of the others their words without their waiting', () => {
    const rig = createFusedRig(3);
    rig.send({ type: 'said', candidate: 0, event: { type: 'queued', place: 1, estimateMs: 5 } });
    rig.send({ type: 'said', candidate: 1, event: { type: 'queued', place: 2, estimateMs: 5 } });
    rig.begin(2);
    rig.say(2, '4');
    rig.begin(0);
    rig.say(0, 'Fo');
    rig.say(2, '2');
    expect(rig.events).toEqual([
      { type: 'queued', place: 1, estimateMs: 5 },
      { type: 'lead', candidate: 2 },
      { type: 'started', node: nodeAddress('t', '2'), model: 'm0' },
      { type: 'text', delta: '4', candidate: 2 },
      { type: 'text', delta: 'Fo', candidate: 0 },
      { type: 'text', delta: '2', candidate: 2 },
    ]);
    expect(rig.shown()).toEqual({ candidate: 2, text: '42' });
  });

  it('changes when the votes say otherwise, but not for another wording of the same', () => {
    const rig = createFusedRig(4, { policy: counting('vote', 0) });
    for (const [candidate, text] of ['42', '7', 'It is 7', '7.'].entries()) {
      rig.begin(candidate);
      rig.say(candidate, text);
    }
    rig.end(1, '7');
    expect(rig.shown()).toEqual({ candidate: 1, text: '7' });
    rig.end(0, '42');
    // A tie, which this policy gives to the smaller index.
    expect(rig.shown().candidate).toBe(0);
    rig.end(3, '7.');
    expect(rig.shown().candidate).toBe(1);
    expect(rig.events.filter(({ type }) => type === 'lead')).toHaveLength(3);
    rig.end(2, 'It is 7');
    expect(rig.shown()).toEqual({ candidate: 1, text: rig.answer().text });
    expect(rig.events.filter(({ type }) => type === 'lead')).toHaveLength(3);
  });

  it('goes on with another when the one that was shown fails', () => {
    const rig = createFusedRig(3);
    rig.begin(0);
    rig.say(0, 'Wait');
    rig.begin(1);
    rig.say(1, 'Se');
    rig.fail(0, lost);
    expect(rig.shown()).toEqual({ candidate: 1, text: 'Se' });
  });

  it('of one candidate is what one engine says, event by event', () => {
    const rig = createFusedRig(1);
    rig.begin(0);
    rig.send({ type: 'said', candidate: 0, event: { type: 'prefill', done: 10, total: 10 } });
    rig.say(0, '8');
    rig.say(0, '5');
    rig.end(0, '85');
    expect(kinds(rig)).toEqual(['started', 'prefill', 'text', 'text', 'votes']);
    expect(rig.answer()).toMatchObject({ text: '85', finishReason: 'stop', votes: [{ count: 1 }], dissent: [], cost: { calls: 1, saved: 0 } });
  });
});

describe('a budget', () => {
  it('of seconds: what is there decides, and whoever takes half a minute is not waited for', () => {
    const rig = createFusedRig(3, { budget: { seconds: 2 }, policy: counting('vote', 0) });
    rig.end(0, '1');
    rig.wait(1999);
    expect(rig.outcomes).toEqual([]);
    rig.wait(1);
    expect(rig.answer()).toMatchObject({ text: '1', note: 'The budget of 2 s was used up when 1 of 3 were done.' });
    expect(rig.stopped).toEqual([1, 2]);
    expect(rig.job.wakeAt()).toBeNull();
  });

  it('that ends before anybody is done leaves the one that is shown', () => {
    const rig = createFusedRig(3, { budget: { seconds: 2 }, parallel: () => 2 });
    rig.begin(1);
    rig.say(1, '4');
    rig.wait(2000);
    expect(rig.stopped).toEqual([0]);
    rig.wait(28_000);
    const before = rig.effects.length;
    rig.say(0, 'Too late');
    rig.end(0, 'Too late');
    expect(rig.effects).toHaveLength(before);
    rig.say(1, '2');
    rig.end(1, '42');
    expect(rig.started).toEqual([0, 1]);
    expect(rig.answer()).toMatchObject({ text: '42', chosen: 1, note: 'The budget of 2 s was used up when 0 of 3 were done.' });
  });

  it('of tokens counts prompts and words of all, the stopped ones too', () => {
    const rig = createFusedRig(5, { budget: { tokens: 50 }, parallel: () => 1, policy: counting('vote', 0) });
    rig.end(0, 'one');
    rig.end(1, 'two');
    rig.end(2, 'three');
    expect(rig.started).toEqual([0, 1, 2, 3]);
    rig.send({ type: 'said', candidate: 3, event: { type: 'prefill', done: 14, total: 14 } });
    expect(rig.answer()).toMatchObject({ text: 'one', cost: { tokens: 51, calls: 4 }, note: 'The budget of 50 tokens was used up when 3 of 5 were done.' });
  });
});

describe('trouble', () => {
  it('a node that dies in mid-vote: the others decide', () => {
    const rig = createFusedRig(3);
    rig.end(0, '5');
    rig.begin(1);
    rig.say(1, '5');
    rig.fail(1, lost);
    rig.end(2, '5');
    expect(rig.answer()).toMatchObject({ text: '5', votes: [{ count: 2, candidates: [0, 2] }], note: '1 of 3 failed: That tab is gone.' });
    expect(rig.answer().candidates![1]).toMatchObject({ text: '5', answer: '', finishReason: 'error', node: nodeAddress('t', '1') });
  });

  it('a liar is outvoted, and its answer is shown as dissent', () => {
    const rig = createFusedRig(5, { policy: counting('vote', 0) });
    rig.end(0, '99');
    expect(rig.shown().candidate).toBe(0);
    for (const candidate of [1, 2, 3]) rig.end(candidate, '12');
    expect(rig.answer()).toMatchObject({ text: '12', dissent: [{ text: '99', count: 1 }] });
  });

  it('two answers tied, and all different: one is the answer, the others are told', () => {
    const tied = createFusedRig(4);
    for (const [candidate, text] of ['1', '2', '2', '1'].entries()) tied.end(candidate, text);
    expect(tied.answer()).toMatchObject({ text: '1', confidence: { meaning: 'posterior', value: 0.5 }, dissent: [{ answer: '2', count: 2 }] });
    const different = createFusedRig(3);
    for (const [candidate, text] of ['3', '2', '1'].entries()) different.end(candidate, text);
    expect(different.answer()).toMatchObject({ text: '3', dissent: [{ answer: '2' }, { answer: '1' }] });
  });

  it('all empty: an empty answer, as of one engine', () => {
    const rig = createFusedRig(3);
    for (const candidate of [0, 1, 2]) rig.end(candidate, '');
    expect(rig.answer()).toMatchObject({ text: '', finishReason: 'stop', votes: [], chosen: null, confidence: { meaning: 'none' }, note: '3 of 3 said nothing that counts.' });
  });

  it('an answer that is held to a form and cut off is not counted', () => {
    const rig = createFusedRig(2, { isHeld: true });
    rig.end(0, '{"a":', 'length');
    rig.end(1, '{"a":1}');
    expect(rig.answer()).toMatchObject({ text: '{"a":1}', chosen: 1 });
  });

  it('all failed: the error of the first, with something to do about it', () => {
    const rig = createFusedRig(2);
    rig.fail(1, new LlamboError('busy', 'Full.'));
    rig.fail(0, lost);
    expect(rig.outcomes).toMatchObject([{ ok: false, error: { code: 'peer-lost', advice: 'Ask again, or choose another node.' } }]);
  });
});

describe('cancel', () => {
  it('gives what is shown, and who said what', () => {
    const rig = createFusedRig(3);
    rig.begin(1);
    rig.say(1, 'Once upon');
    rig.wait(100);
    rig.send({ type: 'cancel' });
    expect(rig.answer()).toMatchObject({
      text: 'Once upon', finishReason: 'cancelled', chosen: 1, model: 'm1', node: nodeAddress('t', '1'), votes: [], usage: { answerTokens: 3 }, timings: { firstTokenMs: 0 },
    });
    expect(rig.stopped).toEqual([0, 1, 2]);
    expect(rig.answer().candidates![0]).toMatchObject({ node: null, text: '', finishReason: 'cancelled' });
  });

  it('of one that is done keeps its words and its votes', () => {
    const rig = createFusedRig(3, { policy: counting('vote', 0) });
    rig.end(2, '9');
    rig.send({ type: 'cancel' });
    expect(rig.answer()).toMatchObject({ text: '9', finishReason: 'cancelled', chosen: 2, votes: [{ answer: '9' }] });
  });

  it('before any node has begun is an abort', () => {
    const rig = createFusedRig(3);
    rig.send({ type: 'cancel' });
    expect(rig.outcomes).toMatchObject([{ ok: false, error: { code: 'aborted' } }]);
  });

  it('is too late after the decision, and so is everybody else', () => {
    const rig = createFusedRig(2, { policy: counting('first') });
    rig.end(0, '1');
    const before = rig.effects.length;
    rig.send({ type: 'cancel' });
    rig.end(1, '2');
    rig.fail(1, lost);
    rig.say(1, 'x');
    expect(rig.effects).toHaveLength(before);
    expect(rig.outcomes).toHaveLength(1);
  });
});
