/** The incremental SHA-256 of the store. WebCrypto has none; whoever finds a faster library replaces this file. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { ModelHash } from '../../shared/ids.ts';

export interface Hasher {
  update(bytes: Uint8Array): void;
  /** Ends it. */
  digest(): ModelHash;
}

export function createHasher(): Hasher {
  const state = sha256.create();
  return {
    update: (bytes) => void state.update(bytes),
    digest: () => bytesToHex(state.digest()) as ModelHash,
  };
}
