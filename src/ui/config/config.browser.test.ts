import axe from 'axe-core';
import { page, userEvent } from 'vitest/browser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigInfo } from '../../protocol/config-info.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { swarmOf } from '../../testing/swarm-fixtures.ts';
import { base, fixtureStore } from '../../testing/ui-fixtures.ts';
import { mountApp } from '../mount.ts';
import '../styles/page.css';
// Named here, so that the test server knows all packages at its start: one that it found in mid-test would be loaded twice.
import '../dialogs/settings-drawer.ts';

type Call = [name: string, ...args: unknown[]];
let calls: Call[] = [];
let unmount: () => void = () => undefined;

const frames = async (count = 3): Promise<void> => {
  for (let frame = 0; frame < count; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
};
/** All that fit, through shadow roots, in the order of the page. */
function findAll<T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T[] {
  return [...root.querySelectorAll<T>('*')].flatMap((element) => [...(element.matches(selector) ? [element] : []), ...(element.shadowRoot ? findAll<T>(selector, element.shadowRoot) : [])]);
}
const find = <T extends Element = HTMLElement>(selector: string): T => findAll<T>(selector)[0]!;
const button = (text: string): HTMLElement => findAll('button, wa-button').find((one) => one.textContent.trim().startsWith(text))!;
/** Beside it may stand the sidebar as a drawer. */
const drawer = (): HTMLElement => findAll('wa-drawer').find((one) => one.getAttribute('label') === 'Settings')!;
const field = (key: string): HTMLInputElement => find<HTMLInputElement>(`[id="${key}"]`);

const TEXT = 'swarm:\n  strategy: random\n';
const withConfig = (change: Partial<ConfigInfo> = {}, more: Partial<Snapshot> = {}): Snapshot => ({ ...base, ...more, config: { ...base.config, text: TEXT, own: { 'swarm.strategy': 'random' }, ...change } });

async function open(snapshot: Snapshot): Promise<ReturnType<typeof fixtureStore>> {
  const store = fixtureStore(snapshot, (name, args) => calls.push([name, ...args]));
  unmount = mountApp(document.body.appendChild(document.createElement('div')), store);
  await frames();
  document.querySelector('app-shell')!.dispatchEvent(new CustomEvent('llambo-panel-open', { detail: { panel: 'settings' } }));
  await expect.poll(() => drawer()?.shadowRoot?.querySelector('dialog')?.open ?? false).toBe(true);
  await expect.poll(() => findAll('config-form').length).toBe(2);
  await frames(30);
  return store;
}
/** Groups are closed until somebody wants them. */
const openGroups = async (): Promise<void> => {
  for (const form of findAll('config-form')) for (const group of form.shadowRoot!.querySelectorAll('details')) group.open = true;
  await frames();
};
async function openText(): Promise<HTMLTextAreaElement> {
  const tab = find('config-section').shadowRoot!.querySelector<HTMLElement>('#tab-form')!;
  tab.focus();
  await userEvent.keyboard('{ArrowRight}');
  const text = find('config-text').shadowRoot!.querySelector('textarea')!;
  await expect.poll(() => text.checkVisibility()).toBe(true);
  return text;
}
async function type(key: string, text: string): Promise<void> {
  field(key).focus();
  await userEvent.keyboard(`${text}{Tab}`);
}

beforeEach(async () => {
  calls = [];
  await page.viewport(1280, 900);
});
afterEach(() => {
  unmount();
  document.body.replaceChildren();
  document.documentElement.classList.remove('wa-dark');
});

describe('the form', () => {
  it('does not show what was refused as if it counted, once something else was taken', async () => {
    const store = await open(withConfig());
    await openGroups();
    await type('swarm.queue.most', 'lots');
    store.set(withConfig({ problems: [{ line: 1, column: 1, key: 'swarm.queue.most', message: 'must be a number', allowed: null }] }));
    await frames();
    expect([field('swarm.queue.most').value, field('swarm.queue.most').getAttribute('aria-invalid')]).toEqual(['lots', 'true']);
    store.set(withConfig({ own: { 'swarm.strategy': 'sticky' } }));
    await frames();
    expect([field('swarm.queue.most').value, field('swarm.queue.most').getAttribute('aria-invalid')]).toEqual(['', 'false']);
  });

  it('has a field for every key, each with a label and a hint, and asks for the text', async () => {
    await open(withConfig());
    await openGroups();
    expect(calls).toContainEqual(['showConfig']);
    for (const entry of base.config.entries) {
      if (!('kind' in entry)) continue;
      const control = field(entry.key);
      expect(control.labels?.[0]?.textContent, entry.key).not.toBe('');
      const hint = control.getRootNode() as ShadowRoot;
      expect(hint.getElementById(control.getAttribute('aria-describedby')!.split(' ')[0]!)?.textContent).toBe(entry.description);
    }
  });

  it('shows what is set, and behind the rest what counts instead', async () => {
    await open(withConfig({ own: { 'swarm.strategy': 'random', 'swarm.queue.retry': '5s' } }));
    expect(field('swarm.strategy').value).toBe('random');
    expect(field('swarm.queue.retry').value).toBe('5s');
    expect([field('swarm.queue.most').value, field('swarm.queue.most').placeholder]).toEqual(['', '4096']);
  });

  it('sends each change as it is made, by keyboard too', async () => {
    await open(withConfig());
    await openGroups();
    await type('swarm.queue.most', '900');
    await type('swarm.queue.retry', '2s');
    await type('swarm.health.failures', 'lots');
    const choice = field('swarm.autoscaling.on');
    choice.focus();
    await userEvent.keyboard('n');
    expect(choice.value).toBe('false');
    expect(calls.filter(([name]) => name === 'setConfigValue')).toEqual([
      ['setConfigValue', 'swarm.queue.most', 900],
      ['setConfigValue', 'swarm.queue.retry', '2s'],
      ['setConfigValue', 'swarm.health.failures', 'lots'],
      ['setConfigValue', 'swarm.autoscaling.on', false],
    ]);
  });

  it('says beneath a field what is wrong with it, and keeps what was typed', async () => {
    const store = await open(withConfig());
    await openGroups();
    await type('swarm.queue.most', 'lots');
    const message = 'must be a whole number from 1 to 65536, not "lots"';
    store.set(withConfig({ problems: [{ line: 9, column: 1, key: 'swarm.queue.most', message, allowed: 'a whole number from 1 to 65536' }] }));
    await frames();
    const control = field('swarm.queue.most');
    expect([control.value, control.getAttribute('aria-invalid')]).toEqual(['lots', 'true']);
    expect((control.getRootNode() as ShadowRoot).getElementById('swarm.queue.most-wrong')?.textContent).toContain(message);
    expect(field('swarm.queue.retry').getAttribute('aria-invalid')).toBe('false');
  });

  it('is closed to those who don’t decide the swarm’s part; their own part is not', async () => {
    const swarm = swarmOf(3);
    const gate = { on: true, mine: null, founder: swarm.peers[0]!.device, stewards: [], knocking: [], barred: [] };
    await open(withConfig({ fromSwarm: true }, { swarm: { ...swarm, state: 'in', gate } }));
    expect([field('swarm.queue.most').disabled, field('device.nodes').disabled]).toEqual([true, false]);
    expect(find('config-section').shadowRoot!.textContent).toContain('The founder of this swarm and the stewards decide this part.');
  });
});

describe('the text', () => {
  it('is taken as a whole, or discarded', async () => {
    await open(withConfig());
    const text = await openText();
    expect(text.value).toBe(TEXT);
    text.focus();
    await userEvent.keyboard('# more{Enter}');
    button('Use this').click();
    expect(calls.at(-1)).toEqual(['setConfig', text.value]);
    expect(text.value).not.toBe(TEXT);
    button('Discard changes').click();
    await frames();
    expect(text.value).toBe(TEXT);
  });

  it('lists what is wrong with line and key, and goes there', async () => {
    const store = await open(withConfig());
    const refused = 'swarm:\n  strategi: random\n';
    const problem = { line: 2, column: 3, key: 'swarm.strategi', message: 'there is no such key; did you mean strategy?', allowed: 'strategy, queue' };
    store.set(withConfig({ refused, problems: [problem] }));
    const text = await openText();
    await frames();
    expect([text.value, text.getAttribute('aria-invalid')]).toEqual([refused, 'true']);
    const line = button('Line 2, swarm.strategi: there is no such key; did you mean strategy? Allowed: strategy, queue.');
    line.click();
    expect(find('config-text').shadowRoot!.activeElement).toBe(text);
    expect(text.value.slice(text.selectionStart, text.selectionEnd)).toBe('strategi: random');
    await userEvent.keyboard('strategy: sticky');
    button('Use this').click();
    expect(calls.at(-1)).toEqual(['setConfig', 'swarm:\n  strategy: sticky\n']);
    store.set(withConfig({ text: 'swarm: {}\n' }));
    await frames();
    expect([text.value, text.getAttribute('aria-invalid')]).toEqual(['swarm: {}\n', 'false']);
  });
});

describe('the file', () => {
  it('is imported, exported, and forgotten', async () => {
    await open(withConfig());
    const files = new DataTransfer();
    const file = new File(['swarm: {}'], 'ours.yaml');
    files.items.add(file);
    const input = find('config-section').shadowRoot!.querySelector<HTMLInputElement>('input[type=file]')!;
    input.files = files.files;
    input.dispatchEvent(new Event('change'));
    button('Export').click();
    button('Back to defaults').click();
    expect(calls.slice(-3).map(([name]) => name)).toEqual(['importConfig', 'exportConfig', 'resetConfig']);
    expect((calls.at(-3)![1] as File).name).toBe('ours.yaml');
  });
});

describe('accessibility', () => {
  const wrong: Partial<ConfigInfo> = { refused: 'swarm: 5\n', problems: [{ line: 1, column: 8, key: 'swarm.queue.most', message: 'must be a whole number', allowed: null }] };
  it.each([['form', 1280, false], ['form', 360, true], ['text', 1280, true], ['text', 360, false]] as const)('%s at %i px satisfies axe, dark: %s', async (tab, width, dark) => {
    await page.viewport(width, 720);
    await open(withConfig(wrong));
    if (tab === 'text') await openText();
    else await openGroups();
    document.documentElement.classList.toggle('wa-dark', dark);
    document.documentElement.classList.toggle('wa-light', !dark);
    await frames(10);
    const { violations } = await axe.run(find('app-shell'), { rules: { 'page-has-heading-one': { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    const body = drawer().shadowRoot!.querySelector<HTMLElement>('[part~=body]')!;
    expect(body.scrollWidth).toBeLessThanOrEqual(body.clientWidth);
  });
});
