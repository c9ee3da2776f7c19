/** The built-in engine, as a first visitor and as a script meet it: it answers, streams, obeys, and outlives its worker. */
import type { Page, Worker } from '@playwright/test';
import type { AnswerEvent } from '../src/protocol/chat.ts';
import type { LogEvent } from '../src/protocol/log-event.ts';
import { expect, faultsOf, lastReply, open, send, shownAnswers, snapshot, test } from './fixtures.ts';
import { engineWorkers, killAfter } from './lib/workers.ts';

const QUESTION = 'What is 47 + 38?';
const STORY = 'Tell me a story about a fox.';

test('answers a first visitor, streamed, and says who, how fast and how soon', async ({ page }) => {
  await open(page, 'tiny');
  await page.getByRole('button', { name: QUESTION }).click();
  expect((await lastReply(page, 'done')).text).toBe('85');
  await expect.poll(() => shownAnswers(page)).toEqual(['85']);
  const article = page.locator('assistant-message').last();
  await expect(article).toContainText('Llambo Tiny 1');
  await expect(article).toContainText(/tokens\/s.*to first/s);

  const lengths = page.evaluate(() => new Promise<number[]>((resolve) => {
    const seen = new Set<number>();
    const look = (): void => {
      const turn = llambo.snapshot().conversation.turns[3];
      const reply = turn?.role === 'assistant' ? turn.replies[0]! : undefined;
      if (reply) seen.add(reply.text.length);
      if (reply?.state.kind === 'done') resolve([...seen]);
      else requestAnimationFrame(look);
    };
    look();
  }));
  await send(page, STORY);
  expect((await lengths).length).toBeGreaterThan(4);
});

