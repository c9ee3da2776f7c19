import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG, layConfig, toDevice, toPolicy } from '../../protocol/config-defaults.ts';
import { CONFIG_FIELDS, type ConfigField } from '../../protocol/config-fields.ts';
import { brokenRules } from '../../protocol/config-rules.ts';
import type { SwarmConfig } from '../../protocol/config-schema.ts';
import { DEFAULT_POLICY } from '../../protocol/policy.ts';
import { writeConfig, writeValue } from './config-write.ts';
import { withValue } from './config-yaml-edit.ts';
import { CONFIG_CHARS, parseConfig } from './config-yaml.ts';

const configOf = (text: string): SwarmConfig => {
  const parsed = parseConfig(text);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
};
const problemsOf = (text: string, below: SwarmConfig = {}) => {
  const parsed = parseConfig(text, below);
  return 'problems' in parsed ? parsed.problems : [];
};

const SHA = 'a'.repeat(64);

describe('a good swarm.yaml', () => {
  it('may be empty, or all comment', () => {
    for (const text of ['', '\n', '# nothing\n', 'swarm:\n', 'swarm:\n  queue:\n', writeConfig({})]) expect(toPolicy(configOf(text))).toEqual(DEFAULT_POLICY);
  });

  it('has durations, sizes, shares, lists and anchors', () => {
    const config = configOf(`
swarm:
  strategy: sticky
  queue: &short { most: 100, mostPerDevice: 10, retry: 250ms }
  health: { rest: 1.5s, restMost: 5m }
  failover: { silence: 3000, hedgeShare: 0.1 }
  tiers:
    tiny: { model: tiny-1, least: 2 }
    medium: &medium { model: smol, most: 4, memory: 1.5GB, cpuShare: 0.5 }
    large: *medium
  models: [{ id: smol, url: models/smol.gguf, sha256: ${SHA}, tier: medium, memory: 512MB }]
device:
  name: Ada
  sharing: { keptModels: [smol] }
  signalling: [{ host: swarm.example, port: 9000 }]
  ice: [{ urls: ['stun:stun.example:3478'] }]
`);
    const policy = toPolicy(config);
    expect(policy).toMatchObject({
      strategy: 'sticky',
      queue: { most: 100, mostPerDevice: 10, retryMs: 250, quantumTokens: DEFAULT_POLICY.queue.quantumTokens },
      health: { restMs: 1500, restMostMs: 300_000 },
      failover: { silenceMs: 3000, hedgeShare: 0.1 },
    });
    expect(policy.tiers).toEqual({
      tiny: { model: 'tiny-1', least: 2, most: 1024 },
      medium: { model: 'smol', least: 0, most: 4, memory: 1.5 * 2 ** 30, cpuShare: 0.5 },
      large: { model: 'smol', least: 0, most: 4, memory: 1.5 * 2 ** 30, cpuShare: 0.5 },
    });
    expect(toDevice(config)).toEqual({
      settings: { name: 'Ada', sharing: { on: true, slots: 0, tokensPerHour: 0, keptModels: ['smol'] } },
      signalling: { signalling: [{ host: 'swarm.example', port: 9000 }], iceServers: [{ urls: ['stun:stun.example:3478'] }] },
    });
  });
});

