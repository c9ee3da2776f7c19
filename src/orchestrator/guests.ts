/** Whose jobs are open at the leader here: so many of each other tab and no more, so that none of them fills its memory. */
import { LIMITS } from '../protocol/limits.ts';
import { LlamboError } from '../shared/errors.ts';
import type { JobId, PeerId } from '../shared/ids.ts';

export interface Guests {
  /** @returns why this job may not come in, `busy` with `details.retryMs`; null if it may */
  refusal(peer: PeerId, job: JobId, retryMs: number): LlamboError | null;
  over(peer: PeerId, job: JobId): void;
  gone(peer: PeerId): void;
  clear(): void;
}

/** An asker tells of an open job once a minute at the least. That one is over may be lost on the way: it counts no longer than at the leader. */
const SILENT_MS = 150_000;

export function createGuests(now: () => number, most: number = LIMITS.peerJobs): Guests {
  /** When each was last heard of. */
  const open = new Map<PeerId, Map<JobId, number>>();

  return {
    refusal(peer, job, retryMs) {
      const jobs = open.get(peer) ?? new Map<JobId, number>();
      if (jobs.size >= most) for (const [id, at] of jobs) if (now() - at > SILENT_MS) jobs.delete(id);
      if (jobs.size >= most && !jobs.has(job)) {
        return new LlamboError('busy', `${most} jobs of that tab are open already.`, { advice: 'Wait until one of them is done.', details: { retryMs } });
      }
      open.set(peer, jobs.set(job, now()));
      return null;
    },
    over(peer, job) {
      const jobs = open.get(peer);
      jobs?.delete(job);
      if (jobs?.size === 0) open.delete(peer);
    },
    gone: (peer) => void open.delete(peer),
    clear: () => open.clear(),
  };
}
