/**
 * A network and the machines on it, on a virtual clock: latency, loss, partitions, machines that freeze or die. Connections
 * behave as WebRTC's were measured to: reliable and in order, so that loss is a delay; cut for long they are dead without
 * a word; a machine that dies closes nothing; one that was frozen gets everything at once when it wakes.
 */
import type { Random } from '../shared/env.ts';
import type { SimClock } from './sim-clock.ts';

export interface Weather {
  /** One way, milliseconds. */
  latencyMs: number;
  /** Uniform, on top. */
  jitterMs: number;
  /** 0 to 1: how often a message must be sent again, which takes `resendMs` each time. */
  loss: number;
}

export interface Host {
  readonly name: string;
  readonly state: 'up' | 'frozen' | 'dead';
  /** Runs now, when it wakes, or never. */
  receive(callback: () => void): void;
  /** As `Clock.after`, while this machine runs; what was due while it was frozen runs when it wakes. */
  after(ms: number, callback: () => void): () => void;
  freeze(): void;
  resume(): void;
  /** Without a word to anybody. */
  crash(): void;
}

/** One end of a connection between two hosts. */
export interface WireEnd {
  /** In order. Lost if the wire is closed or dead. @param slowMs longer than others take: it is large */
  send(deliver: () => void, slowMs?: number): void;
  /** Nothing comes here any more. The other side is told, if anything still reaches it. */
  close(tell: () => void): void;
}

export interface World {
  readonly clock: SimClock;
  readonly weather: Weather;
  host(name: string): Host;
  /** Whether a packet could get from one to the other now. */
  connected(one: Host, other: Host): boolean;
  /** Each host is in one part; those that are named nowhere are in part 0. */
  partition(parts: ReadonlyMap<Host, number>): void;
  heal(): void;
  /** These two never reach each other directly. */
  block(one: Host, other: Host): void;
  /** A round trip, milliseconds. */
  roundTrip(): number;
  /** @returns an end for each host */
  wire(one: Host, other: Host): [WireEnd, WireEnd];
}

/** A lost packet is noticed and sent again. */
const RESEND_MS = 200;
/** Without consent checks for so long ICE gives the path up for good (measured: 15.5 s). */
const GIVE_UP_MS = 15_500;

interface Wire {
  readonly hosts: readonly [Host, Host];
  dead: boolean;
  cutAt: number | null;
  held: (() => void)[];
}

export function createWorld(clock: SimClock, random: Random, weather: Weather): World {
  const wires = new Set<Wire>();
  const blocked = new Set<string>();
  let parts: ReadonlyMap<Host, number> = new Map();

  const pair = (one: Host, other: Host): string => (one.name < other.name ? `${one.name} ${other.name}` : `${other.name} ${one.name}`);
  const connected = (one: Host, other: Host): boolean =>
    (parts.get(one) ?? 0) === (parts.get(other) ?? 0) && (blocked.size === 0 || !blocked.has(pair(one, other)));

  function delay(): number {
    let ms = weather.latencyMs + random.next() * weather.jitterMs;
    while (weather.loss > 0 && random.next() < weather.loss) ms += RESEND_MS;
    return ms;
  }

  /** After the network changed: what was held comes through, what was cut for too long is dead. */
  function look(): void {
    for (const wire of wires) {
      const open = connected(...wire.hosts);
      if (!open) wire.cutAt ??= clock.now();
      else if (wire.cutAt !== null) {
        if (clock.now() - wire.cutAt > GIVE_UP_MS) kill(wire);
        wire.cutAt = null;
        for (const send of wire.held.splice(0)) send();
      }
    }
  }

  function kill(wire: Wire): void {
    wire.dead = true;
    wire.held = [];
    wires.delete(wire);
  }

  function createHost(name: string): Host {
    let state: Host['state'] = 'up';
    let waiting: (() => void)[] = [];
    const receive = (callback: () => void): void => {
      if (state === 'up') callback();
      else if (state === 'frozen') waiting.push(callback);
    };
    return {
      name,
      get state() { return state; },
      receive,
      after(ms, callback) {
        let isOff = false;
        const run = (): void => void (isOff || callback());
        const cancel = clock.after(ms, () => receive(run));
        return () => {
          isOff = true;
          cancel();
        };
      },
      freeze: () => void (state = state === 'up' ? 'frozen' : state),
      resume() {
        if (state !== 'frozen') return;
        state = 'up';
        const due = waiting;
        waiting = [];
        for (const callback of due) receive(callback);
      },
      crash() {
        state = 'dead';
        waiting = [];
      },
    };
  }

  function createEnd(wire: Wire, to: Host): WireEnd & { shut(): boolean } {
    let arrival = 0;
    let isOpen = true;
    const push = (deliver: () => void, slowMs: number): void => {
      arrival = Math.max(arrival, clock.now() + delay() + slowMs);
      clock.after(arrival - clock.now(), () => {
        if (!wire.dead) to.receive(deliver);
      });
    };
    const send = (deliver: () => void, slowMs = 0): void => {
      if (!isOpen || wire.dead) return;
      if (wire.cutAt === null) push(deliver, slowMs);
      else wire.held.push(() => push(deliver, slowMs));
    };
    return {
      send,
      close(tell) {
        send(tell);
        isOpen = false;
      },
      shut: () => !isOpen,
    };
  }

  return {
    clock,
    weather,
    host: createHost,
    connected,
    partition(next) {
      parts = next;
      look();
    },
    heal() {
      parts = new Map();
      look();
    },
    block(one, other) {
      blocked.add(pair(one, other));
      look();
    },
    roundTrip: () => delay() + delay(),
    wire(one, other) {
      const wire: Wire = { hosts: [one, other], dead: false, cutAt: connected(one, other) ? null : clock.now(), held: [] };
      wires.add(wire);
      const ends = [createEnd(wire, other), createEnd(wire, one)] as const;
      const forget = (end: WireEnd): WireEnd => ({
        send: end.send,
        close(tell) {
          end.close(tell);
          if (ends.every((each) => each.shut())) wires.delete(wire);
        },
      });
      return [forget(ends[0]), forget(ends[1])];
    },
  };
}
