/**
 * The door for catalogues and the runtime configuration: what is in `catalog.json` and `llambo.json` is `unknown` until
 * it came through here. It knows the shape and bounds of an entry, and nothing of what is stored.
 */
import * as v from 'valibot';
import { LIMITS } from '../protocol/limits.ts';
import type { CatalogEntry } from '../protocol/models.ts';
import { signallingFields, type SignallingConfig } from '../protocol/signalling.ts';
import { isAbort, LlamboError } from '../shared/errors.ts';
import { parseModelHash, type ModelHash } from '../shared/ids.ts';

/** What the person who serves the page may set in `llambo.json`, without building it anew. */
export interface RuntimeConfig extends SignallingConfig {
  /** Id of the model to load first. */
  readonly model?: string;
  /** Offered beside the catalogue; an entry with the id of a catalogue entry replaces it. */
  readonly extraModels?: readonly CatalogEntry[];
}

/** Characters: a name that fits a line, a sentence, a template. */
const NAME = 120;
const SENTENCE = 400;
const URL_CHARS = 2048;
const TEMPLATE = 64 * 1024;
/** Entries of one catalogue: more than a person would read. */
const ENTRIES = 200;
/** Mirrors of one file. */
const MIRRORS = 8;

const text = (most: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(most));
const integer = (least: number, most: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most));
const number = (least: number, most: number) => v.pipe(v.number(), v.finite(), v.minValue(least), v.maxValue(most));

const hash = v.pipe(
  v.string(),
  v.check((value) => parseModelHash(value) !== null, 'must be 64 hexadecimal digits'),
  v.transform((value) => parseModelHash(value) as ModelHash),
);

const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Relative, https, or http on this very machine: everything else could be changed on its way. */
export function isModelUrl(value: string): boolean {
  if (/^[a-z][a-z0-9+.-]*:/i.test(value) || value.startsWith('//')) {
    const url = URL.canParse(value) ? new URL(value) : null;
    return url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && LOCAL_HOSTS.has(url.hostname)));
  }
  return true;
}

const url = v.pipe(text(URL_CHARS), v.check(isModelUrl, 'must be relative or start with https://'));

const fileSchema = v.strictObject({
  urls: v.pipe(v.array(url), v.minLength(1), v.maxLength(MIRRORS)),
  bytes: v.exactOptional(integer(1, LIMITS.modelFileBytes)),
  sha256: v.exactOptional(hash),
  pieces: v.exactOptional(v.pipe(v.array(hash), v.maxLength(2048))),
});

const entryFields = {
  id: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]{0,79}$/, 'must be of a–z, 0–9, dot, dash and underscore')),
  name: text(NAME),
  license: text(NAME),
  licenseUrl: v.exactOptional(url),
  derived: v.exactOptional(v.pipe(v.array(v.strictObject({ recipe: text(SENTENCE), sha256: hash })), v.maxLength(32))),
  tier: v.picklist(['tiny', 'medium', 'large']),
  context: integer(64, 1 << 20),
  slots: integer(1, 16),
  ubatch: integer(1, 4096),
  maxThreads: integer(1, 64),
  memoryBytes: integer(0, 2 ** 40),
  chatTemplate: v.exactOptional(text(TEMPLATE)),
  systemPrompt: v.exactOptional(text(TEMPLATE)),
  sampling: v.exactOptional(
    v.strictObject({
      temperature: v.exactOptional(number(0, 2)),
      topP: v.exactOptional(number(0, 1)),
      repeatPenalty: v.exactOptional(number(0, 2)),
    }),
  ),
  singleTurn: v.exactOptional(v.boolean()),
  goodAt: v.pipe(v.string(), v.maxLength(SENTENCE)),
  builtIn: v.exactOptional(v.boolean()),
};

/** An entry as catalogues have it. */
export const entrySchema = v.strictObject({ ...entryFields, files: v.pipe(v.array(fileSchema), v.minLength(1), v.maxLength(LIMITS.modelParts)) });

/** An entry as the store remembers it: a model that was dropped in as a file has no address, and a newer page may have
 *  written keys that this one doesn't know. */
