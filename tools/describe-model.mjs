/** Prints what the catalogue says about a file: `node tools/describe-model.mjs <file.gguf>`. Used when a model is added. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const PIECE = 1 << 20;

/**
 * @param {Uint8Array} bytes
 * @returns {{ bytes: number, sha256: string, pieces: string[] }} size, SHA-256, and SHA-256 of each 1 MiB piece
 */
export function describeBytes(bytes) {
  const sha256 = (/** @type {Uint8Array} */ data) => createHash('sha256').update(data).digest('hex');
  const count = Math.ceil(bytes.byteLength / PIECE);
  const pieces = Array.from({ length: count }, (_, index) => sha256(bytes.subarray(index * PIECE, (index + 1) * PIECE)));
  return { bytes: bytes.byteLength, sha256: sha256(bytes), pieces };
}

if (process.argv[1] === import.meta.filename) {
  const [, , path] = process.argv;
  if (!path) {
    console.error('Name a file: node tools/describe-model.mjs <file.gguf>');
    process.exitCode = 1;
  } else console.log(JSON.stringify(describeBytes(readFileSync(path)), null, 2));
}
