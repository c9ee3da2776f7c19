import { describe, expect, it } from 'vitest';
import { swarmOf } from '../../testing/swarm-fixtures.ts';
import { base } from '../../testing/ui-fixtures.ts';
import { groupsOf, offsetOf, problemOf, problemText, swarmPartOf, titleOf, valueFrom } from './config-words.ts';

describe('config-words', () => {
  it('names keys', () => {
    expect(['swarm.queue.mostPerDevice', 'swarm.tiers.tiny.cpuShare', 'swarm.tiers.tiny', 'device.ice'].map(titleOf)).toEqual(['Most per device', 'CPU share', 'Tiny nodes', 'ICE servers']);
  });

  it('has every key in a group of its part', () => {
    const keys = (['swarm', 'device'] as const).flatMap((part) => groupsOf(base.config, part)).flatMap(({ fields }) => fields.map(({ key }) => key));
    expect(keys.toSorted()).toEqual(base.config.entries.filter((entry) => 'kind' in entry).map(({ key }) => key).toSorted());
  });

  it('makes values of what is typed', () => {
    expect(valueFrom({ kind: 'count' }, ' 12 ')).toBe(12);
    expect(valueFrom({ kind: 'count' }, 'lots')).toBe('lots');
    expect(valueFrom({ kind: 'share' }, '0.5')).toBe(0.5);
    expect(valueFrom({ kind: 'flag' }, 'false')).toBe(false);
    expect(valueFrom({ kind: 'duration' }, '2s')).toBe('2s');
    expect(valueFrom({ kind: 'duration' }, '2000')).toBe(2000);
    expect(valueFrom({ kind: 'texts' }, 'a\n\n b ')).toEqual(['a', 'b']);
    expect(valueFrom({ kind: 'text' }, '  ')).toBeNull();
  });

  it('finds problems of a key, and of what is in its list', () => {
    const problem = { line: 3, column: 5, key: 'swarm.models.0.url', message: 'is missing', allowed: 'an address' };
    expect(problemOf([problem], 'swarm.models')).toBe(problem);
    expect(problemOf([problem], 'swarm.model')).toBeNull();
    expect(problemText(problem)).toBe('Line 3, swarm.models.0.url: is missing. Allowed: an address.');
    expect(problemText({ ...problem, key: '', message: 'must be an address' })).toBe('Line 3: must be an address.');
  });

  it('finds lines in a text', () => {
    expect(offsetOf('a\nbcd\ne', 2, 3)).toBe(4);
    expect(offsetOf('a\nb', 9)).toBe(3);
  });

  it('says who decides', () => {
    const swarm = swarmOf(3);
    const gate = { on: true, mine: null, founder: swarm.peers[0]!.device, stewards: [], knocking: [], barred: [] };
    expect(swarmPartOf(null, false).mine).toBe(true);
    expect(swarmPartOf({ ...swarm, gate }, false)).toMatchObject({ mine: true, words: expect.stringContaining('Another tab leads') as unknown });
    expect(swarmPartOf({ ...swarm, leader: swarm.self }, false).words).toContain('This tab leads');
    expect(swarmPartOf({ ...swarm, leader: swarm.self, gate: { ...gate, mine: 'founder' } }, false).words).toContain('What you change here counts for the whole swarm');
    expect(swarmPartOf({ ...swarm, gate }, true).mine).toBe(false);
    expect(swarmPartOf({ ...swarm, gate: { ...gate, mine: 'steward' } }, true).mine).toBe(true);
  });
});
