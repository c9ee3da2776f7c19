/**
 * Native servers in IndexedDB, without their keys; and the keys in this tab's session storage, which is gone with the tab and
 * is sent nowhere. What was stored is parsed like anything from outside: versions differ.
 */
import { get, set } from 'idb-keyval';
import * as v from 'valibot';
import { LIMITS } from '../protocol/limits.ts';
import type { NativeServer } from '../protocol/native.ts';

export interface NativeStorage {
  /** Empty if nothing can be read. */
  load(): Promise<readonly NativeServer[]>;
  save(servers: readonly NativeServer[]): Promise<void>;
}

/** Keys by server. */
export interface KeyRing {
  /** Empty: none. */
  get(server: string): string;
  /** @param key empty: forget it */
  set(server: string, key: string): void;
}

const STORED = 'native-servers';
const KEY_PREFIX = 'llambo:native-key:';

const count = (most: number) => v.fallback(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most)), 0);

/** What a form or a script may say; the address is looked at by who uses it. */
export const nativeFields = {
  url: v.pipe(v.string(), v.maxLength(LIMITS.nativeUrlChars)),
  model: v.fallback(v.pipe(v.string(), v.trim(), v.maxLength(256)), ''),
  slots: count(LIMITS.nativeSlots),
  contextTokens: count(2 ** 24),
  tier: v.fallback(v.picklist(['tiny', 'medium', 'large']), 'large'),
  share: v.fallback(v.boolean(), false),
};

const storedSchema = v.object({ id: v.pipe(v.string(), v.regex(/^native-[1-9][0-9]?$/)), ...nativeFields });

export function createNativeStorage(): NativeStorage {
  return {
    async load() {
      // Private windows make it fail, by a rejection or by a throw; then nothing was stored.
      const stored: unknown = await Promise.resolve().then(() => get<unknown>(STORED)).catch(() => null);
      const entries = Array.isArray(stored) ? stored.map((entry) => v.safeParse(storedSchema, entry)) : [];
      return entries.flatMap((entry) => (entry.success ? [entry.output] : [])).slice(0, LIMITS.nativeServers);
    },
    save: (servers) => set(STORED, servers),
  };
}

/** @param session the tab's session storage; null where the browser gives none: keys then last until the page is left */
export function createKeyRing(session: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null): KeyRing {
  const held = new Map<string, string>();
  return {
    get: (server) => held.get(server) ?? session?.getItem(KEY_PREFIX + server) ?? '',
    set(server, key) {
      held.set(server, key);
      try {
        if (key === '') session?.removeItem(KEY_PREFIX + server);
        else session?.setItem(KEY_PREFIX + server, key);
      } catch {
        // Full: it is still held until the page is left.
      }
    },
  };
}

/** The tab's own; null where it is forbidden. */
export function tabSession(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
