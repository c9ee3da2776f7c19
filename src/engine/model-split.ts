/**
 * Models in several files, named as llama.cpp's gguf-split names them: `name-00001-of-00003.gguf`. Pure text work:
 * which parts an address or a pile of files belongs to, and which are missing.
 */
import { LIMITS } from '../protocol/limits.ts';
import { LlamboError } from '../shared/errors.ts';

export interface SplitName {
  /** The name without part and ending: what all parts share. */
  readonly stem: string;
  /** From 1. */
  readonly part: number;
  readonly count: number;
}

const SPLIT = /^(.+)-(\d{5})-of-(\d{5})\.gguf$/i;
const digits = (value: number): string => String(value).padStart(5, '0');

/** @returns null for a name that is of no split model */
export function parseSplitName(name: string): SplitName | null {
  const match = SPLIT.exec(name);
  if (!match) return null;
  const [stem, part, count] = [match[1]!, Number(match[2]), Number(match[3])];
  return part >= 1 && part <= count ? { stem, part, count } : null;
}

export const partName = (stem: string, part: number, count: number): string => `${stem}-${digits(part)}-of-${digits(count)}.gguf`;

/** The last piece of a path: what a person would call the file. */
export const fileNameOf = (url: URL): string => {
  const last = url.pathname.split('/').findLast((piece) => piece !== '') ?? url.hostname;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
};

/**
 * The addresses of all parts, in order; the address alone if it is of no split model.
 * @throws LlamboError `bad-request` for more parts than an engine takes
 */
export function splitUrls(url: URL): string[] {
  const name = url.pathname.split('/').at(-1) ?? '';
  const split = parseSplitName(name);
  if (!split) return [url.href];
  checkCount(split.count, name);
  return Array.from({ length: split.count }, (_, index) => {
    const part = new URL(url);
    part.pathname = part.pathname.slice(0, -name.length) + partName(split.stem, index + 1, split.count);
    return part.href;
  });
}

/**
 * The files of one model, in order.
 * @throws LlamboError `bad-request`: none, several models at once, or parts that are missing, which it names
 */
export function orderParts<Named extends { readonly name: string }>(files: readonly Named[]): Named[] {
  const [first] = files;
  if (!first) throw new LlamboError('bad-request', 'There is no file.', { advice: 'Choose a model file that ends in .gguf.' });
  const split = parseSplitName(first.name);
  if (!split) {
    if (files.length === 1) return [first];
    throw new LlamboError('bad-request', `${files.length} files are not one model.`, {
      advice: 'Add models one by one; only the parts of a split model (-00001-of-00002.gguf) go together.',
    });
  }
  checkCount(split.count, first.name);
  const byName = new Map(files.map((file) => [file.name.toLowerCase(), file]));
  const names = Array.from({ length: split.count }, (_, index) => partName(split.stem, index + 1, split.count));
  const missing = names.filter((name) => !byName.has(name.toLowerCase()));
  if (missing.length > 0) {
    throw new LlamboError('bad-request', `This model has ${split.count} parts; missing: ${missing.join(', ')}.`, {
      advice: 'Choose all parts together.',
      details: { missing: missing.join(', ') },
    });
  }
  if (byName.size > names.length) {
    throw new LlamboError('bad-request', 'These files are of more than one model.', { advice: 'Add models one by one.' });
  }
  return names.map((name) => byName.get(name.toLowerCase())!);
}

function checkCount(count: number, name: string): void {
  if (count <= LIMITS.modelParts) return;
  throw new LlamboError('bad-request', `${name} is of a model in ${count} parts; an engine takes ${LIMITS.modelParts}.`, {
    advice: 'Choose a smaller model, or one in larger parts.',
  });
}
