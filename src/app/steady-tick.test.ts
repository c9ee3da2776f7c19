import { expect, it } from 'vitest';
import { createSimClock } from '../testing/sim-clock.ts';
import { createSteadyTick } from './steady-tick.ts';

it('has one source for all who want it, keeps it for a while, and ends it when nobody does', () => {
  const clock = createSimClock();
  let [started, stopped] = [0, 0];
  let fire = (): void => undefined;
  const tick = createSteadyTick(clock, (callback) => {
    started += 1;
    fire = callback;
    return () => void (stopped += 1);
  });
  const heard: string[] = [];
  const offs = [tick(() => heard.push('a')), tick(() => heard.push('b'))];
  fire();
  offs[0]!();
  offs[0]!();
  fire();
  expect(heard).toEqual(['a', 'b', 'b']);
  offs[1]!();
  clock.run(9000);
  tick(() => heard.push('c'))();
  clock.run(9000);
  expect([started, stopped]).toEqual([1, 0]);
  clock.run(2000);
  expect([started, stopped]).toEqual([1, 1]);
  tick(() => heard.push('d'));
  fire();
  expect(heard.at(-1)).toBe('d');
  expect(started).toBe(2);
});
