/** Runs many histories of jobs, one seed after another, and tells of those that broke a promise. */
import { runJobHistory, type JobHistory } from './job-sim.ts';

export interface JobFuzzResult {
  readonly histories: number;
  readonly failed: readonly JobHistory[];
  /** How all their jobs ended: finish reasons, and codes of errors. */
  readonly endings: Readonly<Record<string, number>>;
  readonly hedges: number;
  readonly aheads: JobHistory['aheads'];
  readonly virtualMs: number;
}

/** What to type to see that history again, with its log. */
export const replayJobsCommand = (seed: number): string => `npm run fuzz -- --jobs --seed ${seed} --histories 1`;

/** @param most failures after which it stops */
export function fuzzJobs(firstSeed: number, histories: number, most = 5): JobFuzzResult {
  const failed: JobHistory[] = [];
  const endings: Record<string, number> = {};
  const aheads = { sent: 0, taken: 0, 'not taken': 0 };
  let [virtualMs, hedges, done] = [0, 0, 0];
  for (; done < histories && failed.length < most; done += 1) {
    const history = runJobHistory({ seed: firstSeed + done });
    virtualMs += history.virtualMs;
    hedges += history.hedges;
    for (const step of ['sent', 'taken', 'not taken'] as const) aheads[step] += history.aheads[step];
    for (const [ending, count] of history.endings) endings[ending] = (endings[ending] ?? 0) + count;
    if (history.problem !== null) failed.push(history);
  }
  return { histories: done, failed, endings, hedges, aheads, virtualMs };
}

/** What a test says when promises were broken. */
export const explainJobs = ({ failed }: Pick<JobFuzzResult, 'failed'>): string =>
  failed.map(({ seed, problem }) => `seed ${seed}: ${problem}\n  replay: ${replayJobsCommand(seed)}`).join('\n');
