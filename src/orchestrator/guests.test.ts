import { expect, it } from 'vitest';
import type { JobId, PeerId } from '../shared/ids.ts';
import { createGuests } from './guests.ts';

const [ann, bob] = ['ann', 'bob'] as PeerId[] as [PeerId, PeerId];
const job = (name: string): JobId => name as JobId;

it('lets so many jobs of each tab in and no more, and the same job any number of times', () => {
  const guests = createGuests(2);
  const codes = [job('1'), job('2'), job('2'), job('3')].map((id) => guests.refusal(ann, id, 500)?.code ?? 'in');
  expect(codes).toEqual(['in', 'in', 'in', 'busy']);
  expect(guests.refusal(ann, job('3'), 500)).toMatchObject({ details: { retryMs: 500 } });
  expect(guests.refusal(bob, job('3'), 500)).toBeNull();
  guests.over(ann, job('1'));
  expect(guests.refusal(ann, job('3'), 500)).toBeNull();
});

it('forgets a tab that is gone', () => {
  const guests = createGuests(1);
  guests.refusal(ann, job('1'), 500);
  guests.over(bob, job('1'));
  guests.gone(ann);
  expect(guests.refusal(ann, job('2'), 500)).toBeNull();
});
