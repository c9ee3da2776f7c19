import { describe, expect, it, vi } from 'vitest';
import type { Mesh } from '../mesh/mesh-types.ts';
import type { SwarmPolicyNews } from '../mesh/policy/policy-keeper.ts';
import type { SwarmPart } from '../protocol/config-schema.ts';
import type { LogEvent } from '../protocol/log-event.ts';
import type { GateInfo, SwarmInfo } from '../protocol/peer.ts';
import { Emitter } from '../shared/emitter.ts';
import { LlamboError } from '../shared/errors.ts';
import type { DeviceId } from '../shared/ids.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { base } from '../testing/ui-fixtures.ts';
import { createConfig } from './config/config.ts';
import { createEventLog } from './event-log.ts';
import { createNotices } from './notices.ts';
import { createState } from './state.ts';
import { createSwarmPolicy } from './swarm-policy.ts';

const device = 'd'.repeat(20) as DeviceId;
type Mine = GateInfo['mine'];

/** A mesh as far as a policy has to do with it. */
function meshOf(mine: Mine) {
  const changes = new Emitter<void>();
  const news = new Emitter<void>();
  const published: SwarmPart[] = [];
  let state: SwarmInfo['state'] = 'joining';
  let current: SwarmPolicyNews | null = null;
  const decide = (part: SwarmPart, by = device): void => {
    current = { part, by, version: (current?.version ?? 0) + 1 };
    news.emit();
  };
  const mesh = {
    info: () => ({ state, gate: { mine } }) as SwarmInfo,
    onChange: (listener: () => void) => changes.on(listener),
    policy: {
      current: () => current,
      onChange: (listener: () => void) => news.on(listener),
      publish: (part: SwarmPart) => {
        if (part.strategy === 'random') return Promise.reject(new LlamboError('refused', 'Only the founder.'));
        published.push(part);
        decide(part);
        return Promise.resolve();
      },
    },
  };
  return {
    mesh: mesh as unknown as Mesh,
    published, decide,
    is(next: SwarmInfo['state']) {
      state = next;
      changes.emit();
    },
  };
}

async function setUp(own = '') {
  const state = createState(base);
  const notices = createNotices(state, createSeededRandom(1));
  const log = createEventLog(createManualClock());
  const storage = { load: () => Promise.resolve(null), save: () => Promise.resolve() };
  const config = createConfig({ files: { site: null, own: null, isFirstVisit: false }, storage, state, notices, setSettings: () => undefined, download: () => undefined });
  config.start();
  if (own !== '') {
    config.commands.setConfig(own);
    await vi.waitFor(() => expect(config.ownSwarmPart()).not.toBeNull());
  }
  const policy = createSwarmPolicy({ config, log, notices });
  const info = () => state.get().config;
  const events = (): LogEvent[] => [...log.last(99, ({ type }) => type === 'policy changed')];
  const notice = (): string | undefined => state.get().notices.at(-1)?.text;
  return { config, policy, info, events, notice, set: config.commands.setConfigValue };
}

describe('the configuration of a swarm', () => {
  it('is what was decided for all while this tab is in, and its own before and after', async () => {
    const { config, policy, info, events } = await setUp('swarm: { strategy: weighted }');
    const { mesh, decide, is } = meshOf(null);
    policy.attach(mesh, false);
    decide({ strategy: 'sticky' });
    expect([config.policy().strategy, events()]).toEqual(['weighted', []]);
    is('in');
    expect([config.policy().strategy, info().fromSwarm]).toEqual(['sticky', true]);
    is('in');
    expect(events()).toMatchObject([{ type: 'policy changed', by: device, version: 1 }]);
    policy.attach(null, false);
    expect([config.policy().strategy, info().fromSwarm]).toEqual(['weighted', false]);
  });

  it('of a founder who has one is decided at once, and of who comes to a swarm it is not', async () => {
    const { policy } = await setUp('swarm: { strategy: weighted }');
    const [founded, entered] = [meshOf('founder'), meshOf('founder')];
    policy.attach(founded.mesh, true);
    expect(founded.published).toEqual([]);
    founded.is('in');
    founded.is('in');
    expect(founded.published).toEqual([{ strategy: 'weighted' }]);
    policy.attach(entered.mesh, false);
    entered.is('in');
    expect(entered.published).toEqual([]);
    const { policy: plain } = await setUp();
    const other = meshOf('founder');
    plain.attach(other.mesh, true);
    other.is('in');
    expect(other.published).toEqual([]);
  });

  it('is changed key by key by those who may, and the rest of it stays', async () => {
    const { config, policy, set, info } = await setUp('swarm: { queue: { most: 700 } }');
    const { mesh, published, decide, is } = meshOf('steward');
    policy.attach(mesh, false);
    is('in');
    decide({ strategy: 'sticky', health: { failures: 9 } });
    set('swarm.queue.retry', '2s');
    await vi.waitFor(() => expect(published).toEqual([{ strategy: 'sticky', health: { failures: 9 }, queue: { retry: 2000 } }]));
    expect(info().counts['swarm.queue.retry']).toBe('2s');
    set('swarm.health.failures', null);
    await vi.waitFor(() => expect(published.at(-1)).toEqual({ strategy: 'sticky', queue: { retry: 2000 } }));
    set('device.nodes', 2);
    await vi.waitFor(() => expect(info().own['device.nodes']).toBe('2'));
    expect(published).toHaveLength(2);
    config.commands.setConfig('swarm: { strategy: weighted }');
    await vi.waitFor(() => expect(published.at(-1)).toEqual({ strategy: 'weighted' }));
  });

  it('is not changed by others; what they set is their own', async () => {
    const { config, policy, set, info } = await setUp();
    const { mesh, published, decide, is } = meshOf(null);
    policy.attach(mesh, false);
    is('in');
    decide({ strategy: 'sticky' });
    set('swarm.strategy', 'weighted');
    await vi.waitFor(() => expect(info().own['swarm.strategy']).toBe('weighted'));
    expect([published, config.policy().strategy]).toEqual([[], 'sticky']);
  });

  it('that could not be decided is told', async () => {
    const { policy, set, notice } = await setUp();
    const { mesh, is } = meshOf('founder');
    policy.attach(mesh, false);
    is('in');
    set('swarm.strategy', 'random');
    await vi.waitFor(() => expect(notice()).toContain('The configuration of the swarm stays as it was'));
  });
});
