/**
 * From a configuration to the text of a `swarm.yaml` that explains itself: every key with its meaning; those that it does
 * not set are commented out and show what counts instead. JSON's texts and lists are YAML too, so this needs no library.
 */
import { CONFIG_ENTRIES, isField, valueAt, type ConfigField, type ConfigValue } from '../../protocol/config-fields.ts';
import { DEFAULT_CONFIG, layConfig } from '../../protocol/config-defaults.ts';
import { writeDuration, writeSize } from '../../protocol/config-kinds.ts';
import type { SwarmConfig } from '../../protocol/config-schema.ts';

const HEADER = `# yaml-language-server: $schema=./swarm.schema.json
#
# How this swarm is run. Take away the # before a key to set it, and before the names of the sections that it stands in.
# What is left out is as it stands behind the #. Durations: 250ms, 2s, 5m, 1h. Sizes: 512MB, 2GB. Shares: 0 to 1.
# All keys: docs/configuration.md. The page has a form for this file: Settings, Swarm configuration.
`;

/** Characters of a line of comment, without what stands before it. */
const WIDTH = 110;

/**
 * @param config what it sets
 * @param below what counts for the rest, over the defaults
 */
export function writeConfig(config: SwarmConfig, below: SwarmConfig = {}): string {
  const otherwise = layConfig(DEFAULT_CONFIG, below);
  const set = CONFIG_ENTRIES.filter(isField).filter(({ key }) => valueAt(config, key) !== undefined);
  const lines = CONFIG_ENTRIES.flatMap((entry) => {
    const names = entry.key.split('.');
    const margin = '  '.repeat(names.length - 1);
    const about = wrapped(entry.description).map((line) => `${margin}# ${line}`);
    const gap = isField(entry) ? [] : [''];
    if (!isField(entry)) return [...gap, ...about, `${margin}${set.some(({ key }) => key.startsWith(`${entry.key}.`)) ? '' : '#'}${names.at(-1)}:`];
    const value = valueAt(config, entry.key);
    if (value !== undefined) return [...about, ...keyLines(entry, value).map((line) => `${margin}${line}`)];
    return [...about, ...keyLines(entry, valueAt(otherwise, entry.key)).map((line) => `${margin}#${line}`)];
  });
  return `${HEADER}${lines.join('\n')}\n`;
}

function keyLines(field: ConfigField, value: ConfigValue | undefined): string[] {
  const name = field.key.split('.').at(-1)!;
  if (value === undefined) return [`${name}:`];
  if (field.kind !== 'list' || !Array.isArray(value) || value.length === 0) return [`${name}: ${writeValue(field, value)}`];
  return [`${name}:`, ...(value as readonly object[]).flatMap(itemLines)];
}

function itemLines(item: object): string[] {
  const pairs = Object.entries(item).map(([key, value]) => `${key}: ${scalar(value)}`);
  return pairs.length === 0 ? ['  - {}'] : pairs.map((pair, index) => `  ${index === 0 ? '- ' : '  '}${pair}`);
}

/** As a person would write it. @param value in milliseconds or bytes where it is a duration or a size */
export function writeValue({ kind }: Pick<ConfigField, 'kind'>, value: ConfigValue): string {
  if (typeof value === 'number' && kind === 'duration') return writeDuration(value);
  if (typeof value === 'number' && kind === 'size') return writeSize(value);
  return scalar(value);
}

/** Words that are nothing else in YAML stay bare. */
const BARE = /^[A-Za-z][A-Za-z0-9 ._/-]*[A-Za-z0-9]$/;
const RESERVED = /^(true|false|null|yes|no|on|off|y|n)$/i;

function scalar(value: unknown): string {
  return typeof value === 'string' && BARE.test(value) && !RESERVED.test(value) ? value : JSON.stringify(value);
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
