/** The bounds of a request as a Markdown table, read from the very schema and limits that check it. */
import { join } from 'node:path';
import { runnerImport } from 'vite';

/** @typedef {{ type: string, requirement?: unknown, pipe?: Piece[], wrapped?: Piece, item?: Piece }} Piece of a valibot schema */

/**
 * @param {string} root of the project
 * @returns {Promise<string>} Markdown
 */
export async function boundsTable(root) {
  const { module: request } = await load(root, 'src/protocol/request.ts');
  const { module: limits } = await load(root, 'src/protocol/limits.ts');
  const { entries } = /** @type {{ entries: Record<string, Piece> }} */ (request['samplingSchema']);
  const bounds = /** @type {Record<string, number>} */ (limits['LIMITS']);
  const rows = [
    ...Object.entries(entries).map(([name, piece]) => [`\`${name}\``, words(piece)]),
    ['`logprobs`', `whole number, 0 to ${figure(bounds['logprobs'])}`],
    ['`messages`', `1 to ${figure(bounds['messages'])}, together at most ${figure(bounds['requestChars'])} characters`],
    ['`choices`', `1 to ${figure(bounds['choices'])}, each 1 to ${figure(bounds['choiceChars'])} characters`],
    ['`schema`, `grammar`', `at most ${figure(bounds['grammarChars'])} characters`],
  ];
  const defaults = [
    `Without \`maxTokens\` an answer ends after ${figure(bounds['defaultMaxTokens'])} tokens; without \`deadlineMs\` after ${figure((bounds['taskMs'] ?? NaN) / 60_000)} minutes.`,
    `A node that has ${figure(bounds['nodeQueue'])} tasks in line says \`busy\`.`,
  ];
  return ['| field | allowed |', '| --- | --- |', ...rows.map((cells) => `| ${cells.join(' | ')} |`), '', defaults.join(' ')].join('\n');
}

/**
 * @param {string} root
 * @param {string} path
 * @returns {Promise<{ module: Record<string, unknown> }>}
 */
const load = (root, path) => runnerImport(join(root, path), { root, configFile: false, logLevel: 'error' });

/**
 * @param {unknown} value
 * @returns {string}
 */
function figure(value) {
  if (typeof value !== 'number' || Number.isNaN(value)) throw new Error('A bound is missing: the request schema has a shape that tools/lib/docs-bounds.mjs does not know.');
  return value.toLocaleString('en');
}

/**
 * @param {Piece} piece
 * @returns {string}
 */
function words(piece) {
  if (piece.wrapped) return words(piece.wrapped);
  const pieces = flat(piece);
  const bound = (/** @type {string} */ type) => pieces.find((other) => other.type === type)?.requirement;
  const item = pieces.find((other) => other.item)?.item;
  if (item) return `at most ${figure(bound('max_length'))}, each ${words(item)}`;
  if (pieces.some(({ type }) => type === 'string')) return `${figure(bound('min_length') ?? 0)} to ${figure(bound('max_length'))} characters`;
  const kind = pieces.some(({ type }) => type === 'integer') ? 'whole number' : 'number';
  return `${kind}, ${figure(bound('min_value'))} to ${figure(bound('max_value'))}`;
}

/**
 * @param {Piece} piece
 * @returns {Piece[]} it and its checks; a pipe may hold another one
 */
const flat = (piece) => (piece.pipe ? piece.pipe.flatMap((inner) => (inner === piece || !inner.pipe ? [inner] : flat(inner))) : [piece]);
