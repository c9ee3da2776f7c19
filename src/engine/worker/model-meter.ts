/** Turns bytes into progress reports: a few a second, with a speed that doesn't jump. */
import type { Clock } from '../../shared/env.ts';
import type { Progress } from '../model-files-api.ts';

/** Milliseconds between reports: smooth for a person, nothing for the machine. */
const REPORT_MS = 200;
/** The speed is an average over this long. */
const WINDOW_MS = 5000;

export interface Meter {
  /** @param done bytes so far @param force report even if the last one was just now */
  report(done: number, total: number | null, force?: boolean): void;
}

export function createMeter(clock: Clock, onProgress: (progress: Progress) => void): Meter {
  let samples: { at: number; done: number }[] = [];
  return {
    report(done, total, force = false) {
      const at = clock.now();
      const last = samples.at(-1);
      if (last && done < last.done) samples = [];
      if (last && !force && at - last.at < REPORT_MS) return;
      samples = [...samples.filter((sample) => at - sample.at <= WINDOW_MS), { at, done }];
      const first = samples[0]!;
      const bytesPerSecond = at > first.at ? ((done - first.done) * 1000) / (at - first.at) : 0;
      onProgress({ done, total, bytesPerSecond: Math.round(bytesPerSecond) });
    },
  };
}
