/** The person's settings and prompt templates. What was stored is parsed like anything from outside: versions differ. */
import { get, set } from 'idb-keyval';
import * as v from 'valibot';
import { fusionSchema } from '../protocol/fusion-schema.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { Sharing } from '../protocol/peer.ts';
import type { PromptTemplate, Settings } from '../protocol/snapshot.ts';

export interface Preferences {
  readonly settings: Settings;
  readonly templates: readonly PromptTemplate[];
  /** The model that was chosen last; null if none was. */
  readonly model: string | null;
}

const KEY = 'preferences';

const DEFAULT_SHARING: Sharing = { on: true, slots: 0, tokensPerHour: 0, keptModels: [] };

export const DEFAULT_SETTINGS: Settings = { nodes: 0, threads: 0, name: '', fusion: { policy: 'auto' }, stayHere: false, sharing: DEFAULT_SHARING };

export const DEFAULT_TEMPLATES: readonly PromptTemplate[] = [
  { id: 'sum', name: 'Add two numbers', text: 'What is {{first}} + {{second}}?' },
  { id: 'summarise', name: 'Summarise a text', text: 'Summarise this text in {{sentences}} sentences:\n\n{{text}}' },
  { id: 'label', name: 'Label a review', text: 'Is this review positive or negative? Answer with one word.\n\n{{review}}' },
];

const count = (most: number) => v.fallback(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most)), 0);

const sharingSchema = v.object({
  on: v.fallback(v.boolean(), DEFAULT_SHARING.on),
  slots: count(1024),
  tokensPerHour: count(Number.MAX_SAFE_INTEGER),
  keptModels: v.fallback(v.array(v.pipe(v.string(), v.maxLength(256))), []),
});

export const settingsSchema = v.object({
  nodes: count(LIMITS.nodes),
  threads: count(64),
  name: v.fallback(v.pipe(v.string(), v.maxLength(LIMITS.nameChars)), ''),
  fusion: v.fallback(v.nullable(fusionSchema), { policy: 'auto' }),
  stayHere: v.fallback(v.boolean(), false),
  sharing: v.fallback(sharingSchema, DEFAULT_SHARING),
});

export const templateSchema = v.object({ id: v.string(), name: v.pipe(v.string(), v.maxLength(200)), text: v.pipe(v.string(), v.maxLength(LIMITS.requestChars)) });

const preferencesSchema = v.object({
  settings: v.fallback(settingsSchema, DEFAULT_SETTINGS),
  templates: v.fallback(v.array(templateSchema), [...DEFAULT_TEMPLATES]),
  model: v.fallback(v.nullable(v.string()), null),
});

export async function loadPreferences(): Promise<Preferences> {
  const result = v.safeParse(preferencesSchema, (await read()) ?? {});
  return result.success ? result.output : { settings: DEFAULT_SETTINGS, templates: DEFAULT_TEMPLATES, model: null };
}

/** Private windows and full disks make it fail, by a rejection or by a throw; then nothing was stored. */
async function read(): Promise<unknown> {
  try {
    return await get(KEY);
  } catch {
    return null;
  }
}

export const savePreferences = (preferences: Preferences): Promise<void> => set(KEY, preferences);
