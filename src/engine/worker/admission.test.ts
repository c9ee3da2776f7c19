import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LlamboError } from '../../shared/errors.ts';
import { createAdmission } from './admission.ts';

const never = new AbortController().signal;

describe('admission', () => {
  it('lets slots in, lines up the rest, refuses beyond the line', async () => {
    const admission = createAdmission(1, 1);
    const release = await admission.enter(never);
    const second = admission.enter(never);
    await expect(admission.enter(never)).rejects.toMatchObject({ code: 'busy', advice: expect.stringContaining('Wait') as string });
    release();
    release();
    (await second)();
    expect([admission.busy, admission.waiting]).toEqual([0, 0]);
  });

  it('tells those in line their place, and moves them up when one leaves', async () => {
    const admission = createAdmission(1, 5);
    await admission.enter(never);
    const places: number[][] = [[], []];
    const leaving = new AbortController();
    const first = admission.enter(leaving.signal, (place) => places[0]!.push(place));
    void admission.enter(never, (place) => places[1]!.push(place));
    await Promise.resolve();
    leaving.abort();
    await expect(first).rejects.toMatchObject({ code: 'aborted' });
    expect(places).toEqual([[1], [2, 1]]);
  });

  it('never has more than its slots, loses nobody, and is fair, whatever comes', async () => {
    const steps = fc.array(fc.oneof(fc.constant('enter' as const), fc.constant('release' as const), fc.constant('leave' as const)), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), steps, async (slots, plan) => {
        const admission = createAdmission(slots, 8);
        const running: { id: number; release: () => void }[] = [];
        const waiting: { id: number; controller: AbortController }[] = [];
        const admitted: number[] = [];
        let next = 0;
        for (const step of plan) {
          if (step === 'release') running.shift()?.release();
          else if (step === 'leave') waiting.pop()?.controller.abort();
          else {
            const id = (next += 1);
            const controller = new AbortController();
            waiting.push({ id, controller });
            admission.enter(controller.signal).then(
              (release) => {
                waiting.splice(waiting.findIndex((one) => one.id === id), 1);
                admitted.push(id);
                running.push({ id, release });
              },
              (error: LlamboError) => {
                const index = waiting.findIndex((one) => one.id === id);
                if (error.code === 'busy' && index >= 0) waiting.splice(index, 1);
              },
            );
          }
          for (let hop = 0; hop < 4; hop += 1) await Promise.resolve();
          expect(admission.busy).toBe(running.length);
          expect(admission.busy).toBeLessThanOrEqual(slots);
          expect(admission.waiting).toBe(waiting.length);
          if (waiting.length > 0) expect(admission.busy).toBe(slots);
        }
        expect(admitted).toEqual([...admitted].sort((a, b) => a - b));
      }),
      { numRuns: 200 },
    );
  });
});
