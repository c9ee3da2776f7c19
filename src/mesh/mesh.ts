/**
 * One tab in one swarm: joins, stays, leaves. It puts transport, handshake, links, the core and tasks together: what
 * happens on links goes to the core as events, what the core wants is carried out. It decides nothing itself.
 */
import { LIMITS } from '../protocol/limits.ts';
import { toTopology } from '../protocol/config-defaults.ts';
import type { SwarmInfo } from '../protocol/peer.ts';
import { Emitter } from '../shared/emitter.ts';
import { LlamboError, asLlamboError, isAbort } from '../shared/errors.ts';
import type { DeviceId, PeerId } from '../shared/ids.ts';
import type { CoreEffect, CoreEvent, CoreNews, SwarmCore } from './core/core-types.ts';
import { createGatekeeper, type Gatekeeper } from './gate/gatekeeper.ts';
import { createControl } from './control.ts';
import { withFounder } from './invitation.ts';
import { createJoining } from './joining.ts';
import { conditionOf, endOf, inTurn, isForCore } from './mesh-parts.ts';
import { linkTo, waysTo } from './reach.ts';
import { createDoors, type Doors } from './doors.ts';
import { createLinks, type Links } from './links.ts';
import { openLink } from './link/open-link.ts';
import type { Mesh, MeshDeps, MeshNews } from './mesh-types.ts';
import type { PeerLink } from './link/peer-link.ts';
import { refusedError } from './link/refusals.ts';
import { createPolicyKeeper } from './policy/policy-keeper.ts';
import { createReading } from './read/reading.ts';
import { createRelaying } from './relay/relaying.ts';
import { createRemoteNodes, type RemoteNodes } from './remote-nodes.ts';
import { createSwarmCore } from './core/swarm-core.ts';
import { createSwarmDescription } from './swarm-info.ts';
import type { Endpoint } from './transport/transport.ts';
import { createTurns } from './turns.ts';

/** Several ticks in a beat, so that a beat is never a whole second late. */
const TICK_MS = LIMITS.beatMs / 4;

