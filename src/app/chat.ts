/**
 * Asking and answering in a conversation: the commands of the chat, and the one loop that turns an answer's events
 * into what the page shows. It knows conversations and the asker, nothing of engines, nodes or storage.
 */
import type { AnswerEvent, AskOptions, Message } from '../protocol/chat.ts';
import type { Commands } from '../protocol/commands.ts';
import type { FusionOptions } from '../protocol/fusion.ts';
import type { CatalogEntry } from '../protocol/models.ts';
import type { Conversation, Reply, ReplyState } from '../protocol/snapshot.ts';
import { abortable } from '../shared/abort.ts';
import type { Env } from '../shared/env.ts';
import { asLlamboError, toWire, type ErrorCode, type LlamboError } from '../shared/errors.ts';
import type { Address, ConversationId, TurnId } from '../shared/ids.ts';
import type { Ask } from './asker.ts';
import type { Conversations } from './conversations.ts';
import {
  findAnswer, mapAnswer, markInterrupted, messagesFor, shownReply, withAnotherReply, withQuestion, withReply, withShorterContext,
} from './conversation.ts';
import type { Notices } from './notices.ts';
import { createShownWords, keptAnswer, type ShownWords } from './shown-words.ts';

export interface ChatDeps {
  readonly env: Env;
  readonly conversations: Conversations;
  readonly notices: Notices;
  readonly ask: Ask;
  /** The id of the open conversation. */
  open(): ConversationId;
  /** The catalogue's word on a model; null if it knows none of that name, as of one that only another tab has. */
  entry(model: string): CatalogEntry | null;
  /** The model that would probably answer now; null while none is loaded here. */
  model(): string | null;
  /** The node that the person chose to ask on. */
  askedNode(): Address | null;
  /** The person wants no other tab to read what is asked. */
  staysHere(): boolean;
  /** How many engines the person wants to be asked; null: one. */
  fusion(): FusionOptions | null;
  /** That node can't answer: from now on whoever suits does. */
  forgetAskedNode(): void;
  /** Settles when some engine can answer. */
  ready: Promise<void>;
}

/** The commands that are carried out here. */
export type Chat = Pick<Commands, 'ask' | 'stop' | 'regenerate' | 'continueReply' | 'showReply' | 'editAndAsk'>;

/** Of the model's context, the share that the shortened conversation may take: the rest is for the answer. */
const CONTEXT_SHARE = 0.7;

/** What another tab's node may fail with although the question is fine. */
const ELSEWHERE: readonly ErrorCode[] = ['peer-lost', 'unreachable', 'refused', 'not-found', 'stopped', 'busy', 'timeout', 'engine-crashed', 'not-ready'];

const HERE = { where: 'this tab' } as const;

