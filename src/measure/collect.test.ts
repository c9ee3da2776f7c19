import { describe, expect, it } from 'vitest';
import type { Answer, AskOptions, ChatRequest } from '../protocol/chat.ts';
import { deferred, type Deferred } from '../shared/abort.ts';
import { LlamboError } from '../shared/errors.ts';
import { nodeAddress } from '../shared/ids.ts';
import { createManualClock, settle } from '../testing/manual-clock.ts';
import { madePlan, madeQuestion, plurality } from '../testing/measure-fixtures.ts';
import { collect, missingOf, type CollectProgress } from './collect.ts';
import { evaluate } from './evaluate.ts';
import type { MeasureRun, TakenAnswer } from './types.ts';

const run = (count: number, candidates: number): MeasureRun => ({
  maxTokens: 30,
  plan: madePlan(candidates),
  questions: Array.from({ length: count }, (_, index) => madeQuestion(`What is ${index} + 1?`, String(index + 1))),
  answers: [],
});

function answerTo(request: ChatRequest, { seed = 0 }: AskOptions): Answer {
  return {
    text: `${request.messages[0]!.content} ${seed % 3}`, finishReason: 'stop', usage: { promptTokens: 8, cachedTokens: 0, answerTokens: 4 },
    timings: { queueMs: 500, firstTokenMs: 600, tokensPerSecond: 20 },
    model: request.model ?? 'any', modelHash: null, node: nodeAddress('peer', 'node'), seed, profile: 'exact',
    logprobs: [{ token: 'a', logprob: -1 }, { token: 'b', logprob: -3 }],
  };
}

/** Questions wait until the test answers them. */
function createStage(failing: (asked: number) => Error | null = () => null) {
  const clock = createManualClock();
  const open: { readonly request: ChatRequest; readonly options: AskOptions; readonly answer: Deferred<Answer> }[] = [];
  const said: TakenAnswer[] = [];
  const progress: CollectProgress[] = [];
  let asked = 0;
  return {
    clock, open, said, progress,
    asked: () => asked,
    start: (wanted: MeasureRun, parallel: number, signal?: AbortSignal): Promise<MeasureRun> =>
      collect(wanted, {
        clock,
        ask(request, options) {
          const answer = deferred<Answer>();
          const error = failing(asked++);
          if (error) answer.reject(error);
          else open.push({ request, options, answer });
          return { done: answer.promise };
        },
      }, { parallel, onAnswer: (answer) => said.push(answer), onProgress: (one) => progress.push(one), ...(signal ? { signal } : {}) }),
    async answer(count = open.length): Promise<void> {
      for (const { request, options, answer } of open.splice(0, count)) answer.resolve(answerTo(request, options));
      await settle();
    },
  };
}

async function answerAll(stage: ReturnType<typeof createStage>): Promise<void> {
  while (stage.open.length > 0) await stage.answer();
}

it('asks each question in each way of the plan, exactly, and so many at once', async () => {
  const stage = createStage();
  const done = stage.start(run(2, 3), 4);
  expect(stage.open).toHaveLength(4);
  expect(stage.open[1]).toMatchObject({
    request: { messages: [{ role: 'user', content: 'What is 0 + 1?' }], model: 'tiny-1' },
    options: { seed: 101, temperature: 0.1, maxTokens: 30, profile: 'exact', logprobs: 0, priority: 'batch' },
  });
  await stage.answer(1);
  expect(stage.open).toHaveLength(4);
  await answerAll(stage);
  const { answers } = await done;
  expect(answers.map(({ index }) => index)).toEqual([0, 1, 2, 0, 1, 2]);
  // Reading took 100 ms, and four tokens at twenty a second 200.
  expect(answers[0]).toMatchObject({ logprob: -2, promptTokens: 8, tokens: 4, ms: 300, finishReason: 'stop', model: 'tiny-1' });
  expect(stage.said).toEqual(answers);
  expect(missingOf(await done)).toEqual([]);
});

