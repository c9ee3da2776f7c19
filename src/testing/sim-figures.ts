/** Figures of a large simulated swarm, for `npm run bench`: how soon it is in order, and what it costs. Virtual time: the same on every machine. */
import { LIMITS } from '../protocol/limits.ts';
import { createSeededRandom } from './seeded-random.ts';
import { createChecks } from './sim-checks.ts';
import { createSimClock } from './sim-clock.ts';
import { createSimSwarm, type SimPeer } from './sim-swarm.ts';
import { createWorld } from './sim-world.ts';

export interface Traffic {
  /** Per second. */
  readonly messages: number;
  readonly bytes: number;
}

export interface SwarmFigures {
  readonly peers: number;
  /** From the first tab to one leader, one roster, everybody in. All tabs open within `joinWithinMs`. */
  readonly startMs: number;
  readonly joinWithinMs: number;
  /** From the silent death of the leader to another that all follow, and to a roster without the dead. */
  readonly electionMs: number;
  readonly cleanMs: number;
  /** From the leader's leaving (it says so) to another that all follow. */
  readonly handOverMs: number;
  /** Links in all, when it has been quiet for two minutes. */
  readonly links: number;
  /** What an ordinary peer and the leader send in quiet. */
  readonly quiet: Traffic;
  readonly quietLeader: Traffic;
  /** What an ordinary peer sent while all joined. */
  readonly joining: Traffic;
}

const STEP_MS = 50;
const LONGEST_MS = 120_000;

/** @param latencyMs one way; up to half of it comes on top */
export function swarmFigures(count: number = LIMITS.peers, latencyMs = 30, seed = 1): SwarmFigures {
  const random = createSeededRandom(seed);
  const clock = createSimClock();
  const world = createWorld(clock, random, { latencyMs, jitterMs: latencyMs / 2, loss: 0 });
  const checks = createChecks(world, () => swarm.peers);
  const swarm = createSimSwarm({ world, random, watch: checks.watch, parsed: 0, measured: true });
  const joinWithinMs = count * 100;

  const alive = (): SimPeer[] => swarm.peers.filter(({ state }) => state === 'in');
  const follow = (): boolean => new Set(alive().map(({ core }) => core.view().leader ?? 'nobody')).size === 1 && alive()[0]!.core.view().leader !== null;

  function until(condition: () => boolean): number {
    const start = clock.now();
    while (!condition() && clock.now() - start < LONGEST_MS) clock.run(STEP_MS);
    return clock.now() - start;
  }

  /** What each of these sends on average while so much time passes. */
  function traffic(peers: readonly SimPeer[], pass: () => void): Traffic {
    const before = peers.map(({ sent }) => ({ ...sent }));
    const start = clock.now();
    pass();
    const seconds = (clock.now() - start) / 1000;
    const mean = (of: 'messages' | 'bytes'): number =>
      Math.round(peers.reduce((sum, { sent }, index) => sum + sent[of] - before[index]![of], 0) / peers.length / seconds);
    return { messages: mean('messages'), bytes: mean('bytes') };
  }

  const leader = (): SimPeer => alive().find(({ core }) => core.view().leading)!;
  const followers = (): SimPeer[] => alive().filter(({ core }) => !core.view().leading && core.view().deputy !== core.view().self.peer);

  for (let index = 0; index < count; index += 1) clock.after(index * 100, () => swarm.join());
  clock.run(1);
  const startMs = until(() => alive().length === count && checks.unsettled(false) === null);
  const joined = swarm.peers.reduce((sum, { sent }) => ({ messages: sum.messages + sent.messages, bytes: sum.bytes + sent.bytes }), { messages: 0, bytes: 0 });
  const joining: Traffic = { messages: Math.round(joined.messages / count / (startMs / 1000)), bytes: Math.round(joined.bytes / count / (startMs / 1000)) };
  clock.run(180_000);
  const links = alive().reduce((sum, peer) => sum + peer.links.size, 0) / 2;
  const quiet = traffic(followers(), () => clock.run(10_000));
  const quietLeader = traffic([leader()], () => clock.run(10_000));

  const left = leader();
  swarm.leave(left);
  const handOverMs = until(() => follow() && alive()[0]!.core.view().leader !== left.id);
  clock.run(30_000);
  const dead = leader();
  swarm.crash(dead);
  const electionMs = until(() => follow() && alive()[0]!.core.view().leader !== dead.id);
  const cleanMs = electionMs + until(() => checks.unsettled(false) === null);
  return { peers: count, startMs, joinWithinMs, electionMs, cleanMs, handOverMs, links, quiet, quietLeader, joining };
}
