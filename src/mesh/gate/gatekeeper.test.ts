import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { DeviceId } from '../../shared/ids.ts';
import { createGateRig, type GateRig, type GateTab } from '../../testing/gate-rig.ts';
import { settle } from '../../testing/manual-clock.ts';
import { signPass, signRules } from './gate-documents.ts';

/** A founder with a gate, and members that it let in, each linked with the founder. */
async function gated(...names: readonly string[]): Promise<{ rig: GateRig; founder: GateTab; members: GateTab[] }> {
  const rig = createGateRig();
  const founder = await rig.found('founder', true);
  const members: GateTab[] = [];
  for (const name of names) {
    const member = rig.tab(name, { founder: founder.device });
    await founder.gate.decide(member.device, 'admitted');
    await rig.enter(member, founder);
    members.push(member);
  }
  return { rig, founder, members };
}

const rulesOf = ({ stored }: GateTab): MessageOf<'rules'> => stored.rules!;

describe('a newcomer', () => {
  it('waits until the person at the door lets it in, and nobody is asked before it said who it is', async () => {
    const { rig, founder } = await gated();
    const anna = rig.tab('Anna');
    const knock = rig.knock(anna, founder);
    expect(founder.gate.info()!.knocking).toEqual([]);
    await settle();
    expect(founder.gate.info()!.knocking).toEqual([{ device: anna.device, name: 'Anna' }]);
    await founder.gate.decide(anna.device, 'admitted');
    await settle();
    expect(knock.outcome()).toBe(null);
    expect(founder.gate.info()!.knocking).toEqual([]);
  });

  it('at a member\'s door is shown to the founder, whose word reaches the member', async () => {
    const { rig, founder, members: [member] } = await gated('member');
    const anna = rig.tab('Anna');
    const knock = rig.knock(anna, member!);
    await settle();
    expect(member!.gate.info()!.knocking).toEqual([]);
    expect(founder.gate.info()!.knocking).toEqual([{ device: anna.device, name: 'Anna' }]);
    await founder.gate.decide(anna.device, 'admitted');
    await settle();
    expect(knock.outcome()).toBe(null);
    expect(founder.gate.info()!.knocking).toEqual([]);
  });

  it('is shown to a founder who comes later', async () => {
    const { rig, founder, members: [member] } = await gated('member');
    founder.links.get(member!.identity.peer)!.end({ kind: 'closed' });
    await settle();
    rig.knock(rig.tab('Anna'), member!);
    await settle();
    await rig.link(founder, member!);
    expect(founder.gate.info()!.knocking.map(({ name }) => name)).toEqual(['Anna']);
  });

  it('that gives up is shown no more, here and at the founder\'s', async () => {
    const { rig, founder, members: [member] } = await gated('member');
    const knock = rig.knock(rig.tab('Anna'), member!);
    await settle();
    knock.gone();
    await settle();
    expect(founder.gate.info()!.knocking).toEqual([]);
    expect(knock.outcome()).toBe('not-admitted');
  });

  it('whom nobody answers is sent away before its own patience ends', async () => {
    const { rig, founder } = await gated();
    const knock = rig.knock(rig.tab('Anna'), founder);
    await rig.clock.advance(LIMITS.admissionMs - LIMITS.handshakeMs - 1);
    expect(knock.outcome()).toBe('waiting');
    await rig.clock.advance(1);
    expect(knock.outcome()).toBe('not-admitted');
    expect(founder.gate.info()!.knocking).toEqual([]);
  });

  it('waits only while there is room, so that others still come in', async () => {
    const { rig, founder } = await gated();
    const knocks = Array.from({ length: LIMITS.knocking + 1 }, (_, index) => rig.knock(rig.tab(`n${index}`), founder));
    await settle();
    expect(knocks.map((knock) => knock.outcome())).toEqual([...Array.from({ length: LIMITS.knocking }, () => 'waiting'), 'not-admitted']);
  });

  it('does not wait where there is no gate, nor where it was switched off', async () => {
    const rig = createGateRig();
    const founder = await rig.found('founder', false);
    const anna = rig.tab('Anna');
    await rig.enter(anna, founder);
    expect(anna.gate.info()).toMatchObject({ on: false, founder: founder.device, mine: null });
    await founder.gate.setGate(true);
    await settle();
    // Whoever was in stays in, and knows it.
    expect(founder.links.size).toBe(1);
    const ben = rig.tab('Ben');
    const knock = rig.knock(ben, anna);
    await founder.gate.setGate(false);
    await settle();
    expect(knock.outcome()).toBe(null);
  });
});

