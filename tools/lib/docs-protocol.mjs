/** `docs/protocol.md` as it should be: what people wrote, with the tables between the marks made from the sources. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runnerImport } from 'vite';
import { messagesChapter } from './docs-messages.mjs';
import { readSource } from './docs-source.mjs';
import { fileTimesTable, limitsTables, withPart } from './docs-times.mjs';

/** @typedef {{ LIMITS: Record<string, number>, MESSAGES: Parameters<typeof messagesChapter>[0] } & Record<string, unknown>} Schemas */

const PROTOCOL = 'src/protocol';
/** The files of it that declare schemas and bounds, as in `docs-schemas.mjs`. */
const DECLARES = /\/((mesh-)?limits|request|messages|grant|[a-z-]+-schema)\.ts$/;
const MESH = 'src/mesh';

/**
 * @param {string} root of the project
 * @returns {Promise<string>}
 */
export async function protocolDocument(root) {
  const read = (/** @type {string} */ path) => ({ path, text: readFileSync(join(root, path), 'utf8') });
  const filesOf = (/** @type {string} */ folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .map((path) => `${folder}/${String(path).replaceAll('\\', '/')}`)
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
      .sort();
  const { module } = await runnerImport(join(root, 'tools/lib/docs-schemas.mjs'), { root, configFile: false, logLevel: 'error' });
  const { schemas } = /** @type {{ schemas: Schemas }} */ (module);
  const source = readSource(filesOf(PROTOCOL).filter((path) => DECLARES.test(path)).map(read));
  const { times, bounds } = limitsTables(schemas.LIMITS, source);
  /** @type {[name: string, body: string][]} */
  const parts = [
    ['messages', messagesChapter(schemas.MESSAGES, schemas, source)],
    ['times', times],
    ['times of single files', fileTimesTable(filesOf(MESH).map(read), schemas.LIMITS)],
    ['bounds', bounds],
  ];
  return parts.reduce((document, [name, body]) => withPart(document, name, body), read('docs/protocol.md').text);
}