it('says how long it will take, at the pace of this time', async () => {
  const stage = createStage();
  const done = stage.start(run(1, 4), 1);
  await stage.clock.advance(1000);
  await stage.answer();
  expect(stage.progress).toEqual([{ done: 0, total: 4, failed: 0, msLeft: null }, { done: 1, total: 4, failed: 0, msLeft: 3000 }]);
  await answerAll(stage);
  await done;
  expect(stage.progress.at(-1)).toEqual({ done: 4, total: 4, failed: 0, msLeft: 0 });
});

describe('a run that is stopped', () => {
  it('loses nothing that was answered, asks the rest when it goes on, and comes to the same', async () => {
    const wanted = run(5, 3);
    const whole = createStage();
    const atOnce = whole.start(wanted, 3);
    await answerAll(whole);

    const first = createStage();
    const stop = new AbortController();
    const stopped = expect(first.start(wanted, 3, stop.signal)).rejects.toMatchObject({ code: 'aborted' });
    await first.answer(3);
    await first.answer(2);
    stop.abort();
    // At once, though three are still on their way; what they say later is not said.
    await stopped;
    await first.answer();
    expect(first.said).toHaveLength(5);

    const second = createStage();
    const rest = second.start({ ...wanted, answers: first.said }, 2);
    await answerAll(second);
    expect(second.asked()).toBe(10);
    const contenders = [plurality()];
    expect(evaluate(await rest, contenders)).toEqual(evaluate(await atOnce, contenders));
    expect(evaluate(await rest, contenders)!.questions).toBe(5);
  });

  it('takes over what it can of another plan', async () => {
    const stage = createStage();
    const small = stage.start(run(2, 2), 4);
    await answerAll(stage);
    const grown = { ...run(3, 4), answers: (await small).answers };
    expect(missingOf(grown).map(({ candidate }) => candidate.index)).toEqual([2, 3, 2, 3, 0, 1, 2, 3]);
    // Other seeds, temperatures or models are other answers.
    expect(missingOf({ ...grown, plan: grown.plan.map((one) => ({ ...one, model: 'tiny-2' })) })).toHaveLength(12);
    expect(missingOf({ ...grown, plan: grown.plan.map((one) => ({ ...one, model: null })) })).toHaveLength(8);
  });
});

describe('a question that fails', () => {
  const timeout = new LlamboError('timeout', 'Too slow.');

  it('is written down, does not keep the others, and is asked again another time', async () => {
    const stage = createStage((asked) => (asked === 1 ? timeout : null));
    const done = stage.start(run(1, 3), 1);
    for (let turn = 0; turn < 3; turn += 1) await stage.answer();
    const { answers } = await done;
    expect(answers.map(({ finishReason }) => finishReason)).toEqual(['stop', 'error', 'stop']);
    expect(stage.progress.at(-1)).toMatchObject({ done: 3, failed: 1 });
    expect(missingOf({ ...run(1, 3), answers }).map(({ candidate }) => candidate.index)).toEqual([1]);
  });

  it('ends the run if ten in a row do: nobody is there', async () => {
    const stage = createStage(() => timeout);
    await expect(stage.start(run(20, 3), 1)).rejects.toBe(timeout);
    expect(stage.asked()).toBe(10);
    expect(stage.said).toHaveLength(10);
  });

  it('ends the run for all that work on it: what they still hear is kept, and nothing more is asked', async () => {
    // One waits for its answer while the others fail.
    const stage = createStage((asked) => (asked === 0 ? null : timeout));
    const ends = expect(stage.start(run(20, 3), 3)).rejects.toBe(timeout);
    await settle();
    const asked = stage.asked();
    await stage.answer();
    await ends;
    expect(stage.asked()).toBe(asked);
    expect(stage.said.filter(({ finishReason }) => finishReason === 'stop')).toHaveLength(1);
  });
});
