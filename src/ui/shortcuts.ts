/** The page's keys, in one table that both the handler and the help dialog read. Pure, but for the event type. */

export type ShortcutName = 'focus prompt' | 'new chat' | 'choose model' | 'stop' | 'help';

interface Shortcut {
  readonly name: ShortcutName;
  /** As shown; `Mod` is Ctrl, or Command on Apple systems. */
  readonly keys: readonly string[];
  readonly text: string;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { name: 'focus prompt', keys: ['/'], text: 'Write a message' },
  { name: 'new chat', keys: ['Mod', 'Shift', 'O'], text: 'New chat' },
  { name: 'choose model', keys: ['Mod', 'K'], text: 'Choose a model' },
  { name: 'stop', keys: ['Esc'], text: 'Stop writing' },
  { name: 'help', keys: ['?'], text: 'Show these shortcuts' },
];

/** Keys of the prompt box, which handles them itself. */
export const PROMPT_KEYS: readonly Omit<Shortcut, 'name'>[] = [
  { keys: ['Enter'], text: 'Send' },
  { keys: ['Shift', 'Enter'], text: 'New line' },
  { keys: ['↑'], text: 'Edit your last message (in the empty field)' },
];

type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey' | 'isComposing'>;

/** @param typing the person writes in a field, where plain characters are text. */
export function shortcutOf(event: Key, typing: boolean): ShortcutName | undefined {
  if (event.isComposing || event.altKey) return undefined;
  const mod = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (mod) {
    if (key === 'k' && !event.shiftKey) return 'choose model';
    return key === 'o' && event.shiftKey ? 'new chat' : undefined;
  }
  if (key === 'escape') return 'stop';
  if (typing) return undefined;
  if (key === '?') return 'help';
  return key === '/' ? 'focus prompt' : undefined;
}
