import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { memoryBudget } from '../engine/capabilities.ts';
import type { CatalogEntry } from '../protocol/models.ts';
import { DEFAULT_POLICY } from '../protocol/policy.ts';
import { settle } from '../testing/manual-clock.ts';
import { createScalingRig, entryOf, MB } from '../testing/scaling-rig.ts';
import { withShape } from './config/config-models.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

describe('the nodes of a tab', () => {
  it('become fewer while they idle and more while they work; an answer goes on meanwhile; at rest nobody looks', async () => {
    const { clock, pool, engines, counts, scaled, looks, ask } = createScalingRig();
    await engines.start();
    expect(counts()).toEqual({ tiny: 2 });
    await clock.advance(MINUTE + 2 * SECOND);
    expect(counts()).toEqual({ tiny: 1 });
    expect(scaled()).toMatchObject([{ model: 'tiny', from: 2, to: 1, reason: 'One fewer, because only 0 % of its slots were in use during 60 s.' }]);
    await clock.advance(2 * SECOND);
    const before = looks();
    await clock.advance(10 * MINUTE);
    expect(looks()).toBe(before);

    const working = pool.find('tiny')!;
    const answers = ask(working, 2, 30);
    await clock.advance(8 * SECOND);
    expect(counts()).toEqual({ tiny: 2 });
    expect(scaled().slice(1)).toMatchObject([{ from: 1, to: 2, reason: 'One more, because 100 % of its slots were asked for during 5 s.' }]);
    await clock.advance(30 * SECOND);
    expect(await answers).toMatchObject([{ result: { usage: { answerTokens: 30 } } }, { result: { usage: { answerTokens: 30 } } }]);
    await clock.advance(MINUTE);
    expect(counts()).toEqual({ tiny: 1 });
  });

  it('are as many as the person said, busy or not', async () => {
    const { clock, engines, counts, scaled, setSettings } = createScalingRig({ settings: { nodes: 3 } });
    await engines.start();
    await clock.advance(5 * MINUTE);
    expect(counts()).toEqual({ tiny: 3 });
    await setSettings({ nodes: 2 });
    await clock.advance(5 * MINUTE);
    expect([counts(), scaled()]).toEqual([{ tiny: 2 }, []]);
  });

  it('are left alone where the configuration says so, from the moment on when it says so', async () => {
    const { clock, engines, counts, setPolicy } = createScalingRig({ policy: { scaling: { ...DEFAULT_POLICY.scaling, on: false } } });
    await engines.start();
    await clock.advance(5 * MINUTE);
    expect(counts()).toEqual({ tiny: 2 });
    setPolicy({ scaling: DEFAULT_POLICY.scaling });
    await clock.advance(MINUTE + 3 * SECOND);
    expect(counts()).toEqual({ tiny: 1 });
  });

  it('become more for jobs that wait here, if this tab leads and one of its nodes would do', async () => {
    const { clock, pool, engines, counts, demand, ask } = createScalingRig();
    await engines.start();
    await clock.advance(MINUTE + 2 * SECOND);
    const answer = ask(pool.find('tiny')!, 1, 40);
    await clock.advance(10 * SECOND);
    demand.set('medium', 5);
    demand.set('smol', 5);
    await clock.advance(10 * SECOND);
    expect(counts()).toEqual({ tiny: 1 });
    demand.set('any', 5);
    await clock.advance(7 * SECOND);
    expect(counts()).toEqual({ tiny: 2 });
    await clock.advance(20 * SECOND);
    await answer;
  });

  it('end where the memory ends, and it is said once', async () => {
    const { clock, pool, engines, counts, scaled, ask } = createScalingRig({ cores: 8, memoryBytes: 250 * MB, catalog: [entryOf('tiny')] });
    await engines.start();
    expect(counts()).toEqual({ tiny: 2 });
    const answers = Promise.all(pool.nodes().map(({ address }) => ask(pool.get(address)!, 2, 60)));
    await clock.advance(50 * SECOND);
    expect(scaled()).toMatchObject([{ from: 2, to: 2, reason: expect.stringContaining('it takes 100 MB and 50 MB are left') as unknown }]);
    await clock.advance(30 * SECOND);
    await answers;
  });

  it('that can\'t be started are not tried again for a while', async () => {
    const { clock, engines, counts, scaled, demand } = createScalingRig({ fails: (node) => node === 2 || node === 3 });
    demand.set('any', 9);
    await engines.start();
    expect(counts()).toEqual({ tiny: 1 });
    await clock.advance(4 * MINUTE);
    expect(scaled()).toMatchObject([{ from: 1, to: 2 }, { from: 1, to: 1, reason: 'One more node is wanted. It could not be started. It is tried again in 5 minutes.' }]);
    expect(counts()).toEqual({ tiny: 1 });
    await clock.advance(2 * MINUTE);
    expect(counts()).toEqual({ tiny: 2 });
  });

  it('are one of the stand-in and the rest of the model that the person chose', async () => {
    const { clock, engines, counts, scaled } = createScalingRig();
    await engines.start();
    await engines.select('smol');
    expect(counts()).toEqual({ tiny: 1, smol: 2 });
    await clock.advance(MINUTE + 3 * SECOND);
    expect(counts()).toEqual({ tiny: 1, smol: 1 });
    expect(scaled().map(({ model }) => model)).toEqual(['smol']);
    await engines.select('tiny');
    expect(counts()).toEqual({ tiny: 2 });
  });

  it('stay as they are once scaling is closed', async () => {
    const { clock, engines, counts, scaling } = createScalingRig();
    await engines.start();
    scaling.close();
    await clock.advance(5 * MINUTE);
    expect(counts()).toEqual({ tiny: 2 });
  });
});

describe('nodes as a tier wants them', () => {
  const { models } = JSON.parse(readFileSync('public/models/catalog.json', 'utf8')) as { models: CatalogEntry[] };
  const tiny = models.find(({ builtIn }) => builtIn)!;

  it('are reckoned with the memory of all their slots, unless somebody says how much', () => {
    const smol = models.find(({ id }) => id === 'smollm2-135m')!;
    expect(withShape(smol, { slots: 8 }, 4).memoryBytes).toBeGreaterThan(3 * (smol.memoryBytes - 125e6));
    expect(withShape(smol, { slots: 8, memory: 3e8 }, 4).memoryBytes).toBe(3e8);
    expect(withShape(withShape(smol, { context: 1024 }, 4), { context: 1024 }, 4)).toEqual(withShape(smol, { context: 1024 }, 4));
    expect(withShape(smol, { context: 1024 }, 4).memoryBytes).toBeLessThan(smol.memoryBytes);
  });

  it('are 16 of the tiny model with 16 slots each in a tab of a device of 4 GB', async () => {
    const { engines, pool, offer, clock } = createScalingRig({ catalog: [tiny], memoryBytes: memoryBudget({ deviceMemoryGiB: 4 }), settings: { nodes: 16 } });
    await engines.start();
    const shaped = withShape(tiny, { slots: 16 }, 4);
    await offer([shaped]);
    await settle();
    expect(pool.nodes().map(({ slots }) => slots)).toEqual(Array.from({ length: 16 }, () => 16));
    expect(engines.entry(tiny.id)).toEqual(shaped);
    await clock.advance(MINUTE + 5 * SECOND);
    expect(pool.nodes()).toHaveLength(16);
  });
});
