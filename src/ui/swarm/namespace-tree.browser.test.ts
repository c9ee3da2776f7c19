import axe from 'axe-core';
import { page, userEvent } from 'vitest/browser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LlamboError } from '../../shared/errors.ts';
import { swarmScenes } from '../../testing/swarm-fixtures.ts';
import { base, fixtureStore } from '../../testing/ui-fixtures.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { mountApp } from '../mount.ts';
import '../styles/page.css';
// Named here, so that the test server knows all packages at its start.
import './swarm-panel.ts';

type Reading = string | string[] | Error;
let asked: string[] = [];
let world: Map<string, Reading | Promise<Reading>> = new Map();
let unmount: () => void = () => undefined;

const scene = swarmScenes['swarm-3']!;
const [self, other] = [scene.swarm!.peers[0]!.id, scene.swarm!.peers[1]!.id];
const FILES = ['status', 'model', 'load', 'speed', 'tasks', 'log'];

const frames = async (count = 3): Promise<void> => {
  for (let frame = 0; frame < count; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
};
function findAll<T extends HTMLElement = HTMLElement>(selector: string, root: ParentNode = document): T[] {
  return [...root.querySelectorAll<T>('*')].flatMap((element) => [...(element.matches(selector) ? [element] : []), ...(element.shadowRoot ? findAll<T>(selector, element.shadowRoot) : [])]);
}
const tree = (): HTMLElementTagNameMap['namespace-tree'] => findAll<HTMLElementTagNameMap['namespace-tree']>('namespace-tree')[0]!;
const inTree = (selector: string): HTMLElement | null => tree().shadowRoot!.querySelector(selector);
const item = (path: string): HTMLElementTagNameMap['wa-tree-item'] => inTree(`[data-path="${path}"]`) as HTMLElementTagNameMap['wa-tree-item'];
const text = (): string | undefined => inTree('pre')?.textContent;
const status = (): string => inTree('[role=status]')!.textContent.trim();

async function read(path: string): Promise<string | string[]> {
  asked.push(path);
  const found = await (world.get(path) ?? new LlamboError('not-found', `There is nothing at ${path}.`, { advice: 'Read what is above it.' }));
  if (found instanceof Error) throw found;
  return found;
}

async function openTree(snapshot: Snapshot = scene): Promise<void> {
  unmount = mountApp(document.body.appendChild(document.createElement('div')), fixtureStore(snapshot, undefined, read));
  await frames();
  document.querySelector('app-shell')!.dispatchEvent(new CustomEvent('llambo-panel-open', { detail: { panel: 'swarm' } }));
  await expect.poll(() => findAll('wa-drawer').some((one) => one.shadowRoot?.querySelector('dialog')?.open)).toBe(true);
  await frames(30);
  expect(asked).toEqual([]);
  (inTree('summary') as HTMLElement).click();
  await expect.poll(() => item(`/n/llambo/${self}`)).not.toBeNull();
}
async function unfold(path: string, first: string): Promise<void> {
  item(path).expanded = true;
  await expect.poll(() => item(`${path}/${first}`)).not.toBeNull();
}
async function choose(path: string): Promise<void> {
  const leaf = item(path);
  await expect.poll(() => leaf.isLeaf).toBe(true);
  leaf.scrollIntoView({ block: 'center' });
  await frames(20);
  await userEvent.click(leaf);
}

beforeEach(async () => {
  asked = [];
  world = new Map<string, Reading>([
    ['/n/llambo', [`${self}/`, `${other}/`]],
    [`/n/llambo/${self}`, ['name', 'n0/']],
    [`/n/llambo/${other}`, ['name', 'links', 'sharing', 'n0/']],
    [`/n/llambo/${other}/n0`, FILES],
    [`/n/llambo/${other}/n0/load`, 'slots 2\nbusy 1\n'],
    [`/n/llambo/${other}/n0/tasks`, ''],
  ]);
  await page.viewport(1280, 800);
});
afterEach(() => {
  unmount();
  document.body.replaceChildren();
});

describe('the namespace as a tree', () => {
  it('reads no more than what is opened, and shows what is chosen', async () => {
    await openTree();
    expect(asked).toEqual(['/n/llambo']);
    expect(item(`/n/llambo/${self}`).textContent).toContain('(this tab)');
    await unfold(`/n/llambo/${other}`, 'n0');
    await unfold(`/n/llambo/${other}/n0`, 'load');
    expect(asked).toHaveLength(3);
    await choose(`/n/llambo/${other}/n0/load`);
    await expect.poll(text).toBe('slots 2\nbusy 1');
    expect(status()).toBe(`/n/llambo/${other}/n0/load`);
    await choose(`/n/llambo/${other}/n0/tasks`);
    await expect.poll(text).toBe('Nothing.');
  });

  it('goes by keyboard', async () => {
    world.set(`/n/llambo/${other}/name`, 'name Ben\n');
    await openTree();
    await frames(10);
    item(`/n/llambo/${self}`).focus();
    await userEvent.keyboard('{ArrowDown}{ArrowRight}');
    await expect.poll(() => item(`/n/llambo/${other}/name`)).not.toBeNull();
    await expect.poll(() => item(`/n/llambo/${other}`).expanded && !item(`/n/llambo/${other}`).loading).toBe(true);
    await frames(30);
    await userEvent.keyboard('{ArrowDown}{Enter}');
    await expect.poll(text).toBe('name Ben');
  });

  it('shows what strangers say as text and nothing else', async () => {
    world.set(`/n/llambo/${other}`, ['name', '<img src=x onerror=alert(1)>/', '<b>bold</b>']);
    world.set(`/n/llambo/${other}/name`, 'name <script>alert(1)</script> \u202eevil\n');
    await openTree();
    await unfold(`/n/llambo/${other}`, 'name');
    await choose(`/n/llambo/${other}/name`);
    await expect.poll(text).toBe('name <script>alert(1)</script> evil');
    expect(tree().shadowRoot!.querySelectorAll('img, b, script')).toHaveLength(0);
  });

  it('says what can’t be read, and can be tried again', async () => {
    world.delete(`/n/llambo/${other}`);
    await openTree();
    item(`/n/llambo/${other}`).expanded = true;
    await expect.poll(status).toBe(`There is nothing at /n/llambo/${other}. Read what is above it.`);
    await expect.poll(() => item(`/n/llambo/${other}`).expanded).toBe(false);
    world.set(`/n/llambo/${other}`, ['name']);
    await frames(10);
    await unfold(`/n/llambo/${other}`, 'name');
  });

  it('drops an answer that comes after another was chosen', async () => {
    let late: (text: string) => void = () => undefined;
    world.set(`/n/llambo/${other}/n0/log`, new Promise<string>((resolve) => (late = resolve)));
    await openTree();
    await unfold(`/n/llambo/${other}`, 'n0');
    await unfold(`/n/llambo/${other}/n0`, 'log');
    await choose(`/n/llambo/${other}/n0/log`);
    await expect.poll(status).toContain('Reading');
    await choose(`/n/llambo/${other}/n0/load`);
    await expect.poll(text).toBe('slots 2\nbusy 1');
    late('too late\n');
    await frames();
    expect(text()).toBe('slots 2\nbusy 1');
  });

  it('reads again what is open when it is refreshed', async () => {
    await openTree();
    await unfold(`/n/llambo/${other}`, 'n0');
    await unfold(`/n/llambo/${other}/n0`, 'load');
    await choose(`/n/llambo/${other}/n0/load`);
    await expect.poll(text).toBe('slots 2\nbusy 1');
    world.set(`/n/llambo/${other}/n0/load`, 'slots 2\nbusy 0\n');
    world.set('/n/llambo', [`${other}/`]);
    inTree('wa-button')!.click();
    await expect.poll(text).toBe('slots 2\nbusy 0');
    await expect.poll(() => item(`/n/llambo/${self}`)).toBeNull();
    expect(item(`/n/llambo/${other}/n0`).expanded).toBe(true);
  });

  it('works in a tab that is alone', async () => {
    await openTree({ ...base, swarm: null });
    expect(item(`/n/llambo/${self}`).textContent).toContain('This tab');
  });

  it.each([[1280, false], [360, true]] as const)('at %i px satisfies axe, dark: %s', async (width, dark) => {
    await page.viewport(width, 720);
    await openTree();
    document.documentElement.classList.toggle('wa-dark', dark);
    document.documentElement.classList.toggle('wa-light', !dark);
    await unfold(`/n/llambo/${other}`, 'n0');
    await unfold(`/n/llambo/${other}/n0`, 'load');
    await choose(`/n/llambo/${other}/n0/load`);
    await expect.poll(text).toBe('slots 2\nbusy 1');
    await frames(10);
    const { violations } = await axe.run(findAll('app-shell')[0]!, { rules: { 'page-has-heading-one': { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
    const body = findAll('wa-drawer').find((one) => one.getAttribute('label') === 'Swarm')!.shadowRoot!.querySelector<HTMLElement>('[part~=body]')!;
    expect(body.scrollWidth).toBeLessThanOrEqual(body.clientWidth);
  });
});
