import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type QueuePolicy } from '../../protocol/policy.ts';
import type { DeviceId } from '../../shared/ids.ts';
import { createSeededRandom } from '../../testing/seeded-random.ts';
import type { FairQueue, QueueItem } from './parts.ts';
import { createFairQueue } from './queue.ts';

const NONE: ReadonlySet<string> = new Set();
const POLICY: QueuePolicy = DEFAULT_POLICY.queue;
const device = (name: string | number): DeviceId => `device-${name}` as DeviceId;

const SIZES = [1, 30, 500, 3000, 10_000] as const;

let counter = 0;
function item(owner: string | number, more: Partial<QueueItem> = {}): QueueItem {
  counter += 1;
  return { key: `job-${counter}`, device: device(owner), priority: 'interactive', lane: 'any', cost: 500, deadlineAt: 1e9, ...more };
}

function serve(queue: FairQueue<QueueItem>, blocked = NONE): QueueItem | null {
  const next = queue.next(blocked);
  return next && queue.take(next.key);
}

function serveAll(queue: FairQueue<QueueItem>, blocked = NONE): QueueItem[] {
  const served: QueueItem[] = [];
  for (let next = serve(queue, blocked); next; next = serve(queue, blocked)) served.push(next);
  return served;
}

const owners = (items: readonly QueueItem[]): string => items.map((each) => each.device.slice('device-'.length)).join('');

/** Jain, Chiu and Hawe 1984: 1 if all have the same. */
function jain(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  return sum ** 2 / (shares.length * shares.reduce((total, share) => total + share ** 2, 0));
}

/** Serves until some device runs dry, and gives what each was served. */
function shares(queue: FairQueue<QueueItem>, devices: readonly DeviceId[]): number[] {
  const tokens = new Map(devices.map((id) => [id, 0]));
  while (devices.every((id) => queue.sizeOf(id) > 0)) {
    const served = serve(queue)!;
    tokens.set(served.device, tokens.get(served.device)! + served.cost);
  }
  return [...tokens.values()];
}

