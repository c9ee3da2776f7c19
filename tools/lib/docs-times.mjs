/** Bounds and times of the mesh as Markdown: figures as the code has them, descriptions from the comments above them. */
import { cell } from './docs-messages.mjs';
import { numberOf, readSource } from './docs-source.mjs';

/** @typedef {import('./docs-source.mjs').Source} Source */

/** Entries of `LIMITS` from this comment to the next one of its kind are about peers. */
const SECTION = 'Mesh';

/**
 * @param {Record<string, number>} limits the values
 * @param {Source} source that declares `LIMITS`
 * @returns {{ times: string, bounds: string }} two tables
 */
export function limitsTables(limits, source) {
  /** @type {{ names: string[], comment: string }[]} */
  const groups = [];
  let inside = false;
  for (const [name, { comment, headings }] of source.fields(source.declared('LIMITS')?.value)) {
    if (headings.length > 0) inside = headings.some((heading) => heading.startsWith(SECTION));
    if (!inside) continue;
    // One comment may stand above several: they have no line between them.
    const last = groups.at(-1);
    if (comment === '' && last) last.names.push(name);
    else groups.push({ names: [name], comment });
  }
  if (groups.length === 0) throw new Error(`No entry of LIMITS stands below a comment "// --- ${SECTION}".`);
  const table = (/** @type {typeof groups} */ chosen) => [
    '| name | value | |',
    '| --- | --- | --- |',
    ...chosen.map(({ names, comment }) => `| ${names.map((name) => `\`${name}\``).join(', ')} | ${names.map((name) => amount(name, limits[name] ?? NaN)).join(', ')} | ${cell(comment)} |`),
  ].join('\n');
  const isTime = (/** @type {typeof groups[0]} */ { names }) => names.some((name) => name.endsWith('Ms'));
  return { times: table(groups.filter(isTime)), bounds: table(groups.filter((group) => !isTime(group))) };
}

/**
 * Times that one file alone needs stand in that file.
 *
 * @param {{ path: string, text: string }[]} files
 * @param {Record<string, number>} limits
 * @returns {string} a table of constants whose names end in `_MS`
 */
export function fileTimesTable(files, limits) {
  const lines = files.flatMap((file) => {
    const source = readSource([file]);
    return [...source.all()].flatMap(([name, { comment, value }]) => {
      const ms = name.endsWith('_MS') ? numberOf(value, source, limits) : null;
      return ms === null ? [] : [`| \`${name}\` | ${amount('ms', ms)} | ${cell(comment)} | \`${file.path}\` |`];
    });
  });
  return ['| name | value | | file |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

const KIB = 1024;

/**
 * @param {string} name says the unit
 * @param {number} value
 */
function amount(name, value) {
  if (Number.isNaN(value)) throw new Error(`LIMITS.${name} is no number.`);
  if (/(^ms|Ms)$/.test(name)) return duration(value);
  const perSecond = name.endsWith('PerSecond') ? ' a second' : '';
  if (/bytes/i.test(name)) return `${value % (KIB * KIB) === 0 ? `${value / KIB / KIB} MiB` : value % KIB === 0 ? `${value / KIB} KiB` : value.toLocaleString('en')}${perSecond}`;
  return `${value.toLocaleString('en')}${perSecond}`;
}

/** @param {number} ms */
function duration(ms) {
  if (ms >= 60_000 && ms % 60_000 === 0) return `${ms / 60_000} min`;
  return ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`;
}

/**
 * @param {string} document
 * @param {string} name of the part
 * @param {string} body what belongs there
 * @returns {string} the document with that between its marks
 */
export function withPart(document, name, body) {
  const start = `<!-- made by npm run docs: ${name} -->`;
  const end = '<!-- end -->';
  const from = document.indexOf(start);
  const to = document.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`There is no part "${name}": ${start} … ${end}`);
  return `${document.slice(0, from + start.length)}\n\n${body}\n\n${document.slice(to)}`;
}
