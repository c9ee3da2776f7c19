/**
 * One history of jobs in a swarm, made from a seed: people ask and cancel, nodes crash, stall and lie, tabs close, freeze and come
 * back, links end, leaders change. Then it is calm, and every promise of `job-sim-checks.ts` must have been kept, and every slot
 * be free. The minds are the real ones; the same seed gives the same history.
 */
import { DEFAULT_POLICY, STRATEGIES, type SwarmPolicy } from '../protocol/policy.ts';
import type { ErrorCode } from '../shared/errors.ts';
import type { Address, JobId } from '../shared/ids.ts';
import { BrokenJobPromise, createJobChecks, type JobChecks, type SimJob } from './job-sim-checks.ts';
import { createJobSwarm, type JobSwarm, type SimNodePlan, type SimTabPlan } from './job-sim-swarm.ts';
import type { Temper } from './job-sim-node.ts';
import { addressOf } from './job-sim-names.ts';
import type { SimPeer } from './job-sim-peer.ts';
import { createJobWorld, type JobWorld } from './job-sim-world.ts';

export interface JobHistory {
  readonly seed: number;
  /** What was broken; null if all went well. */
  readonly problem: string | null;
  /** How its jobs ended: a finish reason, or the code of an error. */
  readonly endings: ReadonlyMap<string, number>;
  readonly hedges: number;
  /** Tasks that went ahead of their grant. */
  readonly aheads: JobChecks['aheads'];
  readonly virtualMs: number;
}

export interface JobHistoryOptions {
  readonly seed: number;
  /** Tells what happens, line by line. */
  readonly log?: (line: string) => void;
}

const TROUBLE_MS = 45_000;
const DEADLINE_MS = 120_000;
/** The leader puts right what was lost on the way when a job's time is over at the latest; `leader/upkeep.ts`. */
const CALM_MS = 140_000;
const BAD: readonly Temper[] = ['silent', 'mute', 'pretender', 'busy', 'breaks', 'picky', 'babbler', 'differs', 'slow'];

