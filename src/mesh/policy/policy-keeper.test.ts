import { describe, expect, it } from 'vitest';
import type { SwarmPart } from '../../protocol/config-schema.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { PolicyDocument } from '../../protocol/policy-schema.ts';
import type { RoomId } from '../../shared/ids.ts';
import { settle } from '../../testing/manual-clock.ts';
import { createPolicyRig, type PolicyRig, type PolicyTab } from '../../testing/policy-rig.ts';
import type { Identity } from '../identity.ts';
import { signPolicy } from './policy-documents.ts';
import { STEWARD_VERSIONS } from './policy.ts';

const STICKY: SwarmPart = { strategy: 'sticky' };
const RANDOM: SwarmPart = { strategy: 'random' };
const signed = ({ room }: PolicyRig, by: Identity, version: number, part: object | string = STICKY, at: RoomId = room): Promise<PolicyDocument> =>
  signPolicy(by, at, { version, policy: typeof part === 'string' ? part : JSON.stringify(part) });

/** What comes of documents that are said to a tab over one link. */
async function hear(tab: PolicyTab, ...documents: readonly PolicyDocument[]): Promise<unknown> {
  const { near, far } = tab.link();
  for (const document of documents) far.send({ t: 'policy', document });
  await settle();
  return near.ended();
}

describe('a decision for all', () => {
  it('of the founder counts here, is kept, and told to all who are linked, and to those who come', async () => {
    const rig = createPolicyRig();
    const tab = rig.tab(rig.founder);
    const { near } = tab.link();
    await tab.keeper.publish(STICKY);
    expect(tab.keeper.current()).toEqual({ part: STICKY, by: rig.founder.device, version: 1 });
    const said = { t: 'policy', document: await signed(rig, rig.founder, 1) };
    expect([near.sent, tab.link().near.sent, tab.stored.policy]).toEqual([[said], [said], said]);
  });

  it('is told on by whoever hears of it, and not back', async () => {
    const rig = createPolicyRig();
    const tab = rig.tab(rig.member);
    const { near } = tab.link();
    const document = await signed(rig, rig.steward, 4);
    const { near: from, far } = tab.link();
    far.send({ t: 'policy', document });
    far.send({ t: 'policy', document });
    await settle();
    expect([near.sent, from.sent, tab.changes()]).toEqual([[{ t: 'policy', document }], [], 1]);
    expect(tab.keeper.current()).toEqual({ part: STICKY, by: rig.steward.device, version: 4 });
  });

  it('is refused to who is neither founder nor steward, and where nobody knows a founder', async () => {
    const rig = createPolicyRig();
    const member = rig.tab(rig.member);
    await expect(member.keeper.publish(STICKY)).rejects.toMatchObject({ code: 'refused' });
    const founder = rig.tab(rig.founder);
    founder.rule([], null);
    await expect(founder.keeper.publish(STICKY)).rejects.toMatchObject({ code: 'refused' });
    expect([member.keeper.current(), founder.keeper.current()]).toEqual([null, null]);
  });

  it('that counts already is not made again; the next one has the next version', async () => {
    const rig = createPolicyRig();
    const tab = rig.tab(rig.steward);
    await hear(tab, await signed(rig, rig.founder, 4));
    await tab.keeper.publish(STICKY);
    expect(tab.keeper.current()).toMatchObject({ by: rig.founder.device, version: 4 });
    await tab.keeper.publish(RANDOM);
    expect(tab.keeper.current()).toEqual({ part: RANDOM, by: rig.steward.device, version: 5 });
  });

  it('that is too long, or against itself, is not made', async () => {
    const rig = createPolicyRig();
    const { keeper } = rig.tab(rig.founder);
    const model = { id: 'm', url: 'x'.repeat(2000), sha256: 'a'.repeat(64), tier: 'tiny', memory: 2 ** 28 } as const;
    const models = Array.from({ length: 20 }, (_, index) => ({ ...model, id: `m${index}` }));
    await expect(keeper.publish({ models })).rejects.toMatchObject({ code: 'bad-request' });
    await expect(keeper.publish({ autoscaling: { low: 0.9, high: 0.2 } })).rejects.toMatchObject({ code: 'bad-request' });
    expect(keeper.current()).toBeNull();
  });

  it('outlives the tab, and is verified when it comes back', async () => {
    const rig = createPolicyRig();
    const document = await signed(rig, rig.founder, 3);
    const kept = rig.tab(rig.founder, { t: 'policy', document });
    const changed = rig.tab(rig.founder, { t: 'policy', document: { ...document, policy: '{}' } });
    await kept.keeper.open();
    await changed.keeper.open();
    expect([kept.keeper.current()?.version, changed.keeper.current()]).toEqual([3, null]);
  });
});

