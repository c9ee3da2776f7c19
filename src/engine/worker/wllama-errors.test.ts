import { describe, expect, it } from 'vitest';
import { LlamboError } from '../../shared/errors.ts';
import { SharedFailure, readWllamaError } from './wllama-errors.ts';

const read = (message: string, name = 'Error'): Error => readWllamaError(Object.assign(new Error(message), { name }), 256);

describe('readWllamaError', () => {
  it('tells a shared failure from one request\'s own', () => {
    expect(read('Invalid typed array length: 1163217991', 'RuntimeError')).toBeInstanceOf(SharedFailure);
    expect(read('Failed to initialize samplers: failed to parse grammar')).toMatchObject({ code: 'bad-request' });
  });

  it('reads the length of a prompt that is too long', () => {
    expect(read('request (2203 tokens) exceeds the available context size (256 tokens), try increasing it')).toMatchObject({
      code: 'context-overflow',
      details: { promptTokens: 2203, contextTokens: 256 },
      message: 'The conversation has 2,203 tokens; this model holds 256.',
    });
  });

  it.each(['(ABORT) out of memory', 'wllama has crashed, please reload the module'])('takes %j for a dead engine', (message) =>
    expect(read(message)).toMatchObject({ code: 'engine-crashed' }));

  it('knows an abort by its name, and leaves our own errors as they are', () => {
    expect(read('Operation aborted', 'AbortError')).toMatchObject({ code: 'aborted', name: 'AbortError' });
    const own = new LlamboError('timeout', 'too long');
    expect(readWllamaError(own, 0)).toBe(own);
  });
});