describe('a mistake is told with line, column, key and what is allowed', () => {
  const table: [what: string, text: string, problem: object][] = [
    ['a slip in a key', 'swarm:\n  strategi: random\n', { line: 2, column: 3, key: 'swarm.strategi', message: 'there is no such key; did you mean strategy?', allowed: expect.stringContaining('queue') as unknown }],
    ['a key at the wrong place', 'strategy: random\n', { line: 1, column: 1, key: 'strategy', message: 'there is no such key; it belongs at swarm.strategy', allowed: 'swarm, device' }],
    ['a key that every object has', 'swarm:\n  constructor: 1\n', { line: 2, key: 'swarm.constructor' }],
    ['a value that is not in the list', 'swarm:\n  strategy: fastest\n', { line: 2, column: 13, key: 'swarm.strategy', allowed: expect.stringContaining('round-robin') as unknown, message: expect.stringContaining('"fastest"') as unknown }],
    ['a text for a number', 'swarm:\n  queue:\n    most: many\n', { line: 3, column: 11, key: 'swarm.queue.most', message: 'must be a whole number from 1 to 65536, not "many"' }],
    ['a fraction for a count', 'swarm: { queue: { most: 2.5 } }', { line: 1, column: 25, key: 'swarm.queue.most' }],
    ['a word for true', 'swarm: { autoscaling: { on: maybe } }', { key: 'swarm.autoscaling.on', message: 'must be true or false, not "maybe"', allowed: 'true or false' }],
    ['a share over 1', 'swarm: { health: { weight: 20 } }', { key: 'swarm.health.weight', allowed: 'a number from 0 to 1' }],
    ['a duration without a unit that there is', 'swarm: { failover: { silence: 2 parsecs } }', { key: 'swarm.failover.silence', message: 'must be a duration from 200ms to 10m, like 250ms, 2s or 5m, not "2 parsecs"' }],
    ['a duration that is too long', 'swarm: { failover: { silence: 3h } }', { key: 'swarm.failover.silence', allowed: expect.stringContaining('from 200ms to 10m') as unknown }],
    ['a size that is none', 'swarm: { tiers: { tiny: { model: a, memory: plenty } } }', { key: 'swarm.tiers.tiny.memory', allowed: expect.stringContaining('512MB') as unknown }],
    ['infinity', 'swarm: { health: { weight: .inf } }', { key: 'swarm.health.weight' }],
    ['a value where a section belongs', 'swarm:\n  queue: 5\n', { line: 2, column: 10, key: 'swarm.queue', allowed: expect.stringContaining('a section with most') as unknown }],
    ['a list where a section belongs', 'swarm:\n  queue: [1, 2]\n', { line: 2, column: 10, key: 'swarm.queue', message: expect.stringContaining('must be a section') as unknown }],
    ['a list for the file', '- a\n', { line: 1, key: '', message: expect.stringContaining('must be a section with swarm, device') as unknown }],
    ['a word for the file', 'hello\n', { line: 1, key: '' }],
    ['a model without a hash', `swarm:\n  models:\n    - id: a\n      url: a.gguf\n      tier: tiny\n      memory: 64MB\n`, { line: 3, column: 7, key: 'swarm.models.0.sha256', message: 'is missing', allowed: '64 hexadecimal digits' }],
    ['a model over plain http', `swarm:\n  models:\n    - { id: a, url: 'http://x.example/a', sha256: ${SHA}, tier: tiny, memory: 64MB }\n`, { line: 3, key: 'swarm.models.0.url' }],
    ['an address for a host', 'device:\n  signalling:\n    - host: https://x\n', { line: 3, column: 13, key: 'device.signalling.0.host', message: 'must be a host name without scheme, port and path' }],
    ['an unknown key in a list', 'device: { ice: [{ url: "stun:x" }] }', { key: 'device.ice.0.urls', message: 'is missing' }],
    ['a list of numbers for texts', 'device: { sharing: { keptModels: [5] } }', { key: 'device.sharing.keptModels.0' }],
    ['low over high', 'swarm:\n  autoscaling:\n    low: 0.9\n    high: 0.5\n', { line: 3, column: 10, key: 'swarm.autoscaling.low', allowed: 'swarm.autoscaling.low less than swarm.autoscaling.high' }],
    ['low over the default of high', 'swarm: { autoscaling: { low: 0.9 } }', { key: 'swarm.autoscaling.low' }],
    ['least over most', 'swarm: { tiers: { tiny: { model: a, least: 5, most: 2 } } }', { key: 'swarm.tiers.tiny.least', allowed: 'swarm.tiers.tiny.least at most swarm.tiers.tiny.most' }],
    ['a pause longer than the longest', 'swarm: { health: { rest: 10m } }', { key: 'swarm.health.rest', message: 'swarm.health.rest is 10m and swarm.health.restMost is 2m' }],
    ['a device with more places than the queue', 'swarm: { queue: { most: 5 } }', { key: 'swarm.queue.most' }],
    ['a tier without a model', 'swarm:\n  tiers:\n    tiny:\n      slots: 2\n', { line: 4, key: 'swarm.tiers.tiny', message: 'the tier tiny names no model' }],
    ['two models of one id', `swarm: { models: [{ id: a, url: a, sha256: ${SHA}, tier: tiny, memory: 64MB }, { id: a, url: b, sha256: ${SHA}, tier: tiny, memory: 64MB }] }`, { key: 'swarm.models.1.id' }],
    ['a key twice', 'swarm:\n  queue:\n    most: 1000\n    most: 2000\n', { line: 4, column: 5, key: 'swarm.queue.most', message: 'this key is here twice' }],
    ['a tab', 'swarm:\n\tqueue: 5\n', { line: 2, column: 1, message: 'a tab stands at the start of the line', allowed: 'spaces' }],
    ['an open bracket', 'swarm: { queue: {\n', { line: 2, message: expect.stringContaining('this is not YAML') as unknown }],
    ['wrong indentation', 'swarm:\n  queue:\n      most: 500\n    retry: 1s\n', { line: 4, message: expect.stringContaining('start at the same column') as unknown }],
    ['a tag', 'swarm: !!js/function x\n', { line: 1, key: 'swarm', allowed: 'no tags' }],
    ['two documents', 'swarm:\n---\nswarm:\n', { line: 2, allowed: 'one document' }],
    ['an alias of what it stands in', 'swarm: &all\n  queue: *all\n', { line: 2, column: 10, key: 'swarm.queue', message: '*all stands within what is called &all' }],
    ['an alias of nothing', 'swarm:\n  queue: *other\n', { line: 2, column: 10, key: 'swarm.queue', message: 'nothing before it is called &other' }],
  ];
  it.each(table)('%s', (_, text, problem) => {
    expect(problemsOf(text)[0]).toMatchObject(problem);
  });

  it('finds several at once, each once', () => {
    expect(problemsOf('swarm:\n  strategy: 5\n  queue: { most: -1, retry: x }\nother: 1\n').map(({ line, key }) => [line, key])).toEqual(
      expect.arrayContaining([[2, 'swarm.strategy'], [3, 'swarm.queue.most'], [3, 'swarm.queue.retry'], [4, 'other']]),
    );
  });

  it('lays what is below under it before it compares', () => {
    expect(problemsOf('swarm: { autoscaling: { low: 0.5 } }')).toEqual([]);
    expect(problemsOf('swarm: { autoscaling: { low: 0.5 } }', { swarm: { autoscaling: { high: 0.4 } } })).toMatchObject([{ key: 'swarm.autoscaling.low' }]);
    expect(problemsOf('swarm: { tiers: { tiny: { slots: 2 } } }', { swarm: { tiers: { tiny: { model: 'a' } } } })).toEqual([]);
  });
});

