import { afterEach, describe, expect, it } from 'vitest';
import type { NativeDraft, NativeServer, NativeTest } from '../protocol/native.ts';
import type { LlamboError } from '../shared/errors.ts';
import type { PeerId } from '../shared/ids.ts';
import { systemEnv } from '../shared/system-env.ts';
import { makeTask, runToEnd } from '../testing/engine-node-suite.ts';
import { startScriptedHttpServer, type ScriptedHttpOptions, type ScriptedHttpServer } from '../testing/scripted-http-server.ts';
import { createNativeNodes, type NativeNodes } from './native-nodes.ts';
import { createKeyRing, replaceIn } from './native-storage.ts';
import { joinNodes, sharedNode } from './own-nodes.ts';

const KEY = 'sk-very-secret';
const draft: NativeDraft = { url: '', key: '', model: '', slots: 0, contextTokens: 0, tier: 'large', share: false };

/** Session storage of a tab. */
function session() {
  const items = new Map<string, string>();
  return { items, getItem: (name: string) => items.get(name) ?? null, setItem: (name: string, value: string) => void items.set(name, value), removeItem: (name: string) => void items.delete(name) };
}

interface Tab {
  readonly natives: NativeNodes;
  /** As it is stored, for all tabs. */
  readonly disk: { servers: readonly NativeServer[] };
  readonly tab: ReturnType<typeof session>;
}

let opened: { stop?(): Promise<void>; close?(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.map(async (one) => (one.stop ? one.stop() : one.close?.())));
  opened = [];
});

async function open(disk: Tab['disk'] = { servers: [] }, tab = session()): Promise<Tab> {
  const natives = createNativeNodes({
    env: systemEnv, peer: 'me' as PeerId, pageUrl: 'https://llambo.example/', fetch: globalThis.fetch, keys: createKeyRing(tab),
    storage: { load: async () => disk.servers, replace: async (old, by) => void (disk.servers = structuredClone(replaceIn(disk.servers, old, by))) },
    onError: (error) => expect.unreachable(String(error)),
  });
  opened.push(natives);
  await natives.start();
  return { natives, disk, tab };
}

async function serve(options: ScriptedHttpOptions = {}): Promise<ScriptedHttpServer> {
  const server = await startScriptedHttpServer(options);
  opened.push(server);
  return server;
}

/** Settles when it is so. */
function until(natives: NativeNodes, so: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!so()) return;
      off();
      resolve();
    };
    const off = natives.onChange(look);
    look();
  });
}
const stateIs = (natives: NativeNodes, state: string) => until(natives, () => natives.nodes().at(-1)?.state === state);
const tested = async (natives: NativeNodes): Promise<NativeTest> => {
  await until(natives, () => natives.view().test !== null && natives.view().test!.state !== 'running');
  return natives.view().test!;
};

describe('a server that the person adds', () => {
  it('is a node of this tab, and answers', async () => {
    const { natives } = await open();
    const { url } = await serve();
    const address = natives.add({ ...draft, url: `${url}/v1`, tier: 'medium' });
    expect(address).toBe('/n/llambo/me/native-1');
    await stateIs(natives, 'idle');
    expect(natives.nodes()).toMatchObject([{ address, local: true, shared: false, model: { id: 'scripted', tier: 'medium' } }]);
    expect((await runToEnd(natives.get(address)!, makeTask('count to 3', { profile: 'chat' }))).text).toBe('1 2 3');
  });

  it('is kept for the next visit without its key; the key is kept by this tab alone', async () => {
    const { url } = await serve({ key: KEY });
    const first = await open();
    first.natives.add({ ...draft, url, key: KEY });
    await stateIs(first.natives, 'idle');
    await first.natives.stop();
    expect(first.disk.servers).toEqual([{ id: 'native-1', url, model: '', slots: 0, contextTokens: 0, tier: 'large', share: false }]);
    const reloaded = await open(first.disk, first.tab);
    await stateIs(reloaded.natives, 'idle');
    const other = await open(first.disk);
    await stateIs(other.natives, 'error');
    expect(other.natives.view().servers[0]).toMatchObject({ url, hasKey: false });
    expect(other.natives.nodes()[0]!.problem).toContain('wants a key');
  });

  it('gets no key that was given for another: after another tab gave its name away, or when its address is changed', async () => {
    const [mine, theirs] = [await serve({ key: KEY }), await serve()];
    const first = await open();
    first.natives.add({ ...draft, url: mine.url, key: KEY });
    await stateIs(first.natives, 'idle');
    const other = await open(first.disk);
    other.natives.remove('native-1');
    other.natives.add({ ...draft, url: theirs.url });
    await stateIs(other.natives, 'idle');
    const reloaded = await open(other.disk, first.tab);
    await stateIs(reloaded.natives, 'idle');
    expect(reloaded.natives.view().servers).toMatchObject([{ url: theirs.url, hasKey: false }]);
    first.natives.change('native-1', { url: theirs.url });
    await stateIs(first.natives, 'idle');
    expect(new Set(theirs.seen.map(({ authorization }) => authorization))).toEqual(new Set([undefined]));
  });

  it('stays, whatever other tabs that opened before it add and remove', async () => {
    const [mine, theirs] = [await serve(), await serve()];
    const first = await open();
    const other = await open(first.disk);
    first.natives.add({ ...draft, url: mine.url });
    other.natives.add({ ...draft, url: theirs.url });
    await Promise.all([stateIs(first.natives, 'idle'), stateIs(other.natives, 'idle')]);
    expect(first.disk.servers).toMatchObject([{ id: 'native-1', url: mine.url }, { id: 'native-2', url: theirs.url }]);
    first.natives.change('native-1', { model: 'scripted' });
    first.natives.add({ ...draft, url: theirs.url, slots: 2 });
    first.natives.remove('native-1');
    await stateIs(first.natives, 'idle');
    expect(first.disk.servers).toMatchObject([{ id: 'native-2', url: theirs.url, slots: 0 }, { url: theirs.url, slots: 2 }]);
    expect(new Set(first.disk.servers.map(({ id }) => id)).size).toBe(2);
  });

  it('shows its key nowhere', async () => {
    const { url } = await serve({ key: 'another' });
    const { natives, disk } = await open();
    natives.add({ ...draft, url, key: KEY });
    await stateIs(natives, 'error');
    await natives.test({ ...draft, url, key: KEY });
    expect(JSON.stringify([natives.view(), natives.nodes(), disk.servers])).not.toContain(KEY);
    expect(natives.view().servers[0]!.hasKey).toBe(true);
  });

  it.each(['', 'localhost:8080', 'javascript:alert(1)', 'https://me:pass@host/', `https://host/${'x'.repeat(3000)}`])('is refused at %j', async (url) => {
    const { natives, disk } = await open();
    expect(() => natives.add({ ...draft, url })).toThrow(expect.objectContaining({ code: 'bad-request' } satisfies Partial<LlamboError>));
    expect([natives.nodes(), disk.servers]).toEqual([[], []]);
  });

  it('takes the first free name, and there is an end to them', async () => {
    const { natives } = await open();
    const { url } = await serve();
    for (let count = 0; count < 16; count += 1) natives.add({ ...draft, url });
    expect(() => natives.add({ ...draft, url })).toThrow(/16 servers/);
    natives.remove('native-3');
    expect(natives.add({ ...draft, url })).toBe('/n/llambo/me/native-3');
  });
});

