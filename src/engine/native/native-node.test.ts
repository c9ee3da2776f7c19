import { afterEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { LlamboError } from '../../shared/errors.ts';
import { nodeAddress } from '../../shared/ids.ts';
import { systemEnv } from '../../shared/system-env.ts';
import { engineNodeSuite, makeTask, runToEnd, textOf } from '../../testing/engine-node-suite.ts';
import { createManualClock } from '../../testing/manual-clock.ts';
import { startScriptedHttpServer, type ScriptedHttpOptions, type ScriptedHttpServer } from '../../testing/scripted-http-server.ts';
import { createNativeNode, type NativeNode, type NativeServerSpec } from './native-node.ts';

const address = nodeAddress('test', 'native-1');
const wish: Omit<NativeServerSpec, 'root'> = { key: '', model: '', slots: 0, contextTokens: 0, tier: 'large', share: false };
const pageUrl = 'http://localhost:4173/';

let servers: ScriptedHttpServer[] = [];
const serve = async (options: ScriptedHttpOptions = {}): Promise<ScriptedHttpServer> => {
  const server = await startScriptedHttpServer(options);
  servers.push(server);
  return server;
};
const nodeOf = (server: ScriptedHttpServer, change: Partial<NativeServerSpec> = {}, clock = systemEnv.clock): NativeNode =>
  createNativeNode({ env: { ...systemEnv, clock }, address, fetch: globalThis.fetch, server: { ...wish, root: server.url, ...change }, pageUrl });
const started = async (server: ScriptedHttpServer, change: Partial<NativeServerSpec> = {}): Promise<NativeNode> => {
  const node = nodeOf(server, change);
  await node.start();
  return node;
};
const chat = (question: string, change: Parameters<typeof makeTask>[1] = {}) => makeTask(question, { profile: 'chat', ...change });
const errorOf = (promise: Promise<unknown>): Promise<LlamboError> => promise.then(() => Promise.reject(new Error('it did not fail')), (error: LlamboError) => error);

engineNodeSuite('an HTTP server that speaks as llama-server does', async () => ({ node: await started(await startScriptedHttpServer({ slots: 3 })), longQuestion: 'count to 90' }), { exact: false });

afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});

