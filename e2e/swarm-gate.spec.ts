/** A swarm whose newcomers are let in by hand: each browser context is a device of its own. */
import type { Locator, Page } from '@playwright/test';
import { expect as plain, ready, test } from './fixtures.ts';
import { agree, enter, scripted, swarmOf } from './lib/swarm.ts';

/** Loading a page and joining take seconds on a busy machine. */
const expect = plain.configure({ timeout: 20_000 });

const openPanel = async (page: Page): Promise<void> => {
  await page.locator('swarm-button button').first().click();
  await expect(page.getByRole('dialog', { name: 'Swarm' })).toBeVisible();
};

/** What the steps of joining say. The live region says it too, a little later. */
const shown = (page: Page, text: string): Locator => page.locator('swarm-joining').getByText(text);

/** Starts a swarm from the page, with the switch for a gate on. @returns its link */
async function foundGated(page: Page): Promise<string> {
  await page.goto('./?engine=scripted');
  await ready(page);
  await openPanel(page);
  await page.getByText('Ask me before anybody comes in').click();
  await page.getByRole('button', { name: 'Start a swarm' }).click();
  await expect.poll(async () => (await swarmOf(page))?.state).toBe('in');
  const info = (await swarmOf(page))!;
  expect(info.gate).toMatchObject({ on: true, mine: 'founder' });
  expect(info.link).toMatch(/&f=[a-z2-7]{20}$/);
  expect(page.url()).toContain(new URL(info.link).hash);
  return scripted(info.link);
}

test('a newcomer waits until it is let in; another is refused and can not come back', async ({ page, browser }) => {
  test.setTimeout(120_000);
  const link = await foundGated(page);
  const [first, second] = [await browser.newContext(), await browser.newContext()];
  const [newcomer, stranger] = [await first.newPage(), await second.newPage()];

  await newcomer.goto(link);
  await expect(shown(newcomer, 'Somebody in the swarm must let you in.')).toBeVisible();
  await expect.poll(async () => (await swarmOf(page))?.gate?.knocking.length).toBe(1);
  expect((await swarmOf(newcomer))!.state).toBe('joining');
  await page.getByRole('button', { name: 'Let in' }).click();
  await agree([page, newcomer]);

  await stranger.goto(link);
  await expect.poll(async () => (await swarmOf(page))?.gate?.knocking.length).toBe(1);
  await page.getByRole('button', { name: 'Refuse' }).click();
  await expect(shown(stranger, 'This device was barred from the swarm.')).toBeVisible();
  // With another page, and so another key; and by the six words, which name no founder.
  const again = await second.newPage();
  await again.goto(link);
  await expect(shown(again, 'This device was barred from the swarm.')).toBeVisible();
  const { code } = (await swarmOf(page))!;
  const refusal = await again.evaluate((words) => llambo.swarm.join(words).then(() => 'in', (error: { details?: { reason?: string } }) => error.details?.reason), code);
  expect(refusal).toBe('barred');
  await agree([page, newcomer]);

  // Allowed again, it comes in without another word.
  await page.getByRole('button', { name: 'Allow again' }).click();
  await enter(again, link);
  await agree([page, newcomer, again]);
  await first.close();
  await second.close();
});

test('a steward lets others in while the founder is away, and whoever is barred leaves the swarm of all', async ({ page, browser }) => {
  test.setTimeout(120_000);
  const contexts = [await browser.newContext(), await browser.newContext()];
  const [steward, newcomer] = await Promise.all(contexts.map((context) => context.newPage()));
  const link = await foundGated(page);
  await steward!.goto(link);
  await page.getByRole('button', { name: 'Let in' }).click();
  await agree([page, steward!]);
  await page.getByRole('button', { name: 'May let others in' }).click();
  await expect.poll(async () => (await swarmOf(steward!))?.gate?.mine).toBe('steward');

  await page.goto('about:blank');
  await agree([steward!]);
  await newcomer!.goto(link);
  await steward!.getByRole('button', { name: 'Let in' }).click();
  await agree([steward!, newcomer!]);

  // The founder comes back, believes the steward's word, and puts the newcomer out.
  await enter(page, link);
  await agree([page, steward!, newcomer!]);
  const { device } = (await swarmOf(newcomer!))!.peers.find(({ self }) => self)!;
  await page.evaluate((barred) => llambo.swarm.admit(barred, 'barred'), device);
  await expect(shown(newcomer!, 'This device was barred from the swarm.')).toBeVisible();
  await agree([page, steward!]);
  for (const context of contexts) await context.close();
});
