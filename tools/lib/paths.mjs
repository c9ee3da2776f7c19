/** Where things are: the project, what it builds, and what it keeps between runs. */
import { resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');
export const DIST = resolve(ROOT, 'dist');
export const PUBLIC_MODELS = resolve(ROOT, 'public/models');
/** Reports of the test suites; outside git. */
export const REPORTS = resolve(ROOT, 'test-results');

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {string} the folder for downloaded models, outside git
 */
export function cacheFolder(env) {
  return resolve(ROOT, env['LLAMBO_CACHE'] || '.cache/models');
}
