/**
 * What page and storage worker say to each other over comlink. The worker knows files, each by its hash; which model a
 * file belongs to is the page's business. Errors travel as values, and cancelling is a call, as in `engine-api.ts`.
 */
import type { Outcome } from '../protocol/engine-api.ts';
import type { ModelHash } from '../shared/ids.ts';
import type { GgufSummary } from './gguf.ts';

export interface DownloadSpec {
  /** Names the unfinished file, so that another tab or a later visit finds it. */
  readonly key: string;
  /** Absolute, tried in order. */
  readonly urls: readonly string[];
  /** What the file must have, as far as anybody said. */
  readonly bytes: number | null;
  readonly sha256: ModelHash | null;
}

export interface Progress {
  /** Bytes that are here. */
  readonly done: number;
  /** Null if the server didn't say. */
  readonly total: number | null;
  /** 0 until known. */
  readonly bytesPerSecond: number;
}

/** A file that is now stored, hashed, and known to be a GGUF of full length. */
export interface FileReport {
  readonly sha256: ModelHash;
  readonly bytes: number;
  readonly header: GgufSummary;
}

/** What a Git LFS pointer says about the file that it stands for. */
export interface Pointer {
  readonly sha256: ModelHash;
  readonly bytes: number;
}

export interface AreaContents {
  readonly files: readonly { readonly sha256: ModelHash; readonly bytes: number }[];
  readonly partials: readonly { readonly key: string; readonly bytes: number }[];
}

export interface WorkerSettings {
  /** Folder of the origin's private file system; a store sees nothing outside its own. */
  readonly folder: string;
  /** First wait before a retry; doubles with each. Milliseconds. */
  readonly retryMs: number;
  /** A connection that gives nothing for this long is dead. Milliseconds. */
  readonly silenceMs: number;
}

/** A call's name, chosen by the page, for `cancel`. */
export type CallId = string;

export interface ModelFilesApi {
  /** First call. `durable` is false if this browser keeps no files: then they live in memory, until the tab closes. */
  open(settings: WorkerSettings): Promise<Outcome<{ readonly durable: boolean }>>;
  list(): Promise<Outcome<AreaContents>>;
  download(call: CallId, spec: DownloadSpec, onProgress: (progress: Progress) => void): Promise<Outcome<FileReport>>;
  /** Copies a file in, unless it is there already. */
  importFile(call: CallId, file: Blob, name: string, onProgress: (progress: Progress) => void): Promise<Outcome<FileReport>>;
  /** What the source says the file must be; null if it says nothing. */
  pointer(call: CallId, url: string): Promise<Outcome<Pointer | null>>;
  /** Null: no such file. */
  read(sha256: ModelHash): Promise<Outcome<Blob | null>>;
  /** What isn't there, or is being written by another tab, is skipped. */
  remove(files: readonly ModelHash[], partials: readonly string[]): Promise<Outcome<null>>;
  /** Idempotent; an unknown call is ignored. */
  cancel(call: CallId): Promise<void>;
}
