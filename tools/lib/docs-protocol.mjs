/** `docs/protocol.md` as it should be: what people wrote, with the tables between the marks made from the sources. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runnerImport } from 'vite';
import { messagesChapter } from './docs-messages.mjs';
import { readSource } from './docs-source.mjs';
import { fileTimesTable, limitsTables, withPart } from './docs-times.mjs';

/** @typedef {{ LIMITS: Record<string, number>, MESSAGES: Parameters<typeof messagesChapter>[0] } & Record<string, unknown>} Schemas */

/** Where the schemas are declared. */
const SCHEMAS = ['limits', 'request', 'peer-schema', 'task-schema', 'messages'].map((name) => `src/protocol/${name}.ts`);
const MESH = 'src/mesh';

/**
 * @param {string} root of the project
 * @returns {Promise<string>}
 */
export async function protocolDocument(root) {
  const read = (/** @type {string} */ path) => ({ path, text: readFileSync(join(root, path), 'utf8') });
  const { module } = await runnerImport(join(root, 'tools/lib/docs-schemas.mjs'), { root, configFile: false, logLevel: 'error' });
  const schemas = /** @type {Schemas} */ (module);
  const source = readSource(SCHEMAS.map(read));
  const { times, bounds } = limitsTables(schemas.LIMITS, source);
  const files = readdirSync(join(root, MESH), { recursive: true })
    .map((path) => `${MESH}/${String(path).replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .sort();
  /** @type {[name: string, body: string][]} */
  const parts = [
    ['messages', messagesChapter(schemas.MESSAGES, schemas, source)],
    ['times', times],
    ['times of single files', fileTimesTable(files.map(read), schemas.LIMITS)],
    ['bounds', bounds],
  ];
  return parts.reduce((document, [name, body]) => withPart(document, name, body), read('docs/protocol.md').text);
}
