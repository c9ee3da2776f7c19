/** Several engines, one answer: with the real built-in engines, in one tab and over three of which one is closed in mid-vote. */
import type { Page } from '@playwright/test';
import type { Answer, AnswerEvent } from '../src/protocol/chat.ts';
import type { Fused } from '../src/protocol/fusion.ts';
import { expect, open, ready, test } from './fixtures.ts';
import { agree, enter, found } from './lib/swarm.ts';

const SUM = 'What is 47 + 38?';
/** The engine may not stop before so many words, so that there is time to close a tab, and must stop then: greedy, it would go round in circles. */
const LONG = `root ::= ${'word '.repeat(24)}\nword ::= [a-z] [a-z] [a-z] " "`;

// Two cores that others use as well: ten seconds become a minute.
test.setTimeout(120_000);

test('five votes of a family of two: one answer, who gave it, what it cost, and each of them can be had again', async ({ page }) => {
  await open(page, 'tiny');
  await page.evaluate(() => llambo.load('tiny-2'));
  const { answer, events } = await page.evaluate(async (question) => {
    const answering = llambo.ask(question, { fusion: { policy: 'vote', n: 5, confidence: 1 } });
    const all: AnswerEvent[] = [];
    for await (const event of answering) all.push(event);
    return { answer: (await answering.done) as Answer & Fused, events: all };
  }, SUM);
  expect(answer).toMatchObject({ text: '85', policy: 'vote', promptClass: 'number', confidence: { meaning: 'certain', value: 1 }, finishReason: 'stop' });
  const [winner] = answer.votes;
  expect(winner).toMatchObject({ answer: '85' });
  expect(winner!.count).toBeGreaterThan(2);
  expect(winner!.candidates).toContain(answer.chosen);
  const done = answer.candidates.filter(({ finishReason }) => finishReason === 'stop');
  // Three that agree are enough: whoever was slower was stopped.
  expect(done.length).toBeGreaterThanOrEqual(3);
  expect(answer.candidates.map(({ model }) => model)).toEqual(['tiny-2', 'tiny-1', 'tiny-2', 'tiny-1', 'tiny-2']);
  expect(done.every(({ replayable, logprob, node }) => replayable && logprob !== null && logprob <= 0 && node?.startsWith('/n/llambo/'))).toBe(true);
  expect(answer.cost).toMatchObject({ calls: 5 });
  expect(answer.cost.tokens).toBeGreaterThan(3 * answer.usage.promptTokens);
  const shown = events.reduce((lead, event) => (event.type === 'lead' ? event.candidate : lead), 0);
  expect(shown).toBe(answer.chosen);
  expect(events.flatMap((event) => (event.type === 'text' && event.candidate === shown ? [event.delta] : [])).join('')).toBe('85');

  const again = await page.evaluate(
    ([question, candidates]) =>
      Promise.all(candidates.map(({ model, seed, temperature }) =>
        llambo.ask({ messages: [{ role: 'user', content: question }], model }, { seed, temperature: temperature!, profile: 'exact' }).done.then(({ text }) => text))),
    [SUM, done] as const,
  );
  expect(again).toEqual(done.map(({ text }) => text));
  const together = await page.evaluate((question) => llambo.ask(question, { fusion: { policy: 'ensemble' } }).done as Promise<Answer & Fused>, SUM);
  expect(together).toMatchObject({ text: '85', policy: 'ensemble', chosen: null, cost: { calls: 6 } });
  expect(together.candidates.map(({ model }) => model)).toEqual(['tiny-2', 'tiny-1']);
  const voted = await page.evaluate(async () => {
    for await (const event of llambo.events({ types: ['voted'] })) return event;
    return null;
  });
  expect(voted).toMatchObject({ policy: 'vote', candidates: 5 });
  const figures = ['agree', 'answers', 'candidates', 'confidence', 'done', 'job', 'policy', 'promptClass', 'saved', 'sequence', 'time', 'tokens', 'type'];
  expect(Object.keys(voted!).toSorted()).toEqual(figures);
});

test('in the page: five are asked, the votes are looked at, and one of them is run again here', async ({ page }) => {
  await open(page, 'tiny');
  await page.evaluate(() => llambo.load('tiny-2'));
  await page.getByRole('button', { name: 'Auto', exact: true }).click();
  await page.getByText('Ask 5', { exact: true }).click();
  await page.getByRole('textbox', { name: 'Message' }).fill(SUM);
  await page.keyboard.press('Enter');
  const line = page.locator('fused-answer summary');
  await expect(line).toContainText('answers agree');
  await line.click();
  await page.getByRole('button', { name: 'Run again here' }).first().click();
  await expect(page.getByText('Identical, to the letter')).toBeVisible();
  await expect(page.locator('assistant-message markdown-view')).toHaveText('85');
  // A choice like that stays.
  await page.reload();
  await ready(page);
  await expect(page.getByRole('button', { name: 'Vote of 5' })).toBeVisible();
});

const nodesOf = (page: Page): Promise<`/n/llambo/${string}/${string}`[]> => page.evaluate(() => llambo.snapshot().nodes.map(({ address }) => address));

test('five votes over three tabs, and the one that works on most is closed: it still answers, with its votes', async ({ page, context }) => {
  const link = await found(page, './');
  const workers = [await context.newPage(), await context.newPage()];
  for (const worker of workers) await enter(worker, link);
  await agree([page, ...workers]);
  for (const tab of [page, ...workers]) await ready(tab);
  const nodes = await Promise.all(workers.map(nodesOf));
  await page.waitForFunction((wanted) => wanted.every((address) => llambo.nodes().some((node) => node.address === address && node.model)), nodes.flat());

  const greedy = await page.evaluate(
    ([content, grammar]) => llambo.ask({ messages: [{ role: 'user', content }], grammar, model: 'tiny-1' }, { temperature: 0, profile: 'exact' }).done.then(({ text }) => text),
    [SUM, LONG] as const,
  );
  expect(greedy).toHaveLength(24 * 4);
  // All greedy, so that each should say the same; on the nodes of the two others, so that one of them has most of the five.
  const answering = page.evaluate(
    async ([content, grammar, where]) => {
      const asked = llambo.ask({ messages: [{ role: 'user', content }], grammar }, { temperature: 0, where, fusion: { policy: 'vote', n: 5, diversity: 'seeds', format: 'open' } });
      const spoken = new Set<number>();
      for await (const event of asked) {
        if (event.type === 'text') spoken.add(event.candidate);
        if (spoken.size === 5) document.documentElement.dataset['voting'] = 'yes';
      }
      return (await asked.done) as Answer & Fused;
    },
    [SUM, LONG, nodes.flat()] as const,
  );
  await page.waitForSelector('html[data-voting]');
  const running = await page.evaluate(() => {
    const taken = llambo.snapshot();
    return taken.swarm!.peers.flatMap((peer) => peer.nodes.map(({ address, busy }) => ({ address, busy })));
  });
  const load = nodes.map((own) => running.filter(({ address }) => own.includes(address)).reduce((sum, { busy }) => sum + busy, 0));
  await workers[load[0]! >= load[1]! ? 0 : 1]!.close();
  const answer = await answering;
  expect(answer.text).toBe(greedy);
  expect(answer.votes).toHaveLength(1);
  expect(answer.votes[0]!.count).toBeGreaterThanOrEqual(3);
  expect(answer.confidence).toMatchObject({ meaning: 'certain' });
  expect(answer.dissent).toEqual([]);
});
