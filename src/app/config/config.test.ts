import { describe, expect, it, vi } from 'vitest';
import type { CatalogEntry } from '../../protocol/models.ts';
import { DEFAULT_POLICY } from '../../protocol/policy.ts';
import type { Settings } from '../../protocol/snapshot.ts';
import { createSeededRandom } from '../../testing/seeded-random.ts';
import { base } from '../../testing/ui-fixtures.ts';
import { createNotices } from '../notices.ts';
import { DEFAULT_SETTINGS } from '../settings-storage.ts';
import { createState } from '../state.ts';
import { readConfigFiles } from './config-files.ts';
import { offeredModels } from './config-models.ts';
import type { ConfigStorage, KeptConfig } from './config-storage.ts';
import { createConfig } from './config.ts';

function memory(kept: KeptConfig | null = null) {
  const storage = { kept, load: () => Promise.resolve(storage.kept), save: (next: KeptConfig) => Promise.resolve(void (storage.kept = next)) };
  return storage satisfies ConfigStorage;
}

/** A site that answers with this text, or has no such file. */
const siteOf = (text: string | null): typeof fetch => () =>
  Promise.resolve(text === null ? new Response('', { status: 404 }) : new Response(text, { headers: { 'content-type': 'text/yaml' } }));

async function open({ site = null as string | null, kept = null as KeptConfig | null, settings = DEFAULT_SETTINGS } = {}) {
  const storage = memory(kept);
  const state = createState({ ...base, settings });
  const notices = createNotices(state, createSeededRandom(1));
  const downloads: string[] = [];
  const config = createConfig({
    files: await readConfigFiles('https://llambo.example/', storage, siteOf(site)),
    storage, state, notices,
    setSettings: (change: Partial<Settings>) => state.set({ settings: { ...state.get().settings, ...change } }),
    download: (_, content) => downloads.push(content),
  });
  const policies: unknown[] = [];
  config.onChange(() => policies.push(config.policy()));
  config.start();
  return { config, state, storage, notices, downloads, policies, notice: () => state.get().notices.at(-1), info: () => state.get().config, commands: config.commands };
}

describe('the files', () => {
  it('none is the defaults', async () => {
    const { config, notice, info } = await open();
    expect(config.policy()).toEqual(DEFAULT_POLICY);
    expect(notice()).toBeUndefined();
    expect(info().below['swarm.queue.most']).toBe('4096');
  });

  it('the front page of a host that knows no 404 is no file', async () => {
    const files = await readConfigFiles('https://x.example/', memory(), () => Promise.resolve(new Response('<html>', { headers: { 'content-type': 'text/html' } })));
    expect(files.site).toBeNull();
  });

  it('a host that never answers holds nothing up', async () => {
    const patience = new AbortController();
    const silent: typeof fetch = (_, init) => new Promise((_resolve, reject) => init!.signal!.addEventListener('abort', () => reject(new Error('aborted'))));
    const files = readConfigFiles('https://x.example/', memory({ text: 'swarm: { strategy: random }' }), silent, patience.signal);
    patience.abort();
    expect(await files).toMatchObject({ site: null, own: { config: { swarm: { strategy: 'random' } } } });
  });

  it('the site’s counts, the person’s above it, key by key', async () => {
    const site = 'swarm: { strategy: random, queue: { most: 500, retry: 3s } }';
    const { config, info } = await open({ site, kept: { text: 'swarm: { queue: { most: 700 } }' } });
    expect(config.policy()).toMatchObject({ strategy: 'random', queue: { most: 700, retryMs: 3000 } });
    expect([info().own['swarm.queue.most'], info().below['swarm.queue.most'], info().counts['swarm.queue.most']]).toEqual(['700', '500', '700']);
  });

  it('a broken one is told with line and key, and the defaults count', async () => {
    const { config, notice } = await open({ site: 'swarm:\n  queue:\n    most: lots\n' });
    expect(config.policy()).toEqual(DEFAULT_POLICY);
    expect(notice()).toMatchObject({ level: 'warning', text: expect.stringContaining('line 3, swarm.queue.most') as unknown, advice: 'Allowed: a whole number from 1 to 65536.' });
  });

  it('a broken own one is kept where it can be mended', async () => {
    const text = 'swarm: { strategy: gone }';
    const { config, info, storage } = await open({ kept: { text } });
    expect(config.policy()).toEqual(DEFAULT_POLICY);
    expect(info()).toMatchObject({ refused: text, problems: [{ line: 1, key: 'swarm.strategy' }] });
    expect(storage.kept).toEqual({ text });
  });

  it('a broken own one is not overwritten because the settings are looked at or changed', async () => {
    const text = 'device: { name: Ada }\nswarm: { strategy: gone } # mine';
    const { commands, state, storage, info, notice, notices } = await open({ kept: { text }, settings: { ...DEFAULT_SETTINGS, name: 'Ada' } });
    commands.showConfig();
    state.set({ settings: { ...state.get().settings, nodes: 2 } });
    commands.setConfigValue('swarm.queue.most', 'lots');
    await vi.waitFor(() => expect(info().problems).toMatchObject([{ key: 'swarm.queue.most' }]));
    expect([info().refused, storage.kept]).toEqual([null, { text }]);
    commands.showConfig();
    expect([info().refused, info().problems]).toMatchObject([text, [{ key: 'swarm.strategy' }]]);
    commands.setConfigValue('swarm.queue.most', 900);
    await vi.waitFor(() => expect(notice()?.action?.label).toBe('Undo'));
    expect(state.get().settings).toMatchObject({ name: 'Ada', nodes: 2 });
    expect([info().refused, info().own['swarm.queue.most'], info().own['device.name']]).toEqual([null, '900', 'Ada']);
    notices.act(notice()!.id);
    expect([info().refused, storage.kept, state.get().settings.name]).toEqual([text, { text }, 'Ada']);
  });

  it('what a site says of devices is taken at the first visit, and never over what a person chose', async () => {
    const site = 'device: { nodes: 3, signalling: [{ host: a.example }] }';
    const first = await open({ site });
    expect(first.state.get().settings.nodes).toBe(3);
    expect(first.config.signalling()).toEqual({ signalling: [{ host: 'a.example' }] });
    expect((await open({ site, kept: { text: null } })).state.get().settings.nodes).toBe(0);
    expect((await open({ site, settings: { ...DEFAULT_SETTINGS, nodes: 1 } })).state.get().settings.nodes).toBe(1);
  });
});

