/**
 * One task of a job on one node: what it has said, when it was last heard, and whether what it repeats is what the reader
 * has. Decides nothing; `job.ts` asks it when it is overdue.
 */
import type { Profile, TokenLogprob } from '../../protocol/chat.ts';
import type { TaskEvent, TaskResult } from '../../protocol/engine-node.ts';
import type { JobId } from '../../shared/ids.ts';
import type { RunningTask, TaskReport } from '../../protocol/job.ts';
import type { FailoverPolicy } from '../../protocol/policy.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { Grant } from '../types.ts';

export interface RunDeps {
  readonly job: JobId;
  readonly grant: Grant;
  /** What the reader has when it starts. */
  readonly shown: string;
  readonly profile: Profile;
  readonly policy: Pick<FailoverPolicy, 'silenceMs'>;
  readonly now: number;
}

export interface Run extends RunningTask {
  readonly grant: Grant;
  /** It began with nothing shown: its prompt is the job's own. */
  readonly isWhole: boolean;
  /** Tokens that it has written, repeated ones included. */
  readonly tokens: number;
  readonly logprobs: readonly TokenLogprob[];
  /** It has said anything at all. */
  readonly wasHeard: boolean;
  /** It is alive. @returns true with its first token */
  heard(event: TaskEvent, now: number): boolean;
  /** @returns what of its next piece the reader does not have yet; null: it repeats another text than the reader has */
  take(piece: string): string | null;
  /** It has repeated all that the reader has. */
  hasCaughtUp(): boolean;
  /** Its peer is silent. Forgotten when it is heard again. */
  suspect(): void;
  /** This tab itself was asleep: nobody could have been heard. Once for each silence. */
  excuse(now: number): void;
  /** A second node is worth it from then on. */
  overdueAt(): number;
  /** Nothing at all was heard for that long, whatever was heard before. */
  silentAt(): number;
  /** It is given up when it was silent for this multiple of what makes a second node worth it. */
  giveUpAt(patience: number): number;
  /** Why it is given up. */
  silence(): 'busy' | 'timeout';
  /** @param error null if it was done, with its result */
  ended(error: ErrorCode | null, result?: TaskResult): TaskReport;
  speaking(): TaskReport;
}

/** Signs of progress put a hedge off up to this multiple of the time for the first token: they can be pretended. */
const PRETENCE = 3;

export function createRun({ job, grant, shown, profile, policy, now: at }: RunDeps): Run {
  let known = profile === 'exact' ? 0 : shown.length;
  let lastAt = at;
  let pretenceAt = at + PRETENCE * grant.hedgeMs;
  let isSuspect = false;
  let isExcused = false;
  let waits = false;
  let heardAny = false;
  let tokens = 0;
  /** Of its prompt, as it says while it reads; 0: not said. */
  let promptTokens = 0;
  let firstTokenMs: number | null = null;
  const logprobs: TokenLogprob[] = [];

  const patienceMs = (): number => (firstTokenMs === null ? grant.hedgeMs : policy.silenceMs);
  const silentAt = (): number => lastAt + patienceMs();

  function report(state: TaskReport['state'], error: ErrorCode | null, result?: TaskResult): TaskReport {
    return {
      job, task: grant.task, node: grant.node, state, error,
      promptTokens: result?.usage.promptTokens ?? 0,
      cachedTokens: result?.usage.cachedTokens ?? 0,
      answerTokens: result?.usage.answerTokens ?? tokens,
      firstTokenMs: firstTokenMs ?? 0,
      prefillMs: result?.timings.prefillMs ?? 0,
      decodeMs: result?.timings.decodeMs ?? 0,
    };
  }

  return {
    grant,
    task: grant.task,
    node: grant.node,
    isWhole: shown === '',
    logprobs,
    get tokens() {
      return tokens;
    },
    get wasHeard() {
      return heardAny;
    },
    heard(event, now) {
      lastAt = now;
      isSuspect = isExcused = false;
      heardAny = true;
      waits = event.type === 'queued';
      if (event.type === 'prefill') promptTokens = event.total;
      if (event.type !== 'tokens') return false;
      tokens += event.count;
      for (const token of event.logprobs ?? []) logprobs.push(token);
      if (firstTokenMs !== null) return false;
      firstTokenMs = now - at;
      return true;
    },
    take(piece) {
      const repeated = Math.min(piece.length, shown.length - known);
      if (repeated <= 0) return piece;
      if (!shown.startsWith(piece.slice(0, repeated), known)) return null;
      known += repeated;
      return piece.slice(repeated);
    },
    hasCaughtUp: () => known >= shown.length,
    suspect: () => void (isSuspect = true),
    excuse(now) {
      if (isExcused) return;
      isExcused = true;
      lastAt = now;
      pretenceAt = Math.max(pretenceAt, now + grant.hedgeMs);
    },
    overdueAt() {
      if (isSuspect) return lastAt;
      return firstTokenMs === null ? Math.min(silentAt(), pretenceAt) : silentAt();
    },
    silentAt,
    giveUpAt: (patience) => lastAt + patience * patienceMs(),
    silence: () => (waits ? 'busy' : 'timeout'),
    ended: (error, result) => report('ended', error, result),
    // What it read until then: else a long prompt would be taken for a late first token.
    speaking: () => ({ ...report('speaking', null), promptTokens }),
  };
}
