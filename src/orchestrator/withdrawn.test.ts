import { expect, it } from 'vitest';
import type { ControlMessage } from '../protocol/messages.ts';
import { DEFAULT_POLICY } from '../protocol/policy.ts';
import { Emitter } from '../shared/emitter.ts';
import type { DeviceId, JobId, PeerId } from '../shared/ids.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { createSimClock } from '../testing/sim-clock.ts';
import { createMinds } from './minds.ts';
import { createOrchestrator } from './orchestrator.ts';
import type { Standing } from './ports.ts';

const LEADER = 'leader' as PeerId;

/** A tab that another leads; what it says to that one. */
function setUp() {
  const standings = new Emitter<Standing>();
  const said: ControlMessage['t'][] = [];
  let standing: Standing = { leader: LEADER, term: 1 };
  const orchestrator = createOrchestrator({
    env: { clock: createSimClock() },
    control: {
      self: { peer: 'me' as PeerId, device: 'mine' as DeviceId },
      standing: () => standing,
      onStanding: (listener) => standings.on(listener),
      send: (_, { t }) => void said.push(t),
      onMessage: () => () => undefined,
      onPeer: () => () => undefined,
      seal: async () => null,
    },
    nodes: { get: () => null, all: () => [], onChange: () => () => undefined },
    policy: DEFAULT_POLICY,
    tick: () => () => undefined,
    ...createMinds(createSeededRandom(1)),
  });
  return {
    said,
    stand(next: Standing): void {
      standing = next;
      standings.emit(next);
    },
    ask(id: string): AbortController {
      const controller = new AbortController();
      const shape = { promptTokens: 10, maxTokens: 10, profile: 'chat', priority: 'interactive' } as const;
      const run = { signal: controller.signal, emit: () => undefined, taskFor: () => expect.unreachable('nothing was granted') };
      orchestrator.ask({ id: id as JobId, shape, seed: 1, deadlineMs: 60_000 }, run).catch(() => undefined);
      return controller;
    },
  };
}

it.each([['the same', { leader: LEADER, term: 1 }], ['another', { leader: 'other' as PeerId, term: 2 }]])('a job that ended while nobody led is withdrawn from whoever leads next: %s', (_, next) => {
  const { said, stand, ask } = setUp();
  const [first, second] = [ask('job-1'), ask('job-2')];
  expect(said).toEqual(['job', 'job']);
  stand({ leader: null, term: 1 });
  first.abort();
  second.abort();
  expect(said).toHaveLength(2);
  stand(next);
  expect(said.slice(2)).toEqual(['job-over', 'job-over']);
  // Once.
  stand({ leader: null, term: 2 });
  stand({ leader: LEADER, term: 3 });
  expect(said).toHaveLength(4);
});

it('one that nobody was ever asked for is not withdrawn', () => {
  const { said, stand, ask } = setUp();
  stand({ leader: null, term: 1 });
  ask('job-1').abort();
  stand({ leader: LEADER, term: 1 });
  expect(said).toEqual([]);
});