describe('what a server says of itself', () => {
  it('is asked with the key, and shown', async () => {
    const server = await serve({ key: 'secret', slots: 5, context: 512 });
    const node = nodeOf(server, { key: 'secret' });
    expect(node.info()).toMatchObject({ state: 'loading', model: null, slots: 0, local: true, shared: false });
    await node.start();
    expect(node.info()).toMatchObject({ state: 'idle', slots: 5, threads: 0, memoryBytes: 0, model: { id: 'scripted', tier: 'large', hash: null, contextTokens: 512 } });
    await runToEnd(node, chat('count to 3'));
    expect(server.seen.map(({ path }) => path)).toEqual(['/v1/models', '/props', '/v1/chat/completions']);
    expect(new Set(server.seen.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer secret']));
  });

  it('gives way to what the person says, within what a browser can do', async () => {
    const server = await serve({ kind: 'plain' });
    const node = await started(server, { slots: 40, contextTokens: 9000, model: 'mine', share: true });
    expect(node.info()).toMatchObject({ slots: 6, shared: true, model: { id: 'mine', contextTokens: 9000 } });
    expect(server.seen.map(({ path }) => path)).toEqual(['/v1/models']);
  });

  it('may be that the key is wrong, and the key is in no word of it', async () => {
    const node = nodeOf(await serve({ key: 'right-key' }), { key: 'wrong-key' });
    const error = await errorOf(node.start());
    expect(error).toMatchObject({ code: 'refused', message: expect.stringContaining('key is wrong') as string });
    expect(node.info()).toMatchObject({ state: 'error' });
    expect(JSON.stringify([error, error.message, error.advice, node.info()])).not.toMatch(/wrong-key|right-key/);
  });

  it.each(['sk-“abc”', 'sk-a\nb', 'sk a'])('is not even asked with a key that no server can have: %j', async (key) => {
    const server = await serve();
    const error = await errorOf(nodeOf(server, { key }).start());
    expect(error).toMatchObject({ code: 'refused', advice: expect.stringContaining('Copy it once more') as string });
    expect(error.cause).toBeUndefined();
    expect(server.seen).toEqual([]);
  });

  it('may be a web page', async () => {
    const pages: typeof fetch = async () => new Response('<html>', { headers: { 'Content-Type': 'text/html' } });
    const node = createNativeNode({ env: systemEnv, address, fetch: pages, server: { ...wish, root: 'https://example.org' }, pageUrl });
    expect((await errorOf(node.start())).code).toBe('not-found');
  });
});

describe('a request', () => {
  it('has what llama-server takes', async () => {
    const server = await serve();
    const node = await started(server);
    await runToEnd(node, chat('count to 3', { sampling: { topK: 5, topP: 0.5, minP: 0.1, repeatPenalty: 1.1, maxTokens: 9, stop: ['7'] }, logprobs: 0 }));
    expect(server.seen.at(-1)!.body).toMatchObject({
      model: 'scripted', stream: true, stream_options: { include_usage: true }, seed: 42, cache_prompt: true, max_tokens: 9, top_k: 5, top_p: 0.5, min_p: 0.1, repeat_penalty: 1.1, stop: ['7'], logprobs: true, top_logprobs: 1,
    });
  });

  it('has OpenAI’s names only where nothing else is known', async () => {
    const server = await serve({ kind: 'plain' });
    const node = await started(server);
    const { result } = await runToEnd(node, chat('count to 3', { sampling: { topK: 5, topP: 0.5, minP: 0.1, repeatPenalty: 1.1, maxTokens: 9 } }));
    expect(result).toMatchObject({ text: '1 2 3', usage: { answerTokens: 3 } });
    expect(Object.keys(server.seen.at(-1)!.body).toSorted()).toEqual(['max_tokens', 'messages', 'model', 'seed', 'stream', 'stream_options', 'top_p']);
  });

  it('is refused before it is sent where the server may not keep to it', async () => {
    const server = await serve({ kind: 'plain' });
    const node = await started(server);
    const begun = [{ role: 'user', content: 'count to 5' }, { role: 'assistant', content: '1 2' }] as const;
    for (let time = 0; time < LIMITS.nativeFailures; time += 1) {
      // Not the request's fault: an answer that moves here goes on to another node, and this one stays up.
      expect((await errorOf(runToEnd(node, chat('Is 4 even?', { grammar: 'root ::= "yes"' })))).code).toBe('refused');
      expect((await errorOf(runToEnd(node, chat('', { messages: begun })))).code).toBe('refused');
    }
    expect(server.seen).toHaveLength(1);
    expect(node.info().state).toBe('idle');
  });

  it('is asked again with a shorter answer where only the longest one would not fit', async () => {
    const server = await serve({ kind: 'vllm' });
    const node = await started(server);
    const message = 'You passed 25 input tokens and requested 1000 output tokens. However, the model\'s context length is only 256 tokens, resulting in a maximum input length of 24 tokens.';
    server.fail({ type: 'reply', status: 400, body: JSON.stringify({ error: { message, type: 'BadRequestError', code: 400 } }) });
    await runToEnd(node, chat('count to 3', { sampling: { maxTokens: 1000 } }));
    expect(server.seen.slice(-2).map(({ body }) => body['max_tokens'])).toEqual([1000, 231]);
  });
});

it('what the reader has is not said again by a second attempt', async () => {
  const server = await serve();
  const node = await started(server);
  const overflow = { error: { code: 400, message: 'exceeds the available context size', type: 'exceed_context_size_error', n_prompt_tokens: 10, n_ctx: 256 } };
  server.fail({ type: 'end', after: [JSON.stringify({ choices: [{ delta: { content: 'half ' } }] }), JSON.stringify(overflow)] });
  let text = '';
  const reading = (async () => {
    for await (const event of node.run(chat('count to 3'))) if (event.type === 'tokens') text += event.text;
  })();
  expect((await errorOf(reading)).code).toBe('context-overflow');
  expect(text).toBe('half ');
});

describe('an answer that was begun', () => {
  const prefix = '1 2 3 4 5 6 7 8 9 10';
  const begun = chat('', { messages: [{ role: 'user', content: 'count to 14' }, { role: 'assistant', content: prefix }] });

  it.each([{ kind: 'llama-server', echoes: false }, { kind: 'llama-server', echoes: true }, { kind: 'vllm', echoes: false }] as const)('goes on without a word said twice: $kind, repeats it: $echoes', async (options) => {
    const server = await serve(options);
    const { text, result } = await runToEnd(await started(server), begun);
    expect([text, result.text]).toEqual([' 11 12 13 14', ' 11 12 13 14']);
    expect(server.seen.at(-1)!.body).toMatchObject({ continue_final_message: true, add_generation_prompt: false, echo: false });
  });
});

describe('a server that fails', () => {
  it.each([
    [{ type: 'reply', status: 429, body: '{}', headers: { 'Retry-After': '7' } }, 'busy'],
    [{ type: 'reply', status: 503, body: JSON.stringify({ error: { message: 'Loading model' } }) }, 'busy'],
    [{ type: 'reply', status: 404, body: JSON.stringify({ error: 'model "x" not found' }) }, 'not-found'],
    [{ type: 'reply', status: 500, body: 'oops' }, 'engine-crashed'],
    [{ type: 'reply', status: 200, body: '<html>' }, 'not-found'],
    [{ type: 'end', after: [JSON.stringify({ choices: [{ delta: { content: 'half' } }] })] }, 'engine-crashed'],
    [{ type: 'break', after: [] }, 'engine-crashed'],
    [{ type: 'end', after: ['no json'] }, 'engine-crashed'],
    [{ type: 'end', after: [JSON.stringify({ error: { code: 500, message: 'out of memory', type: 'server_error' } })] }, 'engine-crashed'],
  ] as const)('in this way: %j', async (fault, code) => {
    const server = await serve();
    const node = await started(server);
    server.fail(fault);
    const error = await errorOf(runToEnd(node, chat('count to 3')));
    expect(error).toMatchObject({ code, advice: expect.stringMatching(/./) as string });
    if (fault.type === 'reply' && fault.status === 429) expect(error.details).toEqual({ retryMs: 7000 });
    expect((await runToEnd(node, chat('count to 3'))).text).toBe('1 2 3');
  });

  it('is gone after so many failures in a row, and is found again', async () => {
    const server = await serve();
    const clock = createManualClock();
    const node = nodeOf(server, {}, clock);
    await node.start();
    const { url } = server;
    await server.close();
    for (let failure = 0; failure < LIMITS.nativeFailures; failure += 1) {
      expect(node.info().state).toBe('idle');
      expect((await errorOf(runToEnd(node, chat('count to 3')))).code).toBe('unreachable');
    }
    expect(node.info()).toMatchObject({ state: 'error', problem: expect.stringContaining('No answer came from 127.0.0.1') as string });
    expect((await errorOf(runToEnd(node, chat('count to 3')))).code).toBe('not-ready');
    servers.push(await startScriptedHttpServer({}, Number(new URL(url).port)));
    const back = new Promise<void>((resolve) => node.onChange(({ state }) => state === 'idle' && resolve()));
    await clock.advance(LIMITS.nativeRetryFirstMs);
    await back;
    expect((await runToEnd(node, chat('count to 3'))).text).toBe('1 2 3');
  });

  it('refuses some requests, and stays for all others', async () => {
    const server = await serve();
    const node = await started(server);
    for (let time = 0; time <= LIMITS.nativeFailures; time += 1) {
      server.fail({ type: 'reply', status: 400, body: JSON.stringify({ error: { message: 'We do not talk about that.' } }) });
      expect(await errorOf(runToEnd(node, chat('count to 3')))).toMatchObject({ code: 'refused', message: expect.stringContaining('We do not talk') as string });
    }
    expect((await runToEnd(node, chat('count to 3'))).text).toBe('1 2 3');
  });

  it('is gone without a word of what it was asked, though it repeats that', async () => {
    const server = await serve();
    const node = await started(server);
    for (let failure = 0; failure < LIMITS.nativeFailures; failure += 1) {
      server.fail({ type: 'reply', status: 500, body: JSON.stringify({ error: { message: 'Failed to parse input at pos 4: my secret question' } }) });
      expect((await errorOf(runToEnd(node, chat('my secret question')))).message).toContain('my secret');
    }
    expect(node.info()).toMatchObject({ state: 'error', problem: `Its last ${LIMITS.nativeFailures} answers failed. Ask again, or look at the server’s log.` });
    await node.stop();
  });

  it('says nothing: ends after the limit, not before, and the place is free again', async () => {
    const server = await serve();
    const clock = createManualClock();
    const node = nodeOf(server, {}, clock);
    await node.start();
    server.fail({ type: 'silence' });
    let code = '';
    const failing = errorOf(runToEnd(node, chat('count to 3', { deadlineMs: LIMITS.taskMs }))).then((error) => (code = error.code));
    await clock.advance(LIMITS.silenceMs - 1);
    expect([code, node.info().busy]).toEqual(['', 1]);
    await clock.advance(1);
    await failing;
    expect(code).toBe('engine-crashed');
    expect(node.info()).toMatchObject({ busy: 0, state: 'idle' });
  });

  it('is left alone as soon as nobody wants the answer', async () => {
    const server = await serve({ slots: 1 });
    const node = await started(server);
    for await (const event of node.run(chat('count to 90', { sampling: { maxTokens: 200 } }))) if (event.type === 'tokens') break;
    await expect.poll(() => server.running()).toBe(0);
  });
});

it('measures how fast it reads and writes, and batches what comes within a frame', async () => {
  const server = await serve({ script: { tokenMs: 1, answer: () => Array.from({ length: 60 }, (_, index) => index).join(' ') } });
  const node = await started(server);
  const { events, text } = await runToEnd(node, chat('go', { sampling: { maxTokens: 200 } }));
  expect(text).toBe(textOf(events));
  const tokens = events.flatMap((event) => (event.type === 'tokens' ? [event.count] : []));
  expect(tokens.reduce((sum, count) => sum + count, 0)).toBe(60);
  expect(tokens.length).toBeLessThan(60);
  expect(node.info().tokensPerSecond).toBeGreaterThan(0);
  expect(node.info().prefillPerSecond).toBeGreaterThan(0);
});
