/**
 * One text written by several engines together: before each token all are asked how likely each continuation is, the
 * probabilities are averaged, and the likeliest token, or one that is drawn, is what all go on from. The mean of distributions is
 * the oldest of ensembles (a linear opinion pool, Stone 1961); over tokens it needs one vocabulary (Yao et al. 2024, "Determine-
 * then-ensemble", arXiv 2410.03777, on what it costs where there are two). Pure: events in, effects out.
 *
 * Nobody tells which vocabulary an engine has, and text goes to and fro instead of tokens. So each step looks whether every
 * engine read exactly one token more than before, and had all others in its cache: then the text was cut everywhere as it was
 * written. If not, or if an engine is lost, it is given up, and its owner lets the engines vote.
 */
import type { Answer, AnswerEvent, FinishReason } from '../../protocol/chat.ts';
import type { Candidate, Fused } from '../../protocol/fusion.ts';
import { abortError, type LlamboError } from '../../shared/errors.ts';
import type { Address, ModelHash } from '../../shared/ids.ts';
import { normaliseAnswer } from '../../shared/normalise-answer.ts';
import { candidateSeed } from './diversity.ts';
import type { Matter } from './types.ts';

export interface EnsembleMember {
  readonly node: Address;
  /** Catalogue id. */
  readonly model: string;
  readonly modelHash: ModelHash | null;
}

export interface EnsembleStart {
  /** At least two. */
  readonly members: readonly EnsembleMember[];
  readonly matter: Matter;
  readonly seed: number;
  /** 0: the likeliest token, always. */
  readonly temperature: number;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly budget: { readonly tokens?: number; readonly seconds?: number };
  /** As whose its text is emitted. */
  readonly candidate: number;
}

export type EnsembleEvent =
  | { readonly type: 'begin' }
  /** One token, with alternatives. */
  | { readonly type: 'answered'; readonly member: number; readonly answer: Answer }
  | { readonly type: 'failed'; readonly member: number; readonly error: LlamboError }
  | { readonly type: 'cancel' };

export type EnsembleEffect =
  /** Ask this member for one token after `text`. */
  | { readonly type: 'step'; readonly member: number; readonly text: string }
  | { readonly type: 'emit'; readonly event: Exclude<AnswerEvent, { type: 'done' }> }
  /** The last effect is one of these. */
  | { readonly type: 'settle'; readonly outcome: { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly error: LlamboError } }
  /** It can't be done; the sentence says why. */
  | { readonly type: 'give up'; readonly why: string };

export interface Ensemble {
  handle(event: EnsembleEvent, now: number): readonly EnsembleEffect[];
}

/** What a vocabulary's single bytes look like as text: they can't be put together from outside. */
const HALF_A_CHARACTER = '\ufffd';

