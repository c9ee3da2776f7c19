/**
 * Keeps the gate of a swarm: verifies what others tell of rules and decisions and tells it on, asks people who may decide,
 * and signs what the person here decides. What the rules mean is `gate.ts`; who waits is `knocks.ts`.
 *
 * Each swarm has rules from its founding, also without a gate: if they came only with the gate, whoever claimed first
 * would be the founder. A link to a swarm with a gate names the founder. Whoever comes by another link or by six words
 * believes the first rules that it hears while it comes in, and no others ever.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf, PeerMessage, Refusal } from '../../protocol/messages.ts';
import { parseMessage } from '../../protocol/parse.ts';
import type { GateInfo, PeerEntry } from '../../protocol/peer.ts';
import type { Verdict } from '../../protocol/rules-schema.ts';
import { deferred, withDeadline } from '../../shared/abort.ts';
import type { Clock } from '../../shared/env.ts';
import { LlamboError } from '../../shared/errors.ts';
import type { DeviceId, PeerId, RoomId } from '../../shared/ids.ts';
import { createGateDecisions } from './gate-decisions.ts';
import { createGateReader } from './gate-reader.ts';
import { barredOf, entryOf, NO_GATE, standingOf, type Gate, type KnownRules } from './gate.ts';
import type { HandshakeDeps } from '../link/handshake.ts';
import type { Identity, MeshCrypto } from '../identity.ts';
import { createKnocks, type Visitor } from './knocks.ts';
import type { PeerLink } from '../link/peer-link.ts';
import { refusedError } from '../link/refusals.ts';
import type { Turns } from '../turns.ts';

/** Where rules outlive the tab. Whatever comes back is verified like anything from outside. */
export interface GateStorage {
  load(room: RoomId): Promise<unknown>;
  save(room: RoomId, rules: MessageOf<'rules'>): Promise<void>;
}

export interface GatekeeperDeps {
  readonly clock: Clock;
  readonly identity: Identity;
  readonly crypto: MeshCrypto;
  readonly room: RoomId;
  /** Whom the invitation names as founder, or this device in a new room; null if nobody is named. */
  readonly founder: DeviceId | null;
  readonly storage: GateStorage;
  readonly turns: Turns;
  links(): readonly PeerLink[];
  /** Everybody who is in. */
  members(): readonly PeerEntry[];
  /** A direct link with that peer is wanted: its person must be asked. */
  want(peer: PeerId): void;
  /** Rules, decisions or those who wait are others than before. */
  onChange(): void;
}

export interface Gatekeeper {
  /** Null while no rules are known. */
  info(): GateInfo | null;
  rules(): KnownRules | null;
  barred(): ReadonlySet<DeviceId>;
  /** To be named in the link; null: the link needs none, or no rules are known. */
  founder(): DeviceId | null;
  admit: HandshakeDeps['admit'];
  linked(link: PeerLink): void;
  unlinked(peer: PeerId): void;
  /** @returns true if the message was one for the gate */
  handle(link: PeerLink, message: PeerMessage): boolean;
  /** What this device remembers of the room; or, with a new one's gate, its first rules. */
  open(founded: { readonly gate: boolean } | null): Promise<void>;
  /** Somebody answered at a door. @throws LlamboError `refused` if no rules come from there by which both may be in */
  believe(link: PeerLink): Promise<void>;
  /** Nobody answered. @throws LlamboError `unreachable` if this tab must be let in by somebody */
  alone(): Promise<void>;
  /** @throws LlamboError `refused` for who is not the founder */
  setGate(on: boolean): Promise<void>;
  /** @throws LlamboError `refused` for who may not decide about that device */
  decide(device: DeviceId, verdict: Verdict): Promise<void>;
  /** Lets a device decide, or no more. @throws LlamboError `refused`; `bad-request` for one that is barred, or one too many */
  mark(device: DeviceId, steward: boolean): Promise<void>;
}

