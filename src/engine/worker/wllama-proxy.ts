/**
 * wllama's line of calls into its worker, corrected: an exception ends the call that raised it, and no other.
 *
 * The worker answers its calls in turn, but says of an exception only that there was one, and wllama then rejects
 * every call that waits. Those were sent already: the worker runs them all the same. A start among them fills a slot
 * whose number nobody learns, so that it can't be freed; one that raises an exception of its own does so when the
 * line is full of others, and those are rejected. From two bad requests on, nobody is left out.
 */
import { SharedFailure, isException, refused } from './wllama-errors.ts';

interface Call {
  /** Of an action: its name and its message. */
  readonly param: { readonly args: readonly unknown[] };
  reject(error: Error): void;
}

/** What is used here of wllama's `ProxyToWorker`, which is private: see docs/decisions/0017. */
export interface WllamaProxy {
  /** Calls that were sent, in the order in which the worker answers them. */
  readonly resultQueue: Call[];
  abort(text: string, stack: string): void;
  wllamaAction(name: string, message: unknown): Promise<{ readonly data_json?: string }>;
}

/** Results that the wasm has given so far, to whichever request. */
export type ResultCount = () => number;

export function correctProxy(proxy: WllamaProxy): ResultCount {
  const abort = proxy.abort.bind(proxy);
  const act = proxy.wllamaAction.bind(proxy);
  let results = 0;

  proxy.abort = (text, stack) => {
    // A dead wasm answers nobody.
    if (!isException(text)) return abort(text, stack);
    // What came before it is answered, and what came after it is not begun: it is the first in the line.
    const call = proxy.resultQueue.shift();
    // A start has done nothing but read its own request. Any other call moves all slots on.
    call?.reject(call.param.args[0] === 'completion' ? refused(new Error(text)) : new SharedFailure(text));
  };
  proxy.wllamaAction = async (name, message) => {
    const answer = await act(name, message);
    if (answer.data_json) results += 1;
    return answer;
  };
  return () => results;
}
