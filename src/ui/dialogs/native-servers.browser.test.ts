import axe from 'axe-core';
import { page, userEvent } from 'vitest/browser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NativeServerInfo } from '../../protocol/native.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { base, fixtureStore } from '../../testing/ui-fixtures.ts';
import { mountApp } from '../mount.ts';
import '../styles/page.css';
// Named here, so that the test server knows all packages at its start: one that it found in mid-test would be loaded twice.
import './settings-drawer.ts';

type Call = [name: string, ...args: unknown[]];
let calls: Call[] = [];
let unmount: () => void = () => undefined;

const frames = async (count = 4): Promise<void> => {
  for (let frame = 0; frame < count; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
};
/** All that fit, through shadow roots, in the order of the page. */
function findAll<T extends HTMLElement = HTMLElement>(selector: string, root: ParentNode = document): T[] {
  return [...root.querySelectorAll<T>('*')].flatMap((element) => [...(element.matches(selector) ? [element] : []), ...(element.shadowRoot ? findAll<T>(selector, element.shadowRoot) : [])]);
}
const find = <T extends HTMLElement = HTMLElement>(selector: string): T => findAll<T>(selector)[0]!;
const drawer = (): HTMLElement | null => findAll('settings-drawer')[0]?.shadowRoot?.querySelector('wa-drawer') ?? null;
const list = (): HTMLElement => find('native-servers');
const button = (text: string): HTMLElement => findAll('wa-button', list().shadowRoot!).find((one) => one.textContent.trim() === text || one.title === text)!;
const field = (name: string): HTMLInputElement => findAll('wa-input', list().shadowRoot!).find((one) => one.getAttribute('name') === name)!.shadowRoot!.querySelector('input')!;
const type = async (name: string, text: string): Promise<void> => {
  await userEvent.fill(field(name), text);
  await frames();
};
/** What has the focus: the name of a field, or the words of a button. */
const focusedHost = (): string => {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  const { host } = active!.getRootNode() as ShadowRoot;
  return host.getAttribute('name') ?? host.textContent.trim();
};

async function open(snapshot: Snapshot): Promise<ReturnType<typeof fixtureStore>> {
  const store = fixtureStore(snapshot, (name, args) => {
    if (name.endsWith('Server')) calls.push([name, ...args]);
  });
  unmount = mountApp(document.body.appendChild(document.createElement('div')), store);
  await frames();
  document.querySelector('app-shell')!.dispatchEvent(new CustomEvent('llambo-panel-open', { detail: { panel: 'settings' } }));
  await expect.poll(() => drawer()?.shadowRoot?.querySelector('dialog')?.open ?? false).toBe(true);
  await frames(30);
  return store;
}

const server: NativeServerInfo = { id: 'native-1', url: 'http://localhost:11434/v1', model: '', slots: 0, contextTokens: 0, tier: 'large', share: true, address: '/n/llambo/local/native-1', hasKey: true };
const failing: Snapshot = {
  ...base,
  native: { servers: [server], test: null },
  nodes: [...base.nodes, { ...base.nodes[0]!, address: server.address, state: 'error', model: null, problem: 'No answer came from localhost:11434. Check that the server runs and that the address is right.' }],
};

beforeEach(async () => {
  calls = [];
  await page.viewport(1280, 800);
});
afterEach(() => {
  unmount();
  document.body.replaceChildren();
});

describe('servers in the settings', () => {
  it('are added by keyboard alone, and the key is gone from the page', async () => {
    await open(base);
    button('Add a server').focus();
    await userEvent.keyboard('{Enter}');
    await frames(10);
    expect(focusedHost()).toBe('url');
    await userEvent.keyboard('http://localhost:8080{Enter}');
    await frames(10);
    expect(calls).toEqual([['addServer', { url: 'http://localhost:8080', key: '', model: '', slots: 0, contextTokens: 0, tier: 'large', share: false }]]);
    expect(findAll('native-form')).toEqual([]);
    expect(focusedHost()).toBe('Add a server');
  });

  it('have a key that nobody sees, and limits', async () => {
    await open(base);
    button('Add a server').click();
    await frames(10);
    expect(field('key').type).toBe('password');
    await type('url', 'https://gpu.example');
    await type('key', 'sk-1');
    await type('slots', '12');
    find('native-form').shadowRoot!.querySelector('wa-checkbox')!.click();
    await frames();
    button('Add').click();
    expect(calls).toEqual([['addServer', { url: 'https://gpu.example', key: 'sk-1', model: '', slots: 12, contextTokens: 0, tier: 'large', share: true }]]);
  });

  it('say beneath the field what is wrong with an address', async () => {
    await open(base);
    button('Add a server').click();
    await frames(10);
    await type('url', 'localhost:8080');
    button('Add').click();
    button('Test').click();
    await frames();
    expect(find('native-form').shadowRoot!.querySelector('.wrong')!.textContent).toContain('http:// or https://');
    expect(calls).toEqual([]);
    expect(focusedHost()).toBe('url');
  });

  it('are tried before they are added, and what is in the way is explained', async () => {
    const store = await open(base);
    button('Add a server').click();
    await frames(10);
    await type('url', 'http://192.168.1.3:8000');
    button('Test').click();
    expect(calls).toMatchObject([['testServer', { url: 'http://192.168.1.3:8000' }]]);
    const outcome = (): HTMLElement => find('native-form').shadowRoot!.querySelector('[role=status]')!;
    store.set({ ...base, native: { servers: [], test: { state: 'failed', url: 'http://192.168.1.3:8000', error: { code: 'unreachable', message: 'No answer came from 192.168.1.3:8000.' }, hints: ['Check that it runs.', 'Allow this page’s origin.'] } } });
    await frames();
    expect(outcome().querySelector('p')!.textContent).toBe('No answer came from 192.168.1.3:8000.');
    expect([...outcome().querySelectorAll('li')].map((hint) => hint.textContent)).toEqual(['Check that it runs.', 'Allow this page’s origin.']);
    store.set({ ...base, native: { servers: [], test: { state: 'good', url: '', model: 'llama3', models: ['llama3'], slots: 4, contextTokens: 8192 } } });
    await frames();
    expect(outcome().textContent).toContain('It answers, with llama3');
  });

  it('are tried again, changed and removed; a key that is not typed stays', async () => {
    await open(failing);
    expect(list().shadowRoot!.querySelector('[role=alert]')!.textContent).toContain('No answer came from localhost:11434');
    button('Try again').click();
    button('Remove').click();
    expect(calls).toEqual([['retryServer', 'native-1'], ['removeServer', 'native-1']]);
    calls = [];
    button('Change').click();
    await frames(10);
    expect([field('url').value, field('key').value]).toEqual(['http://localhost:11434/v1', '']);
    await type('model', 'phi4');
    button('Save').click();
    const { id: _id, address: _address, hasKey: _hasKey, ...kept } = server;
    expect(calls).toEqual([['changeServer', 'native-1', { ...kept, model: 'phi4' }]]);
  });

  it('give the focus back to the button that opened a form, and keep it when they go', async () => {
    const other = { ...server, id: 'native-2', url: 'http://gpu:8000', address: '/n/llambo/local/native-2' } satisfies NativeServerInfo;
    const two: Snapshot = { ...base, native: { servers: [server, other], test: null } };
    const store = await open(two);
    const last = (title: string): HTMLElement => findAll('wa-button', list().shadowRoot!).filter((one) => one.title === title).at(-1)!;
    last('Change').click();
    await frames(10);
    button('Cancel').click();
    await frames();
    expect(list().shadowRoot!.activeElement).toBe(last('Change'));
    last('Remove').click();
    store.set({ ...two, native: { servers: [server], test: null } });
    await frames();
    expect(list().shadowRoot!.activeElement?.localName).toBe('h3');
  });

  it('send a key to no other server than the one that it was given for', async () => {
    await open(failing);
    button('Change').click();
    await frames(10);
    await type('url', 'https://elsewhere.example');
    button('Save').click();
    expect(calls).toMatchObject([['changeServer', 'native-1', { url: 'https://elsewhere.example', key: '' }]]);
  });

  it.each([['light', 360], ['dark', 1280]] as const)('pass axe and fit: %s, %i px', async (scheme, width) => {
    await page.viewport(width, 780);
    document.documentElement.classList.toggle('wa-dark', scheme === 'dark');
    await open(failing);
    button('Add a server').click();
    await frames(20);
    const { violations } = await axe.run(document.querySelector('app-shell')!, { runOnly: ['wcag2a', 'wcag2aa'] });
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
    const box = list().getBoundingClientRect();
    for (const element of findAll('wa-input, wa-button, .state, wa-select', list().shadowRoot!)) {
      const { left, right } = element.getBoundingClientRect();
      expect([left >= box.left - 1, right <= box.right + 1], element.outerHTML).toEqual([true, true]);
    }
    document.documentElement.classList.remove('wa-dark');
  });
});
