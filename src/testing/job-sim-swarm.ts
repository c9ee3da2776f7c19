/**
 * A simulated swarm that does jobs: its tabs, what the roster says of their nodes, who leads, and how it is noticed that a tab or
 * a link is gone. The election is simple here (the lowest that lives, after a while): the real one has its own histories.
 */
import type { NodeFacts } from '../orchestrator/types.ts';
import type { SwarmPolicy } from '../protocol/policy.ts';
import type { Address } from '../shared/ids.ts';
import type { JobChecks } from './job-sim-checks.ts';
import { createSimNode, simModel, type Temper } from './job-sim-node.ts';
import { addressOf, deviceName, peerName } from './job-sim-names.ts';
import { createSimPeer, type SimPeer } from './job-sim-peer.ts';
import { createLife, createLinks, type JobWorld } from './job-sim-world.ts';

/** What a tab has. */
export interface SimTabPlan {
  readonly nodes: readonly SimNodePlan[];
  /** Its person gives no more slots to others than this; absent: all. */
  readonly guestSlots?: number;
}

export interface SimNodePlan {
  readonly model: 'small' | 'large';
  readonly slots: number;
  readonly temper: Temper;
}

export interface JobSwarm {
  readonly peers: readonly SimPeer[];
  readonly alive: () => SimPeer[];
  /** @param clean the others see it at once; else they find it silent */
  kill(peer: SimPeer, clean: boolean): void;
  freeze(peer: SimPeer, ms: number): void;
  cut(one: SimPeer, other: SimPeer, clean: boolean): void;
  /** All that is frozen thaws, all links are there. */
  mend(): void;
  leader(): SimPeer | null;
}

const STATUS_MS = 250;
/** The roster is repeated, since what was told may be lost. */
const ROSTER_MS = 2000;
const SUSPECT_MS = 5_000;
const DEAD_MS = 12_000;
const NOTICE_MS = 50;

