import axe from 'axe-core';
import { page, userEvent } from 'vitest/browser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fusionScenes } from '../../testing/fusion-fixtures.ts';
import { base, fixtureStore } from '../../testing/ui-fixtures.ts';
import { mountApp } from '../mount.ts';
import '../styles/page.css';

let calls: unknown[][] = [];
let unmount: () => void = () => undefined;

const frames = async (count = 3): Promise<void> => {
  for (let frame = 0; frame < count; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
};
function findAll<T extends HTMLElement = HTMLElement>(selector: string, root: ParentNode = document): T[] {
  return [...root.querySelectorAll<T>('*')].flatMap((element) => [...(element.matches(selector) ? [element] : []), ...(element.shadowRoot ? findAll<T>(selector, element.shadowRoot) : [])]);
}
const one = (selector: string): HTMLElement => findAll(selector)[0]!;
const within = (host: string, selector: string): HTMLElement => one(host).shadowRoot!.querySelector(selector)!;

async function open(snapshot = fusionScenes['fusion-vote']!): Promise<void> {
  unmount = mountApp(document.body.appendChild(document.createElement('div')), fixtureStore(snapshot, (name, args) => calls.push([name, ...args])));
  await frames(10);
}
async function openVotes(): Promise<void> {
  within('fused-answer', 'summary').click();
  await expect.poll(() => findAll('candidate-card').length).toBeGreaterThan(0);
  await frames(3);
}

beforeEach(async () => {
  calls = [];
  await page.viewport(1280, 900);
});
afterEach(() => {
  unmount();
  document.documentElement.classList.remove('wa-dark');
  document.body.replaceChildren();
});

describe('a fused answer', () => {
  it('is one line until it is opened', async () => {
    await open();
    expect(within('fused-answer', 'summary').textContent.replace(/\s+/g, ' ').trim()).toBe('7 of 9 engines agree 3.1 s 41 % of the work saved');
    expect(findAll('candidate-card')).toEqual([]);
    await openVotes();
    expect(findAll('candidate-card')).toHaveLength(10);
    expect([...one('fused-answer').shadowRoot!.querySelectorAll('.vote bdi')].map(({ textContent }) => textContent)).toEqual(['85', '75', '95']);
  });

  it('marks where a candidate differs from the answer', async () => {
    await open(fusionScenes['fusion-fields']);
    await openVotes();
    const [, rome] = findAll('candidate-card');
    expect(rome!.shadowRoot!.querySelector('ins')!.textContent).toBe('Rome');
    expect(rome!.shadowRoot!.querySelector('del')!.textContent).toBe('Oslo');
  });

  it('runs a candidate again, and says what came of it', async () => {
    await open();
    await openVotes();
    const words = findAll('candidate-card').map((card) => card.shadowRoot!.textContent);
    expect(words[0]).toContain('Identical, to the letter');
    expect(words[1]).toContain('Running again here');
    expect(words[3]).toContain('It said something else here');
    expect(words[4]).toContain('No engine of this tab has that model');
    // Nobody waited for the last one: there is nothing to compare with.
    expect(words[9]).not.toContain('Run again');
    findAll('candidate-card')[2]!.shadowRoot!.querySelector('wa-button')!.click();
    const turn = fusionScenes['fusion-vote']!.conversation.turns[1]!.id;
    expect(calls).toEqual([['rerunCandidate', turn, 2]]);
  });

  it('shows what models and tabs say as text', async () => {
    await open(fusionScenes['fusion-hostile']);
    await openVotes();
    expect(findAll('fused-answer img, candidate-card script, candidate-card b')).toEqual([]);
    expect(one('fused-answer').shadowRoot!.textContent).toContain('<img src=x onerror=alert(1)>');
    expect(findAll('candidate-card')[1]!.shadowRoot!.textContent).not.toContain('\u202e');
  });
});

describe('how many are asked', () => {
  const label = (): string => within('engines-picker', '[slot=trigger]').textContent;
  const choose = async (value: string): Promise<void> => {
    within('engines-picker', '[slot=trigger]').click();
    await expect.poll(() => within('engines-picker', 'wa-dropdown').matches('[open]')).toBe(true);
    await userEvent.click(within('engines-picker', `wa-dropdown-item[value="${value}"]`));
  };

  it.each([
    ['one', null],
    ['n:9', { policy: 'vote', n: 9 }],
    ['p:select', { policy: 'select', n: 5 }],
    ['auto', { policy: 'auto' }],
  ])('%s', async (value, fusion) => {
    await open(base);
    expect(label()).toBe('Auto');
    await choose(value);
    expect(calls).toEqual([['setSettings', { fusion }]]);
  });

  it('keeps the one choice while the other changes', async () => {
    await open({ ...base, settings: { ...base.settings, fusion: { policy: 'weighted', n: 9 } } });
    expect(label()).toBe('Weighted vote of 9');
    await choose('n:3');
    expect(calls).toEqual([['setSettings', { fusion: { policy: 'weighted', n: 3 } }]]);
  });
});

describe('accessibility', () => {
  // Each scene once, widths and themes in turn: what differs between them is the same for all.
  it.each(Object.keys(fusionScenes).map((name, index) => [name, index % 2 === 0 ? 1280 : 360, index % 4 > 1] as const))('%s at %i px satisfies axe, dark: %s', async (name, width, dark) => {
    await page.viewport(width, 800);
    document.documentElement.classList.toggle('wa-dark', dark);
    await open(fusionScenes[name]);
    await openVotes();
    const { violations } = await axe.run(one('app-shell'), { rules: { 'page-has-heading-one': { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ target }) => target.join(' '))])).toEqual([]);
  });
});
