/** Questions about turns and replies that several views ask. Pure. */
import type { AssistantTurn, Reply, ReplyState, Turn } from '../../protocol/snapshot.ts';
import type { WireError } from '../../shared/errors.ts';
import { partsOf } from '../../shared/ids.ts';
import { formatDuration } from '../format.ts';
import { placeName, type Places } from '../swarm/places.ts';
import { safeText } from '../swarm/safe-text.ts';

/** Model ids and what a person calls them. */
export type ModelNames = ReadonlyMap<string, string>;

export const shownReply = (turn: AssistantTurn): Reply => turn.replies[turn.shown] ?? turn.replies.at(-1)!;

export const isActive = (state: ReplyState): boolean => state.kind === 'waiting' || state.kind === 'prefill' || state.kind === 'writing';

/** The turn that is being answered now; the latest if there are several. */
export function activeTurn(turns: readonly Turn[]): AssistantTurn | undefined {
  return turns.findLast((turn): turn is AssistantTurn => turn.role === 'assistant' && turn.replies.some((reply) => isActive(reply.state)));
}

/** The text ended before the model meant it to. */
export function canContinue({ text, state }: Reply): boolean {
  if (text === '') return false;
  if (state.kind === 'interrupted' || state.kind === 'failed') return true;
  return state.kind === 'done' && (state.answer.finishReason === 'length' || state.answer.finishReason === 'cancelled');
}

/** Who writes or wrote it; undefined while nobody is known. */
export function modelOf(state: ReplyState): string | undefined {
  switch (state.kind) {
    case 'prefill':
    case 'writing':
    case 'interrupted':
    case 'imported':
      return state.model;
    case 'done':
      return state.answer.model;
    case 'waiting':
    case 'failed':
      return undefined;
  }
}

/** The longest that is shown of an error or an advice: the longest of ours names every wall before a server. */
const FAILURE_CHARS = 1500;

/** Why there is no answer, and what to do. Another tab, or a server, may have said it in its own words. */
export const failureWords = ({ message, advice }: WireError): { readonly message: string; readonly advice: string } => ({
  message: safeText(message, FAILURE_CHARS, 'It failed without a word.'),
  advice: safeText(advice ?? '', FAILURE_CHARS, ''),
});

const isInLine = (state: ReplyState): boolean => state.kind === 'waiting' && state.place > 0;

/** What a person who listens hears when a reply went from one state to another; undefined: nothing. Of a line the place that it began at. */
export function announcement(before: Reply | undefined, now: Reply): string | undefined {
  if (before === undefined) return undefined;
  if (isActive(now.state) && (now.moved?.length ?? 0) > (before.moved?.length ?? 0)) return 'The engine was lost. The answer goes on at another.';
  if (now.state.kind === 'waiting') return isInLine(now.state) && !isInLine(before.state) ? `${waitingWords(now.state)}.` : undefined;
  if (before.state.kind === now.state.kind) return undefined;
  switch (now.state.kind) {
    case 'writing':
      return 'The answer is being written.';
    case 'done':
      return now.state.answer.finishReason === 'cancelled' ? `Stopped. So far: ${now.text}` : `Answer: ${now.text}`;
    case 'failed':
      return `No answer. ${failureWords(now.state.error).message}`;
    case 'prefill':
    case 'interrupted':
    case 'imported':
      return undefined;
  }
}

/** Where a question is in line, and how long that may take if anybody can tell. */
export function waitingWords({ place, estimateMs = 0 }: Extract<ReplyState, { kind: 'waiting' }>): string {
  if (place <= 0) return 'Waiting for a free engine';
  const where = place === 1 ? 'next in line' : `${ordinal(place)} in line`;
  return `Waiting for a free engine: ${where}${estimateMs > 0 ? `, about ${formatDuration(Math.max(1000, Math.round(estimateMs / 1000) * 1000))}` : ''}`;
}

const ENDINGS: Readonly<Record<Intl.LDMLPluralRule, string>> = { zero: 'th', one: 'st', two: 'nd', few: 'rd', many: 'th', other: 'th' };
const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });
const ordinal = (place: number): string => `${place}${ENDINGS[ordinals.select(place)]}`;

/** What became of an answer that lost its node. */
export function moveWords({ from, to }: NonNullable<Reply['moved']>[number], places: Places): string {
  if (from === to) return 'Went on after its engine had been started again.';
  const [here, there] = [placeName(from, places), placeName(to, places)];
  if (partsOf(from).peer === partsOf(to).peer) return `Moved to another engine of ${there}.`;
  return `Moved from ${here} to ${there}.`;
}
