import { expect, it } from 'vitest';
import { createPacer } from './pacer.ts';

/** Turns that a test takes by hand. */
function turns() {
  const waiting: (() => void)[] = [];
  return {
    pause: () => new Promise<void>((resolve) => void waiting.push(resolve)),
    async take(): Promise<number> {
      const due = waiting.splice(0);
      for (const go of due) go();
      for (let settled = 0; settled < 5; settled += 1) await Promise.resolve();
      return due.length;
    },
  };
}

it('begins so many at once, and the others some in each turn, in their order', async () => {
  const { pause, take } = turns();
  const pacer = createPacer(pause, 3);
  const begun: number[] = [];
  for (let count = 0; count < 8; count += 1) void Promise.resolve(pacer() ?? undefined).then(() => begun.push(count));
  await Promise.resolve();
  await Promise.resolve();
  expect(begun).toEqual([0, 1, 2]);
  await take();
  expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
  // Whoever comes now stands behind those who wait.
  const late = pacer();
  expect(late).not.toBeNull();
  void late?.then(() => begun.push(8));
  await take();
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

it('lets one begin at once when nothing was begun a turn ago, and then is at rest', async () => {
  const { pause, take } = turns();
  const pacer = createPacer(pause, 2);
  expect([pacer(), pacer()]).toEqual([null, null]);
  expect([await take(), await take()]).toEqual([1, 0]);
  expect(pacer()).toBeNull();
  expect([await take(), await take()]).toEqual([1, 0]);
});
