/** The questions as one file that Node.js can load, without the project around it if need be. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadBundle, writeBundle } from './source-bundle.mjs';

/** @typedef {typeof import('../../src/questions/lab.ts')} QuestionLab */

const SOURCE = 'src/questions/lab.ts';

/**
 * @param {string} path where the file is to lie
 * @returns {Promise<void>}
 */
export const writeQuestions = (path) => writeBundle(SOURCE, path);

/**
 * @param {string} [ready] a file that {@link writeQuestions} made; made anew from the sources if left out
 * @returns {Promise<QuestionLab>}
 */
export async function loadQuestions(ready) {
  const lab = await (ready === undefined ? loadBundle(SOURCE) : import(pathToFileURL(resolve(ready)).href));
  return /** @type {QuestionLab} */ (lab);
}
