/** The keys of `swarm.yaml` as a flat list, read from the schema: for the form, for messages, for the documentation. */
import * as v from 'valibot';
import { DEFAULT_CONFIG } from './config-defaults.ts';
import { writeDuration, writeSize, type FieldFacts } from './config-kinds.ts';
import { swarmConfigSchema } from './config-schema.ts';

/** What a key of the form can have. Lists of objects (`models`, `signalling`, `ice`) are shown as text. */
export type ConfigValue = string | number | boolean | readonly string[] | readonly object[];

export interface ConfigField extends FieldFacts {
  /** `swarm.queue.most`. */
  readonly key: string;
  readonly whose: 'swarm' | 'device';
  readonly description: string;
  /** What it may be, in words: `a duration from 200ms to 10m, like 2s`. */
  readonly allowed: string;
  /** Counts while nobody says otherwise; null: decided elsewhere, as the description says. */
  readonly fallback: ConfigValue | null;
}

export interface ConfigSection {
  /** `swarm.queue`. */
  readonly key: string;
  readonly description: string;
}

export type ConfigEntry = ConfigField | ConfigSection;

/** All that a node of the schema may be, by what is looked at here. */
interface Node {
  readonly type: string;
  readonly wrapped?: Node;
  readonly entries?: Readonly<Record<string, Node>>;
}

const unwrapped = (node: Node): Node => (node.wrapped ? unwrapped(node.wrapped) : node);

const lookup = (value: unknown, key: string): unknown =>
  key.split('.').reduce((found: unknown, part) => (typeof found === 'object' && found !== null ? (found as Readonly<Record<string, unknown>>)[part] : undefined), value);

function walk(node: Node, key: string): ConfigEntry[] {
  const schema = unwrapped(node);
  const description = v.getDescription(schema as unknown as v.GenericSchema) ?? '';
  if (schema.entries) {
    const inside = Object.entries(schema.entries).flatMap(([name, entry]) => walk(entry, key === '' ? name : `${key}.${name}`));
    return key === '' ? inside : [{ key, description }, ...inside];
  }
  const facts = v.getMetadata(schema as unknown as v.GenericSchema) as unknown as FieldFacts;
  const fallback = (lookup(DEFAULT_CONFIG, key) as ConfigValue | undefined) ?? null;
  return [{ ...facts, key, whose: key.startsWith('device.') ? 'device' : 'swarm', description, allowed: allowedOf(facts), fallback }];
}

/** @returns what a value may be, in words that follow "must be" */
export function allowedOf({ kind, least = 0, most = Infinity, choices = [], allowed }: FieldFacts): string {
  switch (kind) {
    case 'flag': return 'true or false';
    case 'choice': return `one of ${choices.join(', ')}`;
    case 'count': return most === Number.MAX_SAFE_INTEGER ? `a whole number from ${least}` : `a whole number from ${least} to ${most}`;
    case 'number': return `a number from ${least} to ${most}`;
    case 'share': return 'a number from 0 to 1';
    case 'duration': return `a duration from ${writeDuration(least)} to ${writeDuration(most)}, like 250ms, 2s or 5m`;
    case 'size': return `a size from ${writeSize(least)} to ${roundSize(most)}, like 512MB or 2GB`;
    case 'text': return allowed ?? `a text of at most ${most} characters`;
    case 'texts': return `a list of at most ${most} texts`;
    case 'list': return `a list of at most ${most} entries`;
    default: return kind satisfies never;
  }
}

/** A bound that is one byte short of a round figure is not written out. */
const roundSize = (bytes: number): string => writeSize((bytes + 1) % 2 ** 20 === 0 ? bytes + 1 : bytes);

const entries = walk(swarmConfigSchema, '');

export const isField = (entry: ConfigEntry): entry is ConfigField => 'kind' in entry;

/** Sections and keys in the order of the file. */
export const CONFIG_ENTRIES: readonly ConfigEntry[] = entries;
export const CONFIG_FIELDS: readonly ConfigField[] = entries.filter(isField);

export const valueAt = (config: unknown, key: string): ConfigValue | undefined => lookup(config, key) as ConfigValue | undefined;
