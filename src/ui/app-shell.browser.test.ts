import axe from 'axe-core';
import { page, userEvent } from 'vitest/browser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Snapshot } from '../protocol/snapshot.ts';
import { assistant, doneReply, fixtureStore, scenes, user } from '../testing/ui-fixtures.ts';
// Named here, so that the test server knows all packages at its start: one that it found in mid-test would be loaded twice.
import './dialogs/model-dialog.ts';
import './dialogs/settings-drawer.ts';
import './dialogs/shortcuts-dialog.ts';
import './dialogs/template-form.ts';
import './dialogs/templates-dialog.ts';
import { mountApp } from './mount.ts';
import './styles/page.css';

type Call = [name: string, ...args: unknown[]];
let calls: Call[] = [];
let unmount: () => void = () => undefined;

const frames = async (count = 3): Promise<void> => {
  for (let frame = 0; frame < count; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
};
async function open(snapshot: Snapshot): Promise<ReturnType<typeof fixtureStore>> {
  const store = fixtureStore(snapshot, (name, args) => calls.push([name, ...args]));
  const root = document.body.appendChild(document.createElement('div'));
  unmount = mountApp(root, store);
  await frames();
  return store;
}
const scene = (name: string): Promise<ReturnType<typeof fixtureStore>> => open(scenes[name]!);
/** Looks through shadow roots. */
function find<T extends HTMLElement = HTMLElement>(selector: string, root: ParentNode = document): T | null {
  const here = root.querySelector<T>(selector);
  if (here) return here;
  for (const element of root.querySelectorAll('*')) {
    const inside = element.shadowRoot && find<T>(selector, element.shadowRoot);
    if (inside) return inside;
  }
  return null;
}
const field = (): HTMLTextAreaElement => find<HTMLTextAreaElement>('textarea', find('prompt-box')!.shadowRoot!)!;
const focused = (): Element | null => {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active;
};

beforeEach(async () => {
  calls = [];
  sessionStorage.clear();
  await page.viewport(1280, 800);
});
afterEach(() => {
  unmount();
  document.body.replaceChildren();
});

describe('asking', () => {
  it('sends on Enter, breaks the line on Shift+Enter, and keeps the focus', async () => {
    await scene('empty');
    field().focus();
    await userEvent.keyboard('one{Shift>}{Enter}{/Shift}two');
    expect(calls).toEqual([]);
    await userEvent.keyboard('{Enter}');
    expect(calls).toEqual([['ask', 'one\ntwo']]);
    await frames();
    expect(field().value).toBe('');
    expect(focused()).toBe(field());
  });

  it('leaves the Enter of an input method alone', async () => {
    await scene('empty');
    await userEvent.fill(field(), 'にほん');
    field().dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, composed: true }));
    expect(calls).toEqual([]);
  });

  it('asks nothing when there is nothing', async () => {
    await scene('empty');
    field().focus();
    await userEvent.keyboard('  {Enter}');
    expect(calls).toEqual([]);
    expect(find('.send')).toHaveProperty('disabled', true);
  });

  it('takes a megabyte as an attachment', async () => {
    await scene('empty');
    const data = new DataTransfer();
    data.setData('text/plain', 'x'.repeat(1_000_000));
    field().dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, composed: true, cancelable: true }));
    await frames();
    expect(find('.attached')!.textContent).toContain('1,000,000 characters');
    expect(field().value).toBe('');
    find('.send')!.click();
    expect((calls[0]![1] as string).length).toBe(1_000_000);
  });

  it('keeps the draft of each conversation', async () => {
    const store = await scene('long');
    await userEvent.fill(field(), 'unsent');
    const { conversation } = scenes['long']!;
    store.set({ ...scenes['long']!, conversation: { ...conversation, id: 'chat-other' as typeof conversation.id } });
    await frames();
    expect(field().value).toBe('');
    store.set(scenes['long']!);
    await frames();
    expect(field().value).toBe('unsent');
  });

  it('asks an example at once', async () => {
    await scene('empty');
    find('button', find('empty-state')!.shadowRoot!)!.click();
    expect(calls).toEqual([['ask', 'What is 47 + 38?']]);
  });
});