describe('changes', () => {
  it('take effect at once, are kept, and can be taken back', async () => {
    const { commands, policies, storage, info, config, state, notice } = await open();
    commands.showConfig();
    commands.setConfigValue('swarm.strategy', 'random');
    commands.setConfigValue('swarm.queue.retry', '2s');
    await vi.waitFor(() => expect(policies.at(-1)).toMatchObject({ strategy: 'random', queue: { retryMs: 2000 } }));
    expect(storage.kept?.text).toBe(info().text);
    expect(info().text).toContain('\n    retry: 2s\n');
    commands.setConfigValue('swarm.queue.retry', null);
    await vi.waitFor(() => expect(info().text).toContain('#retry: 1s'));
    commands.resetConfig();
    await vi.waitFor(() => expect(config.policy()).toEqual(DEFAULT_POLICY));
    expect([storage.kept, info().own]).toEqual([{ text: null }, {}]);
    const act = notice();
    expect(act?.action?.label).toBe('Undo');
    expect(state.get().notices).toHaveLength(1);
  });

  it('a value that is not allowed changes nothing and is told at its key', async () => {
    const { commands, info, policies, storage } = await open();
    commands.setConfigValue('swarm.queue.most', 'lots');
    await vi.waitFor(() => expect(info().problems).toMatchObject([{ key: 'swarm.queue.most', allowed: 'a whole number from 1 to 65536' }]));
    expect([policies, storage.kept, info().refused]).toEqual([[], { text: null }, null]);
    commands.setConfigValue('swarm.queue.most', 900);
    await vi.waitFor(() => expect(info().problems).toEqual([]));
    expect(policies).toMatchObject([{ queue: { most: 900 } }]);
  });

  it('a text that is wrong changes nothing and stays to be mended', async () => {
    const { commands, info, config } = await open();
    commands.setConfig('swarm:\n  strategi: random\n');
    await vi.waitFor(() => expect(info()).toMatchObject({ refused: 'swarm:\n  strategi: random\n', problems: [{ line: 2, key: 'swarm.strategi' }] }));
    expect(config.policy()).toEqual(DEFAULT_POLICY);
    commands.setConfig('swarm:\n  strategy: random\n');
    await vi.waitFor(() => expect(info()).toMatchObject({ refused: null, problems: [] }));
    expect(config.policy().strategy).toBe('random');
  });

  it('the device’s part and the settings are one', async () => {
    const { commands, state, info } = await open();
    commands.setConfig('# mine\ndevice: { nodes: 2, sharing: { on: false } }\n');
    await vi.waitFor(() => expect(state.get().settings).toMatchObject({ nodes: 2, sharing: { on: false, keptModels: [] } }));
    state.set({ settings: { ...state.get().settings, nodes: 4 } });
    await vi.waitFor(() => expect(info().own['device.nodes']).toBe('4'));
    commands.showConfig();
    expect(info().text).toContain('# mine');
    commands.setConfigValue('device.nodes', null);
    await vi.waitFor(() => expect(state.get().settings.nodes).toBe(0));
  });

  it('a file is imported whole, or not at all; what is exported can be imported', async () => {
    const { commands, config, notice, downloads, info } = await open({ site: 'swarm: { health: { failures: 7 } }' });
    commands.importConfig(new File(['swarm: { strategy: sticky }'], 'ours.yaml'));
    await vi.waitFor(() => expect(notice()?.text).toBe('ours.yaml counts from now on.'));
    commands.exportConfig();
    const other = await open();
    other.commands.setConfig(downloads[0]!);
    await vi.waitFor(() => expect(other.config.policy()).toEqual(config.policy()));
    commands.importConfig(new File(['swarm: { strategy: 5 }'], 'bad.yaml'));
    await vi.waitFor(() => expect(notice()?.text).toContain('bad.yaml was not taken: line 1, swarm.strategy'));
    expect([info().refused, config.policy().strategy]).toEqual(['swarm: { strategy: 5 }', 'sticky']);
  });

  it('the swarm’s own part counts over this device’s, until it is alone again', async () => {
    const { commands, config, info, policies } = await open({ kept: { text: 'swarm: { strategy: random }' } });
    config.setSwarmPart({ strategy: 'sticky' });
    expect([config.policy().strategy, info().fromSwarm, info().counts['swarm.strategy'], info().own['swarm.strategy']]).toEqual(['sticky', true, 'sticky', 'random']);
    commands.setConfigValue('swarm.strategy', 'weighted');
    await vi.waitFor(() => expect(info().own['swarm.strategy']).toBe('weighted'));
    expect(config.policy().strategy).toBe('sticky');
    config.setSwarmPart(null);
    expect([config.policy().strategy, policies.length]).toEqual(['weighted', 2]);
  });
});

