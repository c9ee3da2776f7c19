/**
 * Kill any tab: browsers of their own with the real engine, six answers under way, and one process after another is killed
 * (SIGKILL, so that nobody says goodbye), with the signalling server gone from the first on. What was asked is answered to
 * the last word, as if nothing had happened.
 */
import type { Page } from '@playwright/test';
import { expect, ready, test } from './fixtures.ts';
import { agree, enter, found, freePort, ownBrowser, ownServer, signalTree, swarmOf } from './lib/swarm.ts';

type Tab = Awaited<ReturnType<typeof ownBrowser>>;

/** What a page keeps of one answer of its own. */
interface Run {
  text: string;
  /** Where it is written. */
  node: string;
  moved: number;
  /** The longest time between two texts, milliseconds. */
  gap: number;
  done: boolean;
}

const SEEDS = [11, 12, 13, 14, 15, 16];
/** The engine may not stop before so many words, so that there is time to kill somebody. */
const LONG = `root ::= ${'word '.repeat(150)}\nword ::= [a-z]+ " "`;

/** Starts an answer for each seed on these nodes, and keeps what comes in `globalThis.runs`. */
const start = (page: Page, where: readonly string[]): Promise<void> =>
  page.evaluate(
    ({ seeds, grammar, nodes }) => {
      const runs = seeds.map((seed) => {
        const run: Run = { text: '', node: '', moved: 0, gap: 0, done: false };
        void (async () => {
          const asked = { messages: [{ role: 'user' as const, content: 'Tell me a story about a llama.' }], grammar };
          const options = { profile: 'exact' as const, temperature: 0.8, seed, where: nodes as `/n/llambo/${string}/${string}`[] };
          let last = 0;
          for await (const event of llambo.ask(asked, options)) {
            if (event.type === 'started') run.node = event.node;
            if (event.type === 'moved') {
              run.moved += 1;
              run.node = event.to;
            }
            if (event.type !== 'text') continue;
            if (last > 0) run.gap = Math.max(run.gap, performance.now() - last);
            last = performance.now();
            run.text += event.delta;
          }
          run.done = true;
        })().catch((error: unknown) => void (run.text = `failed: ${String(error)}`));
        return run;
      });
      Object.assign(globalThis, { runs });
    },
    { seeds: SEEDS, grammar: LONG, nodes: where },
  );

const runsOf = (page: Page): Promise<Run[]> => page.evaluate(() => (globalThis as unknown as { runs: Run[] }).runs);

async function finished(page: Page): Promise<Run[]> {
  await expect.poll(async () => (await runsOf(page)).filter(({ done, text }) => !done && !text.startsWith('failed')).length, { timeout: 90_000 }).toBe(0);
  return runsOf(page);
}

const nodesOf = (tab: Tab): Promise<string[]> => tab.page.evaluate(() => llambo.snapshot().nodes.map(({ address }) => address));
const idOf = async (tab: Tab): Promise<string> => (await swarmOf(tab.page))!.self;

test('any tab may be killed in mid-answer, without signalling too: every answer is the one that an undisturbed run gives', async () => {
  test.setTimeout(300_000);
  const server = await ownServer(await freePort());
  let tabs: Tab[] = [await ownBrowser()];
  const link = await found(tabs[0]!.page, server.url);

  /** The tabs that live: who leads, one that asks, and the others. */
  async function agreed(): Promise<{ leader: Tab; asker: Tab; others: [Tab, Tab] }> {
    const info = await agree(tabs.map(({ page }) => page), 40_000);
    const ids = await Promise.all(tabs.map(idOf));
    const leader = tabs[ids.indexOf(info.leader!)]!;
    const [asker, ...others] = tabs.filter((tab) => tab !== leader);
    return { leader, asker: asker!, others: others as [Tab, Tab] };
  }

  /** Runs six answers on the nodes of these tabs, kills those in the midst, and gives what became of it. */
  async function story(asker: Tab, workers: readonly Tab[], choose: (working: Tab) => readonly Tab[]): Promise<Run[]> {
    const nodes = await Promise.all(workers.map(nodesOf));
    await start(asker.page, nodes.flat());
    await expect.poll(async () => (await runsOf(asker.page)).every(({ text }) => text.length > 20), { timeout: 30_000, intervals: [20] }).toBe(true);
    // Whoever writes the answer that has most before it, so that it is not done before the kill arrives.
    const [latest] = (await runsOf(asker.page)).filter(({ done }) => !done).sort((a, b) => a.text.length - b.text.length);
    expect(latest, 'nobody works any more').toBeDefined();
    const victims = choose(workers.find((_tab, index) => nodes[index]!.includes(latest!.node))!);
    for (const { pid } of victims) signalTree(pid, 'SIGKILL');
    tabs = tabs.filter((tab) => !victims.includes(tab));
    return finished(asker.page);
  }

  while (tabs.length < 7) {
    const tab = await ownBrowser();
    await enter(tab.page, link);
    await ready(tab.page);
    tabs.push(tab);
  }
  await start(tabs[0]!.page, await nodesOf(tabs[0]!));
  const undisturbed = (await finished(tabs[0]!.page)).map(({ text }) => text);
  expect(new Set(undisturbed).size).toBe(SEEDS.length);
  for (const text of undisturbed) expect(text.length).toBeGreaterThan(200);
  const texts = (runs: readonly Run[]): string[] => runs.map(({ text }) => text);
  const moves = (runs: readonly Run[]): number => runs.reduce((sum, { moved }) => sum + moved, 0);

  await agreed();
  await server.kill();
  await test.step('a bystander', async () => {
    const { leader, asker, others: [worker, bystander] } = await agreed();
    const runs = await story(asker, [leader, worker], () => [bystander]);
    expect(texts(runs)).toEqual(undisturbed);
    expect(moves(runs)).toBe(0);
  });
  await test.step('a tab that works', async () => {
    const { asker, others: [worker, other] } = await agreed();
    const runs = await story(asker, [worker, other], (working) => [working]);
    expect(texts(runs)).toEqual(undisturbed);
    expect(moves(runs)).toBeGreaterThan(0);
  });
  await test.step('the orchestrator: streams between others notice nothing', async () => {
    const { leader, asker, others: [worker, other] } = await agreed();
    const runs = await story(asker, [worker, other], () => [leader]);
    expect(texts(runs)).toEqual(undisturbed);
    expect(moves(runs)).toBe(0);
    expect(Math.max(...runs.map(({ gap }) => gap))).toBeLessThan(2000);
  });
  await test.step('the orchestrator and a tab that works, at once', async () => {
    const { leader, asker, others: [worker, other] } = await agreed();
    const runs = await story(asker, [worker, other], (working) => [leader, working]);
    expect(texts(runs)).toEqual(undisturbed);
    expect(moves(runs)).toBeGreaterThan(0);
  });
  for (const tab of tabs) await tab.close();
});
