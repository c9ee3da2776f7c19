/**
 * What every `EngineNode` must do, whoever it is. Run by the scripted engine in Node.js, by wllama with the built-in
 * model in a real browser, by nodes over the wire and by HTTP servers.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineNode, Task, TaskEvent } from '../protocol/engine-node.ts';
import type { LlamboError } from '../shared/errors.ts';
import { LIMITS } from '../protocol/limits.ts';
import { codeOf, idle, makeTask, runToEnd, textOf, type Finished } from './node-runs.ts';

export { makeTask, runToEnd, textOf, type Finished } from './node-runs.ts';

export interface NodeUnderTest {
  readonly node: EngineNode;
  /** A question with a long answer (30 tokens or more). */
  readonly longQuestion: string;
}

/** After a cancel the slot must be free within this. The promise; `maxTokens` keeps it honest. */
const FREE_WITHIN_MS = 500;

export interface SuiteOptions {
  /** False for nodes that promise no exact answers: they must refuse them, and everything else is asked as a chat. */
  readonly exact?: boolean;
}

export function engineNodeSuite(name: string, createNode: () => Promise<NodeUnderTest>, { exact = true }: SuiteOptions = {}): void {
  const create = async (): Promise<NodeUnderTest> => {
    const made = await createNode();
    return exact ? made : { ...made, node: asChat(made.node) };
  };
  describe(`${name} is an EngineNode that`, () => {
    let node: EngineNode;
    let longQuestion: string;
    beforeAll(async () => ({ node, longQuestion } = await create()), 60_000);
    afterAll(() => node.stop());

    if (exact) describeExact(() => ({ node, longQuestion }));
    else describeNoExact(createNode);

    describeRuns(() => ({ node, longQuestion }));
    describeConstraints(() => ({ node, longQuestion }));
    describeStopping(() => ({ node, longQuestion }));
    describeCrowds(() => ({ node, longQuestion }));
    describeRefusals(() => ({ node, longQuestion }));
    describeEnd(create);
  });
}

/** The same node, asked for nothing exact. */
const asChat = (node: EngineNode): EngineNode => ({ ...node, run: (task, options) => node.run({ ...task, profile: 'chat' }, options) });

function describeExact(get: () => NodeUnderTest): void {
  it('gives the same tokens and log-probabilities for the same exact request', async () => {
    const ask = (): Promise<Finished> =>
      runToEnd(get().node, makeTask(get().longQuestion, { logprobs: 2, sampling: { temperature: 0.8, maxTokens: 30 } }));
    const logprobs = ({ events }: Finished): unknown => events.flatMap((event) => (event.type === 'tokens' ? (event.logprobs ?? []) : []));
    const [first, second] = [await ask(), await ask()];
    expect(second.text).toBe(first.text);
    expect(logprobs(second)).toEqual(logprobs(first));
    expect(logprobs(first)).not.toEqual([]);
  });
}

function describeNoExact(create: () => Promise<NodeUnderTest>): void {
  it('refuses what must be exact, before a word of it, and says where to ask', async () => {
    const { node } = await create();
    const failing = runToEnd(node, makeTask('What is 47 + 38?'));
    await expect(failing).rejects.toMatchObject({ code: 'refused', advice: expect.stringMatching(/./) as string });
    expect(node.info()).toMatchObject({ state: 'idle', busy: 0 });
    await node.stop();
  });
}

function describeRuns(get: () => NodeUnderTest): void {
  it('tells a run as started, prefill, tokens, done, and the text is their sum', async () => {
    const { events, text, result } = await runToEnd(get().node, makeTask('What is 47 + 38?'));
    const order = [...new Set(events.map(({ type }) => type))];
    expect(order).toEqual(['started', 'prefill', 'tokens', 'done']);
    expect(text).toBe(result.text);
    expect(text.trim()).not.toBe('');
    expect(result.seed).toBe(42);
    expect(result.usage.promptTokens).toBeGreaterThan(0);
    expect(result.usage.answerTokens).toBeGreaterThan(0);
  });

  it('ends with "length" at the token limit', async () => {
    const { result } = await runToEnd(get().node, makeTask(get().longQuestion, { sampling: { temperature: 0, maxTokens: 4 } }));
    expect(result.finishReason).toBe('length');
    expect(result.usage.answerTokens).toBeLessThanOrEqual(4);
  });

  it('continues an answer without repeating it', async () => {
    const { node, longQuestion } = get();
    const whole = await runToEnd(node, makeTask(longQuestion));
    const cut = whole.text.indexOf(' ', whole.text.length / 2);
    const prefix = whole.text.slice(0, cut);
    const messages = [{ role: 'user', content: longQuestion }, { role: 'assistant', content: prefix }] as const;
    const rest = await runToEnd(node, makeTask(longQuestion, { messages }));
    expect(prefix + rest.text).toContain(whole.text.slice(0, cut + 4));
    expect(rest.text.startsWith(prefix)).toBe(false);
  });

  it('takes control characters and lone surrogates', async () => {
    const { result } = await runToEnd(get().node, makeTask('What \u0000is\u0007 \uD800 2 + 2?'));
    expect(result.finishReason).toMatch(/stop|length/);
  });

  it('reports how long the prompt is when it does not fit', async () => {
    const failing = runToEnd(get().node, makeTask('word '.repeat(20_000)));
    await expect(failing).rejects.toMatchObject({ code: 'context-overflow', details: { contextTokens: get().node.info().model!.contextTokens } });
    await failing.catch((error: LlamboError) => expect(Number(error.details!['promptTokens'])).toBeGreaterThan(10_000));
  });
}

