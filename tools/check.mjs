/** `npm run check`: types, lint and architecture rules. Each is one test; a report goes to the file named by LLAMBO_REPORT. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { clockViolations, importViolations, sizeViolations } from './architecture.mjs';
import { ROOT } from './lib/paths.mjs';
import { run } from './lib/processes.mjs';
import { firstLine, summarise } from './lib/reports.mjs';

const CHECKED_FOLDERS = ['src', 'tools', 'e2e', 'bench'];

/** @typedef {{ problems: string | null, skip?: string }} Outcome */
/** @typedef {{ name: string, run: (signal: AbortSignal) => Promise<Outcome> | Outcome }} Check */

/** @returns {import('./architecture.mjs').SourceFile[]} */
function sources() {
  return CHECKED_FOLDERS.filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(ROOT, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }));
}

/**
 * @param {string} script of a package
 * @param {string[]} args
 * @param {AbortSignal} signal
 * @returns {Promise<Outcome>}
 */
async function tool(script, args, signal) {
  const { code, output } = await run(process.execPath, [join(ROOT, 'node_modules', script), ...args], { cwd: ROOT, signal });
  return { problems: code === 0 ? null : output.trim() };
}

/**
 * @param {string} project
 * @returns {Check}
 */
function types(project) {
  return {
    name: `types: ${project}`,
    run: (signal) => tool('typescript-native/bin/tsc', ['-p', `tsconfig.${project}.json`, '--pretty', 'false'], signal),
  };
}

/** @type {Check[]} the slowest first, so that they overlap with the rest */
const CHECKS = [
  { name: 'docs are true to the sources', run: (signal) => tool('../tools/docs.mjs', ['--check'], signal) },
  { name: 'lint', run: (signal) => tool('oxlint/bin/oxlint', [], signal) },
  ...['test', 'dom', 'node', 'worker', 'pure'].map(types),
  { name: 'architecture: imports', run: () => ({ problems: importViolations(sources()).join('\n') || null }) },
  { name: 'architecture: clocks and dice', run: () => ({ problems: clockViolations(sources()).join('\n') || null }) },
  { name: 'architecture: file sizes', run: () => ({ problems: sizeViolations(sources()).join('\n') || null }) },
];

/**
 * @param {Check} check
 * @param {import('./lib/reports.mjs').SuiteReport} report is added to
 * @param {AbortSignal} signal
 */
async function runCheck({ name, run: start }, report, signal) {
  const startedAt = performance.now();
  const { problems, skip } = await start(signal);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (problems !== null) report.failed.push({ name, reason: firstLine(problems) });
  else if (skip) report.skipped.push({ name, reason: skip });
  else report.passed += 1;
  console.log(`${problems !== null ? 'FAILED' : skip ? 'skipped' : 'ok'} ${name} (${seconds} s)${problems !== null ? `\n${problems}` : ''}`);
}

const stop = new AbortController();
for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(name, () => stop.abort(new Error('Stopped.')));

/** @type {import('./lib/reports.mjs').SuiteReport} */
const report = { passed: 0, failed: [], skipped: [] };
const waiting = [...CHECKS];
const worker = async () => {
  for (let check = waiting.shift(); check; check = waiting.shift()) await runCheck(check, report, stop.signal);
};
try {
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  const path = process.env['LLAMBO_REPORT'];
  if (path) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify(report));
  } else console.log(summarise([['check', report]]).lines.at(-1));
  process.exitCode = report.failed.length > 0 ? 1 : 0;
} catch (error) {
  if (!stop.signal.aborted) throw error;
  process.exitCode = 130;
}