describe('the queue between devices', () => {
  it('serves devices in turn, by tokens and not by requests', () => {
    const queue = createFairQueue({ ...POLICY, quantumTokens: 1000 });
    for (let index = 0; index < 3; index += 1) queue.add(item('a', { cost: 1000 }));
    for (let index = 0; index < 6; index += 1) queue.add(item('b', { cost: 500 }));
    expect(owners(serveAll(queue))).toBe('abbabbabb');
  });

  it('is fair with one that asks for 10 to 100 times as much as all others, and with sizes from 1 to 10,000 tokens', () => {
    fc.assert(fc.property(fc.integer({ min: 10, max: 100 }), fc.integer({ min: 2, max: 12 }), fc.nat(), (greed, others, seed) => {
      const random = createSeededRandom(seed);
      const queue = createFairQueue({ ...POLICY, most: 1e6, mostPerDevice: 1e6 });
      const devices = Array.from({ length: others + 1 }, (_, index) => device(index));
      for (let index = 0; index <= others; index += 1) {
        for (let count = 0; count < (index === 0 ? 40 * greed : 40); count += 1) queue.add(item(index, { cost: SIZES[Math.floor(random.next() * SIZES.length)]! }));
      }
      expect(jain(shares(queue, devices))).toBeGreaterThanOrEqual(0.95);
    }), { numRuns: 15 });
  });

  it('gives nobody more for splitting over lanes and priorities', () => {
    const queue = createFairQueue({ ...POLICY, most: 1e6, mostPerDevice: 1e6 });
    for (let index = 0; index < 900; index += 1) {
      queue.add(item('a', { lane: `lane-${index % 5}`, priority: index % 3 === 0 ? 'batch' : 'interactive' }));
      queue.add(item('b', { lane: `lane-${index % 5}` }));
      queue.add(item('c', { lane: 'lane-0' }));
    }
    const served = Array.from({ length: 600 }, () => serve(queue)!);
    const interactive = served.filter(({ priority }) => priority === 'interactive');
    const count = (of: readonly QueueItem[], name: string): number => of.filter((each) => each.device === device(name)).length;
    // What `a` has of the batch turns, which nobody else wanted, it does not have of the others.
    expect(jain(['a', 'b', 'c'].map((name) => count(served, name)))).toBeGreaterThan(0.99);
    expect(count(interactive, 'a')).toBeLessThan(count(interactive, 'b'));
  });

  it('saves up nothing for a device that was away, and remembers what one owes that comes back', () => {
    const queue = createFairQueue(POLICY);
    for (let index = 0; index < 100; index += 1) queue.add(item('a'));
    queue.add(item('b', { cost: 10 }));
    for (let index = 0; index < 40; index += 1) serve(queue);
    // `b` was away for 38 rounds, `c` is new: neither may now have them all.
    for (let index = 0; index < 10; index += 1) for (const name of ['b', 'c']) queue.add(item(name));
    const turns = Array.from({ length: 9 }, () => serve(queue)!.device);
    for (const name of ['a', 'b', 'c']) expect([2, 3, 4]).toContain(turns.filter((id) => id === device(name)).length);
    queue.add(item('d', { cost: 5120 }));
    while (queue.sizeOf(device('d')) > 0) serve(queue);
    queue.add(item('d'));
    const until = [];
    for (let next = serve(queue)!; next.device !== device('d'); next = serve(queue)!) until.push(next);
    expect(until.length).toBeGreaterThan(20);
  });

  it('lets newcomers of a slow lane wait no longer than the others there', () => {
    const queue = createFairQueue({ ...POLICY, most: 1e6, mostPerDevice: 1e6 });
    for (let index = 0; index < 200; index += 1) queue.add(item('old', { lane: 'slow' }));
    for (let index = 0; index < 1000; index += 1) queue.add(item('fast', { lane: 'fast' }));
    for (let index = 0; index < 900; index += 1) serve(queue, new Set(['slow']));
    for (let index = 0; index < 3; index += 1) queue.add(item('new', { lane: 'slow' }));
    const inSlow = Array.from({ length: 6 }, () => serve(queue, new Set(['fast']))!.device);
    expect(inSlow.filter((id) => id === device('new'))).toHaveLength(3);
  });

  it('lets a lane that was held up catch up within bounds', () => {
    const queue = createFairQueue({ ...POLICY, most: 1e6, mostPerDevice: 1e6 });
    for (let index = 0; index < 1000; index += 1) {
      queue.add(item('a', { lane: 'held' }));
      queue.add(item('b', { lane: 'free' }));
    }
    for (let index = 0; index < 800; index += 1) serve(queue, new Set(['held']));
    const after = owners(Array.from({ length: 100 }, () => serve(queue)!));
    expect(after.startsWith('aaaa')).toBe(true);
    expect(after).toContain('b');
  });

  it('takes the true figures into account once they are known', () => {
    const queue = createFairQueue({ ...POLICY, quantumTokens: 500 });
    for (let index = 0; index < 40; index += 1) for (const name of ['a', 'b']) queue.add(item(name, { cost: 1000 }));
    let first = 0;
    for (let index = 0; index < 40; index += 1) {
      const served = serve(queue)!;
      if (served.device !== device('a')) continue;
      first += 1;
      queue.correct(served.device, -500);
    }
    // Half the price, so twice as many.
    expect(first).toBeGreaterThanOrEqual(25);
    expect(first).toBeLessThanOrEqual(28);
    queue.correct(device('nobody'), 1000);
  });
});

describe('the queue within a device and between priorities', () => {
  it('serves interactive ones first, and one batch job after eight of them', () => {
    const queue = createFairQueue(POLICY);
    for (let index = 0; index < 3; index += 1) queue.add(item('a', { priority: 'batch' }));
    for (let index = 0; index < 20; index += 1) queue.add(item('a'));
    const order = serveAll(queue).map(({ priority }) => (priority === 'batch' ? 'B' : 'i')).join('');
    expect(order).toBe(`${'i'.repeat(8)}B${'i'.repeat(8)}B${'i'.repeat(4)}B`);
  });

  it('serves those that go ahead before their priority, and has room for them when it is full', () => {
    const queue = createFairQueue({ ...POLICY, most: 2, mostPerDevice: 2 });
    const waiting = item('a');
    expect(queue.add(waiting)).toBeNull();
    expect(queue.add(item('b'))).toBeNull();
    expect(queue.add(item('c'))).toBe('queue');
    const moved = [item('c', { ahead: true }), item('c', { ahead: true })];
    expect(moved.map((each) => queue.add(each))).toEqual([null, null]);
    expect(queue.add(item('c', { ahead: true }))).toBe('device');
    expect(queue.place(waiting.key)).toBe(3);
    expect(owners(serveAll(queue))).toBe('ccab');
  });

  it('passes lanes that are blocked, and none else', () => {
    const queue = createFairQueue(POLICY);
    const [large, tiny, batch] = [item('a', { lane: 'large' }), item('a', { lane: 'tiny' }), item('b', { lane: 'tiny', priority: 'batch' })];
    for (const each of [large, tiny, batch]) queue.add(each);
    expect(queue.next(NONE)).toBe(large);
    expect(queue.next(new Set(['large']))).toBe(tiny);
    expect(queue.next(new Set(['tiny']))).toBe(large);
    expect(queue.next(new Set(['tiny', 'large']))).toBeNull();
    queue.remove(large.key);
    expect(queue.get(large.key)).toBeNull();
    expect(serveAll(queue)).toEqual([tiny, batch]);
  });

  it('gives back whose time is over, once', () => {
    const queue = createFairQueue(POLICY);
    const [soon, later] = [item('a', { deadlineAt: 100 }), item('b', { deadlineAt: 200 })];
    for (const each of [soon, later]) queue.add(each);
    expect(queue.expire(99)).toEqual([]);
    expect(queue.expire(100)).toEqual([soon]);
    expect(queue.expire(100)).toEqual([]);
    expect(queue.expire(300)).toEqual([later]);
    expect(queue.next(NONE)).toBeNull();
  });
});

