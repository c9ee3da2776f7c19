import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeInfo } from '../../protocol/engine-node.ts';
import type { TaskReport } from '../../protocol/job.ts';
import type { MetricName, MetricScope, MetricTotal } from '../../protocol/metrics.ts';
import { nodeAddress, type JobId, type PeerId, type TaskId } from '../../shared/ids.ts';
import { createManualClock, type ManualClock } from '../../testing/manual-clock.ts';
import type { LeaderNote } from '../types.ts';
import type { PeerNodes } from './intake.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createRegistry } from './registry.ts';

const peer = (letter: string): PeerId => letter.repeat(20) as PeerId;
const [ANNA, BEN] = [peer('a'), peer('b')];
const NODE = nodeAddress(ANNA, 'n1');
const task = (number: number): TaskId => `task-${number}` as TaskId;
const job = 'job-1' as JobId;

const node = (owner: PeerId, name: string, change: Partial<NodeInfo> = {}): NodeInfo => ({
  address: nodeAddress(owner, name), peer: owner, local: false, shared: true, state: 'idle', model: null, slots: 4, busy: 0, waiting: 0, threads: 1, tokensPerSecond: 0, prefillPerSecond: 0, restarts: 0, memoryBytes: 0, ...change,
});
const report = (number: number, change: Partial<TaskReport> = {}): TaskReport => ({
  job, task: task(number), node: NODE, state: 'ended', error: null, promptTokens: 50, cachedTokens: 20, answerTokens: 10, firstTokenMs: 200, prefillMs: 150, decodeMs: 400, ...change,
});
const granted = (number: number, why: 'new' | 'moved' | 'hedge' = 'new', waitedMs = 0): LeaderNote => ({ type: 'granted', job, task: task(number), node: NODE, why, waitedMs, asker: BEN });

function rig(start = 1_000_000): { metrics: Metrics; clock: ManualClock; note(note: LeaderNote): void; total(scope: MetricScope, name: MetricName): MetricTotal | undefined; last(scope: MetricScope, name: MetricName, seconds: number): readonly (number | null)[] } {
  const clock = createManualClock(start);
  const metrics = createMetrics({ clock });
  return {
    metrics, clock,
    note: (note) => metrics.observe({ type: 'note', note }),
    total: (scope, name) => metrics.totals().find((one) => one.scope === scope && one.name === name),
    last: (scope, name, seconds) => metrics.series(scope, name, seconds).values,
  };
}

