import { expect, it } from 'vitest';
import { obtainBrowser } from './obtain-browser.mjs';

const chromium = { path: '/usr/bin/chromium', kind: 'system' };

/** @param {('works' | 'fails' | 'lies')[]} ways */
function machine(ways) {
  /** @type {typeof chromium | null} */
  let browser = null;
  /** @type {string[]} */
  const said = [];
  const installers = ways.map((way, index) => ({
    name: `way ${index + 1}`,
    install: async () => {
      if (way === 'fails') throw new Error('no network');
      if (way === 'works') browser = chromium;
    },
  }));
  return { find: () => browser, installers, say: (/** @type {string} */ text) => void said.push(text), said };
}

it('takes what is there and says which', async () => {
  const ways = { ...machine(['fails']), find: () => chromium };
  expect(await obtainBrowser(ways)).toEqual(chromium);
  expect(ways.said).toEqual(["Browser: /usr/bin/chromium (the system's)"]);
});

it('goes on to the next way when one fails or brings nothing', async () => {
  const ways = machine(['fails', 'lies', 'works']);
  expect(await obtainBrowser(ways)).toEqual(chromium);
  expect(ways.said.at(-1)).toBe('Browser: /usr/bin/chromium (installed by way 3)');
});

it('says everything that was tried', async () => {
  const result = await obtainBrowser(machine(['fails', 'lies']));
  expect(result).toEqual({ missing: expect.stringMatching(/way 1: no network; way 2: .*CHROME_PATH/) });
});
