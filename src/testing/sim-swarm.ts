/**
 * A swarm of cores on a simulated network: links, dials and doors as the mesh makes them, without bytes and without
 * cryptography, so that thousands of histories can be run. The swarm does what it is told; `sim-history.ts` tells it, and
 * `sim-checks.ts` watches.
 */
import type { CoreEffect, CoreEvent, CoreMessage, SelfFacts, SwarmCore } from '../mesh/core/core-types.ts';
import { createSwarmCore } from '../mesh/core/swarm-core.ts';
import { LIMITS } from '../protocol/limits.ts';
import { parseMessage } from '../protocol/parse.ts';
import type { DeviceId, EndpointId, PeerId } from '../shared/ids.ts';
import { createSimDoors } from './sim-doors.ts';
import type { Order, SimPeer, SimSwarm, SwarmOptions } from './sim-types.ts';
import type { WireEnd } from './sim-world.ts';

export type * from './sim-types.ts';

interface Member extends SimPeer {
  state: SimPeer['state'];
  readonly endpoint: EndpointId;
  readonly wires: Map<PeerId, WireEnd>;
  /** How far its own clock is from the world's. */
  offset: number;
  links: Set<PeerId>;
}

const TICK_MS = LIMITS.beatMs / 4;
/** A handshake goes to and fro, over a path that is found in about as long. */
const HANDSHAKE_TRIPS = 3;
/** ICE tries a path again and again until it gives up. */
const RETRY_MS = 500;
/** The server says that nobody has this id, and keeps the id of somebody who died without a word. */
const UNAVAILABLE_MS = 300;
const STALE_DOOR_MS = 90_000;
/** From here on a message is slow: 2 MB a second. */
const BYTES_PER_MS = 2000;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