describe('tokens', () => {
  it('are counted in the second in which they come, for the node, its peer and the swarm', async () => {
    const { metrics, clock, last } = rig();
    for (const tokens of [3, 8, 8, 20]) {
      metrics.observe({ type: 'progress', task: task(1), node: NODE, tokens });
      await clock.advance(1000);
    }
    for (const scope of ['swarm', ANNA, NODE] as const) expect(last(scope, 'tokens-out', 5)).toEqual([null, 3, 5, 0, 12]);
  });

  it('of one task count once, by however many ways they are told', async () => {
    const { metrics, note, total } = rig();
    metrics.observe({ type: 'progress', task: task(1), node: NODE, tokens: 7 });
    note({ type: 'ended', report: report(1) });
    note({ type: 'ended', report: report(1) });
    metrics.observe({ type: 'progress', task: task(1), node: NODE, tokens: 11 });
    expect(total('swarm', 'tokens-out')).toMatchObject({ count: 10 });
    expect(total(NODE, 'tokens-in')).toMatchObject({ count: 30 });
    expect(total(NODE, 'first-token')).toMatchObject({ count: 1, p50: 200 });
  });

  it('add up to what was written, in whatever order and seconds it is told', async () => {
    const told = fc.array(fc.record({ number: fc.nat(4), tokens: fc.nat(50), waitMs: fc.nat(3000) }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(told, async (list) => {
        const { metrics, clock, last, total } = rig();
        const most = new Map<number, number>();
        for (const { number, tokens, waitMs } of list) {
          metrics.observe({ type: 'progress', task: task(number), node: NODE, tokens });
          most.set(number, Math.max(most.get(number) ?? 0, tokens));
          await clock.advance(waitMs);
        }
        await clock.advance(1000);
        const written = [...most.values()].reduce((sum, tokens) => sum + tokens, 0);
        expect(last('swarm', 'tokens-out', 3600).reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(written);
        expect((total('swarm', 'tokens-out') as { count?: number } | undefined)?.count ?? 0).toBe(written);
      }),
      { numRuns: 8 },
    );
  });
});

describe('what the leader notes', () => {
  it('is counted by kind', () => {
    const { note, total } = rig();
    note(granted(1, 'new', 40));
    note(granted(1, 'new', 40));
    note(granted(2, 'moved', 0));
    note(granted(3, 'hedge', 0));
    note({ type: 'ended', report: report(1, { error: 'engine-crashed' }) });
    note({ type: 'ended', report: report(3, { error: 'aborted' }) });
    note({ type: 'ended', report: report(2, { state: 'speaking' }) });
    note({ type: 'refused', job, code: 'busy' });
    for (const state of ['open', 'half-open', 'closed'] as const) note({ type: 'breaker', node: NODE, state });
    const counts = Object.fromEntries((['grants', 'moves', 'hedges', 'failures', 'rests'] as const).map((name) => [name, (total(ANNA, name) as { count: number }).count]));
    expect(counts).toEqual({ grants: 3, moves: 1, hedges: 1, failures: 1, rests: 1 });
    expect(total('swarm', 'refusals')).toMatchObject({ count: 1 });
    expect(total('swarm', 'queue-wait')).toMatchObject({ count: 3, least: 0, most: 40 });
  });

  it('counts an election once, however often it is told', () => {
    const { metrics, total } = rig();
    for (const [leader, term] of [[ANNA, 1], [ANNA, 1], [BEN, 2]] as const) metrics.observe({ type: 'elected', leader, term });
    expect(total('swarm', 'elections')).toMatchObject({ count: 2 });
  });
});

describe('nodes', () => {
  const peers = (list: Record<PeerId, readonly NodeInfo[]>): PeerNodes[] => Object.entries(list).map(([id, nodes]) => ({ peer: id as PeerId, nodes }));

  it('are summed up for their peer and for the swarm, and keep their last state until it changes', async () => {
    const { metrics, clock, last } = rig();
    metrics.observe({ type: 'nodes', peers: peers({ [ANNA]: [node(ANNA, 'n1', { busy: 4, waiting: 2 }), node(ANNA, 'n2')], [BEN]: [node(BEN, 'n1', { slots: 8 })] }) });
    await clock.advance(3000);
    expect(last(NODE, 'utilisation', 3)).toEqual([1, 1, 1]);
    expect(last(ANNA, 'utilisation', 1)).toEqual([0.5]);
    expect(last('swarm', 'utilisation', 1)).toEqual([0.25]);
    expect(last('swarm', 'waiting', 1)).toEqual([2]);
    expect([last('swarm', 'peers', 1), last('swarm', 'nodes', 1)]).toEqual([[2], [3]]);
  });

  it('that are gone do no work', async () => {
    const { metrics, clock, last } = rig();
    metrics.observe({ type: 'nodes', peers: peers({ [ANNA]: [node(ANNA, 'n1', { busy: 4 })], [BEN]: [node(BEN, 'n1', { busy: 2 })] }) });
    await clock.advance(1000);
    metrics.observe({ type: 'nodes', peers: peers({ [ANNA]: [] }) });
    await clock.advance(1000);
    for (const scope of [NODE, ANNA, BEN, nodeAddress(BEN, 'n1')] as const) expect(last(scope, 'utilisation', 1)).toEqual([0]);
    expect(last('swarm', 'slots', 2)).toEqual([8, 0]);
  });
});

describe('bounds', () => {
  it('forgets the longest idle when there are too many, and nothing of the swarm', () => {
    let now = 0;
    const registry = createRegistry(() => now, 80);
    registry.add('swarm', 'grants', 1);
    for (let index = 0; index < 1000; index += 1) {
      now += 1000;
      registry.add(nodeAddress(ANNA, `n${index}`), 'grants', 1);
      expect(registry.keys().length).toBeLessThanOrEqual(80);
    }
    expect(registry.keys()[0]).toEqual({ scope: 'swarm', name: 'grants' });
    expect(registry.keys().at(-1)?.scope).toBe(nodeAddress(ANNA, 'n999'));
    expect(registry.read(nodeAddress(ANNA, 'n998'), 'grants', 1)).toEqual([1]);
  });

  it('holds a swarm of 64 peers with 16 nodes each, every metric of every node', () => {
    let now = 0;
    const registry = createRegistry(() => now);
    const names: MetricName[] = ['tokens-in', 'tokens-out', 'utilisation', 'slots', 'waiting', 'grants', 'failures', 'moves', 'hedges', 'rests'];
    for (let index = 0; index < 64 * 17; index += 1) {
      const scope = index < 64 ? peer(String(index)) : nodeAddress(peer(String(index % 64)), `n${index}`);
      for (const name of names) registry.set(scope, name, 1);
      registry.measure(scope, 'first-token', 100);
      now += 1;
    }
    expect(registry.keys()).toHaveLength(64 * 17 * 11);
  });
});

describe('reading', () => {
  it('says what names there are', () => {
    expect(() => rig().metrics.series('swarm', 'toString' as MetricName)).toThrow(expect.objectContaining({ code: 'bad-request', advice: expect.stringContaining('tokens-out') as string }));
  });

  it('knows nothing of what it was not told', () => {
    expect(rig().last(BEN, 'tokens-out', 2)).toEqual([null, null]);
  });

  it('dates its seconds', async () => {
    const { metrics, clock } = rig(1_000_400);
    metrics.observe({ type: 'progress', task: task(1), node: NODE, tokens: 5 });
    await clock.advance(2000);
    expect(metrics.series('swarm', 'tokens-out', 3)).toEqual({ scope: 'swarm', name: 'tokens-out', kind: 'counter', unit: 'tokens', from: 999_000, values: [null, 5, 0] });
  });

  it('exports a table and JSON, as deep as asked', async () => {
    const { metrics, clock } = rig();
    metrics.observe({ type: 'progress', task: task(1), node: NODE, tokens: 5 });
    await clock.advance(1000);
    expect([...metrics.exported('csv', { seconds: 2 })].join('')).toBe(`time,swarm tokens-out (tokens/s),${ANNA} tokens-out (tokens/s)\r\n1970-01-01T00:16:39.000Z,,\r\n1970-01-01T00:16:40.000Z,5,5\r\n`);
    const read = JSON.parse([...metrics.exported('json', { seconds: 1, depth: 'nodes' })].join('')) as { totals: MetricTotal[]; series: { scope: string; values: number[] }[] };
    expect(read.series.map(({ scope, values }) => [scope, values])).toEqual([['swarm', [5]], [ANNA, [5]], [NODE, [5]]]);
    expect(read.totals).toEqual(metrics.totals());
    expect((JSON.parse([...metrics.exported('json', { depth: 'swarm' })].join('')) as { totals: unknown[] }).totals).toHaveLength(1);
  });

  it('refuses an export that no page can hold, and says what it can', () => {
    const { metrics } = rig();
    metrics.observe({ type: 'nodes', peers: Array.from({ length: 64 }, (_, index) => ({ peer: peer(String(index)), nodes: Array.from({ length: 16 }, (_node, name) => node(peer(String(index)), `n${name}`)) })) });
    expect(() => metrics.exported('csv', { depth: 'nodes' })).toThrow(expect.objectContaining({ code: 'bad-request', advice: expect.stringMatching(/^Ask for 1\d{3} seconds/) as string }));
  });
});
