/**
 * What a relayed connection asks of cryptography, so that a simulation can do without: keys for this one connection, agreed
 * upon by its two ends, which whoever carries its boxes can't have. It knows nothing of who the ends are: the handshake
 * within signs `binding`, and so finds out whether somebody in between agreed with each end for itself.
 */

/** The keys of one connection, at one end of it. */
export interface RelayKeys {
  /** SHA-256 over all that was said to agree on the keys: the same at both ends, and at no two ends that agreed with somebody else. */
  readonly binding: Uint8Array;
  /** The next box of this end. Calls take turns: await one before the next. */
  seal(plain: Uint8Array): Promise<Uint8Array>;
  /**
   * The next box of the other end. Calls take turns.
   * @returns null if it is not the next one as it was sealed: changed, played back, or one before it is missing
   */
  open(box: Uint8Array): Promise<Uint8Array | null>;
}

export interface RelayOffer {
  /** The dialler's public keys, for the other end to choose from. */
  readonly bytes: Uint8Array;
  /** @throws LlamboError `bad-request` if that is no answer to this offer */
  finish(answer: Uint8Array): Promise<RelayKeys>;
}

export interface RelayCrypto {
  /** For who dials: fresh keys. */
  offer(): Promise<RelayOffer>;
  /**
   * For who is dialled.
   * @throws LlamboError `bad-request` if nothing in the offer can be used
   */
  answer(offer: Uint8Array): Promise<{ readonly bytes: Uint8Array; readonly keys: RelayKeys }>;
}

/** What a box grows by when it is sealed: the tag of AES-GCM. */
export const SEAL_BYTES = 16;
