/**
 * What the leader remembers of jobs, each the asker's own: the newest request, what it was granted, until when it can last.
 * What a job runs is in the node table, and that it waits is in the queue.
 */
import type { DeviceId, JobId, PeerId } from '../../shared/ids.ts';
import type { Grant } from '../types.ts';

export interface JobRecord {
  /** The asker and the job: two askers that name the same job are two jobs. */
  readonly key: string;
  readonly job: JobId;
  readonly asker: PeerId;
  readonly device: DeviceId;
  turn: number;
  /** Of its newest turn; null: refused, or it waits. */
  grant: Grant | null;
  /** This leader has given it a node. */
  wasServed: boolean;
  /** It was last heard of. */
  heardAt: number;
  deadlineAt: number;
}

export interface JobRecords {
  get(asker: PeerId, job: JobId): JobRecord | null;
  add(record: Omit<JobRecord, 'key'>): JobRecord;
  remove(record: JobRecord): void;
  of(asker: PeerId): readonly JobRecord[];
  /** The next ones of a round through all, at the most this many: so that no event has to look at all. */
  some(most: number): readonly JobRecord[];
}

const keyOf = (asker: PeerId, job: JobId): string => `${asker} ${job}`;

export function createJobRecords(): JobRecords {
  const records = new Map<string, JobRecord>();
  const byAsker = new Map<PeerId, Set<JobRecord>>();
  let round = records.values();

  return {
    get: (asker, job) => records.get(keyOf(asker, job)) ?? null,
    add(fresh) {
      const record: JobRecord = { ...fresh, key: keyOf(fresh.asker, fresh.job) };
      records.set(record.key, record);
      const own = byAsker.get(record.asker);
      if (own) own.add(record);
      else byAsker.set(record.asker, new Set([record]));
      return record;
    },
    remove(record) {
      records.delete(record.key);
      const own = byAsker.get(record.asker);
      own?.delete(record);
      if (own?.size === 0) byAsker.delete(record.asker);
    },
    of: (asker) => [...(byAsker.get(asker) ?? [])],
    some(most) {
      const found: JobRecord[] = [];
      while (found.length < most) {
        const { value, done } = round.next();
        if (done) {
          round = records.values();
          break;
        }
        found.push(value);
      }
      return found;
    },
  };
}
