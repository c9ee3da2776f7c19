/** Jobs that go ahead of their grants, between tabs. */
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../protocol/limits.ts';
import { counted, type FakeNodeOptions } from '../testing/fake-node.ts';
import { createOrchestra, type Asked, type Tab } from '../testing/orchestra-rig.ts';

/** One way. */
const LINK_MS = 100;

/** The first leads, the second has the node that is chosen, the third asks. They have been there for a while. */
async function far({ node = { slots: 4 }, ungranted = LIMITS.ungrantedTasks }: { node?: FakeNodeOptions; ungranted?: number } = {}) {
  const orchestra = createOrchestra({ linkMs: LINK_MS, ungranted });
  const [boss, worker, asker] = [orchestra.add('a', []), orchestra.add('b', [node]), orchestra.add('c', [])];
  orchestra.lead(boss);
  await orchestra.run(2000);
  const chosen = worker.nodes[0]!;
  const ask = (to: number, tab: Tab = asker): Asked => tab.count(to, { nodes: [chosen.address] }, {}, true);
  const leads = (tab: Tab) => tab.orchestrator.view().leader;
  return { ...orchestra, boss, worker, asker, chosen, ask, leads };
}

const typesOf = ({ events }: Asked): string[] => [...new Set(events.map(({ type }) => type))];

describe('A job for a chosen node', () => {
  it('has its first word a round trip to the leader sooner', async () => {
    const [ahead, granted] = [await far(), await far({ ungranted: 0 })];
    const firsts = await Promise.all([ahead, granted].map(async ({ ask, clock, run }) => {
      const [asked, at] = [ask(10), clock.now()];
      await run(5000);
      expect((await asked.done).text).toBe(counted(10));
      expect(typesOf(asked)).toEqual(['started', 'prefill', 'text']);
      return asked.textAt[0]! - at;
    }));
    expect(firsts[1]! - firsts[0]!).toBe(2 * LINK_MS);
  });

  it('takes a slot that the leader counts, and frees it at the end', async () => {
    const { ask, boss, asker, chosen, leads, run } = await far({ node: { slots: 2 } });
    const asked = ask(40);
    await run(LINK_MS + 1);
    expect(leads(boss)).toMatchObject({ waiting: 0, assigned: 1 });
    const others = Array.from({ length: 3 }, () => asker.count(5));
    await run(LINK_MS + 1);
    expect(leads(boss)).toMatchObject({ waiting: 2, assigned: 2 });
    await run(20_000);
    for (const one of others) expect((await one.done).text).toBe(counted(5));
    expect((await asked.done).text).toBe(counted(40));
    expect(chosen.most).toBe(2);
    expect(leads(boss)).toMatchObject({ waiting: 0, assigned: 0 });
  });

  it('is known to the next leader, who gives its slot to nobody', async () => {
    const { ask, worker, asker, chosen, lead, leads, run } = await far({ node: { slots: 1 } });
    const asked = ask(60);
    await run(50);
    lead(worker);
    await run(LINK_MS + 1);
    expect(leads(worker)).toMatchObject({ assigned: 1 });
    const other = asker.count(3);
    await run(20_000);
    expect([(await asked.done).text, (await other.done).text]).toEqual([counted(60), counted(3)]);
    expect(chosen.most).toBe(1);
  });

  it('goes the way of all others, silently, if the worker takes no more without grants', async () => {
    const { ask, boss, chosen, leads, run } = await far({ ungranted: 1 });
    const asked = [ask(10), ask(10), ask(10)];
    await run(20_000);
    for (const one of asked) {
      expect((await one.done).text).toBe(counted(10));
      expect(one.text()).toBe(counted(10));
      expect(typesOf(one)).toEqual(['started', 'prefill', 'text']);
    }
    expect(chosen.begun).toBe(3);
    expect(leads(boss)).toMatchObject({ waiting: 0, assigned: 0 });
    // The node is as good as before: it is given something at once.
    const next = ask(3);
    await run(1000);
    expect((await next.done).text).toBe(counted(3));
  });

  it('waits in the queue where the node is full, before those that come later', async () => {
    const { ask, boss, asker, leads, run } = await far({ node: { slots: 1 } });
    const order: string[] = [];
    const follow = (name: string, { done }: Asked): void => void done.then(() => order.push(name));
    follow('first', asker.count(60));
    await run(500);
    for (const name of ['second', 'third']) follow(name, asker.count(3));
    await run(500);
    follow('chosen', ask(3));
    await run(300);
    expect(leads(boss)).toMatchObject({ waiting: 3, assigned: 1 });
    await run(20_000);
    expect(order).toEqual(['first', 'second', 'third', 'chosen']);
  });

  it('goes ahead in its own tab too, where another leads', async () => {
    const { ask, worker, clock, run } = await far({ ungranted: 0 });
    const [asked, at] = [ask(3, worker), clock.now()];
    await run(1000);
    expect((await asked.done).text).toBe(counted(3));
    expect(asked.textAt[0]! - at).toBeLessThan(2 * LINK_MS);
  });

  it('is cancelled, and leaves nothing behind', async () => {
    const { ask, boss, chosen, leads, run } = await far();
    const asked = ask(200);
    await run(500);
    asked.cancel();
    await run(500);
    expect(await asked.done).toMatchObject({ finishReason: 'cancelled', text: asked.text() });
    expect(chosen.running).toBe(0);
    expect(leads(boss)).toMatchObject({ waiting: 0, assigned: 0 });
  });
});