export function createMesh(deps: MeshDeps): Mesh {
  const { env, identity, crypto, room, build } = deps;
  const { clock, random } = env;
  const [changes, news] = [new Emitter<void>(), new Emitter<MeshNews>()];
  const turns = createTurns();
  const [linked, left] = [new Emitter<PeerLink>(), new Emitter<PeerId>()];
  const life = new AbortController();
  const describe = createSwarmDescription(identity.peer);
  const closers: (() => void)[] = [];
  let barred: ReadonlySet<DeviceId> | null = null;
  let facts = deps.facts;
  let endpoint: Endpoint | null = null;
  let core: SwarmCore | null = null;
  let doors: Doors | null = null;
  let shown: SwarmInfo | null = null;

  const joining = createJoining({ clock, life: life.signal, close, onChange: changed });
  const links: Links = createLinks({
    self: identity.peer, clock,
    open: (connection, signal) =>
      openLink(connection, {
        identity, crypto, room, build, clock, signal,
        onWait: joining.wait,
        introduce: () => core!.introduce(),
        admit: (peer, device, newcomer) => core!.refuses(peer) ?? gate.admit(peer, device, newcomer),
      }),
    isSuspect: (peer) => core?.view().links.get(peer)?.suspect ?? false,
    onLink,
    onGone(peer, end) {
      relaying.linkEnded(peer);
      gate.unlinked(peer);
      news.emit({ type: 'unlinked', peer, reason: end.kind });
      feed({ type: 'unlinked', peer, reason: end.kind === 'left' ? 'left' : end.kind === 'refused' ? 'refused' : 'lost' });
    },
    onRefused: (error) => isAbort(error) || news.emit({ type: 'refused', peer: null, reason: asLlamboError(error).message }),
  });
  const relaying = createRelaying({ env, identity, links, crypto: deps.relayCrypto, view: () => core?.view() ?? null, signal: life.signal });
  const waiting = { clock, links, linked, left, want: (peer: PeerId): void => feed({ type: 'want link', peer }) };
  const control = createControl({ ...waiting, identity, crypto, room: room.id, core: () => core });
  const reading = createReading({ clock, signal: life.signal, serve: deps.serve, link: (peer, signal) => linkTo(peer, waiting, signal) });
  const nodes: RemoteNodes = createRemoteNodes({ env, link: (peer, signal) => linkTo(peer, waiting, signal) });

  const gate: Gatekeeper = createGatekeeper({
    clock, identity, crypto, room: room.id,
    founder: deps.founds ? identity.device : deps.founder,
    storage: deps.gateStorage, turns,
    links: links.all, members: () => core?.view().entries ?? [], want: waiting.want,
    onChange: onGate,
  });
  const policy = createPolicyKeeper({ identity, crypto, room: room.id, storage: deps.policyStorage, turns, rules: gate.rules, links: links.all });

  // The core: events in, effects out. An effect may cause an event; they take turns.
  const takeTurn = inTurn<CoreEvent>((event) => core!.handle(event, clock.now()).forEach(perform));

  function feed(event: CoreEvent): void {
    if (core && !life.signal.aborted) takeTurn(event);
  }

  function perform(effect: CoreEffect): void {
    switch (effect.type) {
      case 'send':
        return links.get(effect.to)?.send(effect.message);
      case 'dial': {
        const entry = core!.view().entries.find(({ peer }) => peer === effect.peer);
        const ways = waysTo(effect.endpoints, endpoint!, entry, identity.device);
        relaying.dial(effect.peer, ways).catch(() => feed({ type: 'dial failed', peer: effect.peer }));
        return;
      }
      case 'drop':
        return links.get(effect.peer)?.end(endOf(effect));
      case 'hold door':
      case 'release door':
      case 'knock':
        return doors?.obey(effect);
      case 'tell':
        return tell(effect.event);
    }
  }

  function tell(event: CoreNews): void {
    if (event.type === 'left') left.emit(event.peer);
    control.look();
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
      else if (!control.hear(link, message) && !reading.hear(link, message) && !policy.hear(link, message)) gate.handle(link, message);
    });
    deps.tasks.attach(link, control.redeem);
    relaying.attend(link);
    feed({ type: 'linked', peer: link.peer, ...link.welcome });
    gate.linked(link);
    policy.linked(link);
    linked.emit(link);
    news.emit({ type: 'linked', peer: link.peer, path: link.path });
    changed();
  }

  function onGate(): void {
    policy.look();
    if (core && barred !== gate.barred()) feed({ type: 'bar', devices: (barred = gate.barred()) });
    if (joining.now().state === 'in' && gate.barred().has(identity.device)) joining.fail(refusedError('barred', 'them'));
    changed();
  }

  function tellTopology(): void {
    feed({ type: 'topology', topology: toTopology(policy.current()?.part ?? null) });
  }

  function onSignalling(): void {
    if (endpoint) feed({ type: 'self', change: { endpoints: endpoint.ids } });
    changed();
  }

  async function enter(signal: AbortSignal): Promise<void> {
    await gate.open(deps.founds ? { gate: deps.gated } : null);
    await policy.open();
    endpoint = relaying.widen(await deps.transport.open({ signal }));
    closers.push(() => endpoint?.close(), endpoint.onSignalling(onSignalling), () => doors?.close());
    doors = createDoors({
      endpoint,
      idsOf: (door) => endpoint!.ids.map((id) => room.door(id.charAt(0), door)),
      dial: links.dial,
      onState: (door, state) => feed({ type: 'door', door, state }),
    });
    // Alone at its first tick it founds a swarm; linked by then it has joined one.
    core = createSwarmCore({ identity, random, facts: { ...facts, endpoints: endpoint.ids }, now: clock.now(), wallTime: clock.wallTime() });
    onGate();
    tellTopology();
    closers.push(policy.onChange(tellTopology));
    links.attend(endpoint);
    if (!deps.founds) await findOthers(doors, signal);
    closers.push(deps.tick(TICK_MS, onTick));
    joining.advance('in');
    onTick();
  }

  async function findOthers(at: Doors, signal: AbortSignal): Promise<void> {
    joining.advance('dialling');
    const { link, door } = await at.enter({ signal, onConnected: () => joining.advance('handshake') });
    await (link ? gate.believe(link) : gate.alone());
    if (door !== null) feed({ type: 'door', door, state: 'held' });
  }

  function onTick(): void {
    // Whoever works for us, or has us work, is wanted: a large swarm drops links that nobody needs.
    const busy = new Set([...nodes.inUse(), ...deps.tasks.given().map((task) => task.peer)]);
    for (const peer of busy) feed({ type: 'want link', peer });
    relaying.tick();
    control.look();
    feed({ type: 'tick' });
  }

  function close(): void {
    life.abort(new LlamboError('peer-lost', 'This tab left the swarm.', { advice: 'Join again to go on.' }));
    nodes.close();
    links.close({ kind: 'left' });
    for (const closeOne of closers.splice(0)) closeOne();
  }

  function describeNow(): SwarmInfo {
    const joined = joining.now();
    const invitation = { room: room.id, link: withFounder(deps.link, gate.info() ? gate.founder() : deps.founder), code: deps.code };
    const around = { ...joined, ...conditionOf(joined, endpoint, links, doors), ...invitation, gate: gate.info() };
    return describe(core?.view() ?? null, around, (peer) => links.get(peer)?.path ?? null);
  }

  return {
    info: () => (shown ??= describeNow()),
    onChange: (listener) => changes.on(listener),
    onNews: (listener) => news.on(listener),
    start: (options) => joining.run(enter, options),
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
    control: control.port, read: reading.read, gate, policy,
  };
}
