import { expect, it } from 'vitest';
import { shortcutOf } from './shortcuts.ts';

const key = (key: string, modifiers: Partial<KeyboardEvent> = {}): Parameters<typeof shortcutOf>[0] => ({
  key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, isComposing: false, ...modifiers,
});

it.each([
  [key('/'), false, 'focus prompt'],
  [key('/'), true, undefined],
  [key('?', { shiftKey: true }), false, 'help'],
  [key('?', { shiftKey: true }), true, undefined],
  [key('Escape'), true, 'stop'],
  [key('k', { ctrlKey: true }), true, 'choose model'],
  [key('k', { metaKey: true }), false, 'choose model'],
  [key('O', { ctrlKey: true, shiftKey: true }), true, 'new chat'],
  [key('o', { ctrlKey: true }), true, undefined],
  [key('k', { ctrlKey: true, altKey: true }), true, undefined],
  [key('Escape', { isComposing: true }), true, undefined],
])('%o while typing %s: %s', (event, typing, name) => expect(shortcutOf(event, typing)).toBe(name));
