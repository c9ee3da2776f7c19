/** From a relayed link to a direct one, whatever is under way on either: two tables of links over scripted connections. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerMessage } from '../../protocol/messages.ts';
import type { EndpointId, PeerId, TaskId } from '../../shared/ids.ts';
import { createLoopback, type LoopbackConnection } from '../../testing/loopback.ts';
import { createManualClock, settle, type ManualClock } from '../../testing/manual-clock.ts';
import { linkDeps } from '../../testing/mesh-peers.ts';
import { createLinks, type Links } from '../links.ts';
import type { LinkEnd, PeerLink } from '../link/peer-link.ts';
import { openLink } from '../link/open-link.ts';
import type { Connection, Endpoint } from '../transport/transport.ts';

// Dozens of pairs, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000 });

type Path = 'relayed' | 'direct';

interface Side {
  readonly id: PeerId;
  readonly links: Links;
  /** Numbers of beats, in order. */
  readonly said: number[];
  readonly heard: number[];
  /** Tasks of the other side that run here, each with the link that it came over; and what became of ours. */
  readonly running: { readonly id: TaskId; readonly link: PeerLink }[];
  readonly asked: TaskId[];
  readonly answered: TaskId[];
  readonly gone: LinkEnd[];
  /** A connection comes up here. */
  greet(connection: Connection): void;
}

const TASK = { messages: [{ role: 'user' as const, content: 'x' }], sampling: {}, seed: 1, profile: 'chat' as const, deadlineMs: 60_000 };
const beat = (ping: number): PeerMessage => ({ t: 'beat', ping, claim: null, tick: 0, provisional: false, roster: 0, rival: null });

function createSide(clock: ManualClock, seed: number): Side {
  const deps = linkDeps(clock, { seed });
  let greet: (connection: Connection) => void = () => undefined;
  const side: Side = {
    id: deps.identity.peer, said: [], heard: [], running: [], asked: [], answered: [], gone: [],
    greet: (connection) => greet(connection),
    links: createLinks({
      self: deps.identity.peer,
      clock,
      open: (connection, signal) => openLink(connection, { ...deps, signal }),
      isSuspect: () => false,
      onLink: (link) => void link.onMessage((message) => {
        if (message.t === 'beat' && message.ping !== undefined) side.heard.push(message.ping);
        if (message.t === 'task') side.running.push({ id: message.id, link });
        if (message.t === 'task-end') side.answered.push(message.id);
      }),
      onGone: (_peer, end) => void side.gone.push(end),
      onRefused: (error) => expect.unreachable(String(error)),
    }),
  };
  side.links.attend({ onConnection: (listener: (connection: Connection) => void) => ((greet = listener), () => undefined) } as unknown as Endpoint);
  return side;
}

async function createStage() {
  const clock = createManualClock();
  const sides = [createSide(clock, 2), createSide(clock, 3)] as const;
  const connections = new Map<Path, readonly [LoopbackConnection, LoopbackConnection]>();

  function connect(path: Path): void {
    if (connections.has(path)) return;
    const ends = createLoopback();
    connections.set(path, ends);
    for (const [index, end] of ends.entries()) sides[index]!.greet({ ...end, remote: `${path === 'relayed' ? 'r' : 's'}-other-end-of-it` as EndpointId });
  }

  let number = 0;
  const linkOf = (index: 0 | 1): PeerLink => sides[index].links.get(sides[index === 0 ? 1 : 0].id)!;
  function say(index: 0 | 1): void {
    sides[index].said.push((number += 1));
    linkOf(index).send(beat(number));
  }
  function ask(index: 0 | 1): void {
    const id = `task-${(number += 1)}` as TaskId;
    sides[index].asked.push(id);
    linkOf(index).send({ t: 'task', id, node: 'n1', task: TASK });
  }
  function answer(index: 0 | 1): void {
    const task = sides[index].running.shift();
    task?.link.send({ t: 'task-end', id: task.id, seq: 0, error: null });
  }

  connect('relayed');
  await settle();
  return { clock, sides, connections, connect, linkOf, say, ask, answer };
}

const act = fc.record({
  act: fc.constantFrom('say' as const, 'say' as const, 'ask' as const, 'answer' as const, 'hold' as const, 'resume' as const, 'settle' as const, 'connect' as const),
  side: fc.constantFrom(0 as const, 1 as const),
  path: fc.constantFrom('relayed' as const, 'direct' as const),
});

