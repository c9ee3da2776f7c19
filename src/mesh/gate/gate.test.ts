import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { Verdict } from '../../protocol/rules-schema.ts';
import type { DeviceId } from '../../shared/ids.ts';
import { barredOf, entryOf, learn, NO_GATE, standingOf, timeFor, type Gate, type KnownPass, type KnownRules } from './gate.ts';

const device = (name: string): DeviceId => name.padEnd(20, 'd') as DeviceId;
const [founder, anna, ben, eve] = ['f', 'anna', 'ben', 'eve'].map(device) as [DeviceId, DeviceId, DeviceId, DeviceId];

const rules = (version: number, change: { gate?: boolean; stewards?: DeviceId[]; signature?: string } = {}): KnownRules => ({
  founder, document: { founder: 'key', version, gate: true, stewards: [], signature: `r${version}`, ...change },
});
const pass = (judge: DeviceId, about: DeviceId, verdict: Verdict, at: number): KnownPass => ({
  judge, document: { device: about, verdict, by: `key of ${judge}`, at, signature: `${judge} ${about} ${verdict} ${at}` },
});
const after = (...steps: readonly (KnownRules | KnownPass)[]): Gate =>
  steps.reduce<Gate>((gate, step) => ('judge' in step ? learn(gate, null, [step]) : learn(gate, step, [])), NO_GATE);

describe('rules', () => {
  it('say nothing as long as there are none', () => {
    expect(entryOf(NO_GATE, eve)).toBe('yes');
    expect(after(pass(founder, eve, 'barred', 1))).toBe(NO_GATE);
  });

  it('with an open gate let in whoever is not barred; with a closed one whoever was admitted', () => {
    const open = after(rules(1, { gate: false, stewards: [anna] }), pass(founder, eve, 'barred', 1), pass(founder, ben, 'admitted', 1));
    expect([founder, anna, ben, eve, device('new')].map((one) => entryOf(open, one))).toEqual(['yes', 'yes', 'yes', 'barred', 'yes']);
    const closed = learn(open, rules(2, { stewards: [anna] }), []);
    expect([founder, anna, ben, eve, device('new')].map((one) => entryOf(closed, one))).toEqual(['yes', 'yes', 'yes', 'barred', 'ask']);
  });

  it('of an older version change nothing', () => {
    const gate = after(rules(3, { stewards: [anna] }));
    expect(learn(gate, rules(2, { stewards: [eve] }), [])).toBe(gate);
    expect(learn(gate, rules(3, { stewards: [anna] }), [])).toBe(gate);
  });

  it('of one version, made twice, are everywhere the same ones', () => {
    const [one, other] = [rules(2, { stewards: [anna], signature: 'a' }), rules(2, { stewards: [ben], signature: 'b' })];
    expect(after(one, other).rules).toEqual(after(other, one).rules);
  });
});

describe('decisions', () => {
  it('count from the founder and from stewards, and from nobody else', () => {
    const gate = after(rules(1, { stewards: [anna] }), pass(anna, ben, 'admitted', 1), pass(eve, eve, 'admitted', 9), pass(ben, eve, 'admitted', 9));
    expect(standingOf(gate, ben)).toBe('admitted');
    expect(standingOf(gate, eve)).toBe('unknown');
  });

  it('of stewards about the founder or about each other count nothing; the founder puts out whom it likes', () => {
    const gate = after(rules(1, { stewards: [anna, ben] }), pass(anna, ben, 'barred', 1), pass(anna, founder, 'barred', 1), pass(anna, anna, 'barred', 1));
    expect([founder, anna, ben].map((one) => standingOf(gate, one))).toEqual(['founder', 'steward', 'steward']);
    expect(standingOf(learn(gate, rules(2, { stewards: [ben] }), [pass(founder, anna, 'barred', 1)]), anna)).toBe('barred');
  });

  it('are replaced by later ones, in whatever order they are heard', () => {
    const [one, other] = [pass(anna, eve, 'admitted', 5), pass(ben, eve, 'barred', 6)];
    const stewards = rules(1, { stewards: [anna, ben] });
    for (const gate of [after(stewards, one, other), after(stewards, other, one)]) expect(standingOf(gate, eve)).toBe('barred');
  });

  it('at the same time: the founder counts more than a steward, barring more than admitting', () => {
    const stewards = rules(1, { stewards: [anna, ben] });
    for (const order of [[pass(founder, eve, 'admitted', 5), pass(anna, eve, 'barred', 5)], [pass(anna, eve, 'barred', 5), pass(founder, eve, 'admitted', 5)]]) {
      expect(standingOf(after(stewards, ...order), eve)).toBe('admitted');
    }
    for (const order of [[pass(ben, eve, 'admitted', 5), pass(anna, eve, 'barred', 5)], [pass(anna, eve, 'barred', 5), pass(ben, eve, 'admitted', 5)]]) {
      expect(standingOf(after(stewards, ...order), eve)).toBe('barred');
    }
  });

  it('count no more when their steward is none any more', () => {
    const gate = after(rules(1, { stewards: [anna] }), pass(anna, ben, 'admitted', 1), rules(2));
    expect(standingOf(gate, ben)).toBe('unknown');
  });

  it('are made later than what they replace, also by a clock that is behind', () => {
    const gate = after(rules(1), pass(founder, eve, 'admitted', 900));
    expect(timeFor(gate, eve, 100)).toBe(901);
    expect(timeFor(gate, ben, 100)).toBe(100);
    expect(timeFor(after(rules(1), pass(founder, eve, 'admitted', Number.MAX_SAFE_INTEGER)), eve, 100)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('are bounded: of too many, those about the barred stay', () => {
    const many = Array.from({ length: LIMITS.passes + 40 }, (_, index) => pass(founder, device(`n${index}x`), index < 100 ? 'barred' : 'admitted', index));
    const gate = learn(NO_GATE, rules(1), many);
    expect(gate.passes.size).toBe(LIMITS.passes);
    expect(barredOf(gate)).toHaveLength(100);
    expect(learn(NO_GATE, rules(1), [...many].reverse()).passes.size).toBe(LIMITS.passes);
    expect(new Set(learn(NO_GATE, rules(1), [...many].reverse()).passes.keys())).toEqual(new Set(gate.passes.keys()));
  });
});
