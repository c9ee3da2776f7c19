import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../protocol/policy.ts';
import type { JobId } from '../shared/ids.ts';
import { createJobChecks, type SimJob } from '../testing/job-sim-checks.ts';
import { createJobSwarm, type SimTabPlan } from '../testing/job-sim-swarm.ts';
import { createJobWorld } from '../testing/job-sim-world.ts';

/** A calm swarm, in which the second tab has four slots and shares two; the first leads and has one. */
const PLANS: readonly SimTabPlan[] = [
  { nodes: [{ model: 'small', slots: 1, temper: 'good' }] },
  { nodes: [{ model: 'small', slots: 2, temper: 'good' }, { model: 'small', slots: 2, temper: 'good' }], guestSlots: 2 },
  { nodes: [] },
];
const TRUTH = Array.from({ length: 30 }, (_, index) => `w${index} `);

function play(seed: number, askers: readonly number[], jobs: number) {
  const world = createJobWorld(seed, undefined);
  const checks = createJobChecks({ finals: [], hasDiffering: false, hasRock: true, isHonest: true });
  // Who is slow by chance shall not have its tasks twice.
  const swarm = createJobSwarm(world, { ...DEFAULT_POLICY, failover: { ...DEFAULT_POLICY.failover, firstTokenLeastMs: 60_000 } }, checks, PLANS);
  world.clock.run(1000);
  const asked: SimJob[] = Array.from({ length: jobs }, (_, index) => ({
    start: { id: `job-${index}` as JobId, shape: { promptTokens: 20, maxTokens: 64, profile: 'chat', priority: 'interactive' }, seed: index, deadlineMs: 600_000, pinned: false },
    asker: askers[index % askers.length]!, truth: TRUTH, truthText: TRUTH.join(''), hasty: false, askedAt: 0, cancelled: false, wasAsleep: false, failures: 0, text: '', outcome: null,
  }));
  for (const job of asked) swarm.peers[job.asker]!.ask(job);
  const most = { guests: 0, inUse: 0 };
  while (asked.some(({ outcome }) => outcome === null)) {
    world.clock.run(5);
    const { nodes } = swarm.peers[1]!;
    most.guests = Math.max(most.guests, nodes.reduce((sum, { guests }) => sum + guests, 0));
    most.inUse = Math.max(most.inUse, nodes.reduce((sum, { inUse }) => sum + inUse, 0));
  }
  return { most, endings: checks.endings };
}

describe('a tab that shares two of its four slots', () => {
  it.each([1, 2, 3, 4, 5])('has two tasks of others at the most, none of them in line there, and all are answered (seed %d)', (seed) => {
    const { most, endings } = play(seed, [0, 2], 40);
    expect(most).toEqual({ guests: 2, inUse: 2 });
    expect([...endings]).toEqual([['stop', 40]]);
  });

  it.each([6, 7, 8])('has its other slots for its own person meanwhile (seed %d)', (seed) => {
    const { most, endings } = play(seed, [0, 1, 2], 60);
    expect(most).toEqual({ guests: 2, inUse: 4 });
    expect([...endings]).toEqual([['stop', 60]]);
  });
});
