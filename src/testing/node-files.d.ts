/**
 * The one thing of Node.js that unit tests beside page code use. All of @types/node would let page code that touches
 * Node's globals compile.
 */
declare module 'node:fs' {
  export function readFileSync(path: string): Uint8Array;
  export function readFileSync(path: string, encoding: 'utf8'): string;
}
