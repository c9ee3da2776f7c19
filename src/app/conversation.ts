/** Conversations as values: every function gives a new one. No storage, no engine, no clock of its own. */
import type { Message } from '../protocol/chat.ts';
import type { AssistantTurn, Conversation, Reply, Turn, UserTurn } from '../protocol/snapshot.ts';
import type { Env } from '../shared/env.ts';
import { newConversationId, newTurnId, type TurnId } from '../shared/ids.ts';

const TITLE_LENGTH = 60;

export function newConversation({ clock, random }: Env): Conversation {
  const now = clock.wallTime();
  return { id: newConversationId(random), title: '', createdAt: now, updatedAt: now, systemPrompt: '', sampling: {}, turns: [] };
}

export const newReply = (): Reply => ({ text: '', state: { kind: 'waiting', place: 0 } });

/** The conversation with a question at its end and an empty reply to it. */
export function withQuestion(conversation: Conversation, text: string, { clock, random }: Env): [Conversation, TurnId] {
  const question: UserTurn = { id: newTurnId(random), role: 'user', text };
  const answer: AssistantTurn = { id: newTurnId(random), role: 'assistant', replies: [newReply()], shown: 0 };
  const title = conversation.title || titleOf(text);
  return [{ ...conversation, title, updatedAt: clock.wallTime(), turns: [...conversation.turns, question, answer] }, answer.id];
}

/** The first line of the first question, cut at a word. */
export function titleOf(text: string): string {
  const line = text.trim().split('\n', 1)[0]!.slice(0, TITLE_LENGTH * 4).replace(/\s+/g, ' ').toWellFormed();
  if (line.length <= TITLE_LENGTH) return line;
  const cut = line.lastIndexOf(' ', TITLE_LENGTH);
  return `${line.slice(0, cut > TITLE_LENGTH / 2 ? cut : TITLE_LENGTH).toWellFormed()}…`;
}

export const shownReply = (turn: AssistantTurn): Reply => turn.replies[turn.shown]!;

export function findAnswer(conversation: Conversation, id: TurnId): AssistantTurn | null {
  const turn = conversation.turns.find((other) => other.id === id);
  return turn?.role === 'assistant' ? turn : null;
}

export function mapAnswer(conversation: Conversation, id: TurnId, change: (turn: AssistantTurn) => AssistantTurn): Conversation {
  const turns = conversation.turns.map((turn) => (turn.id === id && turn.role === 'assistant' ? change(turn) : turn));
  return { ...conversation, turns };
}

/** Replaces the reply that is shown. */
export const withReply = (conversation: Conversation, id: TurnId, change: (reply: Reply) => Reply): Conversation =>
  mapAnswer(conversation, id, (turn) => ({
    ...turn,
    replies: turn.replies.map((reply, index) => (index === turn.shown ? change(reply) : reply)),
  }));

/** Another reply to the same question, shown from now on. */
export const withAnotherReply = (conversation: Conversation, id: TurnId): Conversation =>
  mapAnswer(conversation, id, (turn) => ({ ...turn, replies: [...turn.replies, newReply()], shown: turn.replies.length }));

/** Everything before this turn. */
export function before(conversation: Conversation, id: TurnId): readonly Turn[] {
  const index = conversation.turns.findIndex((turn) => turn.id === id);
  return index < 0 ? conversation.turns : conversation.turns.slice(0, index);
}

export interface MessageOptions {
  /** The model's own system prompt, used if the conversation has none. */
  readonly systemPrompt: string | undefined;
  /** Send the last question only. */
  readonly singleTurn: boolean;
}

/**
 * What an engine is asked for the answer `id`: the system prompt, the turns before it that still count, and the text
 * that the answer already has, to be continued.
 */
export function messagesFor(conversation: Conversation, id: TurnId, { systemPrompt, singleTurn }: MessageOptions): Message[] {
  const system = conversation.systemPrompt.trim() || systemPrompt;
  const turns = before(conversation, id);
  const start = singleTurn ? turns.findLastIndex(({ role }) => role === 'user') : contextStart(conversation, turns);
  const history = answered(turns.slice(Math.max(0, start))).map(asMessage);
  const answer = findAnswer(conversation, id);
  const begun = answer ? shownReply(answer).text : '';
  return [
    ...(system ? [{ role: 'system' as const, content: system }] : []),
    ...history,
    ...(begun ? [{ role: 'assistant' as const, content: begun }] : []),
  ];
}

/** Without the questions that got no word of an answer: the model would take two questions in a row for one. */
const answered = (turns: readonly Turn[]): Turn[] =>
  turns.filter((turn, index) => {
    const answer = turn.role === 'assistant' ? turn : turns[index + 1];
    return answer?.role !== 'assistant' || shownReply(answer).text !== '';
  });

const contextStart = ({ contextStart: id }: Conversation, turns: readonly Turn[]): number => (id ? turns.findIndex((turn) => turn.id === id) : 0);

const asMessage = (turn: Turn): Message =>
  turn.role === 'user' ? { role: 'user', content: turn.text } : { role: 'assistant', content: shownReply(turn).text };

/**
 * The conversation with its oldest turns left out of the context, so that what is sent shrinks to the given share.
 * Counted in characters, from the newest turn back; the last question always stays.
 * @param share of the present length, 0 to 1
 */
export function withShorterContext(conversation: Conversation, answer: TurnId, share: number): Conversation {
  const turns = before(conversation, answer);
  const sent = turns.slice(Math.max(0, contextStart(conversation, turns)));
  const length = (turn: Turn): number => asMessage(turn).content.length;
  const room = share * sent.reduce((sum, turn) => sum + length(turn), 0);
  let kept = 0;
  let start = sent.at(-1);
  for (const turn of sent.toReversed()) {
    kept += length(turn);
    if (kept > room) break;
    if (turn.role === 'user') start = turn;
  }
  return start ? { ...conversation, contextStart: start.id } : conversation;
}

export const isBeingWritten = ({ state }: Reply): boolean => ['waiting', 'prefill', 'writing'].includes(state.kind);

/** A reply whose writer is gone: what was written stays, and can be continued. */
export function markInterrupted(conversation: Conversation): Conversation {
  const ended = (reply: Reply): Reply => {
    if (!isBeingWritten(reply)) return reply;
    return { ...reply, state: { kind: 'interrupted', model: 'model' in reply.state ? reply.state.model : '' } };
  };
  const turns = conversation.turns.map((turn) => (turn.role === 'user' ? turn : { ...turn, replies: turn.replies.map(ended) }));
  return { ...conversation, turns };
}
