/** A keeper of one room's policy, with rules that a test sets and links whose other ends it holds. */
import { createPolicyKeeper, type PolicyKeeper } from '../mesh/policy/policy-keeper.ts';
import { createTurns } from '../mesh/turns.ts';
import type { KnownRules } from '../mesh/gate/gate.ts';
import type { Identity } from '../mesh/identity.ts';
import type { MessageOf } from '../protocol/messages.ts';
import type { DeviceId } from '../shared/ids.ts';
import { createFakeCrypto, createFakeRoom, type FakeCrypto } from './fake-crypto.ts';
import { createFakeLinkPair, type FakeLink } from './fake-link.ts';

export interface PolicyTab {
  readonly identity: Identity;
  readonly keeper: PolicyKeeper;
  readonly stored: { policy: MessageOf<'policy'> | null };
  /** How often what counts has changed. */
  changes(): number;
  /** Other rules are known from now on. */
  rule(stewards: readonly DeviceId[], founder?: DeviceId | null): void;
  /** A new link. @returns its two ends: ours, and that of whoever may say anything */
  link(): { readonly near: FakeLink; readonly far: FakeLink };
}

export interface PolicyRig {
  readonly crypto: FakeCrypto;
  readonly room: ReturnType<typeof createFakeRoom>['id'];
  readonly founder: Identity;
  readonly steward: Identity;
  readonly member: Identity;
  tab(identity: Identity, stored?: MessageOf<'policy'> | null): PolicyTab;
}

export function createPolicyRig(): PolicyRig {
  const crypto = createFakeCrypto(7);
  const { id: room } = createFakeRoom();
  const [founder, steward, member] = [crypto.newIdentity('founder'), crypto.newIdentity('steward'), crypto.newIdentity('member')];

  function tab(identity: Identity, before: MessageOf<'policy'> | null = null): PolicyTab {
    const links = new Set<FakeLink>();
    const stored: PolicyTab['stored'] = { policy: before };
    let version = 1;
    let changes = 0;
    let rules: KnownRules | null = null;
    const keeper = createPolicyKeeper({
      identity, crypto, room,
      storage: { load: () => Promise.resolve(stored.policy), save: (_, policy) => Promise.resolve(void (stored.policy = policy)) },
      turns: createTurns(),
      rules: () => rules,
      links: () => [...links],
    });
    keeper.onChange(() => void (changes += 1));
    const rule: PolicyTab['rule'] = (stewards, by = founder.device) => {
      version += 1;
      rules = by && { founder: by, document: { founder: founder.deviceKey, version, gate: false, stewards: [...stewards], signature: 's' } };
      keeper.look();
    };
    rule([steward.device]);
    return {
      identity, keeper, stored, rule,
      changes: () => changes,
      link() {
        const { near, far } = createFakeLinkPair(identity, crypto.newIdentity());
        links.add(near);
        near.onMessage((message) => keeper.hear(near, message));
        near.onEnd(() => links.delete(near));
        keeper.linked(near);
        return { near, far };
      },
    };
  }

  return { crypto, room, founder, steward, member, tab };
}