export function runJobHistory({ seed, log }: JobHistoryOptions): JobHistory {
  const world = createJobWorld(seed, log);
  const plans = planOf(world);
  const tempers = plans.flatMap(({ nodes }) => nodes.map(({ temper }) => temper));
  const finals: ErrorCode[] = tempers.includes('picky') ? ['bad-request', 'context-overflow', 'timeout', 'internal'] : [];
  const hasRock = world.chance(0.8);
  if (hasRock) plans[0] = { nodes: [...plans[0]!.nodes, { model: 'small', slots: 2, temper: 'good' }, { model: 'large', slots: 2, temper: 'good' }] };
  const checks = createJobChecks({ finals, hasDiffering: tempers.includes('differs'), hasRock, isHonest: tempers.every((temper) => temper === 'good') });
  let problem: string | null = null;
  try {
    play(world, checks, plans, hasRock ? Math.floor(world.between(0, plans.length)) : null);
  } catch (error) {
    problem = error instanceof BrokenJobPromise ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  return { seed, problem, endings: checks.endings, hedges: checks.hedges, aheads: checks.aheads, virtualMs: world.clock.now() };
}

function planOf({ between, chance, pick }: JobWorld): SimTabPlan[] {
  const count = Math.floor(between(2, 7));
  const badness = chance(0.4) ? 0 : between(0.05, 0.5);
  const node = (): SimNodePlan => ({ model: chance(0.7) ? 'small' : 'large', slots: Math.floor(between(1, 5)), temper: chance(badness) ? pick(BAD) : 'good' });
  const nodes = (): SimNodePlan[] => Array.from({ length: Math.floor(between(0, 4)) }, node);
  return Array.from({ length: count }, () => ({ nodes: nodes(), ...(chance(0.2) ? { guestSlots: Math.floor(between(1, 4)) } : {}) }));
}

function policyOf({ chance, pick, between }: JobWorld): SwarmPolicy {
  const { queue, failover } = DEFAULT_POLICY;
  return {
    ...DEFAULT_POLICY,
    strategy: chance(0.5) ? DEFAULT_POLICY.strategy : pick(STRATEGIES),
    queue: chance(0.3) ? { ...queue, most: Math.floor(between(1, 8)), mostPerDevice: Math.floor(between(1, 5)) } : queue,
    failover: chance(0.3) ? { ...failover, hedgeShare: between(0, 0.6) } : failover,
  };
}

/** @param rockAt where the tab with the good nodes is; it neither dies nor freezes */
function play(world: JobWorld, checks: JobChecks, plans: SimTabPlan[], rockAt: number | null): void {
  const { clock } = world;
  if (rockAt !== null) [plans[0], plans[rockAt]] = [plans[rockAt]!, plans[0]!];
  const swarm = createJobSwarm(world, policyOf(world), checks, plans);
  const jobs: SimJob[] = [];
  const rock = rockAt === null ? null : swarm.peers[rockAt]!;
  world.log(() => plans.map(({ nodes, guestSlots }, peer) => `p${peer}: ${nodes.map(({ model, slots, temper }) => `${slots} ${model} ${temper}`).join(', ') || 'none'}${guestSlots === undefined ? '' : `, gives ${guestSlots}`}`).join('; '));
  clock.run(1000);
  while (clock.now() < TROUBLE_MS) {
    trouble(world, swarm, jobs, rock);
    clock.run(world.between(50, 3000));
  }
  world.log(() => 'calm');
  swarm.mend();
  const end = clock.now() + DEADLINE_MS;
  while (clock.now() < end && jobs.some((job) => isOpen(job, swarm))) clock.run(1000);
  const calm = clock.now() + CALM_MS;
  while (clock.now() < calm && disorder(swarm, jobs) !== null) clock.run(2000);
  const problem = disorder(swarm, jobs);
  if (problem !== null) throw new BrokenJobPromise(problem);
}

const isOpen = ({ asker, outcome }: SimJob, { peers }: JobSwarm): boolean => outcome === null && peers[asker]!.life.state === 'alive';

function trouble(world: JobWorld, swarm: JobSwarm, jobs: SimJob[], rock: SimPeer | null): void {
  const { chance, between, pick } = world;
  const peer = pick(swarm.alive());
  const dice = between(0, 100);
  if (dice < 55) {
    // Now and then all want the same node, and do not wait for their grants.
    const crowded = chance(0.08) ? pick(pick(swarm.peers).nodes)?.address : undefined;
    for (let count = crowded || chance(0.1) ? between(2, 8) : 1; count >= 1; count -= 1) ask(world, swarm, jobs, peer, crowded);
  } else if (dice < 62) {
    const open = jobs.filter((job) => isOpen(job, swarm));
    if (open.length > 0) cancel(swarm, pick(open));
  } else if (dice < 74) {
    const nodes = swarm.alive().filter((one) => one !== rock).flatMap(({ nodes }) => nodes);
    if (nodes.length === 0) return;
    const node = pick(nodes);
    world.log(() => `${node.address} crashes`);
    node.crash();
  } else if (dice < 82) {
    if (peer !== rock && swarm.alive().length > 2) swarm.kill(peer, chance(0.5));
  } else if (dice < 91) {
    if (peer === rock || swarm.alive().length < 2) return;
    for (const job of jobs) if (job.asker === peer.number) job.wasAsleep = true;
    swarm.freeze(peer, between(500, chance(0.5) ? 4000 : 25_000));
  } else swarm.cut(peer, pick(swarm.peers), chance(0.5));
}

function cancel({ peers }: JobSwarm, job: SimJob): void {
  const { life } = peers[job.asker]!;
  life.act(() => peers[job.asker]!.cancel(job));
}

function ask({ between, chance, pick, random }: JobWorld, { peers }: JobSwarm, jobs: SimJob[], peer: SimPeer, crowded?: Address): void {
  const length = chance(0.1) ? 0 : Math.floor(between(1, 50));
  const nodes = crowded ? [crowded] : chance(0.1) ? [pick(pick(peers).nodes)?.address ?? addressOf(0, 9)] : null;
  const shape = {
    promptTokens: Math.floor(between(1, 600)), maxTokens: 64,
    profile: chance(0.5) ? ('exact' as const) : ('chat' as const),
    priority: chance(0.2) ? ('batch' as const) : ('interactive' as const),
    ...(chance(0.3) ? { model: pick(['small', 'large']) } : chance(0.2) ? { tier: 'tiny' as const } : {}),
    ...(nodes ? { nodes } : {}),
  };
  const truth = Array.from({ length }, (_, index) => (chance(0.05) ? `${index}` : `w${index} `));
  const deadlineMs = chance(0.1) ? between(0, 3000) : between(20_000, DEADLINE_MS);
  const job: SimJob = {
    start: { id: `job-${jobs.length + 1}` as JobId, shape, seed: Math.floor(random.next() * 1e6), deadlineMs, pinned: 'nodes' in shape },
    asker: peer.number, truth, truthText: truth.join(''), hasty: crowded !== undefined || chance(0.2),
    askedAt: 0, cancelled: false, wasAsleep: false, failures: 0, text: '', outcome: null,
  };
  jobs.push(job);
  peer.ask(job);
  if (chance(0.02)) peer.cancel(job);
}

/** What is not as it should be when nobody wants anything; null: all is well. */
function disorder(swarm: JobSwarm, jobs: readonly SimJob[]): string | null {
  const open = jobs.find((job) => isOpen(job, swarm));
  if (open) return `${open.start.id} of ${swarm.peers[open.asker]!.id} never ended.`;
  const leader = swarm.leader();
  const view = leader?.leader?.view();
  if (!view) return 'Nobody leads in the calm.';
  if (view.waiting + view.assigned > 0) return `${leader!.id} has ${view.waiting} jobs waiting and ${view.assigned} slots assigned, and there is nothing to do.`;
  const busy = swarm.alive().flatMap(({ nodes }) => nodes).find(({ inUse }) => inUse > 0);
  return busy ? `${busy.address} works on ${busy.inUse} tasks that nobody wants.` : null;
}
