/** `docs/benchmarks.md`: one section per measurement, replaced when it is measured again. Pure but for {@link machine}. */
import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { median } from './bench-stats.mjs';
import { ROOT } from './paths.mjs';

/**
 * @typedef {object} Row
 * @property {string} what
 * @property {string} figure
 * @property {string} [goal]
 * @property {boolean} [met] absent if there is no goal
 */
/** @typedef {{ method: string, rows: Row[], notes?: string[] }} Section */

const INTRO = `# Benchmarks

Written by \`npm run bench\` (all of it, or one part: \`npm run bench -- --only overhead\`). Figures that miss their goal stay here too.
`;

/**
 * @param {boolean} met
 * @returns {string}
 */
export const outcome = (met) => (met ? 'met' : '**missed**');

/**
 * @param {string} title
 * @param {Section} section
 * @param {string} about when and where it was measured
 * @returns {string}
 */
export function renderSection(title, { method, rows, notes = [] }, about) {
  const lines = rows.map(({ what, figure, goal, met }) => `| ${what} | ${figure} | ${goal ?? ''} | ${met === undefined ? '' : outcome(met)} |`);
  const table = rows.length > 0 ? ['| | figure | goal | outcome |', '| --- | --- | --- | --- |', ...lines, ''] : [];
  return [`## ${title}`, '', method, '', ...table, ...notes.flatMap((note) => [note, '']), `*${about}*`, ''].join('\n');
}

/**
 * @param {string | null} document as it is; null if there is none
 * @param {string} section as {@link renderSection} made it
 * @param {readonly string[]} order of titles
 * @returns {string} the document with this section in its place
 */
export function replaceSection(document, section, order) {
  const sections = (document ?? '').split(/^(?=## )/m).filter((part) => part.startsWith('## '));
  const others = sections.filter((part) => titleOf(part) !== titleOf(section));
  const place = (/** @type {string} */ part) => (order.indexOf(titleOf(part)) + 1 || Infinity);
  const all = [...others, section].sort((a, b) => place(a) - place(b));
  return [INTRO, ...all.map((part) => `${part.trimEnd()}\n`)].join('\n');
}

/** @param {string} section */
const titleOf = (section) => section.slice(3, section.indexOf('\n'));

/**
 * @param {string | null} browser its version; null: none was needed
 * @returns {string} one line
 */
export function machine(browser) {
  const [cpu] = cpus();
  const date = new Date().toISOString().slice(0, 10);
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${date}, commit ${commit()}; ${cpu?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${memory}, ${type()} ${release()}, ${browser === null ? '' : `Chromium ${browser} (headless), `}Node.js ${process.versions.node}`;
}

function commit() {
  const git = (/** @type {string[]} */ ...args) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  try {
    const changed = git('status', '--porcelain', '--', 'src', 'index.html', 'vite.config.ts', 'package-lock.json') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${changed ? ' with changes' : ''}`;
  } catch {
    return 'unknown';
  }
}

/** @param {number} value */
export const milliseconds = (value) => `${value.toFixed(0)} ms`;

/** @param {readonly number[]} values milliseconds, at least one */
export const longestOf = (values) => `${milliseconds(median(values))} (longest of ${values.length}: ${milliseconds(Math.max(...values))})`;
