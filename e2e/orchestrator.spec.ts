/** The orchestrator in real tabs: work is shared, and answers outlive the tabs that wrote them. */
import type { BrowserContext, Page } from '@playwright/test';
import { expect, ready, test } from './fixtures.ts';
import { agree, byRole, enter, found, scripted } from './lib/swarm.ts';

const counted = (to: number): string => Array.from({ length: to }, (_, index) => index + 1).join(' ');

/** Three tabs of one browser in a swarm, each with an engine that is ready. */
async function threeTabs(page: Page, context: BrowserContext): ReturnType<typeof byRole> {
  const link = scripted(await found(page));
  const others = [await context.newPage(), await context.newPage()];
  for (const other of others) await enter(other, link);
  const all = [page, ...others];
  await agree(all);
  for (const tab of all) await ready(tab);
  return byRole(all);
}

test('the engines of all tabs answer one tab\'s questions', async ({ page, context }) => {
  const { others: [asker] } = await threeTabs(page, context);
  const answers = await asker!.evaluate(() =>
    Promise.all(Array.from({ length: 24 }, () => llambo.ask('Count to 40.').done.then(({ text, node }) => ({ text, peer: node.split('/')[3] })))),
  );
  for (const { text } of answers) expect(text).toBe(counted(40));
  expect(new Set(answers.map(({ peer }) => peer)).size).toBe(3);
});

test('the tab whose engine writes is closed: the answer goes on elsewhere, and no word is lost', async ({ page, context }) => {
  const { leader, others: [asker, worker] } = await threeTabs(page, context);
  // On any engine but the asker's own; whichever it is, its tab is closed, though it may be the leader's.
  const workers = await worker!.evaluate(() => llambo.snapshot().nodes.map(({ address }) => address));
  const rest = await leader.evaluate(() => llambo.snapshot().nodes.map(({ address }) => address));
  const answer = asker!.evaluate(
    async ([first, then]) => {
      const moves: unknown[] = [];
      const answering = llambo.ask('Count to 200.', { where: [...first, ...then] as `/n/llambo/${string}/${string}`[] });
      for await (const event of answering) {
        if (event.type === 'started') document.documentElement.dataset['node'] ??= event.node;
        if (event.type === 'text') document.documentElement.dataset['writing'] = 'yes';
        if (event.type === 'moved') moves.push(event.reason);
      }
      return { moves, text: (await answering.done).text };
    },
    [workers, rest] as const,
  );
  await asker!.waitForSelector('html[data-writing]');
  const node = await asker!.evaluate(() => document.documentElement.dataset['node']!);
  await (workers.includes(node as (typeof workers)[number]) ? worker! : leader).close();
  const { moves, text } = await answer;
  expect(text).toBe(counted(200));
  expect(moves).toHaveLength(1);
});
