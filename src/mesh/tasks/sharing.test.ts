import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeDeviceId } from '../../testing/fake-link.ts';
import { createManualClock } from '../../testing/manual-clock.ts';
import { SHARED } from '../../testing/task-rig.ts';
import { createSharingLedger, offeredSlots } from './sharing.ts';

const HOUR_MS = 3_600_000;
const ann = fakeDeviceId('ann');
const bob = fakeDeviceId('bob');

describe('the ledger of what is shared', () => {
  it('forbids everything unless sharing is on, and then only the models that are kept', () => {
    const ledger = createSharingLedger(createManualClock());
    expect(ledger.forbids('tiny')?.code).toBe('refused');
    ledger.set({ ...SHARED, keptModels: ['mine'] });
    expect(ledger.forbids('tiny')).toBeNull();
    expect(ledger.forbids('mine')?.code).toBe('refused');
    expect(ledger.forbids(null)).toBeNull();
  });

  it('gives as many slots as the person says; 0 is all', () => {
    const ledger = createSharingLedger(createManualClock(), { ...SHARED, slots: 2 });
    expect([ledger.hasSlot(1), ledger.hasSlot(2)]).toEqual([true, false]);
    ledger.set(SHARED);
    expect(ledger.hasSlot(100)).toBe(true);
  });

  it('counts the tokens of a device over the last hour, each device for itself', async () => {
    const clock = createManualClock();
    const ledger = createSharingLedger(clock, { ...SHARED, tokensPerHour: 100 });
    ledger.charge(ann, 60);
    await clock.advance(HOUR_MS / 2);
    ledger.charge(ann, 40);
    expect(ledger.given(ann)).toBe(100);
    expect(ledger.exhausted(ann)).toMatchObject({ code: 'busy', details: { retryMs: HOUR_MS / 2 } });
    expect(ledger.exhausted(bob)).toBeNull();
    await clock.advance(HOUR_MS / 2);
    expect(ledger.given(ann)).toBe(40);
    expect(ledger.exhausted(ann)).toBeNull();
  });

  it('says truly when a device may come again, and never gives more than its tokens in any hour', async () => {
    const step = fc.record({ waitMs: fc.integer({ min: 0, max: HOUR_MS / 3 }), tokens: fc.integer({ min: 1, max: 60 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const clock = createManualClock();
        const ledger = createSharingLedger(clock, { ...SHARED, tokensPerHour: 100 });
        const given: { at: number; tokens: number }[] = [];
        for (const { waitMs, tokens } of steps) {
          await clock.advance(waitMs);
          const refusal = ledger.exhausted(ann);
          if (refusal) {
            await clock.advance(Number(refusal.details!['retryMs']));
            expect(ledger.exhausted(ann)).toBeNull();
          }
          ledger.charge(ann, tokens);
          given.push({ at: clock.now(), tokens });
          // What the count forgets is at least an hour ago, to the minute.
          const lastHour = given.filter(({ at }) => at > clock.now() - HOUR_MS + 60_000).reduce((sum, entry) => sum + entry.tokens, 0);
          expect(lastHour).toBeLessThanOrEqual(ledger.given(ann));
          expect(ledger.given(ann)).toBeLessThan(100 + 60);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('offers what is shared of what there is', () => {
    const nodes = [node('tiny', 4), node('tiny', 4), node('mine', 2), { model: null, slots: 0 }];
    expect(offeredSlots(SHARED, nodes)).toBe(10);
    expect(offeredSlots({ ...SHARED, keptModels: ['mine'] }, nodes)).toBe(8);
    expect(offeredSlots({ ...SHARED, slots: 3 }, nodes)).toBe(3);
    expect(offeredSlots({ ...SHARED, slots: 30 }, nodes)).toBe(10);
    expect(offeredSlots({ ...SHARED, on: false }, nodes)).toBe(0);
  });
});

const node = (id: string, slots: number) => ({ model: { id, name: id, tier: 'tiny' as const, hash: null, contextTokens: 256 }, slots });
