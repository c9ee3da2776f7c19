/**
 * One tab in one swarm: joins, stays, leaves. It puts transport, handshake, links, the core and tasks together: what
 * happens on links goes to the core as events, what the core wants is carried out. It decides nothing itself.
 */
import { LIMITS } from '../protocol/limits.ts';
import type { PeerMessage } from '../protocol/messages.ts';
import type { JoinStep, SwarmInfo } from '../protocol/peer.ts';
import { linkedController, withDeadline } from '../shared/abort.ts';
import { Emitter } from '../shared/emitter.ts';
import { LlamboError, asLlamboError, isAbort, toWire } from '../shared/errors.ts';
import type { PeerId } from '../shared/ids.ts';
import type { CoreEffect, CoreEvent, CoreMessage, CoreNews, SwarmCore } from './core-types.ts';
import { dialInTurn, linkTo, waysTo } from './reach.ts';
import { createDoors, type Doors } from './doors.ts';
import { createLinks, type Links } from './links.ts';
import { openLink } from './open-link.ts';
import type { Mesh, MeshDeps, MeshNews } from './mesh-types.ts';
import type { LinkEnd, PeerLink } from './peer-link.ts';
import { createRemoteNodes, type RemoteNodes } from './remote-nodes.ts';
import { createSwarmCore } from './swarm-core.ts';
import { createSwarmDescription } from './swarm-info.ts';
import type { Endpoint } from './transport.ts';

/** Several ticks in a beat, so that a beat is never a whole second late. */
const TICK_MS = LIMITS.beatMs / 4;