const lane = fc.constantFrom('any', 'tiny', 'large');
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), owner: fc.nat(5), lane, batch: fc.boolean(), ahead: fc.boolean(), cost: fc.integer({ min: 1, max: 4000 }), life: fc.nat(60) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('take' as const), blocked: fc.array(lane, { maxLength: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('correct' as const), owner: fc.nat(5), tokens: fc.integer({ min: -3000, max: 3000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('policy' as const), quantumTokens: fc.constantFrom(64, 512, 3000) }) },
);

describe('the queue, whatever happens', () => {
  it('loses nothing, gives nothing twice, keeps its bounds, and says place 1 of whoever is next', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const policy = { ...POLICY, most: 20, mostPerDevice: 6 };
      const queue = createFairQueue<QueueItem>(policy);
      const model = new Map<string, QueueItem>();
      steps.forEach((each, now) => {
        if (each.do === 'add') {
          const ahead = each.ahead ? { ahead: true } : {};
          const added = item(each.owner, { lane: each.lane, priority: each.batch ? 'batch' : 'interactive', cost: each.cost, deadlineAt: now + each.life, ...ahead });
          if (queue.add(added) === null) model.set(added.key, added);
        } else if (each.do === 'take') {
          const blocked = new Set<string>(each.blocked);
          const next = queue.next(blocked);
          const free = [...model.values()].filter((one) => !blocked.has(one.lane));
          expect(next === null).toBe(free.length === 0);
          if (!next) return;
          expect(blocked.has(next.lane)).toBe(false);
          // Ahead of the others of its priority.
          if (!next.ahead) expect(free.some((one) => one.ahead && one.priority === next.priority)).toBe(false);
          expect(queue.take(next.key)).toBe(model.get(next.key));
          expect(queue.take(next.key)).toBeNull();
          model.delete(next.key);
        } else if (each.do === 'remove') {
          const key = [...model.keys()][each.which % Math.max(1, model.size)] ?? 'none';
          expect(queue.remove(key)).toBe(model.get(key) ?? null);
          model.delete(key);
        } else if (each.do === 'correct') queue.correct(device(each.owner), each.tokens);
        else queue.setPolicy({ ...policy, quantumTokens: each.quantumTokens });
        for (const over of queue.expire(now)) {
          expect(over.deadlineAt).toBeLessThanOrEqual(now);
          expect(model.delete(over.key)).toBe(true);
        }
        expect(new Set(queue.items())).toEqual(new Set(model.values()));
        expect(queue.size).toBe(model.size);
        const ordinary = [...model.values()].filter(({ ahead }) => !ahead);
        expect(ordinary.length).toBeLessThanOrEqual(20);
        for (let owner = 0; owner <= 5; owner += 1) expect(ordinary.filter((one) => one.device === device(owner)).length).toBeLessThanOrEqual(6);
        const next = queue.next(NONE);
        for (const key of model.keys()) {
          const place = queue.place(key)!;
          expect(place === 1).toBe(key === next?.key);
          expect(place).toBeLessThanOrEqual(model.size + 1);
        }
      });
      expect(serveAll(queue)).toHaveLength(model.size);
    }), { numRuns: 150 });
  });

  it('tells a place that is about right and only falls while nobody comes', () => {
    const random = createSeededRandom(5);
    const queue = createFairQueue(POLICY);
    const all = Array.from({ length: 600 }, () => item(Math.floor(random.next() * 40), { cost: 50 + Math.floor(random.next() * 1500) }));
    for (const each of all) queue.add(each);
    const said = new Map(all.map(({ key }) => [key, queue.place(key)!]));
    const first = new Map(said);
    serveAll(queue).forEach(({ key }, index) => {
      expect(Math.abs(first.get(key)! - (index + 1))).toBeLessThanOrEqual(600 / 8);
      if (index % 20 !== 0) return;
      for (const { key: other } of queue.items()) {
        const place = queue.place(other)!;
        // Rounds are not walked token by token: a place may seem to grow by some when its device's turn is counted anew.
        expect(place).toBeLessThanOrEqual(said.get(other)! + 40);
        said.set(other, place);
      }
    });
  });
});
