/**
 * This tab's part in a swarm: joins and leaves, keeps the snapshot and the log true to the mesh, and gives the mesh what
 * the tab knows of itself. It decides nothing about others.
 */
import type { LocalFacts, Mesh, MeshNews } from '../mesh/mesh-types.ts';
import type { Commands } from '../protocol/commands.ts';
import type { EngineNode, NodeInfo } from '../protocol/engine-node.ts';
import type { Swarm, SwarmEvents } from '../protocol/llambo.ts';
import type { SwarmInfo } from '../protocol/peer.ts';
import type { Verdict } from '../protocol/rules-schema.ts';
import { background, linkedController, throwIfAborted } from '../shared/abort.ts';
import { Emitter } from '../shared/emitter.ts';
import { LlamboError } from '../shared/errors.ts';
import type { Address, DeviceId } from '../shared/ids.ts';
import type { EventLog } from './event-log.ts';
import type { Notices } from './notices.ts';
import type { State } from './state.ts';

export interface SwarmDeps {
  readonly state: State;
  readonly log: EventLog;
  readonly notices: Notices;
  /**
   * Makes the mesh of a room, not started.
   * @param invitation a link or six words; absent: a new room
   * @param gated of a new room: newcomers are let in by hand
   * @throws LlamboError `bad-request` if the invitation is damaged, `unsupported`
   */
  createMesh(invitation: string | undefined, facts: LocalFacts, gated: boolean): Promise<Mesh>;
  /** What this tab tells of itself now. */
  facts(): LocalFacts;
  /** This tab is joined to others by this mesh from now on, in it or on the way; null: it is alone. @param founds it makes a new swarm */
  onMesh(mesh: Mesh | null, founds: boolean): void;
  /** The page's address follows: with the link of the swarm, or without. */
  showAddress(link: string | null): void;
}

export interface AppSwarm extends Swarm, Pick<Commands, 'joinSwarm' | 'leaveSwarm' | 'askOn' | 'setGate' | 'mark'> {
  /** `Commands.admit`: what goes wrong becomes a notice. */
  admitDevice: Commands['admit'];
  /** A node of another tab; null if nobody has it. */
  node(address: Address): EngineNode | null;
  /** What another tab tells of itself. @throws LlamboError as `Mesh.read`, `peer-lost` in no swarm */
  read: Mesh['read'];
  /** Nodes of other tabs that work for this one. */
  remoteNodes(): readonly NodeInfo[];
  /** The tab's own facts changed. */
  refresh(): void;
  /** Says goodbye at once: the tab may be gone after this call. */
  sayGoodbye(): void;
  /** The tab is back after it said goodbye: joins again. */
  comeBack(): void;
}

type Listeners = { [Name in keyof SwarmEvents]: Emitter<SwarmEvents[Name]> };

export function createSwarm(deps: SwarmDeps): AppSwarm {
  const { state, log, notices } = deps;
  const listeners: Listeners = { joined: new Emitter(), left: new Emitter(), leader: new Emitter(), change: new Emitter() };
  let mesh: Mesh | null = null;
  /** Ends the joining that is under way. */
  let joining = new AbortController();

  function show(info: SwarmInfo | null): void {
    const asked = state.get().askedNode;
    const gone = asked !== null && state.get().nodes.every(({ address }) => address !== asked) && !has(info, asked);
    const before = state.get().swarm?.link;
    state.set({ swarm: info, ...(gone ? { askedNode: null } : {}) });
    // A gate that is opened or closed changes the link.
    if (info && before !== undefined && info.link !== before) deps.showAddress(info.link);
    listeners.change.emit(info);
  }

  async function join(invitation?: string, { signal, gate = false }: { signal?: AbortSignal; gate?: boolean } = {}): Promise<{ link: string }> {
    joining.abort(new LlamboError('aborted', 'Another swarm was chosen.'));
    joining = linkedController(signal);
    const { signal: stop } = joining;
    // Before the old one is left: an invitation that can't be read costs nobody a swarm.
    const next = await deps.createMesh(invitation, deps.facts(), gate);
    throwIfAborted(stop);
    mesh?.leave();
    mesh = next;
    // First of all who listen: what is shown may be acted on at once.
    deps.onMesh(next, invitation === undefined);
    next.onChange(() => {
      if (mesh === next) show(next.info());
    });
    next.onNews((news) => {
      if (mesh === next) tell(news);
    });
    show(next.info());
    deps.showAddress(next.info().link);
    await next.start({ signal: stop });
    return { link: next.info().link };
  }

  function tell(news: MeshNews): void {
    switch (news.type) {
      case 'joined':
        log.add(news);
        return listeners.joined.emit({ peer: news.peer, name: news.name });
      case 'left':
        log.add(news);
        return listeners.left.emit({ peer: news.peer, name: news.name, reason: news.reason });
      case 'leader':
        if (news.leader) log.add({ type: 'elected', leader: news.leader, term: news.term, provisional: news.provisional });
        return listeners.leader.emit({ leader: news.leader, term: news.term });
      case 'changed':
      case 'suspect':
        return;
      case 'linked':
      case 'unlinked':
      case 'refused':
        return log.add(news);
    }
  }

  function end(): void {
    joining.abort(new LlamboError('aborted', 'The swarm was left.'));
    mesh?.leave();
    mesh = null;
    deps.onMesh(null, false);
  }

  async function admit(device: DeviceId, verdict: Verdict): Promise<void> {
    if (!mesh) throw new LlamboError('not-ready', 'This tab is in no swarm.', { advice: 'Join one first.' });
    await mesh.gate.decide(device, verdict);
  }

  /** A command about the gate: its failure becomes a notice. */
  function order(what: Promise<void> | undefined): void {
    if (what) background(what, (error) => notices.report(error, 'The gate stays as it was'));
  }

  function leave(): void {
    end();
    deps.showAddress(null);
    show(null);
  }

  return {
    join,
    async leave() {
      leave();
    },
    admit,
    admitDevice: (device, verdict) => order(admit(device, verdict)),
    setGate: (on) => order(mesh?.gate.setGate(on)),
    mark: (device, steward) => order(mesh?.gate.mark(device, steward)),
    on: (event, listener) => listeners[event].on(listener),
    joinSwarm(invitation, options) {
      background(join(invitation, options), (error) => {
        // The panel shows what happened on the way; an invitation that can't be read never gets there.
        if (state.get().swarm?.state !== 'failed') notices.report(error, 'This swarm can\'t be joined');
      });
    },
    leaveSwarm: leave,
    askOn: (node) => state.set({ askedNode: node }),
    node: (address) => mesh?.node(address) ?? null,
    async read(peer, path, options) {
      if (!mesh) throw new LlamboError('peer-lost', 'This tab is in no swarm.', { advice: 'Join one first.' });
      return mesh.read(peer, path, options);
    },
    remoteNodes: () => othersOf(state.get().swarm),
    refresh: () => mesh?.setFacts(deps.facts()),
    sayGoodbye: end,
    comeBack() {
      const link = state.get().swarm?.link;
      if (link && !mesh) background(join(link), (error) => notices.report(error, 'This tab could not come back to its swarm'));
    },
  };
}

const othersOf = (info: SwarmInfo | null): NodeInfo[] =>
  (info?.peers ?? []).filter(({ self }) => !self).flatMap(({ nodes }) => nodes.filter(({ shared }) => shared));

const has = (info: SwarmInfo | null, address: Address): boolean => othersOf(info).some((node) => node.address === address);
