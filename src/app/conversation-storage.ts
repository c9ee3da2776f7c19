/**
 * Conversations in IndexedDB: one record each, and a small one for the list, so that opening the page reads no long
 * texts. A journal in `localStorage` has the last words of a running answer: its writes are done before a tab is
 * gone, IndexedDB's are not.
 */
import { clear, createStore, del, get, set, values } from 'idb-keyval';
import type { Conversation, ConversationSummary } from '../protocol/snapshot.ts';
import type { ConversationId } from '../shared/ids.ts';

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

const JOURNAL = 'llambo:journal:';

/**
 * Conversations whose answer was running when the tab went away, as they were at that moment. Full or forbidden
 * storage costs the words since the last save, and nothing else.
 */
export const journal = {
  write(conversation: Conversation): void {
    try {
      localStorage.setItem(JOURNAL + conversation.id, JSON.stringify(conversation));
    } catch {
      // No room, or no permission.
    }
  },
  forget(id: ConversationId): void {
    try {
      localStorage.removeItem(JOURNAL + id);
    } catch {
      // Nothing was written either.
    }
  },
  /** What earlier tabs left. Only this page writes here, so the shape is trusted; a broken entry is skipped. */
  read(): Conversation[] {
    try {
      return Object.keys(localStorage)
        .filter((key) => key.startsWith(JOURNAL))
        .map((key) => JSON.parse(localStorage.getItem(key) ?? 'null') as Conversation | null)
        .filter((conversation) => Array.isArray(conversation?.turns)) as Conversation[];
    } catch {
      return [];
    }
  },
};