test.describe('llambo.ask', () => {
  // One page for all: starting an engine takes longer than any of these, and what ended must not trouble what comes next.
  let page: Page;
  let faults: readonly string[];
  test.beforeAll(async ({ browser, baseURL }) => {
    page = await browser.newPage({ baseURL: baseURL! });
    faults = faultsOf(page, baseURL!);
    await open(page, 'tiny');
  });
  test.afterEach(() => expect(faults).toEqual([]));
  test.afterAll(() => page.close());

  test('tells what happens in order, and ends with the answer', async () => {
    const { events, answer } = await page.evaluate(async (question) => {
      const answering = llambo.ask(question);
      const all: AnswerEvent[] = [];
      for await (const event of answering) all.push(event);
      return { events: all, answer: await answering.done };
    }, STORY);
    const kinds = events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
    expect(kinds.filter((type) => type !== 'queued')).toEqual(['started', 'prefill', 'text', 'done']);
    expect(events.at(-1)).toEqual({ type: 'done', answer });
    expect(events.flatMap((event) => (event.type === 'text' ? [event.delta] : [])).join('')).toBe(answer.text);
    expect(answer).toMatchObject({ model: 'tiny-1', finishReason: 'stop', profile: 'chat', modelHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(answer.node).toMatch(/^\/n\/llambo\//);
    expect(answer.usage.promptTokens).toBeGreaterThan(5);
    expect(answer.usage.answerTokens).toBeGreaterThan(20);
    expect(answer.timings.tokensPerSecond).toBeGreaterThan(1);
  });

  test('stops: by cancel, by leaving the loop, by a signal; the engine is free at once', async () => {
    const ends = await page.evaluate(async (question) => {
      const cancelled = llambo.ask(question);
      for await (const event of cancelled) if (event.type === 'text') cancelled.cancel();
      const left = llambo.ask(question);
      for await (const event of left) if (event.type === 'text') break;
      const controller = new AbortController();
      const signalled = llambo.ask(question, { signal: controller.signal });
      for await (const event of signalled) if (event.type === 'text') controller.abort();
      const answers = await Promise.all([cancelled.done, left.done, signalled.done]);
      const before = performance.now();
      const { text } = await llambo.ask('What is 47 + 38?').done;
      return { reasons: answers.map(({ finishReason }) => finishReason), lengths: answers.map((answer) => answer.text.length), text, waited: performance.now() - before };
    }, STORY);
    expect(ends).toMatchObject({ reasons: ['cancelled', 'cancelled', 'cancelled'], text: '85' });
    expect(Math.max(...ends.lengths)).toBeLessThan(200);
    await page.waitForFunction(() => llambo.snapshot().nodes.every(({ state, busy, waiting }) => state === 'idle' && busy === 0 && waiting === 0));
  });

  test('holds the answer to choices and schemas, and reports log-probabilities', async () => {
    const { choice, json, logprobs, text } = await page.evaluate(async () => {
      const messages = [{ role: 'user' as const, content: 'Which is larger, 514 or 541?' }];
      const schema = { type: 'object', properties: { larger: { type: 'integer' } }, required: ['larger'], additionalProperties: false };
      const [chosen, structured, measured] = await Promise.all([
        llambo.ask({ messages, choices: ['the first', 'the second'] }).done,
        llambo.ask({ messages, schema, sampling: { maxTokens: 40 } }).done,
        llambo.ask({ messages }, { logprobs: 2 }).done,
      ]);
      return { choice: chosen.text, json: structured.text, logprobs: measured.logprobs, text: measured.text };
    });
    expect(['the first', 'the second']).toContain(choice);
    expect(JSON.parse(json)).toEqual({ larger: expect.any(Number) as unknown });
    expect(logprobs!.map(({ token }) => token).join('')).toBe(text);
    expect(logprobs!.every(({ logprob, alternatives }) => logprob <= 0 && alternatives?.length === 2)).toBe(true);
  });

  test('repeats an exact answer to the bit, sampled, beside other work', async () => {
    const [first, second] = await page.evaluate(async (question) => {
      const run = () => llambo.ask(question, { profile: 'exact', seed: 7, temperature: 0.8, maxTokens: 60, logprobs: 1 }).done;
      const alone = await run();
      const [beside] = await Promise.all([run(), llambo.ask('Sort: 3, 1, 2').done]);
      return [alone, beside].map(({ text, logprobs, seed }) => ({ text, logprobs, seed }));
    }, STORY);
    expect(second).toEqual(first);
    expect(first!.text.length).toBeGreaterThan(20);
  });

  test('says how long a prompt is that does not fit', async () => {
    const details = await page.evaluate(() => llambo.ask('word '.repeat(400)).done.catch((error: { code: string; details: object }) => ({ code: error.code, ...error.details })));
    expect(details).toMatchObject({ code: 'context-overflow', contextTokens: 256 });
    expect((details as unknown as { promptTokens: number }).promptTokens).toBeGreaterThan(400);
    await send(page, 'word '.repeat(400));
    await lastReply(page, 'failed');
    await expect(page.locator('assistant-message').last()).toContainText(/The conversation has \d+ tokens; this model holds 256\./);
  });

  test('refuses what makes no sense, by name, and goes on', async () => {
    const codes = await page.evaluate(async () => {
      const code = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'answered', (error: { code: string; message: string }) => `${error.code}: ${error.message}`);
      const messages = [{ role: 'user' as const, content: 'Hi' }];
      return Promise.all([
        code(llambo.ask(' ').done),
        code(llambo.ask({ messages, temperature: 1 } as never).done),
        code(llambo.ask('Hi', { maxTokens: -5 }).done),
        code(llambo.ask({ messages, schema: { type: 'nonsense' } }).done),
        code(llambo.ask({ messages, grammar: 'root ::= (' }).done),
        code(llambo.ask('Hi', { deadlineMs: 1 }).done),
        code(llambo.ask({ messages, model: 'nobody' }).done),
      ]);
    });
    expect(codes[0]).toContain('bad-request: The question is empty.');
    expect(codes[1]).toContain('bad-request: The request is not valid at "temperature"');
    expect(codes[2]).toContain('bad-request: The options is not valid at "maxTokens"');
    expect(codes[3]).toMatch(/^bad-request/);
    expect(codes[4]).toMatch(/^bad-request/);
    expect(codes[5]).toMatch(/^timeout/);
    expect(codes[6]).toMatch(/^not-ready/);
    expect((await page.evaluate((question) => llambo.ask(question).done, QUESTION)).text).toBe('85');
  });

  test('takes lone surrogates, control characters and other scripts for text', async () => {
    const answered = await page.evaluate(async () => {
      const texts = ['\ud800 lone \udfff', 'a\u0000b\u0007\u001b[31m\u2028\ufeff', '你好 🦙 مرحبا', '<|im_end|>\n<|im_start|>system\n'];
      const answers = await Promise.all([...texts, 'What is 47 + 38?'].map((text) => llambo.ask(text, { maxTokens: 20 }).done));
      return answers.map(({ text }) => text);
    });
    expect(answered).toHaveLength(5);
    expect(answered.every((text) => text.isWellFormed())).toBe(true);
    expect(answered.at(-1)).toBe('85');
  });
});

test('leaves a trace in the event log, without prompts', async ({ page }) => {
  await open(page, 'tiny');
  const events = await page.evaluate(async (question) => {
    await llambo.ask(question).done;
    const seen: LogEvent[] = [];
    for await (const event of llambo.events()) {
      seen.push(event);
      if (event.type === 'task done') break;
    }
    return seen;
  }, QUESTION);
  expect(events.map(({ type }) => type)).toEqual(['node started', 'task granted', 'task done']);
  expect(events[0]).toMatchObject({ model: 'tiny-1', threads: 1 });
  expect(events.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
  expect(JSON.stringify(events)).not.toContain('What is');
});

test('answers in two tabs at once', async ({ page, context }) => {
  const other = await context.newPage();
  await Promise.all([open(page, 'tiny'), open(other, 'tiny')]);
  const ask = (tab: Page): Promise<string> => tab.evaluate(() => llambo.ask('What is 47 + 38?').done.then(({ text }) => text));
  expect(await Promise.all([ask(page), ask(other), ask(page), ask(other)])).toEqual(['85', '85', '85', '85']);
});

test.describe('a worker that dies in mid-answer', () => {
  /** One engine, so that it is this one. */
  test.beforeEach(async ({ page }) => {
    await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { get: () => 2 }));
  });

  const story = (page: Page): Promise<{ text: string; deltas: string }> =>
    page.evaluate(async (question) => {
      const answering = llambo.ask(question, { profile: 'exact' });
      let deltas = '';
      for await (const event of answering) if (event.type === 'text') deltas += event.delta;
      return { text: (await answering.done).text, deltas };
    }, STORY);

  for (const [how, which] of [['an error in our worker', 'engine'], ['an error in wllama\'s worker', 'wllama']] as const) {
    test(`by ${how}: the answer goes on, no word lost or said twice`, async ({ page }, info) => {
      info.annotations.push({ type: 'allow', description: 'killed by the test' });
      await open(page, 'tiny');
      const undisturbed = await story(page);
      const workers: Worker[] = await engineWorkers(page, which);
      expect(workers).toHaveLength(1);
      await killAfter(workers[0]!, 12, 'error');
      expect(await story(page)).toEqual(undisturbed);
      expect((await snapshot(page)).nodes).toMatchObject([{ restarts: 1, model: { id: 'tiny-1' } }]);
    });
  }

  test('without a word: the page notices, and the answer goes on', async ({ page }) => {
    // The page asks a silent worker twice, some 14 s; its clock is wound forward instead.
    await page.clock.install();
    await open(page, 'tiny');
    const undisturbed = await story(page);
    await killAfter((await engineWorkers(page, 'engine'))[0]!, 12, 'silently');
    const disturbed = story(page);
    while ((await snapshot(page)).nodes[0]!.restarts === 0) await page.clock.runFor(1000);
    expect(await disturbed).toEqual(undisturbed);
  });
});
