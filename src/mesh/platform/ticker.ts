/** A steady tick that goes on while the tab is hidden. */
import type { Clock } from '../../shared/env.ts';

export type Ticker = (everyMs: number, callback: () => void) => () => void;

/**
 * Ticks come from a worker, because hidden pages get one timer a second, and after five minutes one a minute. Where the
 * worker doesn't start, the page's own timer has to do.
 */
export function createTicker(clock: Clock): Ticker {
  return (everyMs, callback) => {
    let stopTimer = (): void => undefined;
    const worker = new Worker(new URL('./ticker.worker.ts', import.meta.url), { type: 'module', name: 'llambo ticker' });
    worker.onmessage = callback;
    worker.onerror = () => {
      worker.terminate();
      stopTimer = everyInterval(clock, everyMs, callback);
    };
    worker.postMessage(everyMs);
    return () => {
      worker.terminate();
      stopTimer();
    };
  };
}

function everyInterval(clock: Clock, everyMs: number, callback: () => void): () => void {
  let cancel = (): void => undefined;
  const next = (): void => {
    cancel = clock.after(everyMs, () => {
      next();
      callback();
    });
  };
  next();
  return () => cancel();
}
