/**
 * The channel binding of a WebRTC connection: both certificates' fingerprints, the same at both ends. Knows session
 * descriptions as text, and nothing of who sent them.
 */

/** Hashes that nobody can forge; a fingerprint by MD5 or SHA-1 proves nothing (RFC 8122 lists them all). */
const FINGERPRINT = /^a=fingerprint:(sha-256|sha-384|sha-512) ([0-9a-f]{2}(?::[0-9a-f]{2})+)$/i;

/**
 * @param local and `remote`: the session descriptions (SDP) of this end
 * @returns the same bytes at both ends; null if a description has no fingerprint that counts, or more than one. With two,
 *   somebody in between could name its own beside the right one, to each side, and both sides would sign the same.
 */
export function bindingOf(local: string, remote: string): Uint8Array | null {
  const fingerprints = [local, remote].map(fingerprintOf);
  if (fingerprints.includes(null) || fingerprints[0] === fingerprints[1]) return null;
  return new TextEncoder().encode(fingerprints.sort().join('\n'));
}

function fingerprintOf(sdp: string): string | null {
  const found = new Set<string>();
  for (const line of sdp.split(/\r\n|\r|\n/)) {
    if (!/^a=fingerprint:/i.test(line)) continue;
    const [, hash, digest] = FINGERPRINT.exec(line.trimEnd()) ?? [];
    if (hash === undefined || digest === undefined) return null;
    found.add(`${hash.toLowerCase()} ${digest.toUpperCase()}`);
  }
  return found.size === 1 ? [...found][0]! : null;
}