describe('a change', () => {
  it('of what is told of a server disturbs no answer', async () => {
    const { natives, disk } = await open();
    const { url } = await serve();
    const address = natives.add({ ...draft, url });
    await stateIs(natives, 'idle');
    const node = natives.get(address)!;
    const running = runToEnd(node, makeTask('count to 30', { profile: 'chat' }));
    natives.change('native-1', { share: true, tier: 'tiny' });
    expect(natives.nodes()[0]).toMatchObject({ shared: true, model: { tier: 'tiny' } });
    expect((await running).text.endsWith('30')).toBe(true);
    expect(natives.get(address)).toBe(node);
    expect(disk.servers[0]).toMatchObject({ share: true, tier: 'tiny' });
  });

  it('of its key or place connects anew', async () => {
    const { natives } = await open();
    const { url } = await serve({ key: KEY });
    natives.add({ ...draft, url, key: 'wrong' });
    await stateIs(natives, 'error');
    natives.change('native-1', { key: KEY });
    await stateIs(natives, 'idle');
    natives.change('native-1', { slots: 3 });
    await stateIs(natives, 'idle');
    expect(natives.nodes()).toMatchObject([{ address: '/n/llambo/me/native-1', slots: 3 }]);
  });

  it('that removes it ends its answers, and forgets its key', async () => {
    const { natives, disk, tab } = await open();
    const { url } = await serve({ key: KEY });
    const address = natives.add({ ...draft, url, key: KEY });
    await stateIs(natives, 'idle');
    const running = runToEnd(natives.get(address)!, makeTask('count to 90', { profile: 'chat' })).catch((error: LlamboError) => error.code);
    natives.remove('native-1');
    expect(await running).toBe('stopped');
    expect([natives.nodes(), natives.view().servers, tab.items.size]).toEqual([[], [], 0]);
    await natives.stop();
    expect(disk.servers).toEqual([]);
  });

  it('of nobody is not found', async () => {
    const { natives } = await open();
    for (const act of [() => natives.change('native-1', {}), () => natives.remove('native-9'), () => natives.retry('x')]) expect(act).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});

describe('a look at a server', () => {
  it('says what it has, and connects nothing', async () => {
    const { natives, disk } = await open();
    const { url } = await serve({ slots: 5, context: 512 });
    await natives.test({ ...draft, url });
    expect(await tested(natives)).toEqual({ state: 'good', url, model: 'scripted', models: ['scripted'], slots: 5, contextTokens: 512 });
    expect([natives.nodes(), disk.servers]).toEqual([[], []]);
  });

  it('explains what may be in the way', async () => {
    const { natives } = await open();
    const server = await serve();
    await server.close();
    opened.pop();
    await natives.test({ ...draft, url: server.url });
    const outcome = await tested(natives);
    expect(outcome).toMatchObject({ state: 'failed', error: { code: 'unreachable' } });
    expect(outcome.state === 'failed' && outcome.hints).toHaveLength(4);
  });

  it('makes room for a later one', async () => {
    const { natives } = await open();
    const { url } = await serve();
    const first = natives.test({ ...draft, url: 'http://127.0.0.1:9' });
    await natives.test({ ...draft, url });
    await first;
    expect(natives.view().test).toMatchObject({ state: 'good', url });
  });
});

it('servers and engines are one list; others get those that are shared', async () => {
  const { natives } = await open();
  const { natives: more } = await open();
  const { url } = await serve();
  const [kept, shared] = [natives.add({ ...draft, url }), natives.add({ ...draft, url, share: true })];
  const own = joinNodes(more, natives);
  let heard = 0;
  const off = own.onChange(() => (heard += 1));
  await until(natives, () => natives.nodes().every(({ state }) => state === 'idle'));
  expect(own.nodes().map(({ address }) => address)).toEqual([kept, shared]);
  expect([own.get(kept)?.address, sharedNode(own, kept), sharedNode(own, shared)?.address]).toEqual([kept, null, shared]);
  expect(heard).toBeGreaterThan(0);
  off();
  const before = heard;
  natives.remove('native-1');
  expect(heard).toBe(before);
});
