/** How keys of the configuration are called in the form, and how what is typed there becomes a value. Pure. */
import type { ConfigEntry, ConfigField, ConfigValue } from '../../protocol/config-fields.ts';
import type { ConfigInfo } from '../../protocol/config-info.ts';
import type { ConfigProblem } from '../../protocol/config-problem.ts';
import type { SwarmInfo } from '../../protocol/peer.ts';

export interface FieldGroup {
  /** `swarm.queue`. */
  readonly key: string;
  readonly title: string;
  readonly about: string;
  readonly fields: readonly ConfigField[];
}

const isField = (entry: ConfigEntry): entry is ConfigField => 'kind' in entry;
const parentOf = (key: string): string => key.split('.').slice(0, -1).join('.');

/** Words that the key alone does not give. */
const TITLES: Readonly<Record<string, string>> = {
  swarm: 'Choice of nodes and models',
  'swarm.tiers.tiny': 'Tiny nodes',
  'swarm.tiers.medium': 'Medium nodes',
  'swarm.tiers.large': 'Large nodes',
  device: 'Name, engines and servers',
  cpuShare: 'CPU share',
  ice: 'ICE servers',
};

/** `swarm.queue.mostPerDevice` → `Most per device`. */
export function titleOf(key: string): string {
  const name = key.split('.').at(-1) ?? '';
  const words = name.replace(/([A-Z])/g, ' $1').toLowerCase();
  return TITLES[key] ?? TITLES[name] ?? `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** Sections that have fields of their own, in the order of the file. */
export function groupsOf({ entries }: Pick<ConfigInfo, 'entries'>, part: 'swarm' | 'device'): readonly FieldGroup[] {
  return entries
    .filter((entry) => !isField(entry) && entry.key.split('.')[0] === part)
    .map(({ key, description }) => ({ key, title: titleOf(key), about: description, fields: entries.filter(isField).filter((field) => parentOf(field.key) === key) }))
    .filter(({ fields }) => fields.length > 0);
}

/** @param text as typed; empty: as if the key were not there. What is no number is sent as it is, to be refused with what is allowed */
export function valueFrom({ kind }: Pick<ConfigField, 'kind'>, text: string): ConfigValue | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  switch (kind) {
    case 'flag': return trimmed === 'true';
    case 'count': case 'number': case 'share': return Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
    case 'texts': return trimmed.split('\n').map((line) => line.trim()).filter((line) => line !== '');
    case 'duration': case 'size': return /^\d+$/.test(trimmed) ? Number(trimmed) : trimmed;
    case 'choice': case 'text': case 'list': return trimmed;
    default: return kind satisfies never;
  }
}

/** What is wrong with this key, or with something in its list; null if nothing is. */
export const problemOf = (problems: readonly ConfigProblem[], key: string): ConfigProblem | null =>
  problems.find((problem) => problem.key === key || problem.key.startsWith(`${key}.`)) ?? null;

/** `line 4, swarm.queue.most: must be …`. */
export const problemText = ({ line, key, message, allowed }: ConfigProblem): string =>
  `Line ${line}${key === '' ? '' : `, ${key}`}: ${message}${message.endsWith('?') ? '' : '.'}${allowed === null || message.includes(allowed) ? '' : ` Allowed: ${allowed}.`}`;

/** Where the first character of a line is in a text. @param line from 1 */
export function offsetOf(text: string, line: number, column = 1): number {
  const before = text.split('\n').slice(0, line - 1);
  return Math.min(text.length, before.reduce((sum, one) => sum + one.length + 1, 0) + column - 1);
}

/**
 * Whose swarm's part counts here, and whether this person may change it.
 * @param fromSwarm it was decided for all by those whom the founder allowed
 */
export function swarmPartOf(swarm: SwarmInfo | null, fromSwarm: boolean): { readonly mine: boolean; readonly words: string } {
  if (swarm?.state !== 'in') return { mine: true, words: 'Counts while you are alone, and for all in a swarm that you found.' };
  if (fromSwarm && (swarm.gate?.mine ?? null) === null) return { mine: false, words: 'The founder of this swarm and the stewards decide this part. Yours counts again when you are alone.' };
  if (fromSwarm) return { mine: true, words: 'You decide this part for the whole swarm.' };
  if (swarm.gate?.mine) return { mine: true, words: 'What you change here counts for the whole swarm. Until then the leading tab’s configuration does.' };
  if (swarm.leader === swarm.self) return { mine: true, words: 'This tab leads: this part counts for the whole swarm now.' };
  return { mine: true, words: 'Another tab leads, and its configuration counts. Yours counts while this tab leads.' };
}
