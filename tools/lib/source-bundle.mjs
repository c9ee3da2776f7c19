/** A TypeScript file of ours, with all that it imports, as one file that Node.js can load, without the project around it if need be. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './paths.mjs';

/**
 * @param {string} source from the project's root
 * @param {string} path where the file is to lie
 * @returns {Promise<void>}
 */
export async function writeBundle(source, path) {
  // Only here: who brings a ready file along needs no packages.
  const { build } = await import('vite');
  const output = { entryFileNames: basename(path) };
  await build({
    root: ROOT, configFile: false, logLevel: 'error',
    ssr: { noExternal: true },
    build: { ssr: join(ROOT, source), outDir: dirname(resolve(path)), emptyOutDir: false, copyPublicDir: false, rolldownOptions: { output } },
  });
}

/**
 * @param {string} source from the project's root
 * @returns {Promise<unknown>} what it exports
 */
export async function loadBundle(source) {
  const folder = mkdtempSync(join(tmpdir(), 'llambo-bundle-'));
  try {
    const path = join(folder, 'bundle.mjs');
    await writeBundle(source, path);
    return await import(pathToFileURL(path).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
