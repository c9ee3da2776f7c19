/** Several gatekeepers of one room and the links between them: everything of a swarm that a gate has to do with, and nothing else. */
import { createGatekeeper, type Gatekeeper, type GatekeeperDeps, type GateStorage } from '../mesh/gate/gatekeeper.ts';
import type { Newcomer } from '../mesh/link/handshake.ts';
import { createTurns } from '../mesh/turns.ts';
import type { Identity } from '../mesh/identity.ts';
import type { MessageOf, Refusal } from '../protocol/messages.ts';
import type { DeviceId, PeerId } from '../shared/ids.ts';
import { createFakeCrypto, createFakeRoom, type FakeCrypto } from './fake-crypto.ts';
import { createFakeLinkPair, type FakeLink } from './fake-link.ts';
import { createManualClock, settle, type ManualClock } from './manual-clock.ts';
import { entryOf } from './mesh-peers.ts';

export interface GateTab {
  readonly name: string;
  readonly identity: Identity;
  readonly device: DeviceId;
  readonly gate: Gatekeeper;
  readonly links: Map<PeerId, FakeLink>;
  readonly stored: { rules: MessageOf<'rules'> | null };
}

export interface GateRig {
  readonly clock: ManualClock;
  readonly crypto: FakeCrypto;
  readonly room: ReturnType<typeof createFakeRoom>['id'];
  /** A tab that has not joined. @param founder whom its invitation names */
  tab(name: string, options?: { device?: string; founder?: DeviceId | null; stored?: MessageOf<'rules'> | null }): GateTab;
  /** A tab that founds the swarm. */
  found(name: string, gate: boolean): Promise<GateTab>;
  /** A link between the two, as after a handshake. */
  link(one: GateTab, other: GateTab): Promise<void>;
  /** Comes to that tab's door and asks to be let in; null once it is. `gone` makes it give up. */
  knock(newcomer: GateTab, at: GateTab): { outcome(): Refusal | null | 'waiting'; gone(): void };
  /** Comes in through that tab: knocks, links, believes. */
  enter(newcomer: GateTab, at: GateTab): Promise<void>;
}

export function createGateRig(): GateRig {
  const clock = createManualClock(1_000_000);
  const crypto = createFakeCrypto(5);
  const { id: room } = createFakeRoom();
  const everybody = new Map<PeerId, GateTab>();

  function tab(name: string, { device = name, founder = null, stored = null }: Parameters<GateRig['tab']>[1] = {}): GateTab {
    const identity = crypto.newIdentity(device);
    const links = new Map<PeerId, FakeLink>();
    const kept: GateTab['stored'] = { rules: stored };
    const storage: GateStorage = {
      load: () => Promise.resolve(kept.rules),
      save: (_room, rules) => Promise.resolve(void (kept.rules = rules)),
    };
    const deps: GatekeeperDeps = {
      clock, identity, crypto, room, founder, storage,
      turns: createTurns(),
      links: () => [...links.values()],
      members: () => [identity.peer, ...links.keys()].map((peer) => entryOf(everybody.get(peer)!.identity, { name: everybody.get(peer)!.name })),
      want: () => undefined,
      onChange: () => undefined,
    };
    const made: GateTab = { name, identity, device: identity.device, gate: createGatekeeper(deps), links, stored: kept };
    everybody.set(identity.peer, made);
    return made;
  }

  async function link(one: GateTab, other: GateTab): Promise<void> {
    const { near, far } = createFakeLinkPair(one.identity, other.identity);
    const attach = (owner: GateTab, end: FakeLink): void => {
      owner.links.set(end.peer, end);
      end.onMessage((message) => owner.gate.handle(end, message));
      end.onEnd(() => {
        owner.links.delete(end.peer);
        owner.gate.unlinked(end.peer);
      });
    };
    attach(one, near);
    attach(other, far);
    one.gate.linked(near);
    other.gate.linked(far);
    await settle();
  }

  function knock(newcomer: GateTab, at: GateTab): ReturnType<GateRig['knock']> {
    const leaving = new AbortController();
    let outcome: Refusal | null | 'waiting' = 'waiting';
    const said: Newcomer = { build: 'test', outgoing: false, signal: leaving.signal, entry: Promise.resolve(entryOf(newcomer.identity, { name: newcomer.name })) };
    void Promise.resolve(at.gate.admit(newcomer.identity.peer, newcomer.device, said)).then((result) => (outcome = result));
    return { outcome: () => outcome, gone: () => leaving.abort() };
  }

  return {
    clock, crypto, room, tab, link, knock,
    async found(name, gate) {
      const founder = crypto.newIdentity(name).device;
      const made = tab(name, { founder });
      await made.gate.open({ gate });
      return made;
    },
    async enter(newcomer, at) {
      await newcomer.gate.open(null);
      const outcome = at.gate.admit(newcomer.identity.peer, newcomer.device, { build: 'test', outgoing: false, signal: new AbortController().signal, entry: new Promise(() => undefined) });
      if (outcome !== null) throw new Error(`${newcomer.name} is not let in: ${outcome instanceof Promise ? 'wait' : outcome}`);
      await link(newcomer, at);
      await newcomer.gate.believe(newcomer.links.get(at.identity.peer)!);
    },
  };
}