describe('a barred device', () => {
  it('loses its links at all peers, hears why, and comes in nowhere, also with another page', async () => {
    const { rig, founder, members: [anna, eve] } = await gated('anna', 'eve');
    await rig.link(anna!, eve!);
    const link = anna!.links.get(eve!.identity.peer)!;
    await founder.gate.decide(eve!.device, 'barred');
    await settle();
    expect(link.ended()).toEqual({ kind: 'refused', reason: 'barred' });
    expect([founder.links.size, anna!.links.size, eve!.links.size]).toEqual([1, 1, 0]);
    expect(eve!.gate.barred()).toEqual(new Set([eve!.device]));
    expect(founder.gate.info()!.barred).toEqual([{ device: eve!.device, name: 'eve' }]);
    const again = rig.tab('another name', { device: 'eve' });
    expect(again.identity.peer).not.toBe(eve!.identity.peer);
    for (const door of [founder, anna!]) {
      const knock = rig.knock(again, door);
      await settle();
      expect(knock.outcome()).toBe('barred');
    }
  });

  it('is refused while it waits, and comes in when it is allowed again', async () => {
    const { rig, founder } = await gated();
    const eve = rig.tab('Eve');
    const knock = rig.knock(eve, founder);
    await settle();
    await founder.gate.decide(eve.device, 'barred');
    await settle();
    expect(knock.outcome()).toBe('barred');
    await founder.gate.decide(eve.device, 'admitted');
    await rig.enter(eve, founder);
    expect(founder.gate.info()!.barred).toEqual([]);
  });

  it('stays barred when all tabs were closed', async () => {
    const { rig, founder, members: [eve] } = await gated('eve');
    await founder.gate.decide(eve!.device, 'barred');
    const reloaded = rig.tab('founder', { founder: founder.device, stored: rulesOf(founder) });
    await reloaded.gate.open(null);
    await reloaded.gate.alone();
    const knock = rig.knock(eve!, reloaded);
    await settle();
    expect(knock.outcome()).toBe('barred');
  });
});

describe('a steward', () => {
  it('lets in and bars while the founder is away, and the founder believes it', async () => {
    const { rig, founder, members: [steward] } = await gated('steward');
    await founder.gate.mark(steward!.device, true);
    await settle();
    expect(steward!.gate.info()!.mine).toBe('steward');
    founder.links.get(steward!.identity.peer)!.end({ kind: 'left' });
    await settle();
    const anna = rig.tab('Anna', { founder: founder.device });
    const knock = rig.knock(anna, steward!);
    await settle();
    await steward!.gate.decide(anna.device, 'admitted');
    await settle();
    expect(knock.outcome()).toBe(null);
    await rig.link(steward!, founder);
    const atFounder = rig.knock(anna, founder);
    await settle();
    expect(atFounder.outcome()).toBe(null);
  });

  it('who is none any more decides nothing; what it decided stays', async () => {
    const { rig, founder, members: [steward, anna] } = await gated('steward', 'anna');
    await founder.gate.mark(steward!.device, true);
    await settle();
    await steward!.gate.decide(rig.tab('Eve').device, 'barred');
    await settle();
    await founder.gate.mark(steward!.device, false);
    await settle();
    expect(founder.links.size).toBe(2);
    expect(anna!.gate.info()).toMatchObject({ stewards: [], barred: [{ device: rig.tab('x', { device: 'Eve' }).device }] });
    await expect(steward!.gate.decide(anna!.device, 'barred')).rejects.toMatchObject({ code: 'refused' });
  });

  it('can be put out by the founder, and not by another steward', async () => {
    const { founder, members: [one, other] } = await gated('one', 'other');
    await founder.gate.mark(one!.device, true);
    await founder.gate.mark(other!.device, true);
    await settle();
    await expect(one!.gate.decide(other!.device, 'barred')).rejects.toMatchObject({ code: 'refused' });
    await expect(one!.gate.decide(founder.device, 'barred')).rejects.toMatchObject({ code: 'refused' });
    await founder.gate.decide(other!.device, 'barred');
    await settle();
    expect(founder.gate.info()).toMatchObject({ stewards: [one!.device], barred: [{ name: 'other' }] });
    expect(founder.links.size).toBe(1);
  });

  it('is marked by the founder only, and there are no more than LIMITS.stewards', async () => {
    const { founder, members: [member] } = await gated('member');
    await expect(member!.gate.mark(member!.device, true)).rejects.toMatchObject({ code: 'refused' });
    await expect(member!.gate.setGate(false)).rejects.toMatchObject({ code: 'refused' });
    for (let index = 0; index < LIMITS.stewards; index += 1) await founder.gate.mark(`${index}x`.padEnd(20, 'd') as DeviceId, true);
    await expect(founder.gate.mark(member!.device, true)).rejects.toMatchObject({ code: 'bad-request' });
  });
});

