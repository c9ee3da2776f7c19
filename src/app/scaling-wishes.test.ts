import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type SwarmPolicy } from '../protocol/policy.ts';
import type { Settings } from '../protocol/snapshot.ts';
import { createScalingRig, entryOf, MB, peerOf, SELF, type ScalingRig, type ScalingRigOptions } from '../testing/scaling-rig.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** A tab of ada's swarm that answers with the built-in model. */
async function inSwarm(options: ScalingRigOptions = {}): Promise<ScalingRig> {
  const rig = createScalingRig({ cores: 2, ...options });
  await rig.engines.start();
  rig.swarm('ada', [peerOf('me'), peerOf('ada')]);
  return rig;
}

describe('what a leader wishes', () => {
  it('runs beside what the person chose, whatever they choose, until it is wished for no more', async () => {
    const { engines, counts, scaled, wish } = await inSwarm({ catalog: [entryOf('tiny', { tier: 'tiny' }), entryOf('smol'), entryOf('other')], stored: ['smol', 'other'] });
    await wish({ nodes: 1, reason: 'the swarm wants at least one node of tier medium and has 0' });
    expect(counts()).toEqual({ tiny: 1, smol: 1 });
    expect(engines.answering()).toBe('tiny');
    expect(scaled()).toMatchObject([{ model: 'smol', from: 0, to: 1, reason: 'The swarm asked: the swarm wants at least one node of tier medium and has 0.' }]);
    await engines.select('other');
    expect(counts()).toEqual({ tiny: 1, smol: 1, other: 1 });
    await engines.select('smol');
    await wish({ nodes: 0 });
    expect(counts()).toEqual({ tiny: 1, smol: 1 });
    await engines.select('tiny');
    expect(counts()).toEqual({ tiny: 1 });
  });

  it('is dropped when it is wished for no more, and is not scaled away before', async () => {
    const { clock, counts, scaled, wish } = await inSwarm();
    await wish({});
    await clock.advance(5 * MINUTE);
    expect(counts()).toEqual({ tiny: 1, smol: 1 });
    await wish({ nodes: 0, reason: 'only 3 % were in use' });
    expect(counts()).toEqual({ tiny: 1 });
    expect(scaled().at(-1)).toMatchObject({ model: 'smol', from: 1, to: 0, reason: 'The swarm asked: only 3 % were in use.' });
  });

  it('is nothing if the person\'s own nodes are as many, or more', async () => {
    const { counts, scaled, wish, setSettings } = await inSwarm({ settings: { nodes: 3 } });
    for (const nodes of [0, 2, 3]) await wish({ model: 'tiny', tier: 'tiny', nodes });
    expect([counts(), scaled()]).toEqual([{ tiny: 3 }, []]);
    await setSettings({ nodes: 1 });
    expect(counts()).toEqual({ tiny: 1 });
  });

  it('is nothing if it is another tab that wishes', async () => {
    const { counts, scaled, wish } = await inSwarm();
    await wish({}, 'bob');
    expect([counts(), scaled()]).toEqual([{ tiny: 1 }, []]);
  });

  const sharing = (change: Partial<Settings['sharing']>): ScalingRigOptions => ({ settings: { sharing: { on: true, slots: 0, tokensPerHour: 0, keptModels: [], ...change } } });

  it.each<[string, ScalingRigOptions, number, string]>([
    ['shares nothing', sharing({ on: false }), 1, 'this device does not share that'],
    ['keeps this model', sharing({ keptModels: ['smol'] }), 1, 'this device does not share that'],
    ['would have to download it', { stored: [] }, 1, 'nothing is downloaded for a wish'],
    ['has it from somewhere else than the catalogue', { added: ['smol'] }, 1, 'nothing is downloaded for a wish'],
    ['is a small device', {}, 2, 'at most 1 nodes of this device work for the swarm'],
    ['has no room in its memory', { settings: { nodes: 4 }, memoryBytes: 230 * MB }, 3, 'there is not enough memory left'],
    ['has no room for more nodes', { settings: { nodes: 14 } }, 3, 'a tab has room for 16 nodes at most'],
  ])('is not followed by a tab that %s; that is said once', async (_, options, nodes, why) => {
    const { counts, scaled, wish } = await inSwarm(options);
    const before = counts();
    for (let time = 0; time < 3; time += 1) await wish({ nodes });
    expect(counts()).toEqual(before);
    expect(scaled()).toMatchObject([{ model: 'smol', from: 0, to: 0, reason: expect.stringMatching(`^The swarm asked: jobs wait, but .*${why}\\.$`) as unknown }]);
  });

  it('is not even noted if no catalogue has that model', async () => {
    const { counts, scaled, wish } = await inSwarm();
    for (let index = 0; index < 5; index += 1) await wish({ model: `https://example.org/${index}.gguf` });
    expect([counts(), scaled()]).toEqual([{ tiny: 1 }, []]);
  });

  it('is more than the device suggests where the person allows more', async () => {
    const { counts, wish } = await inSwarm({ settings: { nodes: 2 } });
    await wish({ nodes: 2 });
    expect(counts()).toEqual({ tiny: 2, smol: 2 });
  });

  it('says why it could not be done', async () => {
    const { counts, scaled, wish, engines } = await inSwarm({ fails: (node) => node === 2 });
    await wish({});
    expect(counts()).toEqual({ tiny: 1 });
    expect(scaled()).toMatchObject([{ from: 0, to: 0, reason: 'The swarm asked: jobs wait. That failed: There is no address space.' }]);
    await engines.applySettings();
    expect(counts()).toEqual({ tiny: 1 });
    await wish({});
    expect(counts()).toEqual({ tiny: 1, smol: 1 });
  });

  it('ends ten minutes after the swarm was left, unless the tab comes back', async () => {
    const { clock, counts, scaled, wish, swarm } = await inSwarm();
    await wish({});
    swarm(null);
    await clock.advance(9 * MINUTE);
    swarm('ada', [peerOf('me'), peerOf('ada')]);
    await clock.advance(9 * MINUTE);
    expect(counts()).toEqual({ tiny: 1, smol: 1 });
    swarm(null);
    await clock.advance(10 * MINUTE + SECOND);
    expect(counts()).toEqual({ tiny: 1 });
    expect(scaled().at(-1)).toMatchObject({ to: 0, reason: 'The swarm was left.' });
  });

  it('ends at once when the person shares no more', async () => {
    const { clock, counts, wish, setSettings } = await inSwarm();
    await wish({});
    await setSettings(sharing({ keptModels: ['smol'] }).settings!);
    await clock.advance(0);
    expect(counts()).toEqual({ tiny: 1 });
  });
});

