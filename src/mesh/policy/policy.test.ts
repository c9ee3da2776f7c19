import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../../protocol/config-defaults.ts';
import type { DeviceId } from '../../shared/ids.ts';
import type { KnownRules } from '../gate/gate.ts';
import { counts, isNewerPolicy, nextVersion, readPart, STEWARD_VERSIONS, type KnownPolicy } from './policy.ts';

const [founder, steward, other, member] = ['founder', 'steward', 'other', 'member'] as unknown as [DeviceId, DeviceId, DeviceId, DeviceId];
const rules: KnownRules = { founder, document: { founder: 'key', version: 1, gate: false, stewards: [steward, other], signature: 's' } };
const policy = (maker: DeviceId, version: number, signature = 'x'): KnownPolicy => ({ maker, part: {}, document: { by: maker, version, policy: '{}', signature } });

describe('a decision', () => {
  it('counts while its maker may decide', () => {
    expect([founder, steward, member].map((maker) => counts(rules, policy(maker, 1)))).toEqual([true, true, false]);
  });

  it('of the highest version is the one; of equal ones the founder’s', () => {
    expect(isNewerPolicy(rules, policy(steward, 2), policy(founder, 1))).toBe(true);
    expect(isNewerPolicy(rules, policy(founder, 2, 'a'), policy(steward, 2, 'z'))).toBe(true);
    expect(isNewerPolicy(rules, policy(steward, 2, 'z'), policy(founder, 2, 'a'))).toBe(false);
  });

  it('is one of all, in whatever order they are heard', () => {
    const known = fc.record({ maker: fc.constantFrom(founder, steward, other), version: fc.integer({ min: 1, max: 3 }), signature: fc.string({ minLength: 1, maxLength: 2 }) })
      .map(({ maker, version, signature }) => policy(maker, version, signature));
    // A signature belongs to one document.
    const all = fc.uniqueArray(known, { minLength: 2, maxLength: 6, selector: ({ document }) => document.signature });
    const last = (heard: readonly KnownPolicy[]): KnownPolicy => heard.reduce((held, next) => (isNewerPolicy(rules, next, held) ? next : held));
    fc.assert(fc.property(all.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))), ([list, shuffled]) => {
      expect(last(shuffled)).toBe(last(list));
    }));
  });

  it('of a steward’s last version still leaves the founder the last word', () => {
    expect(nextVersion(rules, steward, policy(steward, STEWARD_VERSIONS))).toBeNull();
    expect(counts(rules, policy(steward, STEWARD_VERSIONS + 1))).toBe(false);
    const next = nextVersion(rules, founder, policy(steward, STEWARD_VERSIONS))!;
    expect(isNewerPolicy(rules, policy(founder, next), policy(steward, STEWARD_VERSIONS))).toBe(true);
  });
});

describe('the text of a decision', () => {
  it('is the swarm’s part', () => {
    expect(readPart(JSON.stringify(DEFAULT_CONFIG.swarm))).toEqual(DEFAULT_CONFIG.swarm);
    expect(readPart('{}')).toEqual({});
  });

  it.each([
    ['a key', { later: true }],
    ['a key within', { queue: { later: 1 } }],
    ['a strategy', { strategy: 'of the next build' }],
    ['bounds', { queue: { most: 1e9 } }],
    ['relations', { autoscaling: { low: 0.9, high: 0.1 } }],
  ])('with %s of another build is not understood', (_, part) => {
    expect(readPart(JSON.stringify(part))).toBeNull();
  });

  it.each([
    ['no JSON', 'strategy: random'],
    ['a list', '[]'],
    ['a text', '"x"'],
    ['null', 'null'],
    ['deeper than any message', `{"a":${'['.repeat(40)}${']'.repeat(40)}}`],
    ['so deep that a careless reader falls', `{"a":${'['.repeat(15_000)}${']'.repeat(15_000)}}`],
  ])('that is %s is of no build', (_, text) => {
    expect(readPart(text)).toBe('garbled');
  });

  it('never makes the reader throw', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readPart(text)));
  });
});
