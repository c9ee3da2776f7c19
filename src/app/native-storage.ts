/**
 * Native servers in IndexedDB, without their keys; and the keys in this tab's session storage, which is gone with the tab and
 * is sent nowhere. What was stored is parsed like anything from outside: versions differ.
 */
import { get, update } from 'idb-keyval';
import * as v from 'valibot';
import { LIMITS } from '../protocol/limits.ts';
import type { NativeServer } from '../protocol/native.ts';

export interface NativeStorage {
  /** Empty if nothing can be read. */
  load(): Promise<readonly NativeServer[]>;
  /** Puts one in the place of another. What other tabs stored meanwhile stays. */
  replace(old: NativeServer | null, by: NativeServer | null): Promise<void>;
}

/** Keys by server. One that was given for a host goes to no other, though another tab has given its name to another server. */
export interface KeyRing {
  /** Empty: none for this server at this address. */
  get(server: KeyPlace): string;
  /** @param key empty: forget it */
  set(server: KeyPlace, key: string): void;
}

export type KeyPlace = Pick<NativeServer, 'id' | 'url'>;

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

const parse = (stored: unknown): NativeServer[] => {
  const entries = Array.isArray(stored) ? stored.map((entry) => v.safeParse(storedSchema, entry)) : [];
  return entries.flatMap((entry) => (entry.success ? [entry.output] : [])).slice(0, LIMITS.nativeServers);
};

/** The first id that none of these has; null if there may be no more. */
export function freeId(servers: readonly NativeServer[]): string | null {
  const taken = new Set(servers.map(({ id }) => id));
  return Array.from({ length: LIMITS.nativeServers }, (_, index) => `native-${index + 1}`).find((id) => !taken.has(id)) ?? null;
}

/**
 * The stored list after one tab's change. Tabs number their servers by themselves, so a server is what it is by its id and its
 * address; a new one whose id another tab has given away is stored under the next that is free.
 * @param old null: it is a new one @param by null: it is removed
 */
export function replaceIn(stored: readonly NativeServer[], old: NativeServer | null, by: NativeServer | null): readonly NativeServer[] {
  const place = old ? stored.findIndex(({ id, url }) => id === old.id && url === old.url) : -1;
  if (!by) return stored.filter((_, index) => index !== place);
  if (place >= 0) return stored.with(place, by);
  const id = stored.some((one) => one.id === by.id) ? freeId(stored) : by.id;
  return id === null ? stored : [...stored, { ...by, id }];
}

export function createNativeStorage(): NativeStorage {
  return {
    // Private windows make it fail, by a rejection or by a throw; then nothing was stored.
    load: async () => parse(await Promise.resolve().then(() => get<unknown>(STORED)).catch(() => null)),
    replace: (old, by) => update<unknown>(STORED, (stored) => replaceIn(parse(stored), old, by)),
  };
}

/** @param session the tab's session storage; null where the browser gives none: keys then last until the page is left */
export function createKeyRing(session: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null): KeyRing {
  const held = new Map<string, string>();
  return {
    get({ id, url }) {
      const mark = markOf(url);
      const entry = held.get(id) ?? session?.getItem(KEY_PREFIX + id) ?? '';
      return entry.startsWith(mark) ? entry.slice(mark.length) : '';
    },
    set({ id, url }, key) {
      const entry = key === '' ? '' : `${markOf(url)}${key}`;
      held.set(id, entry);
      try {
        if (entry === '') session?.removeItem(KEY_PREFIX + id);
        else session?.setItem(KEY_PREFIX + id, entry);
      } catch {
        // Full: it is still held until the page is left.
      }
    },
  };
}

/** What stands before a key, so that it is known whose it is. */
const markOf = (url: string): string => `${URL.canParse(url) ? new URL(url).origin : ''} `;

/** The tab's own; null where it is forbidden. */
export function tabSession(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