describe('a leader', () => {
  const tiers: SwarmPolicy['tiers'] = { medium: { model: 'smol', least: 1, most: 3 } };
  const scaling = { ...DEFAULT_POLICY.scaling, cooldownMs: 0 };

  async function leading(options: ScalingRigOptions = {}): Promise<ScalingRig> {
    const rig = createScalingRig({ cores: 2, policy: { tiers, scaling }, ...options });
    await rig.engines.start();
    return rig;
  }

  it('asks the tab with the fewest nodes for what is short, and is content when the roster shows it', async () => {
    const { clock, sent, asked, swarm } = await leading();
    swarm('me', [peerOf('me', { tiny: 2 }), peerOf('ada', { tiny: 1 }), peerOf('bob', { tiny: 1 }, { link: 'suspect' })], 7);
    await clock.advance(2 * SECOND);
    expect(sent).toEqual([
      { to: 'ada', message: { t: 'scale', term: 7, tier: 'medium', model: 'smol', nodes: 1, reason: 'the swarm wants at least one node of tier medium and has 0' } },
    ]);
    expect(asked()).toMatchObject([{ peer: 'ada', model: 'smol', nodes: 1, reason: 'the swarm wants at least one node of tier medium and has 0' }]);
    swarm('me', [peerOf('me', { tiny: 2 }), peerOf('ada', { tiny: 1, smol: 1 })], 7);
    await clock.advance(2 * MINUTE);
    expect(sent).toHaveLength(1);
  });

  it('asks for more while jobs wait that no other tier takes', async () => {
    const { clock, sent, swarm, demand } = await leading();
    swarm('me', [peerOf('me', { tiny: 1 }), peerOf('ada', { smol: 1 }), peerOf('bob')]);
    demand.set('large', 9);
    await clock.advance(20 * SECOND);
    expect(sent).toEqual([]);
    demand.set('tiny', 9);
    await clock.advance(8 * SECOND);
    expect(sent).toMatchObject([{ to: 'bob', message: { tier: 'medium', nodes: 1 } }]);
  });

  it('counts a node that is loaded anew, though it says no model meanwhile', async () => {
    const { clock, sent, swarm } = await leading();
    const ada = peerOf('ada', { smol: 1 });
    swarm('me', [peerOf('me'), ada]);
    await clock.advance(3 * SECOND);
    swarm('me', [peerOf('me'), { ...ada, nodes: ada.nodes.map((node) => ({ ...node, state: 'loading', model: null })) }]);
    await clock.advance(20 * SECOND);
    expect(sent).toEqual([]);
  });

  it('asks itself where it is the best', async () => {
    const { clock, counts, sent, asked, swarm } = await leading();
    swarm('me', [peerOf('me', { tiny: 1 }), peerOf('ada', { tiny: 3 })]);
    await clock.advance(2 * SECOND);
    expect(sent).toEqual([]);
    expect(asked()).toMatchObject([{ peer: 'me', model: 'smol', nodes: 1 }]);
    expect(counts()).toEqual({ tiny: 1, smol: 1 });
  });

  it.each<[string, (rig: ScalingRig) => void]>([
    ['another leads', ({ swarm }) => swarm('ada', [peerOf('me'), peerOf('ada')])],
    ['it is alone', ({ swarm }) => swarm('me', [peerOf('me')])],
    ['nobody said what there should be', ({ swarm, setPolicy }) => {
      setPolicy({ tiers: {} });
      swarm('me', [peerOf('me'), peerOf('ada')]);
    }],
  ])('asks nobody while %s, and does not look', async (_, change) => {
    const rig = await leading();
    change(rig);
    await rig.clock.advance(5 * SECOND);
    const before = rig.looks();
    await rig.clock.advance(MINUTE);
    expect([rig.sent, rig.counts(), rig.looks()]).toEqual([[], { tiny: 1 }, before]);
  });

  it('that leads anew asks again for what the roster does not show', async () => {
    const { clock, sent, swarm } = await leading();
    const peers = [peerOf(SELF.peer, { tiny: 3 }), peerOf('ada', { tiny: 1 })];
    swarm('me', peers, 1);
    await clock.advance(5 * SECOND);
    swarm('ada', peers, 2);
    await clock.advance(5 * SECOND);
    swarm('me', peers, 3);
    await clock.advance(5 * SECOND);
    expect(sent.map(({ message }) => ('term' in message ? message.term : null))).toEqual([1, 3]);
  });
});
