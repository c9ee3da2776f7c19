/** An engine worker without a worker: the real host over a message channel, with a scripted runtime behind it. */
import { expose } from 'comlink';
import { createEngineHost } from '../engine/worker/engine-host.ts';
import type { WorkerLike } from '../engine/worker-link.ts';
import type { Env } from '../shared/env.ts';
import { createScriptedRuntime, type Script } from './scripted-runtime.ts';

export interface ScriptedWorker extends WorkerLike {
  /** Dies as a crashing worker does: an `error` event, and no answer to anything any more. */
  crash(message: string): void;
  /** Dies in silence. */
  freeze(): void;
}

export function createScriptedWorker(env: Env, script?: Script): ScriptedWorker {
  const { port1, port2 } = new MessageChannel();
  const listeners = new EventTarget();
  expose(createEngineHost(env, () => createScriptedRuntime(env.clock, script)), port2);
  port1.start();

  const close = (): void => {
    port2.close();
    port1.close();
  };

  return {
    postMessage: port1.postMessage.bind(port1),
    addEventListener: (type: string, listener: EventListenerOrEventListenerObject) =>
      (type === 'message' ? port1 : listeners).addEventListener(type, listener),
    removeEventListener: (type: string, listener: EventListenerOrEventListenerObject) =>
      (type === 'message' ? port1 : listeners).removeEventListener(type, listener),
    terminate: close,
    crash(message) {
      close();
      listeners.dispatchEvent(Object.assign(new Event('error'), { message }));
    },
    freeze: close,
  };
}
