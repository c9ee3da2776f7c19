import { describe, expect, it } from 'vitest';
import { findCapabilities, memoryBudget, thisBrowser } from './capabilities.ts';

const codes = async (change: Partial<ReturnType<typeof thisBrowser>>): Promise<string[]> =>
  (await findCapabilities({ ...thisBrowser(), ...change })).problems.map(({ code }) => code);

describe('capabilities', () => {
  it('finds nothing wrong with this browser', async () => {
    expect(await findCapabilities(thisBrowser())).toMatchObject({ isolated: true, simd: true, memory64: true, opfs: true, locks: true, problems: [] });
  });

  it('names what is missing, and what to do', async () => {
    expect(await codes({ validate: () => false })).toEqual(['no-simd']);
    expect(await codes({ validate: (wasm) => wasm.length > 20 })).toEqual(['no-memory64']);
    expect(await codes({ crossOriginIsolated: false })).toEqual(['not-isolated']);
    expect(await codes({ openStorage: undefined })).toEqual(['no-opfs']);
    expect(await codes({ openStorage: () => Promise.reject(new Error('private window')) })).toEqual(['no-opfs']);
    expect(await codes({ requestLock: undefined })).toEqual(['no-locks']);
    expect(await codes({ requestLock: () => Promise.reject(new Error('all site data is blocked')) })).toEqual(['no-locks']);
  });

  it('speaks of the insecure address and not of all that follows from it', async () => {
    expect(await codes({ isSecureContext: false, crossOriginIsolated: false, openStorage: undefined, requestLock: undefined })).toEqual(['insecure']);
  });

  it('takes two fifths of the device\'s memory, or of 4 GiB if it does not say', () => {
    expect(memoryBudget({ deviceMemoryGiB: 8 })).toBeCloseTo(3.2 * 2 ** 30);
    expect(memoryBudget({ deviceMemoryGiB: undefined })).toBeCloseTo(1.6 * 2 ** 30);
  });
});
