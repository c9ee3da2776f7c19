/** The unsent text of each conversation, kept over reloads of this tab. A browser that refuses storage costs the draft only. */
import type { ConversationId } from '../../shared/ids.ts';

const key = (id: ConversationId): string => `llambo-draft-${id}`;

export function loadDraft(id: ConversationId): string {
  try {
    return sessionStorage.getItem(key(id)) ?? '';
  } catch {
    return '';
  }
}

export function saveDraft(id: ConversationId, text: string): void {
  try {
    if (text === '') sessionStorage.removeItem(key(id));
    else sessionStorage.setItem(key(id), text);
  } catch {
    // Full or forbidden: the draft lives as long as the page.
  }
}
