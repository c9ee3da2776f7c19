/** Puts the storage worker together with a real browser; the network is given, so that tests can script it. */
import { expose, releaseProxy } from 'comlink';
import { systemEnv } from '../../shared/system-env.ts';
import type { ModelFilesApi } from '../model-files-api.ts';
import type { FileArea } from './model-area.ts';
import { createModelHost } from './model-host.ts';
import { createMemoryArea } from './model-memory.ts';
import { createOpfsArea } from './model-opfs.ts';
import type { Fetch } from './model-request.ts';

export function serveModelFiles(fetch: Fetch): void {
  const { clock } = systemEnv;
  const host = createModelHost({ clock, fetch, freeBytes, createArea });
  const api: ModelFilesApi = {
    ...host,
    download: (call, spec, onProgress) => host.download(call, spec, onProgress).finally(() => release(onProgress)),
    importFile: (call, file, name, onProgress) => host.importFile(call, file, name, onProgress).finally(() => release(onProgress)),
  };
  expose(api);

  /** Memory where the browser keeps no files: not over https, private windows, old browsers. */
  async function createArea(folder: string): Promise<FileArea> {
    try {
      return await createOpfsArea(clock, folder);
    } catch {
      return createMemoryArea();
    }
  }
}

async function freeBytes(): Promise<number | null> {
  const { quota, usage } = await navigator.storage.estimate();
  return quota === undefined || usage === undefined ? null : Math.max(0, quota - usage);
}

/** A callback from the page is a proxy with a message port of its own: given back, or each call would leak one. */
const release = (callback: unknown): void => (callback as Partial<Record<typeof releaseProxy, () => void>>)[releaseProxy]?.();
