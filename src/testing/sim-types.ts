/** How a simulated swarm is told what to do, and how it is watched. */
import type { CoreEffect, CoreEvent, SelfFacts, SwarmCore } from '../mesh/core/core-types.ts';
import type { Random } from '../shared/env.ts';
import type { PeerId } from '../shared/ids.ts';
import type { Host, World } from './sim-world.ts';

export interface Order {
  readonly leader: PeerId;
  readonly term: number;
}

export interface SimPeer {
  readonly id: PeerId;
  readonly host: Host;
  readonly core: SwarmCore;
  readonly state: 'joining' | 'in' | 'left' | 'crashed';
  readonly links: ReadonlySet<PeerId>;
  /** Messages and, where they are measured, bytes that it sent. */
  readonly sent: { messages: number; bytes: number };
}

export interface SwarmWatch {
  /** A core has taken an event. */
  handled(peer: SimPeer, event: CoreEvent, effects: readonly CoreEffect[]): void;
  ordered(peer: SimPeer, order: Order): void;
  received(peer: SimPeer, order: Order): void;
}

export interface SimSwarm {
  readonly peers: readonly SimPeer[];
  /** A new tab comes, through a door or through somebody who is in. */
  join(facts?: Partial<SelfFacts>): SimPeer;
  leave(peer: SimPeer): void;
  crash(peer: SimPeer): void;
  /** Its own clock skips ahead, or (negative) has stood still while it was frozen. */
  skip(peer: SimPeer, ms: number): void;
  /** Somebody hands on what another said of itself long ago. */
  echo(from: SimPeer, of: SimPeer): void;
  /** Any event of the page: a wanted link, other facts. */
  feed(peer: SimPeer, event: CoreEvent): void;
}

export interface SwarmOptions {
  readonly world: World;
  readonly random: Random;
  readonly watch: SwarmWatch;
  /** How many of the messages go through JSON and the parser: 0 to 1. */
  readonly parsed: number;
  /** How many messages arrive twice: 0 to 1. */
  readonly doubled?: number;
  /** Count bytes too. */
  readonly measured?: boolean;
}
