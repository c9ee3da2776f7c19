/** What happens in a simulated history: who comes and goes, what breaks and is mended. Ends with all faults over. */
import type { SelfFacts } from '../mesh/core/core-types.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { SimPeer, SimSwarm } from './sim-swarm.ts';
import type { Host, World } from './sim-world.ts';

export interface Scene {
  readonly world: World;
  readonly swarm: SimSwarm;
  /** Uniform between two numbers. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  log(line: string): void;
  woke(peer: SimPeer): void;
}

/** Members and those who died a moment ago: all of them have to fit. */
const MOST_PEERS = LIMITS.peers - 2;
/** Members who never saw each other can't be expected to find each other: parts begin and end whole. */
const KNOWN_MS = 20_000;

interface Play extends Scene {
  /** Frozen peers, and what wakes them. */
  readonly asleep: Map<SimPeer, () => void>;
  partedAt: number | null;
  healedAt: number;
  joinedAt: number;
  /** A newcomer could be the only way between parts that never heard of it: nobody comes any more. */
  isBlocked: boolean;
  /** Quiet: nothing that was planned happens any more. */
  isOver: boolean;
}

const isIn = (peer: SimPeer): boolean => peer.state === 'in';
const present = ({ swarm }: Scene): SimPeer[] => swarm.peers.filter(isIn);
const awake = (scene: Scene): SimPeer[] => present(scene).filter(({ host }) => host.state === 'up');
const short = (peer: SimPeer): string => peer.id.slice(0, 4);

type Operation = (play: Play) => void;

/** With how often each happens, in relation to the others. */
const OPERATIONS: readonly (readonly [weight: number, operation: Operation])[] = [
  [4, join],
  [3, leave],
  [4, crash],
  [4, freeze],
  [2, skipClock],
  [4, partition],
  [3, heal],
  [2, storm],
  [1, changeFacts],
  [1, wantLink],
  [1, decideTopology],
  [2, echoOfTheDead],
  [1, crashLeader],
  [1, leaveLeader],
];

/** @param isLarge a swarm beyond the full mesh; otherwise 2 to 8 */
export function play(scene: Scene, isLarge: boolean): void {
  const { world, between, chance } = scene;
  const state: Play = { ...scene, asleep: new Map(), partedAt: null, healedAt: -Infinity, joinedAt: 0, isBlocked: false, isOver: false };
  const count = Math.floor(isLarge ? between(20, 60) : between(2, 8.99));
  const isFast = chance(0.3);
  for (let index = 0; index < count; index += 1) {
    join(state);
    world.clock.run(isFast ? between(0, 50) : between(0, isLarge ? 300 : 1500));
  }
  if (chance(0.15) && !isLarge) blockSome(state);
  const steps = Math.floor(between(1, isLarge ? 5 : 9));
  for (let step = 0; step < steps; step += 1) {
    world.clock.run(chance(0.4) ? between(0, 500) : between(500, 20_000));
    draw(state)(state);
  }
  world.clock.run(between(0, 20_000));
  for (const wake of [...state.asleep.values()]) wake();
  const staysParted = state.partedAt !== null && state.partedAt > state.joinedAt + KNOWN_MS && state.partedAt > state.healedAt + KNOWN_MS;
  if (!staysParted || chance(0.8)) heal(state);
  state.isOver = true;
  world.weather.loss = 0;
}

function draw({ between }: Scene): Operation {
  const total = OPERATIONS.reduce((sum, [weight]) => sum + weight, 0);
  let left = between(0, total);
  for (const [weight, operation] of OPERATIONS) {
    left -= weight;
    if (left < 0) return operation;
  }
  return join;
}

function join(play: Play): void {
  const { swarm, world, log, chance, pick } = play;
  if (swarm.peers.length >= MOST_PEERS || play.isBlocked) return;
  const facts: Partial<SelfFacts> = { visible: chance(0.5), eligible: chance(0.9), cores: pick([1, 2, 4, 8]) };
  const peer = swarm.join(facts);
  play.joinedAt = world.clock.now();
  log(`${short(peer)} joins`);
}

function leave(play: Play, peer = choose(awake(play), play)): void {
  if (!peer || present(play).length < 2) return;
  play.log(`${short(peer)} leaves`);
  play.swarm.leave(peer);
}

function crash(play: Play, peer = choose(present(play), play)): void {
  if (!peer || present(play).length < 2) return;
  play.log(`${short(peer)} crashes`);
  play.asleep.delete(peer);
  play.swarm.crash(peer);
}

function crashLeader(play: Play): void {
  crash(play, leaderOf(play));
}

function leaveLeader(play: Play): void {
  leave(play, leaderOf(play));
}

function freeze(play: Play): void {
  const { world, swarm, between, chance, log } = play;
  const peer = chance(0.4) ? leaderOf(play) : choose(awake(play), play);
  if (!peer) return;
  const ms = between(1000, chance(0.5) ? 12_000 : 90_000);
  const start = world.clock.now();
  // Some machines' clocks stand still while they sleep, so that they can't know that they did.
  const isClockStopped = chance(0.2);
  log(`${short(peer)} freezes for ${Math.round(ms)} ms${isClockStopped ? ', and its clock too' : ''}`);
  peer.host.freeze();
  const wake = (): void => {
    if (!play.asleep.delete(peer)) return;
    const slept = world.clock.now() - start;
    log(`${short(peer)} wakes`);
    if (isClockStopped) swarm.skip(peer, -slept);
    else if (slept > LIMITS.gapMs + LIMITS.beatMs) play.woke(peer);
    peer.host.resume();
  };
  play.asleep.set(peer, wake);
  world.clock.after(ms, wake);
}

function skipClock(play: Play): void {
  const peer = choose(awake(play), play);
  if (!peer) return;
  const ms = play.between(1000, 60_000);
  play.log(`${short(peer)}'s clock skips ${Math.round(ms)} ms`);
  if (ms > LIMITS.gapMs + LIMITS.beatMs) play.woke(peer);
  play.swarm.skip(peer, ms);
}

function partition(play: Play): void {
  const { world, chance, between, log } = play;
  if (play.partedAt !== null) return;
  const count = chance(0.8) ? 2 : 3;
  const share = between(0.1, 0.9);
  const parts = new Map<Host, number>(play.swarm.peers.map(({ host }) => [host, chance(share) ? 0 : 1 + Math.floor(between(0, count - 1))]));
  log(`partition: ${play.swarm.peers.map((peer) => `${short(peer)}:${parts.get(peer.host)}`).join(' ')}`);
  world.partition(parts);
  play.partedAt = world.clock.now();
  if (chance(0.6)) world.clock.after(between(1000, 60_000), () => heal(play));
}

function heal(play: Play): void {
  if (play.partedAt === null || play.isOver) return;
  play.log('healed');
  play.world.heal();
  play.partedAt = null;
  play.healedAt = play.world.clock.now();
}

function storm({ world, between, log }: Play): void {
  const { weather } = world;
  const before = { ...weather };
  log('storm');
  weather.loss = between(0.1, 0.5);
  weather.jitterMs = between(100, 1000);
  world.clock.run(between(1000, 10_000));
  Object.assign(weather, before);
}

/** A message that was long on its way must not bring anybody back. */
function echoOfTheDead(play: Play): void {
  const { swarm, log } = play;
  const [from, of] = [choose(awake(play), play), choose(swarm.peers.filter(({ state }) => state === 'left' || state === 'crashed'), play)];
  if (!from || !of) return;
  log(`${short(from)} hands on what ${short(of)} once said`);
  swarm.echo(from, of);
}

/** Some pairs never find a path to each other. */
function blockSome(play: Play): void {
  const peers = present(play);
  const [hub] = peers;
  play.isBlocked = true;
  for (const one of peers) {
    for (const other of peers) {
      if (one.id >= other.id || one === hub || other === hub || !play.chance(0.4)) continue;
      play.log(`${short(one)} and ${short(other)} can't reach each other`);
      play.world.block(one.host, other.host);
    }
  }
}

function changeFacts(play: Play): void {
  const peer = choose(awake(play), play);
  if (peer) play.swarm.feed(peer, { type: 'self', change: { visible: play.chance(0.5), eligible: play.chance(0.7), name: 'renamed' } });
}

function wantLink(play: Play): void {
  const [one, other] = [choose(awake(play), play), choose(present(play), play)];
  if (one && other && one !== other) play.swarm.feed(one, { type: 'want link', peer: other.id });
}

/** Somebody decides who is linked with whom: the others hear of it after a while, and some never, because their build is old. */
function decideTopology(play: Play): void {
  const { between, chance, log, swarm, world } = play;
  const topology = { peers: LIMITS.peers, fullMesh: Math.floor(between(2, LIMITS.fullMeshMost + 1)), neighbours: Math.floor(between(1, 4)) };
  const deaf = chance(0.3) ? between(0, 0.5) : 0;
  log(`decided: full mesh up to ${topology.fullMesh}, ${topology.neighbours} neighbours`);
  // Who sleeps hears it when it is awake again, like every message.
  const tell = (peer: SimPeer): void => {
    if (!isIn(peer)) return;
    if (peer.host.state === 'up') swarm.feed(peer, { type: 'topology', topology });
    else world.clock.after(500, () => tell(peer));
  };
  for (const peer of present(play)) if (!chance(deaf)) world.clock.after(between(0, 3000), () => tell(peer));
}

const choose = (peers: readonly SimPeer[], { pick }: Scene): SimPeer | undefined => (peers.length > 0 ? pick(peers) : undefined);

const leaderOf = (play: Play): SimPeer | undefined => awake(play).find(({ id, core }) => core.introduce().claim?.leader === id && core.view().leading);