export function createEnsemble(start: EnsembleStart): Ensemble {
  const { members, candidate } = start;
  let step: (Answer | null)[] = members.map(() => null);
  /** Prompt tokens of the step before, of each. */
  let read: readonly number[] | null = null;
  const logprobs = members.map(() => 0);
  let text = '';
  let written = 0;
  let calls = 0;
  let spent = 0;
  let sureness = 0;
  let first: Answer | null = null;
  let startedAt = 0;
  let firstAt: number | null = null;
  let now = 0;
  let isOver = false;
  let effects: EnsembleEffect[] = [];

  function ask(): void {
    step = members.map(() => null);
    calls += members.length;
    for (const member of members.keys()) effects.push({ type: 'step', member, text });
  }

  function giveUp(why: string): void {
    isOver = true;
    effects.push({ type: 'give up', why });
  }

  function settle(finishReason: FinishReason, note?: string): void {
    isOver = true;
    effects.push({ type: 'settle', outcome: { ok: true, answer: answerOf(finishReason, note) } });
  }

  /** All have said what they would write. */
  function combine(answers: readonly Answer[]): void {
    first ??= answers[0]!;
    spent += answers.reduce((sum, { usage }) => sum + usage.promptTokens - usage.cachedTokens + usage.answerTokens, 0);
    const problem = misfit(answers, read);
    if (problem) return giveUp(problem);
    read = answers.map(({ usage }) => usage.promptTokens);
    const token = chooseToken(answers, start.temperature, candidateSeed(start.seed, written + 1) / 2 ** 32);
    if (!token || token.text.includes(HALF_A_CHARACTER)) return giveUp('a character of the answer has more than one token');
    if (token.text === '') return answers.some((answer) => answer.text === '' && answer.finishReason === 'stop') ? settle('stop') : giveUp('a token has no text');
    for (const [index, answer] of answers.entries()) logprobs[index]! += Math.log(Math.max(probabilityOf(answer, token.text), UNHEARD));
    sureness += Math.log(token.probability);
    say(token.text);
  }

  function say(token: string): void {
    firstAt ??= now;
    text += token;
    written += 1;
    const end = start.stop.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    // What the reader has can't be taken back: a stop text is shown as far as it came in earlier tokens.
    const kept = end.length > 0 ? Math.max(text.length - token.length, Math.min(...end)) : text.length;
    const delta = text.slice(text.length - token.length, kept);
    text = text.slice(0, kept);
    if (delta !== '') effects.push({ type: 'emit', event: { type: 'text', delta, candidate } });
    if (end.length > 0) return settle('stop');
    if (written >= start.maxTokens) return settle('length');
    const { tokens = Infinity, seconds = Infinity } = start.budget;
    if (spent >= tokens || now - startedAt >= seconds * 1000) return settle('length', 'The budget was used up before the answer was whole.');
    ask();
  }

  function cancel(): void {
    if (first) return settle('cancelled');
    isOver = true;
    effects.push({ type: 'settle', outcome: { ok: false, error: abortError() } });
  }

  function answerOf(finishReason: FinishReason, note: string | undefined): Answer {
    const { model, modelHash, node } = members[0]!;
    return {
      text, finishReason,
      usage: { promptTokens: first!.usage.promptTokens, cachedTokens: first!.usage.cachedTokens, answerTokens: written },
      timings: {
        queueMs: first!.timings.queueMs,
        firstTokenMs: (firstAt ?? now) - startedAt,
        tokensPerSecond: firstAt === null ? 0 : (written * 1000) / Math.max(1, now - firstAt),
      },
      model, modelHash, node, seed: start.seed, profile: 'chat',
      ...fusedOf(finishReason, note),
    };
  }

  function fusedOf(finishReason: FinishReason, note: string | undefined): Fused {
    const answer = text.trim() === '' ? '' : normaliseAnswer(text, start.matter.format);
    const candidates = members.map((member, index): Candidate => ({
      ...member, text, answer, finishReason, seed: start.seed, temperature: start.temperature, tokens: written, replayable: false,
      logprob: written === 0 ? null : logprobs[index]! / written,
    }));
    return {
      policy: 'ensemble', promptClass: start.matter.promptClass, candidates, chosen: null, dissent: [],
      votes: answer === '' ? [] : [{ answer, text, count: members.length, weight: 1, candidates: [...members.keys()] }],
      // How likely they found a token together, on average.
      confidence: written === 0 ? { value: 0, meaning: 'none' } : { value: Math.exp(sureness / written), meaning: 'score' },
      cost: { calls, tokens: spent, seconds: (now - startedAt) / 1000, saved: 0 },
      ...(note === undefined ? {} : { note }),
    };
  }

  function dispatch(event: EnsembleEvent): void {
    switch (event.type) {
      case 'begin': {
        startedAt = now;
        const { node, model } = members[0]!;
        effects.push({ type: 'emit', event: { type: 'lead', candidate } }, { type: 'emit', event: { type: 'started', node, model } });
        return ask();
      }
      case 'answered': {
        step[event.member] = event.answer;
        const answers = step.filter((answer) => answer !== null);
        if (answers.length === members.length) combine(answers);
        return;
      }
      case 'failed':
        return giveUp(`an engine was lost: ${event.error.message}`);
      case 'cancel':
        return cancel();
    }
  }

  return {
    handle(event, at) {
      if (isOver) return [];
      effects = [];
      now = Math.max(now, at);
      dispatch(event);
      return effects;
    },
  };
}

/** Of a token that is not among the likeliest twenty: no more than this, since the twenty are more. */
const UNHEARD = 1e-6;

/** @returns why these can't go on together; null: they can */
function misfit(answers: readonly Answer[], read: readonly number[] | null): string | null {
  if (answers.some(({ logprobs }) => logprobs?.length !== 1)) return 'an engine does not say how likely its words are';
  if (read === null) return null;
  const isOneMore = answers.every(({ usage }, index) => usage.promptTokens === read[index]! + 1);
  if (!isOneMore) return 'the engines do not cut the text into the same tokens';
  return answers.every(({ usage }, index) => usage.cachedTokens === read[index]) ? null : 'an engine had to read the text anew';
}

function probabilityOf({ logprobs }: Answer, token: string): number {
  const [said] = logprobs!;
  const known = said!.token === token ? said : said!.alternatives?.find((alternative) => alternative.token === token);
  return known ? Math.exp(known.logprob) : 0;
}

interface Drawn {
  readonly text: string;
  /** On average over the members. */
  readonly probability: number;
}

/** @param chance in [0, 1); of the same likelihood the token that is first in the alphabet, so that the order of the members changes nothing */
export function chooseToken(answers: readonly Answer[], temperature: number, chance: number): Drawn | null {
  const texts = new Set(answers.flatMap(({ logprobs }) => [logprobs![0]!.token, ...(logprobs![0]!.alternatives ?? []).map(({ token }) => token)]));
  const mean = (text: string): number => answers.reduce((sum, answer) => sum + probabilityOf(answer, text), 0) / answers.length;
  const tokens = [...texts].map((text): Drawn => ({ text, probability: mean(text) })).filter(({ probability }) => probability > 0);
  tokens.sort((one, other) => other.probability - one.probability || (one.text < other.text ? -1 : 1));
  if (temperature === 0 || tokens.length === 0) return tokens[0] ?? null;
  const weights = tokens.map(({ probability }) => (probability / tokens[0]!.probability) ** (1 / temperature));
  let left = chance * weights.reduce((sum, weight) => sum + weight, 0);
  return tokens.find((_, index) => (left -= weights[index]!) < 0) ?? tokens[0]!;
}
