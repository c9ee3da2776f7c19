/** Several real tabs: open a link, see each other, ask each other, survive whoever goes. */
import type { Page } from '@playwright/test';
import { expect, ready, test } from './fixtures.ts';
import { agree, byRole, enter, found, freePort, leadersSeen, ownBrowser, ownServer, scripted, signalTree, swarmOf, watchLeaders } from './lib/swarm.ts';

/** Asks on a node and gives the whole answer. */
const askOn = (page: Page, node: string, question: string): Promise<{ text: string; node: string }> =>
  page.evaluate(
    async ([address, text]) => {
      const answer = await llambo.ask(text, { node: address as `/n/llambo/${string}/${string}`, profile: 'exact', temperature: 0, seed: 7 }).done;
      return { text: answer.text, node: answer.node };
    },
    [node, question] as const,
  );

const firstNodeOf = (page: Page): Promise<string> => page.evaluate(() => llambo.snapshot().nodes[0]!.address);

test('a link brings other tabs of the browser in within two seconds, and all agree', async ({ page, context }) => {
  const link = scripted(await found(page));
  const others = [await context.newPage(), await context.newPage()];
  for (const other of others) {
    await other.goto(link);
    await ready(other);
  }
  const swarm = await agree([page, ...others]);
  expect(swarm.peers).toHaveLength(3);
  const joining = await others[1]!.evaluate(async () => {
    const { link: again } = llambo.snapshot().swarm!;
    await llambo.swarm.leave();
    const startedAt = performance.now();
    await llambo.swarm.join(again);
    return performance.now() - startedAt;
  });
  expect(joining).toBeLessThan(2000);
  await agree([page, ...others]);
});

test('tabs of other browsers come in over WebRTC, and a node of another tab answers word for word as its own', async ({ page, browser }) => {
  // The real engine: what is compared is what a model says.
  const link = await found(page, './');
  const context = await browser.newContext();
  const other = await context.newPage();
  await enter(other, link);
  await agree([page, other]);
  expect((await swarmOf(other))!.peers.find(({ self }) => !self)!.path).toBe('webrtc');
  await ready(other);
  const remote = await firstNodeOf(page);
  const local = await askOn(page, remote, 'Tell me a long story about a llama.');
  const asked = await askOn(other, remote, 'Tell me a long story about a llama.');
  expect(local.text.length).toBeGreaterThan(20);
  expect(asked).toEqual(local);
  await context.close();
});

test('the leader\'s tab is closed: another leads within a second, and a running answer does not notice', async ({ page, browser }) => {
  const link = scripted(await found(page));
  const contexts = [await browser.newContext(), await browser.newContext()];
  const others = await Promise.all(contexts.map((context) => context.newPage()));
  for (const other of others) await enter(other, link);
  const all = [page, ...others];
  await agree(all);
  for (const other of all) await ready(other);
  const { leader, others: [asker, worker] } = await byRole(all);
  const node = await firstNodeOf(worker!);
  const answer = asker!.evaluate(async (address) => {
    const events: string[] = [];
    const answering = llambo.ask('Count to 200.', { node: address as `/n/llambo/${string}/${string}` });
    for await (const event of answering) {
      if (event.type === 'text') document.documentElement.dataset['writing'] = 'yes';
      if (event.type === 'moved') events.push('moved');
    }
    return { events, text: (await answering.done).text };
  }, node);
  await asker!.waitForSelector('html[data-writing]');
  const noticed = asker!.evaluate(
    (old) =>
      new Promise<number>((resolve) => {
        const startedAt = performance.now();
        llambo.swarm.on('leader', ({ leader: now }) => now && now !== old && resolve(performance.now() - startedAt));
      }),
    (await swarmOf(asker!))!.leader,
  );
  await leader.close();
  expect(await noticed).toBeLessThan(1000 + 500); // closing a page takes the driver some of it
  expect(await answer).toEqual({ events: [], text: Array.from({ length: 200 }, (_, index) => index + 1).join(' ') });
  await agree([asker!, worker!]);
  for (const context of contexts) await context.close();
});

