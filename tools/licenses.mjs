/** Writes the list of what the built site ships, with its licences, to `dist/licenses.txt` (part of `vite build`). */
import { resolve } from 'node:path';

const OUTPUT = resolve(import.meta.dirname, '../dist/licenses.txt');

/**
 * @param {import('rollup-plugin-license').Dependency} dependency
 * @returns {string}
 */
function describe(dependency) {
  const { name, version, license, homepage, licenseText } = dependency;
  return [`${name} ${version} (${license})`, homepage ?? '', '', licenseText ?? `Licensed under ${license}.`].join('\n');
}

export const thirdParty = {
  file: OUTPUT,
  /** @param {import('rollup-plugin-license').Dependency[]} dependencies */
  template: (dependencies) =>
    [
      'Llambo ships code of these projects. wllama contains llama.cpp and ggml (MIT, Georgi Gerganov and contributors).',
      ...dependencies.map(describe),
    ].join(`\n\n${'-'.repeat(80)}\n\n`),
};
