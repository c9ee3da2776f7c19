/**
 * Whether a grant counts here and now: it is genuine, its leader is the one that this tab obeys, and it was not used before.
 *
 * ```
 *   grant --> of a leader that we obey, or did until a moment ago? -- no, and its term is not new --> refused
 *                | yes                   | its term is higher than any that we know: news of it may be under way
 *                |                       | heard of it <-- waits NEWS_MS at the most --> refused
 *                v                       v
 *             genuine? used before? ----------> refused
 *                | yes, no
 *                v
 *             redeemed: its id is remembered
 * ```
 *
 * It knows neither links nor nodes.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { SealedGrant } from '../../protocol/grant.ts';
import type { Clock } from '../../shared/env.ts';
import { LlamboError } from '../../shared/errors.ts';
import type { PeerId, TaskId } from '../../shared/ids.ts';
import type { GrantedTask, Grants } from './grants.ts';

/** Who is obeyed, or is to be. */
export interface Order {
  readonly leader: PeerId;
  readonly term: number;
}

export interface GrantGuardDeps {
  readonly clock: Clock;
  readonly grants: Pick<Grants, 'verify'>;
  /** The claim that this tab accepted last; its leader may be gone. */
  accepted(): Order | null;
  /** Fencing: see `SwarmCore`. */
  obeys(order: Order): boolean;
}

/** @returns why a task that came with this grant may not run, `refused`; null if it may: then the grant is used up */
export type Redeem = (grant: SealedGrant, task: GrantedTask) => Promise<LlamboError | null>;

export interface GrantGuard {
  readonly redeem: Redeem;
  /** Once a tick, and when another leads: whom this tab obeys now. */
  look(): void;
}

/** Grants of a leader that was followed by another: they were under way, or with askers whose link to us had to be made first. */
const GRACE_MS = 30_000;
/** Who leads now reaches everybody with the next beats; a grant may be faster than that. */
const NEWS_MS = 2 * LIMITS.beatMs;

export function createGrantGuard({ clock, grants, accepted, obeys }: GrantGuardDeps): GrantGuard {
  /** When an order was last one to obey. */
  const obeyedAt = new Map<string, number>();
  /** The oldest first. */
  const used = new Set<TaskId>();
  const waiting = new Set<() => void>();
  const keyOf = ({ leader, term }: Order): string => `${term} ${leader}`;

  function note(): void {
    const now = clock.now();
    const order = accepted();
    if (order && obeys(order)) obeyedAt.set(keyOf(order), now);
    for (const [key, at] of obeyedAt) if (now - at > GRACE_MS) obeyedAt.delete(key);
  }

  function counts(order: Order): 'yes' | 'no' | 'not yet' {
    note();
    if (obeys(order) || obeyedAt.has(keyOf(order))) return 'yes';
    return order.term > (accepted()?.term ?? 0) ? 'not yet' : 'no';
  }

  /** Settles when news of that leader has come, or will not come any more. */
  function news(order: Order): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        waiting.delete(look);
        cancel();
        resolve();
      };
      const look = (): void => void (counts(order) === 'not yet' || settle());
      const cancel = clock.after(NEWS_MS, settle);
      waiting.add(look);
    });
  }

  function use(id: TaskId): void {
    used.add(id);
    if (used.size <= LIMITS.usedGrants) return;
    const [oldest] = used;
    used.delete(oldest!);
  }

  return {
    look() {
      note();
      for (const one of [...waiting]) one();
    },
    async redeem(grant, task) {
      if (counts(grant) === 'no') return outdated();
      if (!(await grants.verify(grant, task))) return refused('The grant of this task is not the leader\'s, or not for this task.');
      if (counts(grant) === 'not yet') await news(grant);
      if (counts(grant) !== 'yes') return outdated();
      if (used.has(task.id)) return refused('The grant of this task was used before.');
      use(task.id);
      return null;
    },
  };
}

const refused = (message: string): LlamboError => new LlamboError('refused', message, { advice: 'Ask the orchestrator for another node.' });
const outdated = (): LlamboError => refused('Who granted this task does not lead here.');