describe('documents of somebody who keeps no rules', () => {
  it.each([
    ['rules that the founder did not sign', ({ rules }: MessageOf<'rules'>) => ({ rules: { ...rules, version: rules.version + 1, gate: false } })],
    ['a pass with another verdict', ({ passes }: MessageOf<'rules'>) => ({ passes: passes.map((pass) => ({ ...pass, verdict: 'barred' as const, at: pass.at + 1, signature: `${pass.signature}x` })) })],
  ])('end the link: %s', async (_, forge) => {
    const { founder, members: [eve] } = await gated('eve');
    const link = founder.links.get(eve!.identity.peer)!;
    eve!.links.get(founder.identity.peer)!.send({ ...rulesOf(founder), ...forge(rulesOf(founder)) });
    await settle();
    expect(link.ended()).toEqual({ kind: 'violation', reason: 'identity', what: 'rules: signature' });
    expect(founder.gate.info()).toMatchObject({ on: true, barred: [] });
  });

  it('change nothing where they are signed by somebody else\'s key: another founder, a member who is no steward, another room', async () => {
    const { rig, founder, members: [eve, anna] } = await gated('eve', 'anna');
    const before = rulesOf(founder);
    const own = await signRules(eve!.identity, rig.room, { version: 99, gate: false, stewards: [] });
    const pass = await signPass(eve!.identity, rig.room, anna!.device, 'barred', 9e12);
    const elsewhere = await signPass(founder.identity, 'another' as typeof rig.room, anna!.device, 'barred', 9e12);
    const said = eve!.links.get(founder.identity.peer)!;
    said.send({ t: 'rules', rules: own.document, passes: [] });
    said.send({ ...before, passes: [pass.document] });
    await settle();
    expect(founder.links.size).toBe(2);
    said.send({ ...before, passes: [elsewhere.document] });
    await settle();
    expect(rulesOf(founder)).toBe(before);
    expect(founder.links.size).toBe(1);
  });

  it('change nothing where they are old ones, played back', async () => {
    const { founder, members: [eve, steward] } = await gated('eve', 'steward');
    const old = rulesOf(founder);
    await founder.gate.mark(steward!.device, true);
    await founder.gate.decide(eve!.device, 'barred');
    await settle();
    steward!.links.get(founder.identity.peer)!.send(old);
    await settle();
    expect(founder.gate.info()).toMatchObject({ stewards: [steward!.device], barred: [{ device: eve!.device }] });
  });

  it('end the link where they come without end', async () => {
    const { rig, founder, members: [eve] } = await gated('eve');
    const link = founder.links.get(eve!.identity.peer)!;
    const { rules } = rulesOf(founder);
    // To verify takes a while.
    rig.crypto.verify = () => new Promise(() => undefined);
    for (let count = 0; count <= LIMITS.pendingRules; count += 1) eve!.links.get(founder.identity.peer)!.send({ t: 'rules', rules: { ...rules, version: 9 }, passes: [] });
    await settle();
    expect(link.ended()).toMatchObject({ kind: 'violation', reason: 'flood' });
  });

  it('are no knocks for somebody who may not open', async () => {
    const { founder, members: [eve] } = await gated('eve');
    founder.links.get(eve!.identity.peer)!.send({ t: 'knocking', peer: eve!.identity.peer, device: eve!.device, name: 'x' });
    for (let index = 0; index < 2 * LIMITS.knocking; index += 1) {
      eve!.links.get(founder.identity.peer)!.send({ t: 'knocking', peer: `${String.fromCharCode(97 + index)}`.padEnd(20, 'p') as never, device: `${String.fromCharCode(97 + index)}`.padEnd(20, 'd') as never, name: 'many' });
    }
    await settle();
    expect(eve!.gate.info()!.knocking).toEqual([]);
    expect(founder.gate.info()!.knocking).toHaveLength(LIMITS.knocking);
    founder.links.get(eve!.identity.peer)!.end({ kind: 'closed' });
    await settle();
    expect(founder.gate.info()!.knocking).toEqual([]);
  });
});

