/** The questions' TypeScript as one file that Node.js can load, without the project around it if need be. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './paths.mjs';

/** @typedef {typeof import('../../src/questions/lab.ts')} QuestionLab */

/**
 * @param {string} path where the file is to lie
 * @returns {Promise<void>}
 */
export async function writeQuestions(path) {
  // Only here: who brings a ready file along needs no packages.
  const { build } = await import('vite');
  const output = { entryFileNames: basename(path) };
  await build({
    root: ROOT, configFile: false, logLevel: 'error',
    build: { ssr: join(ROOT, 'src/questions/lab.ts'), outDir: dirname(resolve(path)), emptyOutDir: false, copyPublicDir: false, rolldownOptions: { output } },
  });
}

/**
 * @param {string} [ready] a file that {@link writeQuestions} made; made anew from the sources if left out
 * @returns {Promise<QuestionLab>}
 */
export async function loadQuestions(ready) {
  if (ready !== undefined) return await import(pathToFileURL(resolve(ready)).href);
  const folder = mkdtempSync(join(tmpdir(), 'llambo-questions-'));
  try {
    const path = join(folder, 'questions.mjs');
    await writeQuestions(path);
    return await import(pathToFileURL(path).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