export function createChat(deps: ChatDeps): Chat {
  const { env, conversations, notices } = deps;
  const running = new Map<TurnId, AbortController>();
  /** What marks the turns of one conversation for others: chance, so that it says nothing about the conversation. */
  const affinities = new Map<ConversationId, string>();

  const changeReply = (id: ConversationId, turn: TurnId, change: (reply: Reply) => Reply): void =>
    conversations.change(id, (conversation) => withReply(conversation, turn, change));
  const setState = (id: ConversationId, turn: TurnId, state: ReplyState): void =>
    changeReply(id, turn, (reply) => ({ ...reply, state }));

  function answer(id: ConversationId, turn: TurnId): void {
    const controller = new AbortController();
    running.set(turn, controller);
    const work = (): Promise<void> => writeSomewhere(id, turn, controller.signal);
    void conversations
      .whileWriting(id, work)
      .catch((error: unknown) => fail(id, turn, asLlamboError(error)))
      .finally(() => running.delete(turn));
  }

  /**
   * A chosen node in another tab may be gone at any time: the answer then goes on here, from the last word that came. Here and
   * nowhere else: who chose a node chose who reads the prompt.
   */
  async function writeSomewhere(id: ConversationId, turn: TurnId, signal: AbortSignal): Promise<void> {
    const asked = deps.askedNode();
    try {
      await write(id, turn, asked ? { node: asked } : deps.staysHere() ? HERE : {}, signal);
    } catch (error) {
      const { code, message } = asLlamboError(error);
      if (asked === null || !ELSEWHERE.includes(code)) throw error;
      if (deps.askedNode() === asked) deps.forgetAskedNode();
      notices.add({ level: 'info', text: `The node that you chose can't answer: ${message}`, advice: 'The answer goes on with an engine of this tab, or a server that you added to it.' });
      await write(id, turn, HERE, signal);
    }
  }

  async function write(id: ConversationId, turn: TurnId, where: Pick<AskOptions, 'node' | 'where'>, signal: AbortSignal): Promise<void> {
    setState(id, turn, { kind: 'waiting', place: 0 });
    await abortable(deps.ready, signal);
    const conversation = conversations.get(id);
    const words = (model: string): Message[] => {
      const entry = deps.entry(model);
      return messagesFor(conversation, turn, { systemPrompt: entry?.systemPrompt, singleTurn: entry?.singleTurn ?? false });
    };
    let writer = deps.model() ?? '';
    const answered = findAnswer(conversation, turn);
    const begun = answered ? shownReply(answered).text : '';
    const shown = createShownWords(begun);
    // What is begun goes on with one: several would go on in several ways.
    const fusion = begun === '' ? deps.fusion() : null;
    const request = { messages: words(writer), sampling: conversation.sampling };
    for await (const event of deps.ask(request, { signal, ...where, ...(fusion ? { fusion } : {}) }, { messagesFor: words, affinity: affinityOf(id) })) {
      if (event.type === 'started') writer = event.model;
      shown.hear(event);
      changeReply(id, turn, replyChange(event, writer, shown));
    }
  }

  function affinityOf(id: ConversationId): string {
    const affinity = affinities.get(id) ?? env.random.id();
    affinities.set(id, affinity);
    return affinity;
  }

  function fail(id: ConversationId, turn: TurnId, error: LlamboError): void {
    changeReply(id, turn, ({ voting: _, ...reply }) => ({ ...reply, state: { kind: 'failed', error: toWire(error) } }));
    if (error.code === 'context-overflow') offerShorter(id, turn, error);
  }

  function offerShorter(id: ConversationId, turn: TurnId, { details, message }: LlamboError): void {
    const share = (Number(details?.['contextTokens']) / Number(details?.['promptTokens'])) * CONTEXT_SHARE;
    const shorter = withShorterContext(conversations.get(id), turn, share);
    const isSame = shorter.contextStart === conversations.get(id).contextStart;
    // A single question that is too long by itself can't be helped by dropping others.
    if (isSame || shorter.contextStart === shorter.turns[0]?.id) return;
    notices.add(
      { level: 'warning', text: message, advice: 'Earlier turns stay on the page but are no longer sent.', action: { label: 'Drop the oldest turns and ask again', command: 'drop-oldest-and-retry' } },
      () => {
        conversations.change(id, () => shorter);
        retry(id, turn);
      },
    );
  }

  function retry(id: ConversationId, turn: TurnId): void {
    if (running.has(turn)) return;
    const found = findAnswer(conversations.get(id), turn);
    if (!found) return;
    // A failed attempt without a word is no reply worth keeping.
    const { state, text } = shownReply(found);
    if (!(state.kind === 'failed' && text === '')) conversations.change(id, (conversation) => withAnotherReply(conversation, turn));
    answer(id, turn);
  }

  return {
    ask(text) {
      if (text.trim() === '') return;
      const id = deps.open();
      const [conversation, turn] = withQuestion(conversations.get(id), text, env);
      conversations.change(id, () => conversation);
      answer(id, turn);
    },
    stop: (turn) => running.get(turn)?.abort(),
    regenerate: (turn) => retry(deps.open(), turn),
    continueReply(turn) {
      if (!running.has(turn)) answer(deps.open(), turn);
    },
    showReply: (turn, index) =>
      conversations.change(deps.open(), (conversation) =>
        mapAnswer(conversation, turn, (found) => (index in found.replies ? { ...found, shown: index } : found)),
      ),
    editAndAsk(turn, text) {
      if (text.trim() === '') return;
      const id = deps.open();
      const original = conversations.get(id);
      const index = original.turns.findIndex((other) => other.id === turn);
      if (index < 0) return;
      for (const later of original.turns.slice(index)) running.get(later.id)?.abort();
      const [edited, answerTurn] = withQuestion({ ...original, turns: original.turns.slice(0, index) }, text, env);
      conversations.change(id, () => edited);
      answer(id, answerTurn);
      offerUndo(id, original, answerTurn);
    },
  };

  function offerUndo(id: ConversationId, original: Conversation, answerTurn: TurnId): void {
    notices.add({ level: 'info', text: 'The question was changed, and what came after it was taken out.', action: { label: 'Undo', command: 'undo-edit' } }, () => {
      running.get(answerTurn)?.abort();
      // Whoever wrote there was stopped by the change.
      conversations.change(id, () => markInterrupted(original));
    });
  }
}

/** What an event does to the reply that is shown. */
function replyChange(event: AnswerEvent, model: string, { text, hasWords, isFused }: ShownWords): (reply: Reply) => Reply {
  switch (event.type) {
    case 'moved':
      return (reply) => ({ ...reply, moved: [...(reply.moved ?? []), { from: event.from, to: event.to }] });
    case 'queued':
      return (reply) => ({ ...reply, state: { kind: 'waiting', place: event.place, estimateMs: event.estimateMs } });
    case 'started':
      // One of several that is shown from now on may have written all that it will.
      return (reply) => ({ ...reply, state: isFused && hasWords ? { kind: 'writing', model } : { kind: 'prefill', done: 0, total: 0, model } });
    case 'prefill':
      return (reply) => (reply.state.kind === 'writing' ? reply : { ...reply, state: { kind: 'prefill', done: event.done, total: event.total, model } });
    case 'lead':
      return (reply) => ({ ...reply, text });
    case 'text':
      // Also of those that are not shown: then nothing changes.
      return (reply) => (reply.text === text ? reply : { ...reply, text, state: reply.state.kind === 'writing' ? reply.state : { kind: 'writing', model } });
    case 'votes': {
      const { votes, pending } = event;
      return (reply) => ({ ...reply, voting: { votes, pending } });
    }
    case 'done':
      return ({ voting: _, ...reply }) => ({ ...reply, text: isFused ? text : reply.text, state: { kind: 'done', answer: keptAnswer(event.answer) } });
  }
}
