import { expect, it } from 'vitest';
import type { JobId, PeerId } from '../shared/ids.ts';
import { createGuests } from './guests.ts';

const [ann, bob] = ['ann', 'bob'] as PeerId[] as [PeerId, PeerId];
const job = (name: string): JobId => name as JobId;

it('lets so many jobs of each tab in and no more, and the same job any number of times', () => {
  const guests = createGuests(() => 0, 2);
  const codes = [job('1'), job('2'), job('2'), job('3')].map((id) => guests.refusal(ann, id, 500)?.code ?? 'in');
  expect(codes).toEqual(['in', 'in', 'in', 'busy']);
  expect(guests.refusal(ann, job('3'), 500)).toMatchObject({ details: { retryMs: 500 } });
  expect(guests.refusal(bob, job('3'), 500)).toBeNull();
  guests.over(ann, job('1'));
  expect(guests.refusal(ann, job('3'), 500)).toBeNull();
});

it('forgets a tab that is gone', () => {
  const guests = createGuests(() => 0, 1);
  guests.refusal(ann, job('1'), 500);
  guests.over(bob, job('1'));
  guests.gone(ann);
  expect(guests.refusal(ann, job('2'), 500)).toBeNull();
});

it('forgets a job of which nothing was heard for minutes: that it is over may have been lost', () => {
  let now = 0;
  const guests = createGuests(() => now, 2);
  guests.refusal(ann, job('1'), 500);
  guests.refusal(ann, job('2'), 500);
  now = 100_000;
  guests.refusal(ann, job('2'), 500);
  now = 200_000;
  expect(guests.refusal(ann, job('3'), 500)).toBeNull();
  expect(guests.refusal(ann, job('4'), 500)?.code).toBe('busy');
});
