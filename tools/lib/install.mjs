/** Installs dependencies when `node_modules` is missing or is not what the lock file says. Runs before anything of `node_modules` can be imported. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './processes.mjs';

/** How often the installed packages are counted, for the progress line. */
const COUNT_EVERY_MS = 500;

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, peer?: boolean, devOptional?: boolean, link?: boolean }} LockedPackage */
/** @typedef {{ packages?: Record<string, LockedPackage> }} Lock */

/**
 * npm keeps in `node_modules/.package-lock.json` what it really installed. Packages for other platforms are not in it,
 * so optional ones may be absent; a package that is there must be the one of the lock file.
 *
 * @param {Lock} wanted
 * @param {Lock | null} installed
 * @returns {string | null} why an installation is needed
 */
export function installReason(wanted, installed) {
  if (!installed) return 'No dependencies yet';
  for (const [path, locked] of Object.entries(wanted.packages ?? {})) {
    if (path === '' || locked.link) continue;
    const there = installed.packages?.[path];
    if (!there && !locked.optional && !locked.devOptional) return 'Dependencies are missing';
    if (there && (there.version !== locked.version || there.integrity !== locked.integrity)) return 'Dependencies are older than the lock file';
  }
  return null;
}

/**
 * @param {string} path
 * @returns {Lock | null}
 */
function readLock(path) {
  try {
    return /** @type {Lock} */ (JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

/**
 * @param {string} root
 * @param {import('./progress.mjs').Console} out
 * @param {AbortSignal} signal
 */
export async function ensureInstalled(root, out, signal) {
  const wanted = readLock(join(root, 'package-lock.json'));
  if (!wanted) throw new Error('package-lock.json is missing or damaged. Get it back with: git checkout package-lock.json');
  const reason = installReason(wanted, readLock(join(root, 'node_modules/.package-lock.json')));
  if (!reason) return;
  out.say(`${reason}: npm ci`);
  const packages = Object.entries(wanted.packages ?? {}).filter(([path, { optional }]) => path !== '' && !optional);
  const progress = out.progress('Installing packages', 'steps');
  const count = () => packages.filter(([path]) => existsSync(join(root, path, 'package.json'))).length;
  const ticker = setInterval(() => progress.update(count(), packages.length), COUNT_EVERY_MS);
  const [command, ...prefix] = npmCommand(process.env);
  const result = await run(command, [...prefix, 'ci', '--no-audit', '--no-fund'], { cwd: root, signal }).finally(() => {
    clearInterval(ticker);
    progress.end();
  });
  if (result.code !== 0) throw new Error(`npm ci failed:\n${npmErrors(result.output)}`);
}

/**
 * @param {string} output of a failed npm
 * @returns {string} what went wrong, without the manual page that follows it
 */
export function npmErrors(output) {
  const lines = output.split('\n').filter((line) => /^npm error \S/.test(line));
  const manual = lines.findIndex((line) => line.startsWith('npm error Usage:'));
  return (lines.length > 0 ? lines.slice(0, manual < 0 ? 20 : Math.min(manual, 20)) : [output.trim()]).join('\n');
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {[string, ...string[]]} the npm that started us, if one did
 */
function npmCommand(env) {
  const cli = env['npm_execpath'];
  return cli?.endsWith('npm-cli.js') ? [process.execPath, cli] : ['npm'];
}
