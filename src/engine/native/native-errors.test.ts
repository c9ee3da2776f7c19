import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../testing/manual-clock.ts';
import { errorOfReply, retryMsOf, unreachable, type ErrorContext } from './native-errors.ts';

const context: ErrorContext = { clock: createManualClock(Date.UTC(2026, 0, 1)), key: '', model: 'big', contextTokens: 4096, promptTokens: 33, isConstrained: false };
const error = (status: number, detail: unknown) => errorOfReply(status, JSON.stringify({ error: detail }), null, context);

describe('a prompt that is too long', () => {
  it.each([
    ['llama-server', { code: 400, type: 'exceed_context_size_error', message: 'request (900 tokens) exceeds the available context size (256 tokens), try increasing it', n_prompt_tokens: 900, n_ctx: 256 }, 900, 256],
    ['an older llama-server', { code: 400, type: 'invalid_request_error', message: 'the request exceeds the available context size, try increasing it' }, 33, 4096],
    ['vLLM', { message: 'This model\'s maximum context length is 2000 tokens. However, you requested 2662 tokens (1662 in the messages, 1000 in the completion). Please reduce the length of the messages or completion.' }, 1662, 2000],
    ['vLLM 0.11', { message: 'This model\'s maximum context length is 2048 tokens. However, your request has 2300 input tokens. Please reduce the length of the input messages.' }, 2300, 2048],
    ['vLLM 0.16', { message: 'You passed 1015 input tokens and requested 10 output tokens. However, the model\'s context length is only 1024 tokens, resulting in a maximum input length of 1014 tokens.' }, 1015, 1024],
    ['OpenAI', { code: 'context_length_exceeded', message: 'This model\'s maximum context length is 16385 tokens. However, your messages resulted in 31228 tokens.' }, 31228, 16385],
  ])('is known as such: %s', (_, detail, promptTokens, contextTokens) => {
    expect(error(400, detail)).toMatchObject({ code: 'context-overflow', details: { promptTokens, contextTokens } });
  });
});

describe('a refusal', () => {
  it.each([
    [400, { message: 'Unsupported parameter' }, 'refused'], [422, 'no such field', 'refused'], [401, {}, 'refused'], [403, {}, 'refused'], [404, 'no model', 'not-found'],
    [429, {}, 'busy'], [503, {}, 'busy'], [504, {}, 'engine-crashed'], [501, {}, 'not-found'], [500, {}, 'engine-crashed'], [502, {}, 'engine-crashed'],
  ])('of %i with %j is %s', (status, detail, code) => {
    expect(error(status, detail)).toMatchObject({ code, advice: expect.stringMatching(/./) as string });
  });

  it.each(['', 'null', '[]', '"text"', '<html>', '{"error":null}', '{"error":{"message":7,"code":{}}}', '{'])('may have any body: %j', (body) => {
    expect(errorOfReply(400, body, null, context).code).toBe('refused');
  });

  it('is the asker’s own fault only where the request has something in it that may be wrong', () => {
    expect(errorOfReply(400, JSON.stringify({ error: 'Failed to parse grammar' }), null, { ...context, isConstrained: true }).code).toBe('bad-request');
  });

  it('repeats what the server says, at no great length and without the key', () => {
    const { message } = errorOfReply(400, JSON.stringify({ error: { message: `sk-1 is no key, sk-1! ${'x'.repeat(9999)}` } }), null, { ...context, key: 'sk-1' });
    expect(message).toContain('… is no key, …!');
    expect(message.length).toBeLessThan(400);
  });
});

it.each([['7', 7000], ['0.5', 500], ['-1', 2000], ['soon', 2000], ['99999', 300_000], ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000], ['Wed, 31 Dec 2025 00:00:00 GMT', 0], [null, 2000]])('“Retry-After: %s” is %i ms', (header, ms) => {
  expect(retryMsOf(header, context.clock)).toBe(ms);
});

it('names the host and every wall, but no key and no path', () => {
  const { message, advice } = unreachable('https://llambo.example/', 'http://192.168.1.3:8000/secret', new TypeError('Failed to fetch'));
  expect(message).toBe('No answer came from 192.168.1.3:8000.');
  expect(advice).toContain('OLLAMA_ORIGINS');
  expect(advice).not.toContain('secret');
});
