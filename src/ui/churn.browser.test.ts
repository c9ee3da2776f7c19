import { afterEach, describe, expect, it } from 'vitest';
import { fixtureStore, scenes } from '../testing/ui-fixtures.ts';
import type { Snapshot } from '../protocol/snapshot.ts';
import { mountApp } from './mount.ts';

let unmount: () => void = () => undefined;
afterEach(() => {
  unmount();
  document.body.replaceChildren();
});

const frames = async (count = 3): Promise<void> => {
  for (let frame = 0; frame < count; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
};
/** Nodes of every kind, comments too, through shadow roots. */
const count = (node: Node): number =>
  1 + [...node.childNodes, ...(node instanceof Element && node.shadowRoot ? [node.shadowRoot] : [])].reduce((sum, child) => sum + count(child), 0);

describe('a page that is left open', () => {
  const { empty } = scenes as { empty: Snapshot };
  const of = (name: string): Snapshot => ({
    ...empty,
    conversations: [{ id: name as Snapshot['conversations'][number]['id'], title: name, updatedAt: 0 }],
    notices: [{ id: name, level: 'warning', text: name }],
  });

  // Lit-html 3.3.1 to 3.3.3 leave the end marker of each removed item (https://github.com/lit/lit/issues/5298): hence `overrides` in package.json.
  it('keeps nothing of the conversations and notices that went', async () => {
    const store = fixtureStore(of('first'), () => undefined);
    unmount = mountApp(document.body.appendChild(document.createElement('div')), store);
    await frames(10);
    const before = count(document.body);
    for (let turn = 0; turn < 20; turn += 1) {
      store.set(of(`turn ${turn}`));
      await frames(2);
    }
    await expect.poll(() => count(document.body)).toBe(before);
  });
});
