/**
 * Catalogue entries for models that no catalogue knows: the ones that a person adds by address or as a file. Settings
 * are careful guesses by size; what the file says of itself wins.
 */
import { LIMITS } from '../protocol/limits.ts';
import type { Tier } from '../protocol/chat.ts';
import type { CatalogEntry, ModelFile } from '../protocol/models.ts';
import { LlamboError } from '../shared/errors.ts';
import type { GgufSummary } from './gguf.ts';
import { isModelUrl } from './model-catalog.ts';
import { fileNameOf, parseSplitName, splitUrls } from './model-split.ts';

const MB = 1_000_000;
/** Below the first bound a model answers at once on any device; above the second it needs a strong one. */
const TINY_BYTES = 50 * MB;
const MEDIUM_BYTES = 1500 * MB;
/** Tokens: a page of dialogue, and little memory whatever the model. */
const CONTEXT = 2048;
const NAME_CHARS = 120;
/** Weights, and as much again at least for context and scratch buffers. */
const memoryFor = (bytes: number): number => Math.round(bytes * 1.3) + 64 * MB;

export const tierOf = (bytes: number): Tier => (bytes < TINY_BYTES ? 'tiny' : bytes < MEDIUM_BYTES ? 'medium' : 'large');

/** `SmolLM2 135M (Q4_1).gguf` → `smollm2-135m-q4_1`. */
const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .slice(0, 64) || 'model';

const stemOf = (fileName: string): string => parseSplitName(fileName)?.stem ?? fileName.replace(/\.gguf$/i, '');

/** An id of its own for a model of this file name: a number is added where the plain one is taken. */
export function freeId(fileName: string, taken: (id: string) => boolean): string {
  const base = slug(stemOf(fileName));
  for (let number = 1; ; number++) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!taken(id)) return id;
  }
}

/**
 * What a person typed or pasted, as the addresses of the model's files.
 * A page about a file at Hugging Face (`/blob/`) is taken for the file itself (`/resolve/`).
 * @param baseUrl of the page, for relative addresses
 * @throws LlamboError `bad-request`
 */
export function modelUrls(typed: string, baseUrl: string): { readonly urls: readonly string[]; readonly fileName: string } {
  const trimmed = typed.trim();
  const refuse = (problem: string): LlamboError =>
    new LlamboError('bad-request', `${JSON.stringify(trimmed.slice(0, 200))} ${problem}`, {
      advice: 'Paste the https:// address of a .gguf file.',
    });
  if (trimmed === '' || !URL.canParse(trimmed, baseUrl)) throw refuse('is not an address.');
  const url = new URL(trimmed, baseUrl);
  const sameOrigin = url.origin === new URL(baseUrl).origin;
  if (!sameOrigin && !isModelUrl(url.href)) throw refuse('is not a safe address: it must start with https://.');
  if (url.hostname === 'huggingface.co') url.pathname = url.pathname.replace(/^(\/[^/]+\/[^/]+)\/blob\//, '$1/resolve/');
  url.hash = '';
  return { urls: splitUrls(url), fileName: fileNameOf(url) };
}

export interface AddedModel {
  readonly id: string;
  readonly fileName: string;
  /** Their addresses only: hashes and sizes of such files are learnt, not promised. */
  readonly files: readonly ModelFile[];
  /** All files together; 0 before they are there. */
  readonly bytes: number;
  /** Of the first file; null before it is there. */
  readonly header: GgufSummary | null;
}

/** The entry of a model that somebody added. Made once without a header, and again when the file has come. */
export function addedEntry({ id, fileName, files, bytes, header }: AddedModel): CatalogEntry {
  return {
    id,
    name: (header?.name ?? stemOf(fileName)).slice(0, NAME_CHARS) || id,
    license: header?.license?.slice(0, NAME_CHARS) || 'unknown',
    files,
    tier: tierOf(bytes),
    context: Math.max(64, Math.min(CONTEXT, header?.contextLength ?? CONTEXT)),
    slots: 1,
    ubatch: 16,
    maxThreads: 8,
    memoryBytes: memoryFor(bytes),
    goodAt: '',
  };
}

/**
 * Refuses what is a model of some kind but none that can answer here.
 * @param headers of all files of the model, in order
 * @throws LlamboError `model-invalid`
 */
export function checkHeaders(headers: readonly GgufSummary[], what: string): void {
  const [first] = headers;
  const invalid = (problem: string, advice: string): LlamboError => new LlamboError('model-invalid', `${what} ${problem}`, { advice });
  if (!first || first.architecture === null) {
    if (first?.split) throw invalid(`is part ${first.split.part + 1} of ${first.split.count} of a model.`, 'Choose all parts together, named as they were (-00001-of-00002.gguf).');
    throw invalid('does not say what kind of model it is.', 'Choose a language model in the GGUF format.');
  }
  const count = first.split?.count ?? 1;
  if (count !== headers.length) {
    throw invalid(`has ${count} parts, and ${headers.length === 1 ? 'only one is' : `${headers.length} are`} here.`, 'Choose all parts together, named as they were (-00001-of-00002.gguf).');
  }
  const misplaced = headers.findIndex((header, index) => (header.split?.part ?? 0) !== index);
  if (misplaced !== -1) throw invalid(`has its parts in the wrong order at part ${misplaced + 1}.`, 'Get the parts again, with the names they have at their source.');
  if (headers.reduce((sum, header) => sum + header.tensorCount, 0) === 0) {
    throw invalid('has no weights in it.', 'Choose the file with the weights, not one with the vocabulary alone.');
  }
}

/** @throws LlamboError `model-invalid` if a file is larger than an engine can take */
export function checkFileSize(bytes: number, what: string): void {
  if (bytes <= LIMITS.modelFileBytes) return;
  throw new LlamboError('model-invalid', `${what} is larger than 2 GB, which a browser's engine can't take in one file.`, {
    advice: 'Choose a smaller model, or one that is split into parts (-00001-of-00002.gguf).',
    details: { bytes },
  });
}
