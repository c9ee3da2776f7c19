/** Files in memory, for browsers that keep none (private windows, pages without https): gone when the tab closes. */
import type { ModelHash } from '../../shared/ids.ts';
import type { FileArea, PartialFile } from './model-area.ts';

export function createMemoryArea(): FileArea {
  const files = new Map<ModelHash, Blob>();
  const partials = new Map<string, Uint8Array[]>();
  const notes = new Map<string, object>();

  return {
    durable: false,
    list: () =>
      Promise.resolve({
        files: [...files].map(([sha256, blob]) => ({ sha256, bytes: blob.size })),
        partials: [...partials].map(([key, chunks]) => ({ key, bytes: sizeOf(chunks) })),
      }),
    openPartial(key) {
      const chunks = partials.get(key) ?? [];
      partials.set(key, chunks);
      return Promise.resolve(memoryFile(chunks));
    },
    readNote: (key) => Promise.resolve(notes.get(key) ?? null),
    writeNote: (key, note) => Promise.resolve(void notes.set(key, note)),
    finish(key, sha256) {
      // Copied by the browser into its own blob store, which may swap to disk.
      if (!files.has(sha256)) files.set(sha256, new Blob((partials.get(key) ?? []) as Uint8Array<ArrayBuffer>[]));
      partials.delete(key);
      notes.delete(key);
      return Promise.resolve();
    },
    read: (sha256) => Promise.resolve(files.get(sha256) ?? null),
    remove: (sha256) => Promise.resolve(void files.delete(sha256)),
    removePartial(key) {
      partials.delete(key);
      notes.delete(key);
      return Promise.resolve();
    },
  };
}

const sizeOf = (chunks: readonly Uint8Array[]): number => chunks.reduce((sum, chunk) => sum + chunk.length, 0);

function memoryFile(chunks: Uint8Array[]): PartialFile {
  let size = sizeOf(chunks);
  return {
    size: () => size,
    read(offset, length) {
      const result = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      let start = 0;
      for (const chunk of chunks) {
        const [from, to] = [Math.max(offset, start), Math.min(offset + result.length, start + chunk.length)];
        if (from < to) result.set(chunk.subarray(from - start, to - start), from - offset);
        start += chunk.length;
      }
      return result;
    },
    append(bytes) {
      chunks.push(bytes.slice());
      size += bytes.length;
    },
    clear() {
      chunks.length = 0;
      size = 0;
    },
    flush: () => undefined,
    close: () => undefined,
  };
}