describe('models', () => {
  const entry = { id: 'tiny-1', name: 'Tiny', license: 'MIT', files: [{ urls: ['a.gguf'] }], tier: 'tiny', context: 256, slots: 16, ubatch: 8, maxThreads: 1, memoryBytes: 1e8, goodAt: '' } satisfies CatalogEntry;
  const model = { id: 'smol', url: 'smol.gguf', sha256: 'a'.repeat(64), tier: 'medium', memory: 5e8 } as const;

  it('are added, or put in place of the catalogue’s, but never of the one that ships with the page', () => {
    const catalog = [{ ...entry, builtIn: true }, { ...entry, id: 'smol' }];
    const offered = offeredModels(catalog, { swarm: { models: [model, { ...model, id: 'tiny-1' }] } }, 8);
    expect(offered.map(({ id, tier }) => [id, tier])).toEqual([['tiny-1', 'tiny'], ['smol', 'medium']]);
    expect(offered[1]).toMatchObject({ files: [{ urls: ['smol.gguf'], sha256: 'a'.repeat(64) }], memoryBytes: 5e8 });
  });

  it('have nodes as their tier wants them', () => {
    const [shaped] = offeredModels([entry], { swarm: { tiers: { tiny: { model: 'tiny-1', slots: 4, context: 512, cpuShare: 0.5, threads: 6, memory: 2e8 } } } }, 8);
    expect(shaped).toMatchObject({ slots: 4, context: 512, maxThreads: 4, memoryBytes: 2e8 });
    expect(offeredModels([entry], { swarm: { tiers: { tiny: { model: 'tiny-1', cpuShare: 0.01 } } } }, 8)[0]).toMatchObject({ maxThreads: 1, slots: 16 });
  });
});
