/** What a swarm or a browser does not give: a sentence that says so, and a way on. */
import type { Locator, Page } from '@playwright/test';
import { expect as plain, ready, test } from './fixtures.ts';
import { agree, enter, found, scripted, swarmOf } from './lib/swarm.ts';

/** Loading a page and joining take seconds on a busy machine. */
const expect = plain.configure({ timeout: 20_000 });

/** The panel opens by itself for a tab that comes in. */
const trouble = (page: Page): Locator => page.getByRole('group', { name: 'Not as it should be' });

/** How many may be in, as this tab has it. */
const most = (page: Page): Promise<string | undefined> => page.evaluate(() => llambo.snapshot().config.counts['swarm.topology.peers']);

test('a full swarm says so to whoever comes, and lets it in once somebody has left', async ({ page, context }) => {
  await page.goto('./?engine=scripted');
  await ready(page);
  // The founder decides for all; with 64 tabs it would be the same rule.
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByLabel('Import a swarm.yaml').setInputFiles({ name: 'swarm.yaml', mimeType: 'text/yaml', buffer: Buffer.from('swarm:\n  topology:\n    peers: 2\n') });
  await expect.poll(() => most(page)).toBe('2');
  const link = scripted(await page.evaluate(async () => (await llambo.swarm.join(undefined, { gate: true })).link));
  const [second, third] = [await context.newPage(), await context.newPage()];
  await enter(second, link);
  await agree([page, second]);
  await expect.poll(() => most(second)).toBe('2');

  await third.goto(link);
  const failed = third.locator('swarm-joining').getByRole('group', { name: 'Joining failed' });
  await expect(failed).toContainText('The swarm is full.');
  await expect(failed).toContainText('Wait until somebody leaves, or found another swarm.');
  expect(await swarmOf(third)).toMatchObject({ state: 'failed', problem: { code: 'refused', details: { reason: 'full' } } });
  await agree([page, second]);

  await second.close();
  await agree([page]);
  await third.getByRole('button', { name: 'Try again' }).click();
  await agree([page, third]);
});

test('a browser without WebRTC says so, and its tabs find each other all the same', async ({ page, context, browser }) => {
  await context.addInitScript(() => {
    for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection']) Reflect.deleteProperty(globalThis, name);
  });
  const link = scripted(await found(page));
  expect(await page.evaluate(() => typeof globalThis.RTCPeerConnection)).toBe('undefined');
  await expect(trouble(page)).toContainText('This browser has no WebRTC. Newcomers can\'t find this tab.');
  await expect(trouble(page)).toContainText('Only other tabs of this browser can come in.');

  const other = await context.newPage();
  await enter(other, link);
  const { peers } = await agree([page, other]);
  expect(peers.find(({ self }) => !self)?.path).toBe('broadcast');

  // A link of another browser: nobody is found, and the page says why.
  const elsewhere = await browser.newContext();
  const far = await elsewhere.newPage();
  const { baseURL } = test.info().project.use;
  const theirs = scripted(await found(far, `${baseURL}?engine=scripted`));
  await other.evaluate(() => llambo.swarm.leave());
  await enter(other, theirs);
  await expect(trouble(other)).toContainText('This browser has no WebRTC.');
  await elsewhere.close();
});
