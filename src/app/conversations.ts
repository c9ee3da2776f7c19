/**
 * The conversations of this tab: the one that is open, those that are being answered, and the list. It keeps them in
 * storage while they change, tells other tabs, and finds out which answers were cut off when a tab went away.
 */
import type { Conversation, ConversationSummary } from '../protocol/snapshot.ts';
import type { Env } from '../shared/env.ts';
import { LlamboError } from '../shared/errors.ts';
import type { ConversationId } from '../shared/ids.ts';
import { markInterrupted, newConversation } from './conversation.ts';
import { journal, summaryOf, type ConversationStorage } from './conversation-storage.ts';
import type { State } from './state.ts';

/** While an answer grows it is stored this often. Milliseconds. */
const SAVE_EVERY_MS = 500;

export interface ConversationsDeps {
  readonly env: Env;
  readonly state: State;
  readonly storage: ConversationStorage;
  /** Between the tabs of this browser. */
  readonly channel: Pick<BroadcastChannel, 'postMessage' | 'addEventListener'>;
  readonly locks: Pick<LockManager, 'request'> | null;
  onError(error: unknown): void;
}

export interface Conversations {
  start(): Promise<void>;
  /** The conversation as it is now, wherever it is. */
  get(id: ConversationId): Conversation;
  /** Changes it, shows it if it is open, and stores it soon. */
  change(id: ConversationId, change: (conversation: Conversation) => Conversation): void;
  open(id: ConversationId): Promise<void>;
  openNew(): void;
  /** Puts a conversation in, as a file or an undo brings it. */
  put(conversation: Conversation): Promise<void>;
  /** @returns what was removed */
  remove(id: ConversationId): Promise<Conversation | null>;
  loadAll(ids?: readonly ConversationId[]): Promise<Conversation[]>;
  /** Keeps the conversation in memory, and tells other tabs that it is being written here, until the promise ends. */
  whileWriting<T>(id: ConversationId, work: () => Promise<T>): Promise<T>;
  /** Stores what has changed, now. */
  flush(): Promise<void>;
  /** The tab may be gone after this call: notes the last words. */
  noteLastWords(): void;
}

