import { expect, it } from 'vitest';
import { createLine } from './line.ts';

it('runs what comes in the middle of something after it', () => {
  const line = createLine();
  const done: string[] = [];
  line(() => {
    line(() => done.push('inner'));
    done.push('outer');
  });
  expect(done).toEqual(['outer', 'inner']);
});

it('leaves nothing undone because one fails, and says that it failed', () => {
  const line = createLine();
  const done: string[] = [];
  const work = (): void =>
    line(() => {
      line(() => done.push('other'));
      throw new Error('bug');
    });
  expect(work).toThrow('bug');
  expect(done).toEqual(['other']);
  line(() => done.push('later'));
  expect(done).toEqual(['other', 'later']);
});
