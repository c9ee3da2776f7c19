/**
 * What wllama's errors mean. It reports everything as text, so this file is where that text is read; each pattern
 * has a test: the texts in `wllama-errors.test.ts`, the library behind them in `engine.browser.test.ts`.
 */
import { LlamboError, abortError, isAbort } from '../../shared/errors.ts';

/**
 * A C++ exception in a step, which moves all requests of the instance on: it fails the request that asked for the
 * step, and perhaps another one is to blame. The instance is usable afterwards. The host finds out who it was.
 */
export class SharedFailure extends Error {
  override readonly name = 'SharedFailure';
}

/** `GLUE`, the first bytes of the caller's own request, read back as a length after a C++ exception. */
const EXCEPTION_MARK = '1163217991';

export const isException = (message: string): boolean => message.includes(EXCEPTION_MARK);

export const refused = (cause: Error): LlamboError =>
  new LlamboError('bad-request', 'llama.cpp refuses this request.', {
    advice: 'If it has a schema or a grammar, correct it or ask without; else simplify the text.',
    cause,
  });

const CONTEXT_OVERFLOW = /request \((\d+) tokens?\) exceeds the available context size(?: \((\d+) tokens?\))?/i;

/** @param contextTokens what one slot holds, for the figures in the error. */
export function readWllamaError(error: unknown, contextTokens: number): Error {
  if (error instanceof LlamboError || error instanceof SharedFailure) return error;
  if (isAbort(error)) return abortError();
  const message = error instanceof Error ? error.message : String(error);
  if (isException(message)) return new SharedFailure(message);
  const overflow = CONTEXT_OVERFLOW.exec(message);
  if (overflow) return contextOverflow(Number(overflow[1]), contextTokens);
  if (message.startsWith('(ABORT)') || message.includes('wllama has crashed') || error instanceof WebAssembly.RuntimeError) {
    return new LlamboError('engine-crashed', `llama.cpp stopped: ${message}`, { cause: error });
  }
  if (/grammar/i.test(message)) {
    return new LlamboError('bad-request', `The grammar or schema can't be used: ${message}`, {
      advice: 'Correct the grammar, or ask without one.',
      cause: error,
    });
  }
  return new LlamboError('bad-request', message, { cause: error, advice: 'Change the request and ask again.' });
}

export function contextOverflow(promptTokens: number, contextTokens: number): LlamboError {
  return new LlamboError(
    'context-overflow',
    `The conversation has ${count(promptTokens)} tokens; this model holds ${count(contextTokens)}.`,
    {
      advice: 'Shorten the question, drop the oldest turns, or choose a model with a longer context.',
      details: { promptTokens, contextTokens },
    },
  );
}

const count = (tokens: number): string => tokens.toLocaleString('en');