export function createConversations(deps: ConversationsDeps): Conversations {
  const { env, state, storage, channel, locks } = deps;
  const first = state.get().conversation;
  const loaded = new Map<ConversationId, Conversation>([[first.id, first]]);
  const writing = new Map<ConversationId, number>();
  const unsaved = new Set<ConversationId>();
  let saveTimer: (() => void) | null = null;

  const openId = (): ConversationId => state.get().conversation.id;

  function show(conversation: Conversation): void {
    for (const id of loaded.keys()) if (id !== conversation.id && !writing.has(id) && !unsaved.has(id)) loaded.delete(id);
    loaded.set(conversation.id, conversation);
    state.set({ conversation });
  }

  function list(change: (summaries: readonly ConversationSummary[]) => ConversationSummary[]): void {
    state.set({ conversations: change(state.get().conversations).sort((a, b) => b.updatedAt - a.updatedAt) });
  }

  function listed(conversation: Conversation): void {
    const known = state.get().conversations.find(({ id }) => id === conversation.id);
    if (known?.title === conversation.title && known.updatedAt === conversation.updatedAt) return;
    list((all) => [...all.filter(({ id }) => id !== conversation.id), summaryOf(conversation)]);
  }

  function change(id: ConversationId, apply: (conversation: Conversation) => Conversation): void {
    const conversation = Object.freeze(apply(get(id)));
    loaded.set(id, conversation);
    if (id === openId()) state.set({ conversation });
    // An empty chat is nobody's.
    if (conversation.turns.length === 0) return;
    listed(conversation);
    unsaved.add(id);
    saveTimer ??= env.clock.after(SAVE_EVERY_MS, () => void flush());
  }

  function get(id: ConversationId): Conversation {
    const conversation = loaded.get(id);
    if (!conversation) throw new LlamboError('not-found', 'That conversation is not open.', { advice: 'Open it from the list.' });
    return conversation;
  }

  async function flush(): Promise<void> {
    saveTimer?.();
    saveTimer = null;
    const ids = [...unsaved];
    unsaved.clear();
    try {
      for (const id of ids) {
        const conversation = loaded.get(id);
        if (!conversation) continue;
        await storage.save(conversation);
        // What is stored now is younger than what a hidden tab wrote down.
        journal.forget(id);
      }
      if (ids.length > 0) channel.postMessage('changed');
    } catch (error) {
      deps.onError(error);
    }
  }

  /** From storage; what no tab is writing any more is marked as cut off. */
  async function read(id: ConversationId): Promise<Conversation | null> {
    const stored = await storage.load(id);
    return stored && !(await writtenElsewhere(id)) ? markInterrupted(stored) : stored;
  }

  /** What a tab wrote down in its last moment comes before what it had stored. */
  async function recover(): Promise<void> {
    for (const conversation of journal.read()) {
      if (await writtenElsewhere(conversation.id)) continue;
      const stored = await storage.load(conversation.id);
      if (!stored || stored.updatedAt <= conversation.updatedAt) await storage.save(markInterrupted(conversation));
      journal.forget(conversation.id);
    }
  }

  function writtenElsewhere(id: ConversationId): Promise<boolean> {
    if (!locks) return Promise.resolve(false);
    return locks.request(lockName(id), { ifAvailable: true }, (lock) => lock === null);
  }

  async function refresh(): Promise<void> {
    const stored = await storage.list();
    const mine = state.get().conversations.filter(({ id }) => unsaved.has(id));
    state.set({ conversations: [...mine, ...stored.filter(({ id }) => !unsaved.has(id))].sort((a, b) => b.updatedAt - a.updatedAt) });
    const id = openId();
    if (writing.has(id) || unsaved.has(id)) return;
    const theirs = await read(id);
    if (theirs && id === openId() && !writing.has(id) && theirs.updatedAt >= state.get().conversation.updatedAt) show(theirs);
  }

  return {
    async start() {
      channel.addEventListener('message', () => void refresh().catch(deps.onError));
      await recover();
      await refresh();
    },
    get,
    change,
    async open(id) {
      const conversation = loaded.get(id) ?? (await read(id));
      if (!conversation) throw new LlamboError('not-found', 'That conversation no longer exists.', { advice: 'It was deleted in another tab.' });
      show(conversation);
    },
    openNew: () => show(newConversation(env)),
    async put(conversation) {
      await storage.save(conversation);
      listed(conversation);
      channel.postMessage('changed');
    },
    async remove(id) {
      const conversation = loaded.get(id) ?? (await storage.load(id));
      loaded.delete(id);
      unsaved.delete(id);
      await storage.remove(id);
      list((all) => all.filter((other) => other.id !== id));
      if (id === openId()) show(newConversation(env));
      channel.postMessage('changed');
      return conversation;
    },
    async loadAll(ids) {
      await flush();
      const wanted = ids ?? state.get().conversations.map(({ id }) => id);
      const all = await Promise.all(wanted.map(async (id) => loaded.get(id) ?? storage.load(id)));
      return all.filter((conversation) => conversation !== null);
    },
    async whileWriting(id, work) {
      writing.set(id, (writing.get(id) ?? 0) + 1);
      // The question is stored before the first word of its answer.
      void flush();
      try {
        return await (locks ? (locks.request(lockName(id), { mode: 'shared' }, work)) : work());
      } finally {
        const count = writing.get(id)! - 1;
        if (count === 0) writing.delete(id);
        else writing.set(id, count);
        await flush();
        journal.forget(id);
      }
    },
    flush,
    noteLastWords() {
      for (const id of writing.keys()) journal.write(get(id));
      void flush();
    },
  };
}

const lockName = (id: ConversationId): string => `llambo:writing:${id}`;