describe('documents of somebody who keeps no rules', () => {
  it('end the link where the signature is none, or is of another room', async () => {
    const rig = createPolicyRig();
    const tab = rig.tab(rig.member);
    const end = { kind: 'violation', reason: 'identity', what: 'policy: signature' };
    const good = await signed(rig, rig.founder, 1);
    expect(await hear(tab, { ...good, policy: JSON.stringify(RANDOM) })).toEqual(end);
    expect(await hear(tab, { ...good, version: 2 })).toEqual(end);
    expect(await hear(tab, await signed(rig, rig.founder, 1, STICKY, 'another' as RoomId))).toEqual(end);
    expect(await hear(tab, { ...(await signed(rig, rig.member, 1)), by: rig.founder.deviceKey })).toEqual(end);
    expect([tab.keeper.current(), tab.stored.policy]).toEqual([null, null]);
  });

  it('end the link where a text was signed that no build signs', async () => {
    const rig = createPolicyRig();
    const tab = rig.tab(rig.founder);
    expect(await hear(tab, await signed(rig, rig.steward, 1, 'no JSON'))).toEqual({ kind: 'violation', reason: 'protocol', what: 'policy: text' });
    expect(tab.keeper.current()).toBeNull();
  });

  it('change nothing where their maker may not decide, or they are older', async () => {
    const rig = createPolicyRig();
    const tab = rig.tab(rig.founder);
    await hear(tab, await signed(rig, rig.steward, 3));
    const old = await Promise.all([signed(rig, rig.member, 9), signed(rig, rig.founder, 2, RANDOM), signed(rig, rig.steward, STEWARD_VERSIONS + 1)]);
    expect(await hear(tab, ...old)).toBeNull();
    expect([tab.keeper.current()?.version, tab.changes()]).toEqual([3, 1]);
  });

  it('end the link where they come without end', async () => {
    const rig = createPolicyRig();
    const tab = rig.tab(rig.member);
    const document = await signed(rig, rig.founder, 1);
    // To verify takes a while.
    rig.crypto.verify = () => new Promise(() => undefined);
    expect(await hear(tab, ...Array.from({ length: LIMITS.pendingRules + 1 }, (_, index) => ({ ...document, version: index + 1 })))).toMatchObject({ reason: 'flood' });
  });
});

describe('a document of a later build', () => {
  it('is kept and passed on, costs no link, and what was understood last goes on counting', async () => {
    const rig = createPolicyRig();
    const tab = rig.tab(rig.founder);
    await hear(tab, await signed(rig, rig.founder, 1));
    const { near } = tab.link();
    const later = await signed(rig, rig.steward, 2, { strategy: 'random', later: { key: 1 } });
    expect(await hear(tab, later)).toBeNull();
    expect(near.sent.at(-1)).toEqual({ t: 'policy', document: later });
    expect(tab.keeper.current()).toMatchObject({ part: STICKY, version: 1 });
    await tab.keeper.publish(STICKY);
    expect(tab.keeper.current()).toMatchObject({ part: STICKY, version: 3 });
  });
});

describe('a steward who is none any more', () => {
  it('has decided nothing, and decides nothing', async () => {
    const rig = createPolicyRig();
    const tab = rig.tab(rig.member);
    const document = await signed(rig, rig.steward, 2);
    await hear(tab, document);
    tab.rule([]);
    expect(tab.keeper.current()).toBeNull();
    expect(await hear(tab, document, await signed(rig, rig.steward, 3))).toBeNull();
    expect([tab.keeper.current(), tab.changes()]).toEqual([null, 2]);
  });

  it('leaves what it decided to the founder, who decides the same', async () => {
    const rig = createPolicyRig();
    const [founder, member] = [rig.tab(rig.founder), rig.tab(rig.member)];
    const document = await signed(rig, rig.steward, STEWARD_VERSIONS);
    await hear(founder, document);
    await hear(member, document);
    founder.rule([]);
    founder.rule([]);
    member.rule([]);
    await settle();
    expect(founder.keeper.current()).toEqual({ part: STICKY, by: rig.founder.device, version: STEWARD_VERSIONS + 1 });
    await hear(member, founder.stored.policy!.document);
    expect(member.keeper.current()).toEqual(founder.keeper.current());
  });
});