describe('from a relayed link to a direct one', () => {
  it('nothing is lost, doubled or out of order, whenever either end goes over and whatever is slow', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), async (acts) => {
        const { clock, sides, connections, connect, linkOf, say, ask, answer } = await createStage();
        for (const { act: what, side, path } of acts) {
          if (what === 'say') say(side);
          else if (what === 'ask') ask(side);
          else if (what === 'answer') answer(side);
          else if (what === 'connect') connect('direct');
          else if (what === 'settle') await settle();
          else connections.get(path)?.[side][what]();
        }
        connect('direct');
        for (const ends of connections.values()) for (const end of ends) end.resume();
        await settle();
        for (const side of [0, 1] as const) while (sides[side].running.length > 0) answer(side);
        await settle();
        const [one, other] = sides;
        expect([one.heard, other.heard]).toEqual([other.said, one.said]);
        expect([[...one.answered].sort(), [...other.answered].sort()]).toEqual([[...one.asked].sort(), [...other.asked].sort()]);
        expect([linkOf(0).path, linkOf(1).path]).toEqual(['simulated', 'simulated']);
        // Then the relayed one goes, and nothing else.
        await clock.advance(LIMITS.closeMs);
        expect(connections.get('relayed')!.every((end) => end.closed() !== null)).toBe(true);
        expect(connections.get('direct')!.map((end) => end.closed())).toEqual([null, null]);
        expect([...one.gone, ...other.gone]).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('the relayed one stays as long as a task runs on it, and goes then', async () => {
    const { clock, sides: [one], connections, connect, ask, answer } = await createStage();
    ask(0);
    await settle();
    connect('direct');
    await clock.advance(10 * 60_000);
    expect(connections.get('relayed')![0].closed()).toBeNull();
    answer(1);
    await clock.advance(LIMITS.closeMs);
    expect(one.answered).toEqual(one.asked);
    expect(connections.get('relayed')![0].closed()).not.toBeNull();
  });

  it('the relayed one also stays until the other side has gone over, though nothing runs on it', async () => {
    const { clock, sides: [one, other], connections, connect, ask, answer, say } = await createStage();
    ask(1);
    await settle();
    const [, theirs] = connections.get('relayed')!;
    theirs.hold();
    say(1);
    connect('direct');
    await settle();
    answer(0);
    await clock.advance(LIMITS.closeMs + 1000);
    expect(theirs.closed()).toBeNull();
    theirs.resume();
    await settle();
    expect(one.heard).toEqual(other.said);
  });

  it('what is said on the direct one waits a second for the rest of the relayed one, and no longer', async () => {
    const { clock, sides: [one, other], connections, connect, say } = await createStage();
    connections.get('relayed')![0].hold();
    say(0);
    connect('direct');
    await settle();
    say(0);
    await clock.advance(900);
    expect(other.heard).toEqual([]);
    await clock.advance(200);
    expect(other.heard).toEqual([2]);
    connections.get('relayed')![0].resume();
    await settle();
    expect([...other.heard].sort()).toEqual(one.said);
  });

  it('both end when the direct one is lost, and that is told once', async () => {
    const { sides: [one, other], connections, connect, ask } = await createStage();
    ask(0);
    connect('direct');
    await settle();
    connections.get('direct')![0].lose();
    await settle();
    expect(connections.get('relayed')!.every((end) => end.closed() !== null)).toBe(true);
    expect([one.gone, other.gone]).toEqual([[{ kind: 'lost' }], [{ kind: 'lost' }]]);
  });

  it('a side that never says that it has gone over keeps nobody waiting for ever', async () => {
    const { clock, connections, connect } = await createStage();
    for (const end of connections.get('relayed')!) end.hold();
    connect('direct');
    await clock.advance(LIMITS.handshakeMs);
    expect(connections.get('relayed')!.map((end) => end.closed())).toEqual([null, null]);
    await clock.advance(LIMITS.handshakeMs);
    expect(connections.get('relayed')![0].closed()).toBe('us');
    expect(connections.get('direct')![0].closed()).toBeNull();
  });

  it('one that fails takes what ran on it with it, and the direct one goes on', async () => {
    const { sides: [one, other], connections, connect, linkOf, say } = await createStage();
    connect('direct');
    await settle();
    connections.get('relayed')![0].lose();
    say(0);
    await settle();
    expect(other.heard).toEqual(one.said);
    expect([linkOf(0).path, one.gone]).toEqual(['simulated', []]);
  });
});
