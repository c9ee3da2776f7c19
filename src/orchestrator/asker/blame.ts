/**
 * Which nodes a job has had enough of, and whether it may be the job's own fault. Knows failures only by node and kind.
 *
 * - `lost`: the node died of it, fell silent, or could not do it. So often, and it is not tried again; a job that loses many may be what kills them.
 * - `coy`: it would not or could not take it. No sign against the job; bounded by ever longer pauses.
 * - `differs`: it wrote another text than the one that the reader has. It would do so again.
 */
import type { FailoverPolicy } from '../../protocol/policy.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { Address } from '../../shared/ids.ts';

export type Fault = 'lost' | 'coy' | 'differs';

/** What a failure means for the job; null: the request itself is at fault, and no other node would help. */
export function faultOf(code: ErrorCode): Fault | null {
  switch (code) {
    // Of what a node says of itself, another may know nothing.
    case 'disk-full':
    case 'download-failed':
    case 'engine-crashed':
    case 'internal':
    case 'model-invalid':
    case 'peer-lost':
    case 'timeout':
    case 'unsupported':
      return 'lost';
    case 'aborted':
    case 'busy':
    case 'not-found':
    case 'not-ready':
    case 'refused':
    case 'stopped':
    case 'unreachable':
      return 'coy';
    case 'hash-mismatch':
      return 'differs';
    case 'bad-request':
    case 'context-overflow':
      return null;
  }
}

export interface Blame {
  note(node: Address, fault: Fault): void;
  /** Nodes that failed for good, and those that failed lately. */
  avoid(): Address[];
  /** Those that failed lately may be tried again. @returns false if there were none */
  forgive(): boolean;
  /** How long to wait before the next try; 0 as long as failures are few. */
  pauseMs(): number;
  readonly lost: number;
  /** The job lost so many nodes that it is stopped. */
  readonly isPoison: boolean;
}

/** Nodes that would not take it before the job waits like one that was told `busy`. */
const COY_TRIES = 16;
const PAUSE_MOST_MS = 10_000;
/** Two may be chance: a node that says no because its slot is being freed. */
const COY_FREE = 2;
const PAUSE_FIRST_MS = 125;
/** As many as a request can name, less those that run. */
const RECENT = 12;

export function createBlame(policy: Pick<FailoverPolicy, 'triesPerNode' | 'lostNodes'>): Blame {
  const failures = new Map<Address, number>();
  const recent = new Set<Address>();
  let lost = 0;
  let coy = 0;
  let forgiven = false;

  return {
    note(node, fault) {
      if (fault === 'coy') coy += 1;
      else lost += 1;
      if (fault === 'lost') failures.set(node, (failures.get(node) ?? 0) + 1);
      if (fault === 'differs') failures.set(node, policy.triesPerNode);
      forgiven = false;
      recent.add(node);
      if (recent.size > RECENT) recent.delete(recent.values().next().value!);
    },
    avoid() {
      const spent = [...failures].filter(([, count]) => count >= policy.triesPerNode).map(([node]) => node);
      return [...new Set([...recent, ...spent])];
    },
    forgive() {
      const some = recent.size > 0;
      recent.clear();
      forgiven ||= some;
      return some;
    },
    pauseMs() {
      if (coy >= COY_TRIES) return PAUSE_MOST_MS;
      // As long as there are others, they are asked at once.
      return forgiven && coy >= COY_FREE ? Math.min(PAUSE_MOST_MS, PAUSE_FIRST_MS * 2 ** (coy - COY_FREE)) : 0;
    },
    get lost() {
      return lost;
    },
    get isPoison() {
      return lost >= policy.lostNodes;
    },
  };
}
