/** Finds a Chromium to test with. The search order is part of the README's promise. */
import { chromium } from 'playwright';

/** What headless Chromium needs on a machine without a GPU, without a sandbox, and without a way out. */
export const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const SYSTEM_BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/**
 * @param {(path: string) => boolean} exists
 * @returns {{ path: string, kind: 'playwright' | 'system' } | null} the first that is there
 */
export function findBrowser(exists) {
  const own = chromium.executablePath();
  if (own && exists(own)) return { path: own, kind: 'playwright' };
  const system = [process.env['CHROME_PATH'] ?? '', ...SYSTEM_BROWSERS].find((path) => path !== '' && exists(path));
  return system ? { path: system, kind: 'system' } : null;
}