export function createSimSwarm({ world, random, watch, parsed, doubled = 0, measured = false }: SwarmOptions): SimSwarm {
  const { clock } = world;
  const members: Member[] = [];
  const byId = new Map<PeerId, Member>();
  const doors = createSimDoors<Member>(clock);

  const word = (length: number): string => Array.from({ length }, () => BASE32[Math.floor(random.next() * 32)]).join('');
  const isThere = (peer: Member): boolean => peer.state === 'joining' || peer.state === 'in';
  const find = (id: PeerId): Member | undefined => byId.get(id);

  // --- Events in, effects out

  function feed(peer: Member, event: CoreEvent): void {
    if (!isThere(peer)) return;
    const effects = peer.core.handle(event, clock.now() + peer.offset);
    watch.handled(peer, event, effects);
    for (const effect of effects) perform(peer, effect);
  }

  function perform(peer: Member, effect: CoreEffect): void {
    switch (effect.type) {
      case 'send':
        return send(peer, effect.to, effect.message);
      case 'dial':
        return dial(peer, find(effect.peer), () => feed(peer, { type: 'dial failed', peer: effect.peer }));
      case 'drop':
        return hangUp(peer, effect.peer, 'lost');
      case 'hold door':
        return hold(peer, effect.door);
      case 'release door':
        return doors.release(effect.door, peer);
      case 'knock':
        return dial(peer, doors.holder(effect.door), () => undefined);
      case 'tell':
        return;
    }
  }

  function send(peer: Member, to: PeerId, message: CoreMessage): void {
    const wire = peer.wires.get(to);
    const receiver = find(to);
    if (!wire || !receiver) return;
    peer.sent.messages += 1;
    const isParsed = measured || random.next() < parsed;
    const text = isParsed ? JSON.stringify(message) : '';
    peer.sent.bytes += text.length;
    const received = isParsed ? parse(text) : Object.freeze(message);
    const arrive = (): void => {
      if (receiver.wires.get(peer.id) && wireTo(receiver, peer) === wire) feed(receiver, { type: 'message', from: peer.id, message: received });
    };
    wire.send(arrive, text.length / BYTES_PER_MS);
    if (doubled > 0 && random.next() < doubled) wire.send(arrive);
  }

  /** The sender's end of the wire that the receiver has in use: what came over a replaced one counts no more. */
  const partners = new WeakMap<WireEnd, WireEnd>();
  const wireTo = (receiver: Member, sender: Member): WireEnd | undefined => {
    const end = receiver.wires.get(sender.id);
    return end && partners.get(end);
  };

  // --- Links

  /** Tries for as long as a real dial does. The other side may be unreachable, gone, or not have us. */
  function dial(peer: Member, target: Member | undefined, fail: () => void): void {
    const deadline = clock.now() + LIMITS.dialMs;
    const attempt = (): void => {
      if (!isThere(peer)) return;
      if (!target || target === peer || !isThere(target)) return void peer.host.after(UNAVAILABLE_MS, fail);
      if (clock.now() > deadline) return fail();
      const isReachable = world.connected(peer.host, target.host) && target.host.state === 'up';
      if (!isReachable) return void peer.host.after(RETRY_MS, attempt);
      peer.host.after(world.roundTrip() * HANDSHAKE_TRIPS, () => {
        if (!isThere(target) || !world.connected(peer.host, target.host) || target.host.state !== 'up') return attempt();
        if (target.core.refuses(peer.id) || peer.core.refuses(target.id)) return fail();
        link(peer, target);
      });
    };
    attempt();
  }

  function link(peer: Member, target: Member): void {
    for (const [one, other] of [[peer, target], [target, peer]] as const) one.wires.delete(other.id);
    const [near, far] = world.wire(peer.host, target.host);
    partners.set(near, far);
    partners.set(far, near);
    const introductions = [peer.core.introduce(), target.core.introduce()] as const;
    attach(target, peer, far, introductions[0]);
    // The dialler knows when the answer has come.
    far.send(() => {
      if (wireTo(target, peer) === near || !isThere(target)) attach(peer, target, near, introductions[1]);
    });
  }

  function attach(peer: Member, other: Member, wire: WireEnd, introduction: ReturnType<SwarmCore['introduce']>): void {
    if (!isThere(peer)) return;
    peer.wires.set(other.id, wire);
    peer.links.add(other.id);
    if (peer.state === 'joining') enter(peer);
    feed(peer, { type: 'linked', peer: other.id, ...introduction });
  }

  function hangUp(peer: Member, to: PeerId, reason: 'left' | 'lost'): void {
    const wire = peer.wires.get(to);
    const other = find(to);
    if (!wire || !other) return;
    peer.wires.delete(to);
    peer.links.delete(to);
    wire.close(() => {
      if (wireTo(other, peer) !== wire) return;
      other.wires.get(peer.id)?.close(() => undefined);
      other.wires.delete(peer.id);
      other.links.delete(peer.id);
      feed(other, { type: 'unlinked', peer: peer.id, reason });
    });
  }

  function hold(peer: Member, door: number): void {
    peer.host.after(world.roundTrip(), () => {
      if (isThere(peer)) feed(peer, { type: 'door', door, state: doors.take(door, peer) ? 'held' : 'taken' });
    });
  }

  // --- Coming and going

  function enter(peer: Member): void {
    peer.state = 'in';
    const tick = (): void => {
      peer.host.after(TICK_MS, tick);
      feed(peer, { type: 'tick' });
    };
    peer.host.after(random.next() * TICK_MS, tick);
    const order = (): void => {
      peer.host.after(LIMITS.beatMs, order);
      command(peer);
    };
    peer.host.after(random.next() * LIMITS.beatMs, order);
  }

  /** What an orchestrator would send: a frame that only the accepted leader may have obeyed. */
  function command(peer: Member): void {
    const { claim } = peer.core.introduce();
    if (!isThere(peer) || claim?.leader !== peer.id) return;
    // Whoever wants to give orders looks at the clock first: it may have slept.
    feed(peer, { type: 'tick' });
    if (!peer.core.obeys(claim)) return;
    const order: Order = { leader: peer.id, term: claim.term };
    watch.ordered(peer, order);
    for (const [id, wire] of peer.wires) {
      const receiver = find(id)!;
      wire.send(() => {
        if (isThere(receiver)) watch.received(receiver, order);
      });
    }
  }

  /** Knocks at all doors and at somebody who is in, until one opens. */
  function seek(peer: Member): void {
    if (peer.state !== 'joining') return;
    const others = members.filter((other) => other.state === 'in');
    const holders = doors.holders().filter(isThere);
    if (others.length === 0) {
      enter(peer);
      return feed(peer, { type: 'tick' });
    }
    const known = others[Math.floor(random.next() * others.length)]!;
    const [through] = holders.length > 0 && random.next() < 0.7 ? holders : [known];
    dial(peer, through, () => undefined);
    peer.host.after(2 * LIMITS.beatMs, () => seek(peer));
  }

  return {
    peers: members,
    feed: (peer, event) => feed(peer as Member, event),
    echo(from, of) {
      const { entry } = of.core.introduce();
      for (const to of from.links) send(from as Member, to, { t: 'status', entry, hops: 1 });
    },
    skip: (peer, ms) => void ((peer as Member).offset += ms),
    join(facts = {}) {
      const id = word(20) as PeerId;
      const endpoint = `s-${id}` as EndpointId;
      const identity = { peer: id, device: word(20) as DeviceId };
      const all: SelfFacts = { name: id.slice(0, 4), endpoints: [endpoint], visible: true, eligible: true, cores: 4, nodes: [], sharing: { slots: 2, busy: 0 }, ...facts };
      const core = createSwarmCore({ identity, random, facts: all, now: clock.now(), wallTime: clock.wallTime() });
      const peer: Member = { id, endpoint, host: world.host(id), core, state: 'joining', offset: 0, wires: new Map(), links: new Set<PeerId>(), sent: { messages: 0, bytes: 0 } };
      members.push(peer);
      byId.set(id, peer);
      seek(peer);
      return peer;
    },
    leave(peer) {
      const member = peer as Member;
      feed(member, { type: 'leave' });
      for (const id of [...member.wires.keys()]) hangUp(member, id, 'left');
      doors.letGo(member, 0);
      member.state = 'left';
    },
    crash(peer) {
      const member = peer as Member;
      member.host.crash();
      doors.letGo(member, STALE_DOOR_MS);
      member.state = 'crashed';
    },
  };
}

/** As it would come over the wire. @throws if the core says what the schema does not know */
function parse(text: string): CoreMessage {
  const result = parseMessage(JSON.parse(text));
  if (result.kind !== 'message') throw new Error(`The core sent what the parser refuses: ${result.kind === 'malformed' ? result.what : result.tag}: ${text.slice(0, 300)}`);
  return result.message as CoreMessage;
}