describe('a file that is made to hurt', () => {
  const nested = Array.from({ length: 12 }, (_, level) => `k${level}: &k${level} [${Array.from({ length: 9 }, () => (level === 0 ? 'x' : `*k${level - 1}`)).join(', ')}]`).join('\n');
  it.each([
    ['too long', '#'.repeat(CONFIG_CHARS + 1), 'the file has 65537 characters'],
    ['anchors of anchors', nested, 'its anchors are used too often'],
    ['brackets in brackets', '['.repeat(3000), 'it is nested too deeply'],
    ['question marks', '? '.repeat(30_000), 'it has keys that begin with a question mark'],
    ['keys that objects are made of', '__proto__: { polluted: true }', 'there is no such key'],
  ])('%s is refused', (_, text, message) => {
    const [problem] = problemsOf(text);
    expect(problem).toMatchObject({ line: 1, message });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('any text gives a configuration or problems that lie in it', () => {
    const words = fc.constantFrom('swarm', 'queue', 'most', ':', ' ', '\n', '  ', '\t', '-', '[', ']', '{', '}', '&a', '*a', '"', "'", '|', '>', '!', '5', '2s', '#', '?', '%', '---', 'null', ',', '<<');
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }).map((parts) => parts.join('')), (text) => {
        for (const { line, column, message } of problemsOf(text)) {
          expect(line).toBeLessThanOrEqual(text.split('\n').length);
          expect(Math.min(line, column)).toBeGreaterThan(0);
          expect(message).not.toBe('');
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** Any value that the field allows. */
function valueFor({ kind, key, least = 0, most = 10, choices = [] }: ConfigField): fc.Arbitrary<unknown> {
  if (key.endsWith('.model')) return fc.constantFrom('tiny-1', 'smol.v2', '0', 'on');
  switch (kind) {
    case 'flag': return fc.boolean();
    case 'choice': return fc.constantFrom(...choices);
    case 'count': case 'duration': case 'size': return fc.integer({ min: least, max: Math.min(most, Number.MAX_SAFE_INTEGER) });
    case 'number': case 'share': return fc.double({ min: least, max: most, noNaN: true }).map((value) => value + 0);
    case 'text': return fc.string({ maxLength: most });
    case 'texts': return fc.array(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 3 });
    case 'list': {
      if (key.endsWith('signalling')) return fc.array(fc.record({ host: fc.constantFrom('a.example', '[::1]'), port: fc.integer({ min: 1, max: 65_535 }), secure: fc.boolean() }, { requiredKeys: [] }), { maxLength: 3 });
      if (key.endsWith('ice')) return fc.array(fc.record({ urls: fc.array(fc.constant('turn:a.example:3478'), { minLength: 1, maxLength: 2 }), credential: fc.string({ minLength: 1, maxLength: 9 }) }), { maxLength: 2 });
      return fc.constantFrom([], [{ id: 'a', url: 'a.gguf', sha256: SHA, tier: 'tiny', memory: 2 ** 26, name: '# no: comment' }]);
    }
    default: return kind satisfies never;
  }
}

/** Any configuration whose keys suit each other. */
const configs: fc.Arbitrary<SwarmConfig> = fc
  .tuple(...CONFIG_FIELDS.map((field) => fc.option(valueFor(field).map((value) => [field.key, value] as const), { nil: null, freq: 1 })))
  .map((values) => values.flatMap((value) => (value ? [value] : [])).reduce((config, [key, value]) => layConfig(config, key.split('.').reduceRight<unknown>((inside, part) => ({ [part]: inside }), value) as SwarmConfig), {} as SwarmConfig))
  .filter((config) => brokenRules(config).length === 0);

describe('writing', () => {
  it('what is written is read as it was, with whatever below', () => {
    fc.assert(
      fc.property(configs, configs, (config, below) => {
        expect(configOf(writeConfig(config, below))).toEqual(config);
        expect(configOf(writeConfig(layConfig(DEFAULT_CONFIG, config)))).toEqual(layConfig(DEFAULT_CONFIG, config));
      }),
      { numRuns: 30 },
    );
  });

  it('says behind the # what counts otherwise', () => {
    expect(writeConfig({})).toContain('    #retry: 1s\n');
    expect(writeConfig({}, { swarm: { queue: { retry: 1500 } } })).toContain('    #retry: 1500ms\n');
  });

  it('writes durations and sizes as people do', () => {
    expect(writeValue({ kind: 'duration' }, 90_000)).toBe('90s');
    expect(writeValue({ kind: 'size' }, 2 ** 29)).toBe('512MB');
    expect(writeValue({ kind: 'duration' }, 0)).toBe('0ms');
  });
});

describe('changing one key', () => {
  it('keeps what a person wrote, and the comments', () => {
    const text = '# ours\nswarm:\n  strategy: random # for now\n';
    const changed = withValue(text, 'swarm.queue.retry', '2s');
    expect(changed).toContain('# ours');
    expect(changed).toContain('# for now');
    expect(configOf(changed)).toEqual({ swarm: { strategy: 'random', queue: { retry: 2000 } } });
    expect(configOf(withValue(changed, 'swarm.queue.retry', null))).toEqual({ swarm: { strategy: 'random' } });
  });

  it('keeps the explanations of a file that nobody touched', () => {
    const changed = withValue(writeConfig({}), 'device.nodes', 2);
    expect(changed).toBe(writeConfig({ device: { nodes: 2 } }));
    expect(withValue(changed, 'device.nodes', null)).toBe(writeConfig({}));
  });

  it('gives a text to be refused for a value that is not allowed', () => {
    expect(problemsOf(withValue(writeConfig({}), 'swarm.queue.most', 'lots'))).toMatchObject([{ key: 'swarm.queue.most' }]);
    expect(configOf(withValue('swarm:\n  queue:\n', 'swarm.queue.most', 5000))).toEqual({ swarm: { queue: { most: 5000 } } });
  });
});
