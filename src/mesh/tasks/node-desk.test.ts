import { describe, expect, it } from 'vitest';
import type { EngineNode, NodeInfo } from '../../protocol/engine-node.ts';
import { fakeDeviceId } from '../../testing/fake-link.ts';
import { createDesk } from './node-desk.ts';

const guest = (name: string, granted = true) => ({ device: fakeDeviceId(name), granted });

/** A node that says what the test wants of itself. */
function setUp(info: Partial<NodeInfo>) {
  let now = { state: 'busy', slots: 2, busy: 0, waiting: 0, ...info } as NodeInfo;
  const desk = createDesk<ReturnType<typeof guest>>({ info: () => now } as EngineNode);
  return { desk, say: (next: Partial<NodeInfo>) => void (now = { ...now, ...next }) };
}

describe('the line in front of a node', () => {
  it('lets in as many as there are slots, by the larger of the two counts of the busy', () => {
    const { desk, say } = setUp({ busy: 1 });
    const [a, b, c] = [guest('a'), guest('b'), guest('c')];
    for (const one of [a, b, c]) desk.join(one);
    expect(desk.takeNext()).toBe(a);
    say({ busy: 0 });
    expect(desk.takeNext()).toBe(b);
    expect(desk.takeNext()).toBeNull();
    desk.drop(a);
    expect(desk.takeNext()).toBe(c);
  });

  it('lets nobody in while the node has a line of its own', () => {
    const { desk, say } = setUp({ waiting: 1 });
    const a = guest('a');
    desk.join(a);
    expect(desk.takeNext()).toBeNull();
    say({ waiting: 0 });
    expect(desk.takeNext()).toBe(a);
  });

  it('asks a node that can not work: it says best why', () => {
    const { desk } = setUp({ state: 'error', slots: 0 });
    desk.join(guest('a'));
    expect(desk.takeNext()).not.toBeNull();
  });

  it('takes first whose device has the fewest running, then who waited longest for a start', () => {
    const { desk } = setUp({ slots: 3 });
    const [one, two, three, other] = [guest('ann'), guest('ann'), guest('ann'), guest('bob')];
    for (const each of [one, two, three, other]) desk.join(each);
    expect([desk.takeNext(), desk.takeNext(), desk.takeNext()]).toEqual([one, other, two]);
    for (const each of [one, other, two]) desk.drop(each);
    const late = guest('bob');
    desk.join(late);
    // Both have nothing running; Ann was given a slot last.
    expect(desk.takeNext()).toBe(late);
  });
});
