/** When somebody who said no is asked again. */
import type { Random } from '../../shared/env.ts';
import type { LlamboError } from '../../shared/errors.ts';

/** What is said is believed within these: nobody is asked without pause, and nobody is waited for all day. */
const RETRY_LEAST_MS = 100;
const RETRY_MOST_MS = 30_000;
/** A wait is longer by up to this share, so that those who were refused together do not come back together. */
const JITTER = 0.25;

/** @param fallbackMs if the error names no time. @returns milliseconds */
export function retryMs(error: LlamboError, random: Random, fallbackMs: number): number {
  const said = error.details?.['retryMs'];
  const wait = typeof said === 'number' && said >= 0 ? said : fallbackMs;
  return Math.min(RETRY_MOST_MS, Math.max(RETRY_LEAST_MS, wait)) * (1 + JITTER * random.next());
}