function describeConstraints(get: () => NodeUnderTest): void {
  it('keeps to a grammar', async () => {
    const { text } = await runToEnd(get().node, makeTask('Is 4 even?', { grammar: 'root ::= "perhaps" | "never"' }));
    expect(['perhaps', 'never']).toContain(text);
  });

  it('keeps to a JSON schema', async () => {
    const schema = { type: 'object', properties: { answer: { type: 'integer' } }, required: ['answer'], additionalProperties: false };
    const { text } = await runToEnd(get().node, makeTask('What is 3 + 4?', { schema }));
    expect(typeof (JSON.parse(text) as { answer: unknown }).answer).toBe('number');
  });

  it('refuses a schema that can not be, and no neighbour loses a word', async () => {
    const { node, longQuestion } = get();
    const task = (): Task => makeTask(longQuestion, { sampling: { temperature: 0.8, maxTokens: 40 } });
    const undisturbed = await runToEnd(node, task());
    const neighbour = runToEnd(node, task());
    const bad = await codeOf(runToEnd(node, makeTask('What is 3 + 4?', { schema: { type: 'nonsense' } })));
    expect(bad).toBe('bad-request');
    expect((await neighbour).text).toBe(undisturbed.text);
  });
}

function describeStopping(get: () => NodeUnderTest): void {
  const longTask = (): Task => makeTask(get().longQuestion, { sampling: { temperature: 0, maxTokens: 200 } });

  it('stops on the signal in mid-answer and has the slot free soon after', async () => {
    const { node } = get();
    const controller = new AbortController();
    const events: TaskEvent[] = [];
    const running = (async () => {
      for await (const event of node.run(longTask(), { signal: controller.signal })) {
        events.push(event);
        if (event.type === 'tokens') controller.abort();
      }
    })();
    expect(await codeOf(running)).toBe('aborted');
    const stoppedAt = performance.now();
    await idle(node);
    expect(performance.now() - stoppedAt).toBeLessThan(FREE_WITHIN_MS);
    expect(textOf(events)).not.toBe('');
  });

  it('does not start with a signal that has fired', async () => {
    expect(await codeOf(runToEnd(get().node, longTask(), AbortSignal.abort()))).toBe('aborted');
    expect(get().node.info().busy).toBe(0);
  });

  it('frees the slot when the reader leaves the loop', async () => {
    const { node } = get();
    for await (const event of node.run(longTask())) if (event.type === 'tokens') break;
    await idle(node);
    expect(node.info().busy).toBe(0);
  });

  it('ends a run at its deadline', async () => {
    expect(await codeOf(runToEnd(get().node, makeTask(get().longQuestion, { deadlineMs: 1 })))).toBe('timeout');
  });
}

function describeCrowds(get: () => NodeUnderTest): void {
  it('answers more tasks than it has slots, and never runs more than slots at once', async () => {
    const { node } = get();
    let most = 0;
    const off = node.onChange(({ busy }) => (most = Math.max(most, busy)));
    const tasks = Array.from({ length: node.info().slots * 3 }, (_, index) => makeTask(`What is ${index} + 4?`));
    const all = await Promise.all(tasks.map((task) => runToEnd(node, task)));
    off();
    expect(all.every(({ text }) => text !== '')).toBe(true);
    expect(most).toBe(node.info().slots);
  });

  it('says busy when its line is full, and loses nobody in it', async () => {
    const { node } = get();
    const count = node.info().slots + LIMITS.nodeQueue + 3;
    const ends = await Promise.all(Array.from({ length: count }, () => codeOf(runToEnd(node, makeTask('What is 2 + 2?')))));
    expect(ends.filter((end) => end === 'busy')).toHaveLength(3);
    expect(ends.filter((end) => end === 'no error')).toHaveLength(count - 3);
  });
}

const BAD = {
  schema: { change: { schema: { type: 'nonsense' } }, code: 'bad-request' },
  grammar: { change: { grammar: 'root ::= (' }, code: 'bad-request' },
  deadline: { change: { deadlineMs: 1 }, code: 'timeout' },
} as const;

function describeRefusals(get: () => NodeUnderTest): void {
  it.each<{ kinds: (keyof typeof BAD)[] }>([
    { kinds: ['schema', 'schema'] },
    { kinds: ['schema', 'deadline'] },
    { kinds: ['schema', 'grammar', 'deadline'] },
    { kinds: ['schema', 'schema', 'schema', 'schema', 'schema'] },
  ])('refuses $kinds together, and then answers everybody', async ({ kinds }) => {
    const { node } = get();
    const sum = (): Promise<Finished> => runToEnd(node, makeTask('What is 3 + 4?'));
    const { text } = await sum();
    const refusals = kinds.map((kind) => codeOf(runToEnd(node, makeTask('What is 3 + 4?', BAD[kind].change))));
    const beside = sum();
    expect(await Promise.all(refusals)).toEqual(kinds.map((kind) => BAD[kind].code));
    const after = await Promise.all(Array.from({ length: 5 }, sum));
    expect([await beside, ...after].map((answer) => answer.text)).toEqual(Array(6).fill(text));
  });
}

function describeEnd(create: () => Promise<NodeUnderTest>): void {
  it('ends running tasks with "stopped" when it is stopped, and starts no others', async () => {
    const { node, longQuestion } = await create();
    const running = codeOf((async () => {
      for await (const event of node.run(makeTask(longQuestion, { sampling: { maxTokens: 200 } }))) if (event.type === 'tokens') await node.stop();
    })());
    expect(await running).toBe('stopped');
    await node.stop();
    expect(node.info()).toMatchObject({ state: 'stopped', busy: 0, slots: 0, model: null });
    expect(await codeOf(runToEnd(node, makeTask('What is 2 + 2?')))).toBe('stopped');
  }, 60_000);
}
