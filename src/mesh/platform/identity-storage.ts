/**
 * Where this device's key is kept: in IndexedDB, as the browser's own key object, so that its private half never is in our
 * hands. One for all tabs of a browser profile, also when several start at once. It does not know what keys are for.
 */
import { createStore, get, update, type UseStore } from 'idb-keyval';

export interface DeviceKeys {
  readonly keys: CryptoKeyPair;
  /** False where the browser keeps nothing (private windows, a full disk): then this page load is a device of its own. */
  readonly kept: boolean;
}

const KEY = 'device-key';

/** A database of this name holds the key; tests take another. */
const DATABASE = 'llambo-identity';

function isKeyPair(value: unknown): value is CryptoKeyPair {
  const { privateKey, publicKey } = (value ?? {}) as Partial<CryptoKeyPair>;
  return privateKey instanceof CryptoKey && publicKey instanceof CryptoKey && privateKey.usages.includes('sign') && publicKey.extractable;
}

/** The first key that is stored stays: one transaction decides between tabs that made one at the same time. */
async function keepFirst(store: UseStore, made: CryptoKeyPair): Promise<CryptoKeyPair> {
  await update<unknown>(KEY, (stored) => (isKeyPair(stored) ? stored : made), store);
  const kept = await get<unknown>(KEY, store);
  return isKeyPair(kept) ? kept : made;
}

/**
 * @param newKeys makes a pair whose private key can't be taken out
 * @throws what `newKeys` throws; the storage's own failures are answered by a key that is not kept
 */
export async function loadDeviceKeys(newKeys: () => Promise<CryptoKeyPair>, database: string = DATABASE): Promise<DeviceKeys> {
  let store: UseStore | null = null;
  try {
    store = createStore(database, 'keys');
    const stored = await get<unknown>(KEY, store);
    if (isKeyPair(stored)) return { keys: stored, kept: true };
  } catch {
    store = null;
  }
  const made = await newKeys();
  if (store) {
    try {
      return { keys: await keepFirst(store, made), kept: true };
    } catch {
      // The disk is full, or this browser does not store keys.
    }
  }
  return { keys: made, kept: false };
}
