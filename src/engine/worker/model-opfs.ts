/**
 * Files in the origin's private file system: `<folder>/<sha256>.gguf`, and `<folder>/partial/<key>` with a note in
 * `<key>.json`. Written through synchronous handles, which only workers have and which no two tabs can hold at once.
 */
import { abortable, throwIfAborted } from '../../shared/abort.ts';
import type { Clock } from '../../shared/env.ts';
import { LlamboError } from '../../shared/errors.ts';
import { parseModelHash, type ModelHash } from '../../shared/ids.ts';
import type { FileArea, PartialFile } from './model-area.ts';

/** A tab that died gives its handle back within milliseconds; one that lives and writes keeps it. Waits double. */
const HANDLE_TRIES = 6;
const HANDLE_WAIT_MS = 50;
const NOTE_BYTES = 16 * 1024;
const ENDING = '.gguf';
const NOTE_ENDING = '.json';

/**
 * @param folder name of a folder at the top of the private file system
 * @throws DOMException where the browser has no such file system
 */
export async function createOpfsArea(clock: Clock, folder: string): Promise<FileArea> {
  const root = await navigator.storage.getDirectory();
  // Found anew for each use: "clear site data" removes folders while they are in use.
  const finished = (): Promise<FileSystemDirectoryHandle> => root.getDirectoryHandle(folder, { create: true });
  const unfinished = async (): Promise<FileSystemDirectoryHandle> => (await finished()).getDirectoryHandle('partial', { create: true });
  await unfinished();

  const area: FileArea = {
    durable: true,
    async list() {
      const files = await filesIn(await finished());
      const partials = await filesIn(await unfinished());
      return {
        files: files.flatMap(({ name, bytes }) => {
          const sha256 = name.endsWith(ENDING) ? parseModelHash(name.slice(0, -ENDING.length)) : null;
          return sha256 ? [{ sha256, bytes }] : [];
        }),
        partials: partials.flatMap(({ name, bytes }) => (name.endsWith(NOTE_ENDING) ? [] : [{ key: name, bytes }])),
      };
    },
    async openPartial(key, { signal } = {}) {
      return accessFile(await openHandle(clock, await unfinished(), key, signal));
    },
    async readNote(key) {
      const file = await fileIn(await unfinished(), key + NOTE_ENDING);
      if (!file || file.size > NOTE_BYTES) return null;
      try {
        return JSON.parse(await file.text()) as unknown;
      } catch {
        return null;
      }
    },
    async writeNote(key, note) {
      const handle = await openHandle(clock, await unfinished(), key + NOTE_ENDING);
      try {
        handle.truncate(0);
        handle.write(new TextEncoder().encode(JSON.stringify(note)), { at: 0 });
      } finally {
        handle.close();
      }
    },
    async finish(key, sha256) {
      if ((await area.read(sha256)) === null) await move(await unfinished(), key, await finished(), sha256 + ENDING);
      await area.removePartial(key);
    },
    read: async (sha256: ModelHash) => fileIn(await finished(), sha256 + ENDING),
    remove: async (sha256) => remove(await finished(), sha256 + ENDING),
    async removePartial(key) {
      const directory = await unfinished();
      await remove(directory, key);
      await remove(directory, key + NOTE_ENDING);
    },
  };
  return area;
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

async function filesIn(directory: FileSystemDirectoryHandle): Promise<{ name: string; bytes: number }[]> {
  const found: { name: string; bytes: number }[] = [];
  for await (const [name, handle] of directory.entries()) {
    if (handle.kind === 'file') found.push({ name, bytes: (await fileIn(directory, name))?.size ?? 0 });
  }
  return found;
}

async function fileIn(directory: FileSystemDirectoryHandle, name: string): Promise<File | null> {
  try {
    return await (await directory.getFileHandle(name)).getFile();
  } catch (error) {
    if (nameOf(error) === 'NotFoundError') return null;
    throw error;
  }
}

async function remove(directory: FileSystemDirectoryHandle, name: string): Promise<void> {
  try {
    await directory.removeEntry(name);
  } catch (error) {
    if (!['NotFoundError', 'NoModificationAllowedError'].includes(nameOf(error))) throw error;
  }
}

async function openHandle(clock: Clock, directory: FileSystemDirectoryHandle, name: string, signal?: AbortSignal): Promise<FileSystemSyncAccessHandle> {
  const file = await directory.getFileHandle(name, { create: true });
  for (let attempt = 0; ; attempt++) {
    throwIfAborted(signal);
    try {
      return await file.createSyncAccessHandle();
    } catch (error) {
      if (nameOf(error) !== 'NoModificationAllowedError') throw error;
      if (attempt === HANDLE_TRIES) {
        throw new LlamboError('busy', 'Another tab is writing this model.', { advice: 'Wait until it is done there, or close that tab.', cause: error });
      }
      await abortable(new Promise<void>((resolve) => clock.after(HANDLE_WAIT_MS * 2 ** attempt, resolve)), signal);
    }
  }
}

function accessFile(handle: FileSystemSyncAccessHandle): PartialFile {
  let size = handle.getSize();
  return {
    size: () => size,
    read(offset, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      return bytes.subarray(0, handle.read(bytes, { at: offset }));
    },
    append(bytes) {
      try {
        const written = handle.write(bytes, { at: size });
        // Chromium 156 doesn't throw on a full disk: it writes what fits and gives −8 as an unsigned number, 4294967288.
        if (written !== bytes.length) throw new DOMException('Only a part could be written.', 'QuotaExceededError');
        size += written;
      } catch (error) {
        // A part of these bytes may be on disk and is in no hash: cut it off, so that a resume starts at a known place.
        handle.truncate(size);
        throw error;
      }
    },
    clear() {
      handle.truncate(0);
      size = 0;
    },
    flush: () => handle.flush(),
    close: () => handle.close(),
  };
}

/** Not in TypeScript's library yet; every browser with synchronous handles has it for private files. Atomic. */
interface Movable {
  move(directory: FileSystemDirectoryHandle, name: string): Promise<void>;
}

async function move(from: FileSystemDirectoryHandle, fromName: string, to: FileSystemDirectoryHandle, toName: string): Promise<void> {
  const source = (await from.getFileHandle(fromName)) as FileSystemFileHandle & Movable;
  await source.move(to, toName);
}
