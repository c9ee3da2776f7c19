/** What this browser and this page can do for engines, as one value, found out once. */
import type { Capabilities, Problem } from '../protocol/snapshot.ts';

/** The globals that are looked at, so that tests can lack them. */
export interface Surroundings {
  readonly crossOriginIsolated: boolean;
  readonly isSecureContext: boolean;
  readonly cores: number;
  /** Rounded and capped by the browser at 8; undefined where it doesn't say. */
  readonly deviceMemoryGiB: number | undefined;
  /** Asks for a lock; rejects or is absent where there are none (a browser that blocks all site data has the object and refuses). */
  readonly requestLock: (() => Promise<unknown>) | undefined;
  /** Opens the origin's private file system; rejects or is absent where there is none (some private windows). */
  readonly openStorage: (() => Promise<unknown>) | undefined;
  validate(wasm: Uint8Array<ArrayBuffer>): boolean;
}

export const thisBrowser = (): Surroundings => ({
  crossOriginIsolated: globalThis.crossOriginIsolated,
  isSecureContext: globalThis.isSecureContext,
  cores: navigator.hardwareConcurrency || 1,
  deviceMemoryGiB: (navigator as { deviceMemory?: number }).deviceMemory,
  requestLock: 'locks' in navigator ? () => navigator.locks.request('llambo:probe', { mode: 'shared' }, () => undefined) : undefined,
  openStorage: navigator.storage?.getDirectory ? () => navigator.storage.getDirectory() : undefined,
  validate: (wasm) => typeof WebAssembly === 'object' && WebAssembly.validate(wasm),
});

/** A function with one SIMD instruction (`i8x16.splat`). */
const SIMD_MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11);
/** A memory with 64-bit addresses (limits flag 4). */
const MEMORY64_MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 4, 1);

const PROBLEMS = {
  'no-simd': {
    fatal: true,
    message: 'This browser has no WebAssembly SIMD, which the engine is built with.',
    advice: 'Open this page in a current Chrome, Edge or Firefox.',
  },
  'no-memory64': {
    fatal: true,
    message: 'This browser has no 64-bit WebAssembly memory, which this build of the engine needs.',
    advice: 'Update the browser, or open this page in a current Chrome, Edge or Firefox.',
  },
  insecure: {
    fatal: false,
    message: 'This page was opened over plain http, so the browser withholds storage, hashing and threads.',
    advice: 'Open it over https, or as http://localhost on the machine that serves it.',
  },
  'not-isolated': {
    fatal: false,
    message: 'This page is not cross-origin isolated, so each engine has one thread.',
    advice: 'Nothing is lost but speed. The host can send the headers COOP same-origin and COEP require-corp.',
  },
  'no-opfs': {
    fatal: false,
    message: 'This browser gives the page no file storage, so models are kept in memory and fetched again at each visit.',
    advice: 'Leave private browsing, or allow this site to store data.',
  },
  'no-locks': {
    fatal: false,
    message: 'This browser has no Web Locks, so tabs do not know of each other.',
    advice: 'Use one tab at a time.',
  },
} satisfies Record<Problem['code'], Omit<Problem, 'code'>>;

export async function findCapabilities(around: Surroundings): Promise<Capabilities> {
  const simd = around.validate(SIMD_MODULE);
  const memory64 = around.validate(MEMORY64_MODULE);
  const [opfs, locks] = await Promise.all([works(around.openStorage), works(around.requestLock)]);
  const lacking: [Problem['code'], boolean][] = [
    ['no-simd', !simd],
    ['no-memory64', simd && !memory64],
    ['insecure', !around.isSecureContext],
    ['not-isolated', around.isSecureContext && !around.crossOriginIsolated],
    ['no-opfs', around.isSecureContext && !opfs],
    ['no-locks', around.isSecureContext && !locks],
  ];
  const problems = lacking.filter(([, lacks]) => lacks).map(([code]) => ({ code, ...PROBLEMS[code] }));
  return { isolated: around.crossOriginIsolated, simd, memory64, opfs, locks, cores: around.cores, problems };
}

async function works(attempt: (() => Promise<unknown>) | undefined): Promise<boolean> {
  try {
    await attempt?.();
    return attempt !== undefined;
  } catch {
    return false;
  }
}

/** Bytes that all engine nodes of one tab may use together: 40 % of what the device says it has, 4 GiB if it doesn't say. */
export const memoryBudget = ({ deviceMemoryGiB = 4 }: Pick<Surroundings, 'deviceMemoryGiB'>): number => deviceMemoryGiB * 0.4 * 2 ** 30;
