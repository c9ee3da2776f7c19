/**
 * Keeps what was decided about how the swarm is run: verifies what others tell, tells it on, and signs what the person
 * here decides. What a decision is worth is `policy.ts`; it knows nothing of what follows it.
 *
 * Every peer has the latest, so each next leader has it, and a newcomer hears it from whomever it meets. Over a link the
 * rules by which a decision counts go before it, and both are verified in one line: who has a document knows its maker.
 */
import { brokenRules } from '../../protocol/config-rules.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { SwarmPart } from '../../protocol/config-schema.ts';
import type { MessageOf, PeerMessage } from '../../protocol/messages.ts';
import { parseMessage } from '../../protocol/parse.ts';
import type { PolicyDocument } from '../../protocol/policy-schema.ts';
import { Emitter, type Unsubscribe } from '../../shared/emitter.ts';
import { LlamboError } from '../../shared/errors.ts';
import type { DeviceId, RoomId } from '../../shared/ids.ts';
import type { KnownRules } from '../gate/gate.ts';
import type { Identity, MeshCrypto } from '../identity.ts';
import type { LinkEnd, PeerLink } from '../link/peer-link.ts';
import type { Turns } from '../turns.ts';
import { isSignedPolicy, signPolicy } from './policy-documents.ts';
import { counts, isNewerPolicy, mayMake, nextVersion, readPart, type KnownPolicy } from './policy.ts';

/** Where the last decision outlives the tab. Whatever comes back is verified like anything from outside. */
export interface PolicyStorage {
  load(room: RoomId): Promise<unknown>;
  save(room: RoomId, policy: MessageOf<'policy'>): Promise<void>;
}

export interface PolicyKeeperDeps {
  readonly identity: Identity;
  readonly crypto: MeshCrypto;
  readonly room: RoomId;
  readonly storage: PolicyStorage;
  /** Those of the gate: what comes here is verified after the rules that came before it. */
  readonly turns: Turns;
  /** Who may decide; null while no rules are known: then nobody may. */
  rules(): KnownRules | null;
  links(): readonly PeerLink[];
}

/** What counts for all. */
export interface SwarmPolicyNews {
  readonly part: SwarmPart;
  /** The device that decided. */
  readonly by: DeviceId;
  readonly version: number;
}

/** What the app sees of it. */
export interface PolicyPort {
  /** Null: nobody has decided, or only somebody whose build knows more than this one. */
  current(): SwarmPolicyNews | null;
  onChange(listener: () => void): Unsubscribe;
  /**
   * Decides for all. What counts already is not decided again.
   * @throws LlamboError `refused` for who is neither founder nor steward; `bad-request` for more than `LIMITS.policyChars`,
   *   and for keys that don't suit each other
   */
  publish(part: SwarmPart): Promise<void>;
}

export interface PolicyKeeper extends PolicyPort {
  /** What this device remembers of the room. After the gate has opened. */
  open(): Promise<void>;
  linked(link: PeerLink): void;
  /** @returns true if the message was one of these */
  hear(link: PeerLink, message: PeerMessage): boolean;
  /** The rules may be others than before. */
  look(): void;
}

const notYours = (what: string): LlamboError => new LlamboError('refused', what, { advice: 'Ask the person who founded the swarm.' });
const unfit = (why: string, advice: string): LlamboError => new LlamboError('bad-request', `This can't count for the whole swarm: ${why}.`, { advice });
const FORGED: LinkEnd = { kind: 'violation', reason: 'identity', what: 'policy: signature' };
const GARBLED: LinkEnd = { kind: 'violation', reason: 'protocol', what: 'policy: text' };

export function createPolicyKeeper({ identity, crypto, room, storage, turns, rules, links }: PolicyKeeperDeps): PolicyKeeper {
  const changes = new Emitter<void>();
  /** The latest, to be told on. */
  let latest: KnownPolicy | null = null;
  /** The latest that this build understands. */
  let followed: KnownPolicy | null = null;
  let shown: SwarmPolicyNews | null = null;

  const said = ({ document }: KnownPolicy): MessageOf<'policy'> => ({ t: 'policy', document });

  function follow(next: KnownPolicy | null): void {
    if (next === followed) return;
    followed = next;
    shown = next?.part ? Object.freeze({ part: next.part, by: next.maker, version: next.document.version }) : null;
    changes.emit();
  }

  /** @param from needs not be told */
  function take(next: KnownPolicy, from: PeerLink | null): void {
    latest = next;
    // A full disk costs the memory of it, not the decision.
    storage.save(room, said(next)).catch(() => undefined);
    for (const link of links()) if (link !== from) link.send(said(next));
    if (next.part) follow(next);
  }

  /** @returns null if it changes nothing */
  async function verified(document: PolicyDocument): Promise<KnownPolicy | LinkEnd | null> {
    const current = rules();
    if (!current) return null;
    const maker = (await crypto.idOf(document.by)) as DeviceId;
    // What would not count is not worth a signature's time; nor is it a crime: who sent it may know other rules.
    if (!counts(current, { document, maker }) || (latest && !isNewerPolicy(current, { document, maker }, latest))) return null;
    if (!(await isSignedPolicy(crypto, room, document))) return FORGED;
    const part = readPart(document.policy);
    return part === 'garbled' ? GARBLED : { document, maker, part };
  }

  async function consider(document: PolicyDocument, from: PeerLink | null): Promise<LinkEnd | null> {
    const result = await verified(document);
    if (result === null || 'kind' in result) return result;
    take(result, from);
    return null;
  }

  async function decide(policy: string, part: SwarmPart | null): Promise<void> {
    const current = rules();
    if (!current || !mayMake(current, identity.device)) throw notYours('Only the founder of the swarm and its stewards can change how it is run.');
    const version = nextVersion(current, identity.device, latest);
    if (version === null) throw notYours('Only the founder can change how this swarm is run: the versions of stewards are used up.');
    take({ document: await signPolicy(identity, room, { policy, version }), maker: identity.device, part }, null);
  }

  /** Who was a steward decides nothing any more. What it decided stays: the founder decides the same. */
  function look(): void {
    const current = rules();
    if (!current) return;
    const gone = latest && !counts(current, latest) ? latest : null;
    if (gone && current.founder === identity.device) return adopt(gone);
    if (gone) latest = null;
    if (followed && !counts(current, followed)) follow(null);
  }

  function adopt(gone: KnownPolicy): void {
    // A key that can't sign any more: it counts for nobody else, and here until the tab is closed.
    turns.after(async () => latest === gone && (await decide(gone.document.policy, gone.part))).catch(() => undefined);
  }

  return {
    current: () => shown,
    onChange: (listener) => changes.on(listener),
    async publish(part) {
      const policy = JSON.stringify(part);
      if (policy.length > LIMITS.policyChars) throw unfit('it is too long', 'Name fewer models.');
      const [broken] = brokenRules({ swarm: part });
      if (broken) throw unfit(broken.message, `Allowed: ${broken.allowed}.`);
      await turns.after(async () => {
        const current = rules();
        if (latest?.document.policy !== policy || !current || !mayMake(current, identity.device)) await decide(policy, part);
      });
    },
    async open() {
      const kept = parseMessage(await storage.load(room).catch(() => null));
      if (kept.kind !== 'message' || kept.message.t !== 'policy') return;
      const { document } = kept.message;
      await turns.after(() => consider(document, null));
    },
    linked(link) {
      if (latest) link.send(said(latest));
    },
    hear(link, message) {
      if (message.t === 'policy') turns.hear(link, 'policies and policies again', () => consider(message.document, link));
      return message.t === 'policy';
    },
    look,
  };
}
