/** Who this tab is: the device's key from storage, or a new one, and a page key that it certifies. */
import type { Identity } from '../identity.ts';
import { loadDeviceKeys } from './identity-storage.ts';
import type { WebCrypto } from './web-crypto.ts';

export interface WebIdentity extends Identity {
  /** False where the browser keeps nothing: a reload makes another device of this one. */
  readonly kept: boolean;
}

/** @param database where the device's key is kept; for tests */
export async function createWebIdentity(crypto: WebCrypto, database?: string): Promise<WebIdentity> {
  const { keys, kept } = await loadDeviceKeys(crypto.newKeys, database);
  try {
    return { ...(await crypto.newIdentity(keys)), kept };
  } catch {
    // A stored key that this browser can't use any more (an update, a damaged profile) is as good as none.
    return { ...(await crypto.newIdentity(await crypto.newKeys())), kept: false };
  }
}