test('the leader\'s browser is killed: another leads within 20 seconds', async ({ page }) => {
  test.setTimeout(90_000);
  const founder = await ownBrowser();
  const third = await ownBrowser();
  const { baseURL } = test.info().project.use;
  const link = scripted(await found(founder.page, `${baseURL}?engine=scripted`));
  await enter(page, link);
  await enter(third.page, link);
  await agree([founder.page, page, third.page]);
  expect((await swarmOf(page))!.leader).toBe((await swarmOf(founder.page))!.self);
  const before = (await swarmOf(page))!.leader!;
  const elected = [page, third.page].map((tab) =>
    tab.evaluate(
      (old) =>
        new Promise<number>((resolve) => {
          const startedAt = performance.now();
          llambo.swarm.on('leader', ({ leader }) => leader && leader !== old && resolve(performance.now() - startedAt));
        }),
      before,
    ),
  );
  signalTree(founder.pid, 'SIGKILL');
  for (const took of await Promise.all(elected)) expect(took).toBeLessThan(20_000);
  await agree([page, third.page], 30_000);
  await third.close();
});

test('the leader\'s computer sleeps for half a minute and wakes: it leads no more, and no term has two leaders', async ({ page }) => {
  test.setTimeout(150_000);
  const founder = await ownBrowser();
  const third = await ownBrowser();
  const { baseURL } = test.info().project.use;
  const link = scripted(await found(founder.page, `${baseURL}?engine=scripted`));
  const all = [founder.page, page, third.page];
  for (const tab of [page, third.page]) await enter(tab, link);
  const before = await agree(all);
  for (const tab of all) await watchLeaders(tab);
  const old = (await swarmOf(founder.page))!.self;
  expect(before.leader).toBe(old);
  signalTree(founder.pid, 'SIGSTOP');
  await expect.poll(async () => (await swarmOf(page))?.leader, { timeout: 30_000 }).not.toBe(old);
  // Asleep for longer than anybody waits for it: this is the length of the sleep, not a wait for something.
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  signalTree(founder.pid, 'SIGCONT');
  const after = await agree(all, 40_000);
  expect(after.leader).not.toBe(old);
  expect(after.term).toBeGreaterThan(before.term);
  const byTerm = new Map<number, Set<string>>();
  for (const tab of all) for (const [term, leader] of await leadersSeen(tab)) byTerm.set(term, (byTerm.get(term) ?? new Set()).add(leader));
  expect([...byTerm.values()].filter((leaders) => leaders.size > 1)).toEqual([]);
  await founder.close();
  await third.close();
});

test('the signalling server is killed and comes back: nobody drops, and newcomers come in again', async ({ browser }) => {
  test.setTimeout(90_000);
  const port = await freePort();
  const first = await ownServer(port);
  const contexts = [await browser.newContext(), await browser.newContext(), await browser.newContext()];
  const [founder, member, newcomer] = await Promise.all(contexts.map((context) => context.newPage()));
  const link = scripted(await found(founder!, `${first.url}?engine=scripted`));
  await enter(member!, link);
  await agree([founder!, member!]);
  const dropped = founder!.evaluate(async () => {
    for await (const event of llambo.events({ types: ['unlinked'] })) return event;
    return null;
  }).catch(() => null);
  await first.kill();
  for (const tab of [founder!, member!]) await expect.poll(async () => (await swarmOf(tab))?.signalling).toBe('down');
  const node = await firstNodeOf(founder!);
  expect((await askOn(member!, node, 'Count to 5.')).text).toBe('1 2 3 4 5');
  const second = await ownServer(port);
  for (const tab of [founder!, member!]) await expect.poll(async () => (await swarmOf(tab))?.signalling, { timeout: 30_000 }).toBe('up');
  await enter(newcomer!, link);
  // It may have found every door free, and have begun a part of its own: the two become one.
  await agree([founder!, member!, newcomer!], 40_000);
  expect(await Promise.race([dropped, Promise.resolve('nobody')])).toBe('nobody');
  for (const context of contexts) await context.close();
  await second.kill();
});

test('twelve tabs open the link at once and are all in', async ({ page, context }) => {
  test.setTimeout(120_000);
  const link = scripted(await found(page));
  const others = await Promise.all(Array.from({ length: 11 }, () => context.newPage()));
  await Promise.all(others.map((other) => enter(other, link)));
  const swarm = await agree([page, ...others], 60_000);
  expect(swarm.peers).toHaveLength(12);
});

test('a damaged link says what is wrong with it, and the tab goes on alone', async ({ page }) => {
  const link = await found(page);
  await page.evaluate(() => llambo.swarm.leave());
  const broken = link.replace(/k=./, (start) => (start.endsWith('A') ? 'k=B' : 'k=A'));
  const problem = await page.evaluate((text) => llambo.swarm.join(text).then(() => null, (error: { code: string; message: string }) => error.code), broken);
  expect(problem).toBe('bad-request');
  expect(await swarmOf(page)).toBeNull();
});