export const storedEntrySchema = v.object({
  ...entryFields,
  files: v.pipe(v.array(v.object({ ...fileSchema.entries, urls: v.pipe(v.array(url), v.maxLength(MIRRORS)) })), v.maxLength(LIMITS.modelParts)),
});

const entries = v.pipe(v.array(entrySchema), v.maxLength(ENTRIES), v.check((models) => new Set(models.map((model) => model.id)).size === models.length, 'has two entries with the same id'));
const catalogSchema = v.strictObject({ version: v.literal(1), models: entries });
const configSchema = v.strictObject({ model: v.exactOptional(text(NAME)), extraModels: v.exactOptional(entries), ...signallingFields });

/** @throws LlamboError `bad-request` that names the entry and the key */
export function parseCatalog(value: unknown): readonly CatalogEntry[] {
  return parse(catalogSchema, value, 'The model catalogue', ['models']).models;
}

/** @throws LlamboError `bad-request` that names the key */
export function parseRuntimeConfig(value: unknown): RuntimeConfig {
  return parse(configSchema, value, 'llambo.json', ['extraModels']);
}

/**
 * Gets and parses `models/catalog.json`.
 * @param baseUrl absolute address of the page, with a trailing slash
 * @throws LlamboError `download-failed`, `bad-request`, `aborted`
 */
export async function fetchCatalog(baseUrl: string, { signal }: { signal?: AbortSignal } = {}): Promise<readonly CatalogEntry[]> {
  return parseCatalog(await fetchJson(new URL('models/catalog.json', baseUrl), signal));
}

/** Gets and parses `llambo.json`; an empty configuration where there is none. Errors as {@link fetchCatalog}. */
export async function fetchRuntimeConfig(baseUrl: string, { signal }: { signal?: AbortSignal } = {}): Promise<RuntimeConfig> {
  const value = await fetchJson(new URL('llambo.json', baseUrl), signal, { optional: true });
  return value === null ? {} : parseRuntimeConfig(value);
}

async function fetchJson(address: URL, signal: AbortSignal | undefined, { optional = false } = {}): Promise<unknown> {
  const failed = (problem: string, cause?: unknown): LlamboError =>
    new LlamboError('download-failed', `${address.href}: ${problem}`, { advice: 'Check the connection and reload the page.', cause });
  try {
    const response = await fetch(address, { ...(signal ? { signal } : {}), cache: 'no-cache' });
    // A host for single-page apps answers a missing file with its front page.
    const missing = response.status === 404 || response.headers.get('content-type')?.startsWith('text/html');
    if (optional && missing) return null;
    if (!response.ok) throw failed(`the server answered ${response.status}.`);
    const body = await response.text();
    if (body.length > LIMITS.catalogBytes) throw failed(`it is larger than ${LIMITS.catalogBytes} bytes.`);
    return JSON.parse(body) as unknown;
  } catch (error) {
    if (error instanceof LlamboError || isAbort(error)) throw error;
    throw error instanceof SyntaxError ? failed('it is not JSON.', error) : failed('the server could not be reached.', error);
  }
}

function parse<Schema extends v.GenericSchema>(schema: Schema, value: unknown, what: string, lists: readonly string[]): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = (issue.path ?? []).map((item) => String(item.key));
  throw new LlamboError('bad-request', `${what}: ${place(value, path, lists)}${issue.message}.`, {
    advice: 'Correct the file that the page is served with.',
  });
}

/** Where it is wrong, with the entry's id in place of its number: `model "tiny-1", files.0.sha256: `. */
function place(value: unknown, path: readonly string[], lists: readonly string[]): string {
  const [list, index, ...rest] = path;
  if (list === undefined || index === undefined || !lists.includes(list)) return path.length === 0 ? '' : `${path.join('.')}: `;
  const entry: unknown = ((value as Record<string, unknown>)[list] as readonly unknown[])[Number(index)];
  const id = typeof entry === 'object' && entry !== null && 'id' in entry && typeof entry.id === 'string' ? `"${entry.id}"` : `number ${index}`;
  return `model ${id}${rest.length === 0 ? '' : `, ${rest.join('.')}`}: `;
}
