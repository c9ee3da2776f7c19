/**
 * Where files lie: finished ones named by their hash, unfinished ones by a key. Two kinds: the browser's private file
 * system (`model-opfs.ts`) and, where that is missing, memory (`model-memory.ts`). An area knows nothing of networks,
 * hashes or models; it moves bytes.
 */
import type { ModelHash } from '../../shared/ids.ts';
import type { AreaContents } from '../model-files-api.ts';

/** A file that is being written. One at a time per key, over all tabs. Close it, whatever happened. */
export interface PartialFile {
  size(): number;
  /** Fewer bytes only at the end of the file. */
  read(offset: number, length: number): Uint8Array;
  /** @throws DOMException `QuotaExceededError`; then nothing of these bytes counts */
  append(bytes: Uint8Array): void;
  /** Empties it. */
  clear(): void;
  /** What was appended survives a crash of the tab. */
  flush(): void;
  close(): void;
}

export interface FileArea {
  readonly durable: boolean;
  list(): Promise<AreaContents>;
  /** Makes it if there is none. @throws LlamboError `busy` while another tab writes it; `aborted` */
  openPartial(key: string, options?: { signal?: AbortSignal }): Promise<PartialFile>;
  /** A note beside an unfinished file: where its bytes come from. Null if there is none; untrusted, like all that is read. */
  readNote(key: string): Promise<unknown>;
  writeNote(key: string, note: object): Promise<void>;
  /** The unfinished file, closed by now, becomes a finished one. If that exists already, it stays. */
  finish(key: string, sha256: ModelHash): Promise<void>;
  /** Null: no such file. */
  read(sha256: ModelHash): Promise<Blob | null>;
  /** What isn't there, or is being written, is skipped. */
  remove(sha256: ModelHash): Promise<void>;
  removePartial(key: string): Promise<void>;
}

/** Keys become file names. */
export const isKey = (key: string): boolean => /^[a-z0-9-]{1,80}$/.test(key);
