/**
 * Development only: the page in each of its states. `gallery.html` lists them; `gallery.html?scene=long` shows one.
 * Those of the swarm have its panel open, those of fusion their votes. `gallery.html?scene=stream` writes a long answer at 200 batches a second, to look at how that feels.
 */
import { mountApp } from '../ui/mount.ts';
import { activeTurn } from '../ui/chat/replies.ts';
import type { Snapshot } from '../protocol/snapshot.ts';
import { fusionScenes } from './fusion-fixtures.ts';
import { swarmScenes } from './swarm-fixtures.ts';
import { fixtureStore, scenes as pageScenes } from './ui-fixtures.ts';

const scenes = { ...pageScenes, ...swarmScenes, ...fusionScenes };

const name = new URLSearchParams(location.search).get('scene');
const root = document.querySelector<HTMLElement>('#app')!;

function list(): void {
  document.body.style.overflow = 'auto';
  root.replaceChildren(
    ...[...Object.keys(scenes), 'stream'].map((scene) => {
      const figure = document.createElement('figure');
      const link = Object.assign(document.createElement('a'), { href: `?scene=${scene}`, textContent: scene });
      const frame = Object.assign(document.createElement('iframe'), { src: `?scene=${scene}`, title: scene, loading: 'lazy' });
      figure.append(link, frame);
      return figure;
    }),
  );
}

function show(snapshot: Snapshot): ReturnType<typeof fixtureStore> {
  const store = fixtureStore(snapshot, (command, args) => {
    console.info(command, ...args);
    (globalThis as { commands?: unknown[] }).commands = [...((globalThis as { commands?: unknown[] }).commands ?? []), [command, ...args]];
    if (command === 'dismiss') store.set({ ...store.snapshot(), notices: store.snapshot().notices.filter(({ id }) => id !== args[0]) });
  });
  mountApp(root, store);
  if (name !== null && name in swarmScenes && name !== 'swarm-chat') {
    root.firstElementChild!.dispatchEvent(new CustomEvent('llambo-panel-open', { detail: { panel: 'swarm' } }));
  }
  if (name !== null && name in fusionScenes) void openVotes();
  (globalThis as { store?: unknown }).store = store;
  return store;
}

/** The details are below three shadow roots, each of which draws itself in its own time. */
async function openVotes(): Promise<void> {
  for (;;) {
    const within = ['app-shell', 'chat-view', 'assistant-message', 'fused-answer', 'details'].reduce<Element | null | undefined>((found, tag) => (found?.shadowRoot ?? found)?.querySelector(tag), document.body);
    if (within instanceof HTMLDetailsElement) return void (within.open = true);
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}

/** Replaces the text of the answer that is being written. */
function withText(snapshot: Snapshot, text: string): Snapshot {
  const active = activeTurn(snapshot.conversation.turns);
  const turns = snapshot.conversation.turns.map((turn) => (turn === active && turn.role === 'assistant' ? { ...turn, replies: turn.replies.map((reply) => ({ ...reply, text })) } : turn));
  return { ...snapshot, conversation: { ...snapshot.conversation, turns } };
}

function stream(): void {
  const store = show(withText(scenes['streaming']!, ''));
  const first = scenes['long']!.conversation.turns[1]!;
  const page = first.role === 'assistant' ? first.replies[1]!.text : '';
  const text = `${page}\n\n`.repeat(80);
  let end = 0;
  const timer = setInterval(() => {
    store.set(withText(store.snapshot(), text.slice(0, (end += 12))));
    if (end >= text.length) clearInterval(timer);
  }, 5);
}

if (name === null) list();
else if (name === 'stream') stream();
else show(scenes[name] ?? scenes['empty']!);
