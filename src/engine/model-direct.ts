/**
 * The way past the store, for the model that ships with the page: its first answer waits for no store, and a tab whose storage is full or broken still gets an
 * engine. The file is small, comes from our own server, is held in memory, and its hash is checked all the same.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { CatalogEntry } from '../protocol/models.ts';
import { abortable } from '../shared/abort.ts';
import { isAbort, LlamboError } from '../shared/errors.ts';
import type { StoredFile } from './model-index.ts';
import { absoluteUrls } from './model-obtain.ts';

/** What may be held in memory just to have something; built-in models have some 1 MB. */
const MOST_BYTES = 64 * 1024 * 1024;

/** @throws LlamboError `download-failed`, `hash-mismatch`, `aborted` */
export async function fetchDirectly(entry: CatalogEntry, baseUrl: string, signal?: AbortSignal): Promise<{ blob: Blob; file: StoredFile }[]> {
  return Promise.all(
    entry.files.map(async (file) => {
      const url = absoluteUrls(file, baseUrl)[0]!;
      const bytes = await fetchBytes(url, signal);
      const hash = await hashOf(bytes);
      if (file.sha256 !== undefined && file.sha256 !== hash) {
        throw new LlamboError('hash-mismatch', `${url} gave a file with the SHA-256 ${hash}; ${file.sha256} was promised.`, { advice: 'Reload the page; if it stays so, tell who serves it.' });
      }
      return { blob: new Blob([bytes]), file: { sha256: hash, bytes: bytes.length } };
    }),
  );
}

async function fetchBytes(url: string, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
  const failed = (problem: string, cause?: unknown): LlamboError => new LlamboError('download-failed', `${url}: ${problem}`, { advice: 'Check the connection and reload the page.', cause });
  try {
    const response = await fetch(url, signal ? { signal } : {});
    if (!response.ok) throw failed(`the server answered ${response.status}.`);
    if (Number(response.headers.get('content-length') ?? 0) > MOST_BYTES) throw failed('it is too large to be held in memory.');
    return new Uint8Array(await abortable(response.arrayBuffer(), signal));
  } catch (error) {
    if (error instanceof LlamboError || isAbort(error)) throw error;
    throw failed('the server could not be reached.', error);
  }
}

/** The browser's own SHA-256 works beside the page; an insecure origin has none. */
async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<StoredFile['sha256']> {
  const digest = globalThis.crypto.subtle ? new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)) : sha256(bytes);
  return bytesToHex(digest) as StoredFile['sha256'];
}
