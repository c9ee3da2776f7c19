/**
 * Conversations in IndexedDB: one record each, and a small one for the list, so that opening the page reads no long
 * texts. A journal in `localStorage` has the last words of a running answer: its writes are done before a tab is
 * gone, IndexedDB's are not.
 */
import { clear, createStore, del, get, set, values } from 'idb-keyval';
import type { Conversation, ConversationSummary } from '../protocol/snapshot.ts';
import type { ConversationId, TurnId } from '../shared/ids.ts';

export interface ConversationStorage {
  /** Newest first. */
  list(): Promise<ConversationSummary[]>;
  load(id: ConversationId): Promise<Conversation | null>;
  save(conversation: Conversation): Promise<void>;
  remove(id: ConversationId): Promise<void>;
  clear(): Promise<void>;
}

export const summaryOf = ({ id, title, updatedAt }: Conversation): ConversationSummary => Object.freeze({ id, title, updatedAt });

export function createConversationStorage(): ConversationStorage {
  const whole = createStore('llambo-conversations', 'conversations');
  const summaries = createStore('llambo-conversation-list', 'summaries');
  return {
    async list() {
      const all = await values<ConversationSummary>(summaries);
      return all.sort((a, b) => b.updatedAt - a.updatedAt);
    },
    load: async (id) => (await get<Conversation>(id, whole)) ?? null,
    async save(conversation) {
      await set(conversation.id, conversation, whole);
      await set(conversation.id, summaryOf(conversation), summaries);
    },
    async remove(id) {
      await del(id, summaries);
      await del(id, whole);
    },
    async clear() {
      await clear(summaries);
      await clear(whole);
    },
  };
}

/** The text of a reply that was being written when the tab went away. */
export interface JournalEntry {
  readonly turn: TurnId;
  readonly text: string;
}

const journalKey = (id: ConversationId): string => `llambo:journal:${id}`;

/** The last words of running answers. Full or forbidden storage costs them, and nothing else. */
export const journal = {
  write(id: ConversationId, entry: JournalEntry): void {
    try {
      localStorage.setItem(journalKey(id), JSON.stringify(entry));
    } catch {
      // No room, or no permission: IndexedDB has all but the last half second.
    }
  },
  /** Reads and forgets. */
  take(id: ConversationId): JournalEntry | null {
    try {
      const text = localStorage.getItem(journalKey(id));
      localStorage.removeItem(journalKey(id));
      const entry: unknown = text === null ? null : JSON.parse(text);
      return isJournalEntry(entry) ? entry : null;
    } catch {
      return null;
    }
  },
};

const isJournalEntry = (value: unknown): value is JournalEntry =>
  typeof value === 'object' && value !== null && typeof (value as JournalEntry).turn === 'string' && typeof (value as JournalEntry).text === 'string';