describe('while an answer is written', () => {
  it('stops on Escape, from anywhere', async () => {
    await scene('streaming');
    const turn = scenes['streaming']!.conversation.turns.at(-1)!.id;
    await userEvent.keyboard('{Escape}');
    expect(calls).toEqual([['stop', turn]]);
  });

  it('asks nothing else', async () => {
    await scene('streaming');
    await userEvent.fill(field(), 'more');
    await userEvent.keyboard('{Enter}');
    expect(calls).toEqual([]);
  });

  it('says when it begins and all of it at its end, and nothing between', async () => {
    const question = user('Why?');
    const turn = assistant({ text: '', state: { kind: 'waiting', place: 0 } });
    const with_ = (reply: (typeof turn)['replies'][number]): Snapshot => ({ ...scenes['long']!, conversation: { ...scenes['long']!.conversation, turns: [question, { ...turn, replies: [reply] }] } });
    const store = await open(with_(turn.replies[0]!));
    const said: string[] = [];
    const live = find('[role=status].visually-hidden', find('live-announcer')!.shadowRoot!)!;
    const observer = new MutationObserver(() => said.push(live.textContent));
    observer.observe(live, { characterData: true, childList: true, subtree: true });
    for (const text of ['B', 'Be', 'Because']) {
      store.set(with_({ text, state: { kind: 'writing', model: 'x' } }));
      await frames();
    }
    store.set(with_(doneReply('Because so.')));
    await frames();
    observer.disconnect();
    expect(said).toEqual(['The answer is being written.', 'Answer: Because so.']);
  });
});

describe('going back', () => {
  it('edits a message and asks again', async () => {
    await scene('long');
    find('.edit')!.click();
    await frames(6);
    const editor = find<HTMLTextAreaElement>('textarea', find('user-message')!.shadowRoot!)!;
    expect(focused()).toBe(editor);
    await userEvent.fill(editor, 'Differently');
    await userEvent.keyboard('{Enter}');
    expect(calls).toEqual([['editAndAsk', scenes['long']!.conversation.turns[0]!.id, 'Differently']]);
  });

  it('renames a conversation in place', async () => {
    await scene('long');
    const item = find('conversation-item')!;
    find('.open', item.shadowRoot!)!.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
    await frames(6);
    await userEvent.keyboard('{Control>}a{/Control}Lima{Enter}');
    expect(calls).toEqual([['renameConversation', 'chat-0', 'Lima']]);
  });
});

describe('dialogs', () => {
  it('open by key and give the focus back', async () => {
    await scene('long');
    field().focus();
    await userEvent.keyboard('{Control>}k{/Control}');
    await expect.poll(() => find('dialog', find('model-dialog')?.shadowRoot?.querySelector('wa-dialog')?.shadowRoot ?? document.createElement('i'))?.hasAttribute('open')).toBe(true);
    await frames(30);
    await userEvent.keyboard('{Escape}');
    await expect.poll(() => find('model-dialog')).toBeNull();
    expect(focused()).toBe(field());
    expect(calls).toEqual([]);
  });

  it('refuse an address that is none, and say why', async () => {
    await scene('long');
    await userEvent.keyboard('{Control>}k{/Control}');
    await expect.poll(() => find('model-add')).not.toBeNull();
    const add = find('model-add')!;
    await expect.poll(() => find('wa-button:last-of-type', add.shadowRoot!)).not.toBeNull();
    find('form wa-button', add.shadowRoot!)!.click();
    await frames();
    expect(find('.wrong', add.shadowRoot!)!.textContent).toContain('Paste the address');
    expect(calls).toEqual([]);
  });

  it('fill a template into the message', async () => {
    await scene('long');
    find('prompt-box')!.dispatchEvent(new CustomEvent('llambo-template-use', { detail: { template: scenes['long']!.templates[1]! }, bubbles: true, composed: true }));
    await expect.poll(() => find('textarea', find('template-form')?.shadowRoot ?? document.createElement('i'))).not.toBeNull();
    const input = find<HTMLTextAreaElement>('textarea', find('template-form')!.shadowRoot!)!;
    await frames(30);
    await userEvent.fill(input, 'rain');
    await userEvent.keyboard('{Enter}');
    await expect.poll(() => field().value).toBe('Explain rain to a ten-year-old in three sentences.');
    await expect.poll(focused).toBe(field());
  });
});

describe('every state', () => {
  it.each(Object.keys(scenes).flatMap((name) => [[name, 1280], [name, 360]] as const))('%s at %i px satisfies axe', async (name, width) => {
    await page.viewport(width, 720);
    await scene(name);
    await frames(10);
    const { violations } = await axe.run(find('app-shell')!, { rules: { 'page-has-heading-one': { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
  });
});