export function createMesh(deps: MeshDeps): Mesh {
  const { env, identity, room } = deps;
  const { clock, random } = env;
  const changes = new Emitter<void>();
  const news = new Emitter<MeshNews>();
  const linked = new Emitter<PeerLink>();
  const left = new Emitter<PeerId>();
  const life = new AbortController();
  const describe = createSwarmDescription(identity.peer);
  const closers: (() => void)[] = [];
  const events: CoreEvent[] = [];
  let joined: { state: SwarmInfo['state']; step: JoinStep; problem: LlamboError | null } = { state: 'joining', step: 'signalling', problem: null };
  let facts = deps.facts;
  let endpoint: Endpoint | null = null;
  let core: SwarmCore | null = null;
  let doors: Doors | null = null;
  let feeding = false;
  let shown: SwarmInfo | null = null;

  const links: Links = createLinks({
    self: identity.peer,
    open: (connection, signal) =>
      openLink(connection, {
        identity, room, clock, signal,
        crypto: deps.crypto,
        build: deps.build,
        introduce: () => core!.introduce(),
        admit: (peer) => core!.refuses(peer),
      }),
    isSuspect: (peer) => core?.view().links.get(peer)?.suspect ?? false,
    onLink,
    onGone(peer, end) {
      news.emit({ type: 'unlinked', peer, reason: end.kind });
      feed({ type: 'unlinked', peer, reason: end.kind === 'left' ? 'left' : end.kind === 'refused' ? 'refused' : 'lost' });
    },
    onRefused(error) {
      if (!isAbort(error)) news.emit({ type: 'refused', peer: null, reason: asLlamboError(error).message });
    },
  });
  const waiting = { clock, links, linked, left, want: (peer: PeerId): void => feed({ type: 'want link', peer }) };
  const nodes: RemoteNodes = createRemoteNodes({ env, link: (peer, signal) => linkTo(peer, waiting, signal) });

  // --- The core: events in, effects out. An effect may cause an event; they take turns.

  function feed(event: CoreEvent): void {
    if (!core || life.signal.aborted) return;
    events.push(event);
    if (feeding) return;
    feeding = true;
    try {
      for (let next = events.shift(); next; next = events.shift()) core.handle(next, clock.now()).forEach(perform);
    } finally {
      feeding = false;
    }
  }

  function perform(effect: CoreEffect): void {
    switch (effect.type) {
      case 'send':
        return links.get(effect.to)?.send(effect.message);
      case 'dial': {
        const entry = core!.view().entries.find(({ peer }) => peer === effect.peer);
        const ways = waysTo(effect.endpoints, endpoint!, entry, identity.device);
        dialInTurn(ways, (to) => links.dial(to, { signal: life.signal }), life.signal).catch(() => feed({ type: 'dial failed', peer: effect.peer }));
        return;
      }
      case 'drop':
        return links.get(effect.peer)?.end(endOf(effect));
      case 'hold door':
        return doors?.hold(effect.door);
      case 'release door':
        return doors?.release(effect.door);
      case 'knock':
        return doors?.knock(effect.door);
      case 'tell':
        return tell(effect.event);
    }
  }

  function tell(event: CoreNews): void {
    if (event.type === 'left') left.emit(event.peer);
    nodes.update(core!.view().entries);
    news.emit(event);
    changed();
  }

  function changed(): void {
    shown = null;
    changes.emit();
  }

  function onLink(link: PeerLink): void {
    link.onMessage((message) => {
      if (isForCore(message)) feed({ type: 'message', from: link.peer, message });
    });
    deps.tasks.attach(link);
    feed({ type: 'linked', peer: link.peer, ...link.welcome });
    linked.emit(link);
    news.emit({ type: 'linked', peer: link.peer, path: link.path });
    changed();
  }

  // --- Coming and going

  async function start({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    const join = linkedController(signal);
    life.signal.addEventListener('abort', () => join.abort(life.signal.reason), { once: true });
    try {
      await withDeadline(clock, LIMITS.joinMs, 'Joining', enter(join.signal));
    } catch (error) {
      const problem = asLlamboError(error);
      if (!life.signal.aborted) {
        joined = { ...joined, state: 'failed', problem };
        close();
        changed();
      }
      throw problem;
    } finally {
      join.abort();
    }
  }

  async function enter(signal: AbortSignal): Promise<void> {
    endpoint = await deps.transport.open({ signal });
    closers.push(() => endpoint?.close(), endpoint.onSignalling(changed));
    doors = createDoors({
      endpoint,
      idsOf: (door) => endpoint!.ids.map((id) => room.door(id.charAt(0), door)),
      dial: links.dial,
      onState: (door, state) => feed({ type: 'door', door, state }),
    });
    closers.push(() => doors?.close());
    // Alone at its first tick it founds a swarm; linked by then it has joined one.
    core = createSwarmCore({ identity, random, facts: { ...facts, endpoints: endpoint.ids }, now: clock.now(), wallTime: clock.wallTime() });
    links.attend(endpoint);
    if (!deps.founds) await findOthers(doors, signal);
    closers.push(deps.tick(TICK_MS, onTick));
    advance('in');
    onTick();
  }

  async function findOthers(at: Doors, signal: AbortSignal): Promise<void> {
    advance('dialling');
    const { door } = await at.enter({ signal, onConnected: () => advance('handshake') });
    if (door !== null) feed({ type: 'door', door, state: 'held' });
  }

  function onTick(): void {
    // Whoever works for us, or has us work, is wanted: a large swarm drops links that nobody needs.
    for (const peer of new Set([...nodes.inUse(), ...deps.tasks.given().map((task) => task.peer)])) feed({ type: 'want link', peer });
    feed({ type: 'tick' });
  }

  function advance(step: JoinStep): void {
    if (joined.state !== 'joining') return;
    joined = { ...joined, step, state: step === 'in' ? 'in' : 'joining' };
    changed();
  }

  function close(): void {
    life.abort(new LlamboError('peer-lost', 'This tab left the swarm.', { advice: 'Join again to go on.' }));
    nodes.close();
    links.close({ kind: 'left' });
    for (const closeOne of closers.splice(0)) closeOne();
  }

  return {
    info() {
      const signalling = endpoint?.signalling() ?? 'down';
      const problem = joined.problem ?? (joined.state === 'in' && signalling === 'down' ? HIDDEN_FROM_NEWCOMERS : null);
      const around = { ...joined, signalling, problem: problem && toWire(problem), room: room.id, link: deps.link, code: deps.code };
      shown ??= describe(core?.view() ?? null, around, (peer) => links.get(peer)?.path ?? null);
      return shown;
    },
    onChange: (listener) => changes.on(listener),
    onNews: (listener) => news.on(listener),
    start,
    leave() {
      if (life.signal.aborted) return;
      feed({ type: 'leave' });
      close();
    },
    setFacts(change) {
      facts = { ...facts, ...change };
      feed({ type: 'self', change });
    },
    node: (address) => nodes.get(address),
  };
}

const HIDDEN_FROM_NEWCOMERS = new LlamboError('unreachable', 'The signalling server can\'t be reached, so newcomers can\'t find this tab.', {
  advice: 'Everybody who is in stays connected, and newcomers can come in through any tab that has it. It is tried again by itself.',
});

const CORE_TAGS: ReadonlySet<string> = new Set(['beat', 'vote?', 'vote', 'leave', 'status', 'roster', 'roster?'] satisfies CoreMessage['t'][]);
const isForCore = (message: PeerMessage): message is CoreMessage => CORE_TAGS.has(message.t);

function endOf({ reason, what = 'against the rules' }: Extract<CoreEffect, { type: 'drop' }>): LinkEnd {
  switch (reason) {
    case 'silent':
      return { kind: 'silent' };
    case 'surplus':
      return { kind: 'closed' };
    case 'removed':
      return { kind: 'violation', reason: 'full', what: 'too many came in at once' };
    case 'violation':
      return { kind: 'violation', reason: 'protocol', what };
  }
}
