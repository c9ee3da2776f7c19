/**
 * What the source says a file must be. Hugging Face keeps large files in Git LFS: beside the file (`/resolve/`) it
 * serves the pointer (`/raw/`), three lines of text with the SHA-256 that was uploaded.
 */
import { abortable, linkedController } from '../../shared/abort.ts';
import type { Clock } from '../../shared/env.ts';
import { isAbort } from '../../shared/errors.ts';
import { parseModelHash } from '../../shared/ids.ts';
import type { Pointer } from '../model-files-api.ts';
import type { Fetch } from './model-request.ts';

/** A pointer has some 130 bytes; who sends more sends something else. */
const POINTER_BYTES = 1024;
/** It only makes the download safer, so it must not delay it for long. */
const POINTER_MS = 10_000;

/** @returns the address of the pointer, or null where there is none */
export function pointerUrl(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const pointer = new URL(url);
  const path = pointer.pathname.replace(/^(\/[^/]+\/[^/]+)\/resolve\//, '$1/raw/');
  if (path === pointer.pathname) return null;
  pointer.pathname = path;
  pointer.search = '';
  return pointer.href;
}

/** @returns null if the text is no LFS pointer */
export function parsePointer(text: string): Pointer | null {
  if (!text.startsWith('version https://git-lfs.github.com/spec/v1')) return null;
  const sha256 = parseModelHash(/^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1] ?? '');
  const bytes = Number(/^size (\d{1,15})$/m.exec(text)?.[1] ?? NaN);
  return sha256 && Number.isSafeInteger(bytes) && bytes > 0 ? { sha256, bytes } : null;
}

/** @returns null if the source says nothing, can't be reached or takes too long. @throws LlamboError `aborted` */
export async function fetchPointer(deps: { fetch: Fetch; clock: Clock }, url: string, signal?: AbortSignal): Promise<Pointer | null> {
  const address = pointerUrl(url);
  if (address === null) return null;
  const connection = linkedController(signal);
  const cancel = deps.clock.after(POINTER_MS, () => connection.abort());
  try {
    const response = await abortable(deps.fetch(address, { signal: connection.signal, referrerPolicy: 'no-referrer' }), connection.signal);
    return response.ok ? parsePointer(await firstText(response, connection.signal)) : null;
  } catch (error) {
    if (isAbort(error) && signal?.aborted) throw error;
    return null;
  } finally {
    cancel();
    connection.abort();
  }
}

async function firstText(response: Response, signal: AbortSignal): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (reader && text.length < POINTER_BYTES) {
    const { done, value } = await abortable(reader.read(), signal);
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
  return '';
}
