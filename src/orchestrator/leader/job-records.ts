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
  /** Nodes that this leader gave it in place of others. */
  moves: number;
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

export function createJobRecords(): JobRecords {
  const records = new Set<JobRecord>();
  /** Two maps, so that no key is made of two names to look one up: each event looks. */
  const byAsker = new Map<PeerId, Map<JobId, JobRecord>>();
  let round = records.values();

  return {
    get: (asker, job) => byAsker.get(asker)?.get(job) ?? null,
    add({ job, asker, device, turn, grant, wasServed, moves, heardAt, deadlineAt }) {
      const record: JobRecord = { key: `${asker} ${job}`, job, asker, device, turn, grant, wasServed, moves, heardAt, deadlineAt };
      records.add(record);
      const own = byAsker.get(asker);
      if (own) own.set(job, record);
      else byAsker.set(asker, new Map([[job, record]]));
      return record;
    },
    remove(record) {
      records.delete(record);
      const own = byAsker.get(record.asker);
      own?.delete(record.job);
      if (own?.size === 0) byAsker.delete(record.asker);
    },
    of: (asker) => [...(byAsker.get(asker)?.values() ?? [])],
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