export function createJobSwarm(world: JobWorld, policy: SwarmPolicy, checks: JobChecks, plans: readonly SimTabPlan[]): JobSwarm {
  const { clock, between, chance } = world;
  const lives = plans.map(() => createLife(world));
  const links = createLinks(world, lives);
  const roster = new Map<Address, NodeFacts>();
  const peers: SimPeer[] = [];
  /** Out of the roster: dead, or frozen for so long. */
  const out = new Set<number>();
  let leads: number | null = null;
  let term = 0;
  let isElecting = false;

  const alive = (): SimPeer[] => peers.filter(({ life }) => life.state === 'alive');
  const others = (number: number): SimPeer[] => peers.filter((peer) => peer.number !== number);

  function publish(number: number): void {
    if (out.has(number)) return;
    const { nodes } = peers[number]!;
    const { guestSlots } = plans[number]!;
    const limit = guestSlots === undefined ? {} : { guestSlots, guestBusy: nodes.reduce((sum, { guests }) => sum + guests, 0) };
    for (const node of nodes) {
      const facts = { ...node.facts(), ...limit };
      roster.set(node.address, facts);
      if (leads !== null) links.send(number, leads, () => peers[leads ?? number]!.leads({ type: 'node', facts }));
    }
    for (const { life, reads } of peers) life.act(reads);
  }

  // --- Who leads

  function consider(): void {
    const best = alive()[0]?.number;
    if (best === undefined || isElecting || (leads === best && term > 0)) return;
    isElecting = true;
    const isMissed = leads === null || lives[leads]!.state !== 'alive';
    const delay = term === 0 ? 0 : isMissed ? between(100, 9000) : between(500, 8000);
    if (isMissed && leads !== null) {
      const missed = leads;
      const old = term;
      for (const { number, life, standing } of others(missed)) clock.after(delay * between(0.5, 1), () => life.act(() => old === term && number !== leads && standing(null, old)));
    }
    clock.after(delay, elect);
  }

  function elect(): void {
    isElecting = false;
    const best = alive()[0];
    if (!best) return;
    term += 1;
    leads = best.number;
    const [next, fresh] = [leads, term];
    best.standing(next, fresh);
    for (const { life, standing } of others(next)) clock.after(between(0, 500), () => life.act(() => standing(next, fresh)));
    consider();
  }

  // --- How it is noticed

  function part(one: number, other: number): void {
    links.cut(one, other);
    for (const [here, there] of [[one, other], [other, one]] as const) lives[here]!.act(() => peers[here]!.lost(there));
  }

  function takeOut(number: number): void {
    if (out.has(number)) return;
    out.add(number);
    world.log(() => `${peerName(number)} is out`);
    for (const other of others(number)) {
      part(number, other.number);
      lives[other.number]!.act(() => {
        for (const { address } of peers[number]!.nodes) other.leads({ type: 'node gone', address });
        other.leads({ type: 'peer gone', peer: peerName(number) });
      });
    }
    for (const { address } of peers[number]!.nodes) roster.delete(address);
    consider();
  }

  function suspect(number: number): void {
    for (const other of others(number)) lives[other.number]!.act(() => other.suspects(number));
  }

  function comeBack(number: number): void {
    const life = lives[number]!;
    if (life.state !== 'frozen') return;
    world.log(() => `${peerName(number)} thaws`);
    life.thaw();
    const wasOut = out.has(number);
    clock.after(between(200, 3000), () => {
      if (life.state !== 'alive') return;
      out.delete(number);
      if (wasOut) for (const other of others(number)) if (!out.has(other.number)) links.heal(number, other.number);
      peers[number]!.standing(leads, term);
      publish(number);
      consider();
    });
  }

  for (const [number, plan] of plans.entries()) {
    const life = lives[number]!;
    const peer = createSimPeer({ world, links, checks, policy, number, life, peers, roster: () => [...roster.values()] });
    peers.push(peer);
    for (const [index, { model, slots, temper }] of plan.nodes.entries()) {
      let isDue = false;
      const onChange = (): void => {
        if (isDue) return;
        isDue = true;
        life.after(STATUS_MS, () => {
          isDue = false;
          publish(number);
        });
      };
      const tier = model === 'small' ? 'tiny' : 'medium';
      peer.nodes.push(createSimNode(world, life, { address: addressOf(number, index), device: deviceName(number), model: simModel(model, tier), slots, temper, onChange }));
    }
    const repeat = (): void => {
      publish(number);
      life.after(ROSTER_MS, repeat);
    };
    repeat();
  }
  consider();

  return {
    peers, alive,
    kill({ number, life, id }, clean) {
      world.log(() => `${id} ${clean ? 'closes' : 'is killed'}`);
      life.die();
      clock.after(clean ? NOTICE_MS : SUSPECT_MS, () => clean || suspect(number));
      clock.after(clean ? NOTICE_MS : DEAD_MS, () => takeOut(number));
    },
    freeze({ number, life, id }, ms) {
      world.log(() => `${id} freezes for ${Math.round(ms)} ms`);
      life.freeze();
      const still = (work: (number: number) => void) => () => life.state === 'frozen' && work(number);
      if (ms > SUSPECT_MS) clock.after(SUSPECT_MS, still(suspect));
      if (ms > DEAD_MS) clock.after(DEAD_MS, still(takeOut));
      clock.after(Math.min(ms, between(1000, 9000)), still(consider));
      clock.after(ms, () => comeBack(number));
    },
    cut({ number: one }, { number: other }, clean) {
      if (one === other || !links.isUp(one, other)) return;
      world.log(() => `the link of ${peerName(one)} and ${peerName(other)} ${clean ? 'ends' : 'is cut'}`);
      links.cut(one, other);
      if (!clean) {
        clock.after(SUSPECT_MS, () => {
          lives[one]!.act(() => peers[one]!.suspects(other));
          lives[other]!.act(() => peers[other]!.suspects(one));
        });
      }
      const noticed = clean ? NOTICE_MS : DEAD_MS;
      clock.after(noticed, () => part(one, other));
      clock.after(noticed + between(500, 5000), () => !out.has(one) && !out.has(other) && links.heal(one, other));
    },
    mend() {
      for (const { number } of peers) comeBack(number);
      clock.after(chance(0.5) ? 0 : 4000, consider);
      clock.after(DEAD_MS + SUSPECT_MS, () => {
        const live = alive();
        for (const one of live) for (const other of live) if (!out.has(one.number) && !out.has(other.number)) links.heal(one.number, other.number);
      });
    },
    leader: () => (leads === null ? null : peers[leads]!),
  };
}
