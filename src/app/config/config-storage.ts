/** Where this browser keeps what the person changed in `swarm.yaml`: as text, comments and all. It is parsed like any other. */
import { get, set } from 'idb-keyval';

/** What is kept. `text` null: nothing was changed. */
export interface KeptConfig {
  readonly text: string | null;
}

export interface ConfigStorage {
  /** Null: nothing is known of this browser yet, or its storage can't be read. */
  load(): Promise<KeptConfig | null>;
  save(kept: KeptConfig): Promise<void>;
}

export function createConfigStorage(key = 'config'): ConfigStorage {
  return {
    async load() {
      try {
        const stored: unknown = await get(key);
        if (typeof stored !== 'object' || stored === null || !('text' in stored)) return null;
        return { text: typeof stored.text === 'string' ? stored.text : null };
      } catch {
        // Private windows have none: as if for the first time.
        return null;
      }
    },
    save: (kept) => set(key, kept),
  };
}