export function createGatekeeper(deps: GatekeeperDeps): Gatekeeper {
  const { clock, identity, crypto, room, turns } = deps;
  let gate: Gate = NO_GATE;
  let barred: ReadonlySet<DeviceId> = new Set();
  let info: GateInfo | null = null;
  let joining = true;
  /** Until when the first rules that come are believed. */
  let learnsUntil = Infinity;
  let news = deferred<void>();
  /** What devices called themselves when they were last seen: who is barred is in no roster. */
  const names = new Map<DeviceId, string>();
  const isFounder = (): boolean => (gate.rules?.founder ?? deps.founder) === identity.device;
  const read = createGateReader({ crypto, room, believes: (founder) => (deps.founder ? founder === deps.founder : founder === identity.device || clock.now() < learnsUntil) });
  const decisions = createGateDecisions({
    clock, identity, room, isFounder,
    gate: () => gate,
    take: (next) => take(next, null),
    members: () => deps.members().map(({ device }) => device),
  });
  const knocks = createKnocks({
    clock,
    tell(visitor, gone) {
      for (const link of deps.links()) if (isJudge(link.device)) ask(link, visitor, gone);
      for (const { peer, device } of gone ? [] : deps.members()) if (isJudge(device) && device !== identity.device) deps.want(peer);
    },
    onChange: changed,
  });

  const isJudge = (device: DeviceId): boolean => ['founder', 'steward'].includes(standingOf(gate, device));
  const ask = (link: PeerLink, { peer, device, name }: Visitor, gone: boolean): void => link.send({ t: 'knocking', peer, device, name: gone ? null : name });

  function noteNames(): void {
    for (const { device, name } of [...deps.members(), ...knocks.all()]) {
      names.delete(device);
      names.set(device, name);
      if (names.size > LIMITS.passes) names.delete(names.keys().next().value!);
    }
  }

  function changed(): void {
    noteNames();
    info = gate.rules && describe(gate.rules);
    deps.onChange();
  }

  function describe({ founder, document }: KnownRules): GateInfo {
    const mine = isFounder() ? 'founder' : isJudge(identity.device) ? 'steward' : null;
    const knocking = mine === null ? [] : knocks.all().map(({ device, name }) => ({ device, name }));
    return Object.freeze({ on: document.gate, mine, founder, stewards: document.stewards, knocking, barred: [...barred].map((device) => ({ device, name: names.get(device) ?? '' })) });
  }

  // --- What is known

  const said = ({ document }: KnownRules): MessageOf<'rules'> => ({ t: 'rules', rules: document, passes: [...gate.passes.values()].map((pass) => pass.document) });

  /** Undefined: somebody must decide. */
  function verdictOn(device: DeviceId): Refusal | null | undefined {
    const entry = entryOf(gate, device);
    return entry === 'yes' ? null : entry === 'barred' ? 'barred' : undefined;
  }

  /** Keeps it, tells it on, and looks again at who is here. @param from needs not be told */
  function take(next: Gate, from: PeerLink | null): void {
    if (next === gate || !next.rules) return;
    gate = next;
    barred = new Set(barredOf(gate));
    // A full disk costs the memory of it, not the decision.
    deps.storage.save(room, said(next.rules)).catch(() => undefined);
    for (const link of deps.links()) if (link !== from) tell(link);
    // While those who are put out are still there.
    noteNames();
    for (const link of deps.links()) {
      const verdict = verdictOn(link.device);
      if (verdict !== null) link.end({ kind: 'refused', reason: verdict ?? 'not-admitted' });
    }
    knocks.settle(verdictOn);
    changed();
    news.resolve();
    news = deferred();
  }

  function tell(link: PeerLink): void {
    if (gate.rules) link.send(said(gate.rules));
    if (isJudge(link.device)) for (const visitor of knocks.here()) ask(link, visitor, false);
  }

  const hear = (link: PeerLink, message: MessageOf<'rules'>): void =>
    turns.hear(link, 'rules and rules again', async () => {
      const next = await read(gate, message);
      if (next === 'forged') return { kind: 'violation', reason: 'identity', what: 'rules: signature' };
      take(next, link);
      return null;
    });

  /** By the rules that are known, both that peer's device and this one may be in. */
  async function areBothIn(device: DeviceId): Promise<void> {
    while (!gate.rules || verdictOn(device) !== null || verdictOn(identity.device) !== null) await news.promise;
  }

  return {
    info: () => info,
    rules: () => gate.rules,
    barred: () => barred,
    founder: () => (gate.rules?.document.gate ? gate.rules.founder : null),
    admit(peer, device, newcomer) {
      if (!gate.rules && deps.founder !== null && device !== deps.founder && !newcomer.outgoing) return 'not-admitted';
      const verdict = verdictOn(device);
      if (verdict !== undefined) return verdict;
      if (!newcomer.outgoing) return knocks.wait(peer, device, newcomer);
      // Whom we call should be in already. While we come in we hear of it after this; later, if it is still on its way, we call again.
      return joining ? null : 'not-admitted';
    },
    linked: tell,
    unlinked: (peer) => knocks.unlinked(peer),
    handle(link, message) {
      if (message.t === 'rules') hear(link, message);
      else if (message.t === 'knocking' && isJudge(identity.device)) knocks.heard(link.peer, message);
      return message.t === 'rules' || message.t === 'knocking';
    },
    async open(founded) {
      if (founded) return turns.after(() => decisions.found(founded.gate));
      const kept = parseMessage(await deps.storage.load(room).catch(() => null));
      if (kept.kind !== 'message' || kept.message.t !== 'rules') return;
      const { message } = kept;
      const next = await turns.after(() => read(gate, message));
      if (next !== 'forged') take(next, null);
    },
    async believe(link) {
      learnsUntil = clock.now() + LIMITS.handshakeMs;
      if (gate.rules || deps.founder !== null) {
        await withDeadline(clock, LIMITS.handshakeMs, 'The rules of the swarm', areBothIn(link.device)).catch(() => {
          link.end({ kind: 'refused', reason: 'not-admitted' });
          if (!isFounder()) throw refusedError('identity', 'us', 'no rules by which it is in');
        });
      }
      joining = false;
      if (isFounder() && !gate.rules) await turns.after(() => decisions.found(true));
    },
    async alone() {
      learnsUntil = clock.now();
      joining = false;
      if (gate.rules ? entryOf(gate, identity.device) === 'yes' : deps.founder === null) return;
      if (!isFounder()) throw new LlamboError('unreachable', 'Nobody is there to let this tab in.', { advice: 'Ask the person who founded the swarm to open it, and try again.' });
      await turns.after(() => decisions.found(true));
    },
    setGate: (on) => turns.after(() => decisions.setGate(on)),
    decide: (device, verdict) => turns.after(() => decisions.decide(device, verdict)),
    mark: (device, steward) => turns.after(() => decisions.mark(device, steward)),
  };
}
