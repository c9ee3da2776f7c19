/**
 * What the reader has of an answer, and what it cost: text, tokens, log-probabilities, over all nodes that wrote at it.
 * Each piece costs its own length, however long the text is.
 *
 * How usage adds up when an answer has moved:
 * - `answerTokens`: tokens of the whole text. In `chat`, those of each node's part; in `exact`, the last run wrote all.
 * - `promptTokens`: of the question, once. What a later node read again of the answer is not counted.
 */
import type { Profile, TokenLogprob, Usage } from '../../protocol/chat.ts';
import type { Run } from './run.ts';

export interface Transcript {
  readonly text: string;
  /** When the reader saw the first of it; null: not yet. */
  readonly firstAt: number | null;
  /** Tokens of the text. */
  readonly tokens: number;
  say(run: Run, delta: string, now: number): void;
  /** How many tokens the question has, as a run on the question alone reads it. */
  read(run: Run, total: number): void;
  /** That run leads no more, and another goes on. */
  leave(run: Run): void;
  /** @param usage as the node that finished it tells; null: it was stopped */
  usage(run: Run, usage: Usage | null): Usage;
  /** Of the whole answer; null if no node reported any. */
  logprobs(run: Run): TokenLogprob[] | null;
}

export function createTranscript(profile: Profile): Transcript {
  let text = '';
  let firstAt: number | null = null;
  let promptTokens: number | null = null;
  /** Of runs that lead no more: what of theirs is in the text. */
  let earlier = 0;
  const earlierLogprobs: TokenLogprob[] = [];
  /** Of the run that leads: how much of it is in the text. What it wrote since, and nobody saw, the next one writes again. */
  let shown = { tokens: 0, logprobs: 0 };

  return {
    get text() {
      return text;
    },
    get firstAt() {
      return firstAt;
    },
    get tokens() {
      return earlier + shown.tokens;
    },
    say(run, delta, now) {
      firstAt ??= now;
      text += delta;
      shown = { tokens: run.tokens, logprobs: run.logprobs.length };
    },
    read(run, total) {
      if (run.isWhole) promptTokens = total;
    },
    leave(run) {
      if (profile === 'exact') return;
      earlier += shown.tokens;
      for (const token of run.logprobs.slice(0, shown.logprobs)) earlierLogprobs.push(token);
      shown = { tokens: 0, logprobs: 0 };
    },
    usage(run, usage) {
      if (usage === null) return { promptTokens: promptTokens ?? 0, cachedTokens: 0, answerTokens: earlier + shown.tokens };
      if (run.isWhole) return usage;
      const asked = profile === 'exact' ? usage.promptTokens : (promptTokens ?? Math.max(0, usage.promptTokens - earlier));
      return { promptTokens: asked, cachedTokens: Math.min(asked, usage.cachedTokens), answerTokens: earlier + usage.answerTokens };
    },
    logprobs: (run) => (earlierLogprobs.length + run.logprobs.length === 0 ? null : [...earlierLogprobs, ...run.logprobs]),
  };
}
