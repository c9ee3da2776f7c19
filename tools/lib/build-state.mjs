/** Builds the site when its sources are not those of the last build. Compares contents, so a checkout that only touches times costs nothing. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastLine, run } from './processes.mjs';

/** Everything that the built site depends on. Models are left out: they are large, and the catalogue names their hashes. */
const SOURCES = ['src', 'public', 'index.html', 'vite.config.ts', 'package-lock.json', 'tools/headers.mjs'];
/** Says what `dist` was built from. A dot file: not served, and gone when somebody else builds. */
const STAMP = 'dist/.built-from';

/**
 * @param {string} path a file or a folder
 * @returns {string[]} the files in it, in an order that doesn't depend on the file system
 */
function filesIn(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesIn(join(path, name)));
}

/**
 * @param {string} name relative to the project
 * @returns {boolean} whether a change of this file changes the site
 */
export function isSource(name) {
  return !/\.gguf$|\.test\.ts$/.test(name);
}

/**
 * @param {string} root
 * @returns {string} SHA-256 over names and contents of the sources
 */
export function sourceDigest(root) {
  const configs = readdirSync(root).filter((name) => /^tsconfig.*\.json$/.test(name));
  const hash = createHash('sha256');
  for (const path of [...SOURCES, ...configs.sort()].flatMap((name) => filesIn(join(root, name)))) {
    const name = path.slice(root.length + 1);
    if (!isSource(name)) continue;
    const content = readFileSync(path);
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @param {import('./progress.mjs').Console} out
 * @param {AbortSignal} signal
 */
export async function ensureBuilt(root, out, signal) {
  const stamp = join(root, STAMP);
  const digest = sourceDigest(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  out.say(existsSync(join(root, 'dist/index.html')) ? 'The sources are newer than the build: vite build' : 'No build yet: vite build');
  const progress = out.progress('Building', 'none');
  const ticker = setInterval(() => progress.update(0, null), 500);
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const { code, output } = await run(process.execPath, [vite, 'build'], { cwd: root, signal }).finally(() => {
    clearInterval(ticker);
    progress.end();
  });
  if (code !== 0) throw new Error(`vite build failed: ${lastLine(output)}\n${output.trim()}`);
  writeFileSync(stamp, digest);
}