describe('whoever comes in', () => {
  it('by a link that names the founder believes only a tab that the founder let in', async () => {
    const { rig, founder } = await gated();
    const squatter = rig.tab('squatter');
    const own = await rig.found('squatter', true);
    for (const door of [squatter, own]) {
      const anna = rig.tab('Anna', { founder: founder.device });
      await anna.gate.open(null);
      await rig.link(anna, door);
      const believed = anna.gate.believe(anna.links.get(door.identity.peer)!).then(() => 'believed', (error: { details: { reason: string } }) => error.details.reason);
      await rig.clock.advance(LIMITS.handshakeMs);
      expect(await believed).toBe('identity');
      expect(anna.links.size).toBe(0);
    }
  });

  it('by such a link finds nobody there: it does not make a swarm of its own, unless it is the founder', async () => {
    const { rig, founder } = await gated();
    const anna = rig.tab('Anna', { founder: founder.device });
    await anna.gate.open(null);
    await expect(anna.gate.alone()).rejects.toMatchObject({ code: 'unreachable' });
    const reloaded = rig.tab('founder', { founder: founder.device });
    await reloaded.gate.open(null);
    await reloaded.gate.alone();
    expect(reloaded.gate.info()).toMatchObject({ on: true, mine: 'founder' });
  });

  it('by words believes the first founder that it hears of, and no other ever', async () => {
    const { rig, founder } = await gated();
    const anna = rig.tab('Anna');
    await founder.gate.decide(anna.device, 'admitted');
    await rig.enter(anna, founder);
    const other = await rig.found('other', true);
    await rig.link(anna, other);
    expect(anna.gate.info()!.founder).toBe(founder.device);
    const nobody = rig.tab('nobody');
    const late = rig.tab('late');
    await rig.enter(late, nobody);
    await rig.clock.advance(LIMITS.handshakeMs);
    await rig.link(late, other);
    expect(late.gate.info()).toBe(null);
  });

  it('again after a while calls somebody whom it does not know yet, and believes its rules', async () => {
    const { rig, founder, members: [anna] } = await gated('anna');
    const old = rulesOf(anna!);
    const ben = rig.tab('ben', { founder: founder.device });
    await founder.gate.decide(ben.device, 'admitted');
    await rig.enter(ben, founder);
    const back = rig.tab('anna', { founder: founder.device, stored: old });
    await back.gate.open(null);
    const called = { build: '', outgoing: true, signal: new AbortController().signal, entry: new Promise<never>(() => undefined) };
    expect(back.gate.admit(ben.identity.peer, ben.device, called)).toBe(null);
    await rig.link(back, ben);
    await back.gate.believe(back.links.get(ben.identity.peer)!);
    expect(back.links.size).toBe(1);
    expect(back.gate.admit(rig.tab('x').identity.peer, rig.tab('stranger').device, called)).toBe('not-admitted');
  });
});
