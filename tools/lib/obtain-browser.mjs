/** Finds a browser for the tests, or installs one: Playwright's own, the system's, a download by Playwright, Debian's. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';
import { reasonOf, run } from './processes.mjs';

/**
 * @typedef {object} Ways
 * @property {() => { path: string, kind: string } | null} find
 * @property {{ name: string, install: () => Promise<void> }[]} installers tried in order, until `find` finds something
 * @property {(text: string) => void} say
 */

/**
 * @param {Ways} ways
 * @returns {Promise<{ path: string } | { missing: string }>}
 */
export async function obtainBrowser({ find, installers, say }) {
  const found = find();
  if (found) {
    say(`Browser: ${found.path} (${found.kind === 'playwright' ? "Playwright's own" : "the system's"})`);
    return found;
  }
  const failures = ["Playwright's own and the system's: not found"];
  for (const { name, install } of installers) {
    say(`No browser yet: ${name}`);
    try {
      await install();
    } catch (error) {
      failures.push(`${name}: ${reasonOf(error)}`);
      continue;
    }
    const installed = find();
    if (installed) {
      say(`Browser: ${installed.path} (installed by ${name})`);
      return installed;
    }
    failures.push(`${name}: it ended well, but no browser is there`);
  }
  return { missing: `No browser to test with. Tried: ${failures.join('; ')}. Install Chromium or Chrome, or name one in CHROME_PATH.` };
}

/**
 * @param {AbortSignal} signal
 * @returns {Ways['installers']} those that make sense on this machine
 */
export function installers(signal) {
  const must = async (/** @type {string} */ command, /** @type {string[]} */ args) => {
    const { code } = await run(command, args, { cwd: ROOT, signal, show: true });
    if (code !== 0) throw new Error(`exit code ${code}`);
  };
  const playwright = {
    name: 'npx playwright install chromium',
    install: () => must(process.execPath, [join(ROOT, 'node_modules/playwright/cli.js'), 'install', 'chromium']),
  };
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return [playwright];
  const debian = {
    name: 'apt-get install chromium',
    install: async () => {
      await must('apt-get', ['update']);
      await must('apt-get', ['install', '-y', '--no-install-recommends', 'chromium']);
    },
  };
  return [playwright, debian];
}
