/** What is promised of every history of jobs, and the books that prove it. */
import { FREE_HEDGES } from '../orchestrator/leader/hedge-budget.ts';
import type { JobStart, LeaderNote, JobOutcome } from '../orchestrator/types.ts';
import type { ErrorCode } from '../shared/errors.ts';

export class BrokenJobPromise extends Error {}

/** A job as the simulation knows it. */
export interface SimJob {
  readonly start: JobStart;
  /** Number of the tab that asked. */
  readonly asker: number;
  /** What an undisturbed run writes, by tokens. */
  readonly truth: readonly string[];
  readonly truthText: string;
  askedAt: number;
  /** For one node, to which it goes ahead of its grant, whatever is known of that. */
  readonly hasty: boolean;
  cancelled: boolean;
  /** Its tab was frozen meanwhile. */
  wasAsleep: boolean;
  /** Tasks of it that ended without an answer. */
  failures: number;
  text: string;
  outcome: JobOutcome | null;
}

/** Jobs with less time than this may well run out of it: until a frozen leader is missed and another found takes some 20 s. */
const SHORT_MS = 45_000;

export interface JobChecks {
  /** The reader got this piece. */
  text(job: SimJob, delta: string): void;
  /** @param left tasks of it that nobody has stopped */
  settled(job: SimJob, outcome: JobOutcome, left: number, now: number): void;
  note(leader: string, note: LeaderNote, hedgeShare: number): void;
  /** How the jobs ended, by `ok` or code. */
  readonly endings: ReadonlyMap<string, number>;
  readonly hedges: number;
  /** A job sent its task before it was granted; then, what the node first said of it. */
  ahead(step: AheadStep): void;
  readonly aheads: Readonly<Record<AheadStep, number>>;
}

export type AheadStep = 'sent' | 'taken' | 'not taken';

export interface CheckOptions {
  /** Codes that some node of this history gives for the request's own fault. */
  readonly finals: readonly ErrorCode[];
  /** Some node repeats other texts. */
  readonly hasDiffering: boolean;
  /** One tab with a good node of each model neither dies nor freezes: nobody is left without a node. */
  readonly hasRock: boolean;
  /** All nodes are good: with a rock, nobody who has time runs out of it. */
  readonly isHonest: boolean;
}

export function createJobChecks({ finals, hasDiffering, hasRock, isHonest }: CheckOptions): JobChecks {
  const endings = new Map<string, number>();
  const books = new Map<string, { hedges: number; others: number }>();
  let hedges = 0;
  const aheads = { sent: 0, taken: 0, 'not taken': 0 };

  const fail = ({ start: { id, shape }, text }: SimJob, what: string): never => {
    throw new BrokenJobPromise(`${id} (${shape.profile}): ${what}. Its reader has ${JSON.stringify(text)}.`);
  };

  /** @returns what is wrong with ending like that; null: nothing */
  function unexcused(job: SimJob, { error }: Extract<JobOutcome, { ok: false }>, now: number): string | null {
    const { start } = job;
    const { code, advice, details, message } = error;
    if (code === 'aborted') return job.cancelled && job.text === '' ? null : 'it was aborted, and nobody had cancelled it';
    if (!advice) return `its error ${code} says nothing that one could do`;
    const isPoison = Number(details?.['lost']) >= 3;
    const isBound = start.shape.nodes?.length === 1;
    if (isPoison || isBound || finals.includes(code)) return null;
    if (code === 'timeout' && isHonest && hasRock && start.deadlineMs >= SHORT_MS && !job.wasAsleep) return 'it found nobody in all its time, though there were good nodes';
    if (code === 'timeout') return now >= job.askedAt + start.deadlineMs - 1 || message.includes('No node was free') ? null : 'its time was not over yet';
    if (code === 'hash-mismatch') return hasDiffering ? null : 'nobody wrote another text';
    // A node that failed a job twice is not tried again, even if it is the only one.
    if (code === 'not-found' || code === 'not-ready') return hasRock && job.failures < 2 ? `it found no node (${message})` : null;
    return `it ended with ${code} (${message})`;
  }

  return {
    endings, aheads,
    ahead: (step) => void (aheads[step] += 1),
    get hedges() {
      return hedges;
    },
    text(job, delta) {
      if (job.outcome) fail(job, 'text came after its end');
      const isNext = job.truthText.startsWith(delta, job.text.length);
      job.text += delta;
      if (!isNext) fail(job, 'a word was lost, doubled or changed');
    },
    settled(job, outcome, left, now) {
      if (job.outcome) fail(job, 'it ended twice');
      if (left > 0) fail(job, `it ended and left ${left} tasks running`);
      job.outcome = outcome;
      const ending = outcome.ok ? outcome.answer.finishReason : `${outcome.error.code}${job.start.deadlineMs < SHORT_MS ? ' in short time' : ''}`;
      endings.set(ending, (endings.get(ending) ?? 0) + 1);
      if (!outcome.ok) {
        const wrong = unexcused(job, outcome, now);
        if (wrong !== null) fail(job, wrong);
        return;
      }
      const { text, finishReason, movedFrom } = outcome.answer;
      if (text !== job.text) fail(job, `the answer is ${JSON.stringify(text)}`);
      if (finishReason === 'cancelled' ? !job.cancelled : text !== job.truthText) fail(job, `it ended as ${finishReason} with a part of its text`);
      if (movedFrom?.length === 0) fail(job, 'it names no node that it moved from');
    },
    note(leader, note, hedgeShare) {
      if (note.type !== 'granted') return;
      const book = books.get(leader) ?? { hedges: 0, others: 0 };
      books.set(leader, book);
      if (note.why === 'hedge') {
        book.hedges += 1;
        hedges += 1;
      } else book.others += 1;
      if (book.hedges > FREE_HEDGES + hedgeShare * book.others + 1e-9) throw new BrokenJobPromise(`${leader} gave ${book.hedges} hedges for ${book.others} tasks.`);
    },
  };
}
