/** The page's workers, and ways to kill them at a chosen moment. */
import type { Page, Worker } from '@playwright/test';

/** `engine`: ours; `wllama`: the one that wllama starts in it, where llama.cpp runs. */
export async function engineWorkers(page: Page, which: 'engine' | 'wllama'): Promise<Worker[]> {
  const found: Worker[] = [];
  for (const worker of page.workers()) {
    if (which === 'engine' ? worker.url().includes('engine.worker') : worker.url().startsWith('blob:')) found.push(worker);
  }
  return found;
}

/** The worker dies instead of sending its `messages`th message from now on: by an uncaught error, or just like that. */
export async function killAfter(worker: Worker, messages: number, how: 'error' | 'silently'): Promise<void> {
  await worker.evaluate(([most, silently]) => {
    let sent = 0;
    const counted = (port: { postMessage: (...args: never[]) => void }): void => {
      const { postMessage } = port;
      port.postMessage = function (this: unknown, ...args: never[]): void {
        sent += 1;
        if (sent < most) return postMessage.apply(this, args);
        if (silently) return (globalThis as unknown as { close(): void }).close();
        setTimeout(() => {
          throw new Error('killed by the test');
        });
      };
    };
    counted(MessagePort.prototype);
    counted(globalThis);
  }, [messages, how === 'silently'] as const);
}
