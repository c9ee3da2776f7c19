/**
 * Tabs with orchestrators, on one virtual clock and without a mesh: a message takes some milliseconds, is parsed as on the
 * wire, and is lost if its tab is gone. Who leads is what the test says, and all hear it at once.
 */
import { createMinds } from '../orchestrator/minds.ts';
import { createOrchestrator, type Orchestrator } from '../orchestrator/orchestrator.ts';
import type { JobRun } from '../orchestrator/open-job.ts';
import type { ControlPort, NodePort, Sender, Standing } from '../orchestrator/ports.ts';
import type { NodeFacts } from '../orchestrator/types.ts';
import type { Answer, AnswerEvent } from '../protocol/chat.ts';
import type { EngineNode } from '../protocol/engine-node.ts';
import { continued } from '../protocol/continuing.ts';
import type { JobShape } from '../protocol/job.ts';
import type { ControlMessage } from '../protocol/messages.ts';
import { parseMessage } from '../protocol/parse.ts';
import { DEFAULT_POLICY, type SwarmPolicy } from '../protocol/policy.ts';
import { Emitter } from '../shared/emitter.ts';
import { LlamboError } from '../shared/errors.ts';
import { newJobId, nodeAddress, partsOf, type Address, type DeviceId, type PeerId } from '../shared/ids.ts';
import { createFakeNode, type FakeNode, type FakeNodeOptions } from './fake-node.ts';
import { createSeededRandom } from './seeded-random.ts';
import { createSimClock, type SimClock } from './sim-clock.ts';

export interface Asked {
  readonly done: Promise<Answer>;
  readonly events: readonly AnswerEvent[];
  /** When each text came. */
  readonly textAt: readonly number[];
  text(): string;
  cancel(): void;
}

export interface Tab {
  readonly self: Sender;
  readonly orchestrator: Orchestrator;
  readonly nodes: readonly FakeNode[];
  /** Asks to count. @param pinned the one node of the shape was chosen by a person */
  count(to: number, shape?: Partial<JobShape>, run?: Partial<JobRun>, pinned?: boolean): Asked;
  /** Without a word, as a tab that is killed; the others hear that it is out. */
  die(): void;
  /** It goes on alone; the others hear that it is out. */
  leave(): void;
}

export const peerIdOf = (letter: string): PeerId => letter.repeat(20) as PeerId;

export interface Orchestra {
  readonly clock: SimClock;
  /** A tab, in the swarm from now on. @param letter its peer's id, twenty times */
  add(letter: string, nodes: readonly FakeNodeOptions[]): Tab;
  /** From now on, this tab leads; null: nobody. */
  lead(tab: Tab | null): void;
  /** Time passes, and promises settle between any two things that happen. */
  run(ms: number): Promise<void>;
}

/** @param ungranted tasks without a grant that a tab takes, all others' together */
export function createOrchestra({ policy = DEFAULT_POLICY, linkMs = 5, ungranted = 0 }: { policy?: SwarmPolicy; linkMs?: number; ungranted?: number } = {}): Orchestra {
  const clock = createSimClock();
  const random = createSeededRandom(7);
  const tabs = new Map<PeerId, Tab & { hear(from: Sender, message: ControlMessage): void }>();
  const standings = new Emitter<Standing>();
  const gone = new Emitter<PeerId>();
  const changes = new Emitter<void>();
  /** Tabs that left: they lead themselves. */
  const alone = new Emitter<PeerId>();
  const left = new Set<PeerId>();
  const ungrantedAt = new Map<PeerId, number>();
  let standing: Standing = { leader: null, term: 0 };

  /** As through the codec: what a strict reader would close the link for fails the test. */
  function onWire(message: ControlMessage): ControlMessage {
    const parsed = parseMessage(JSON.parse(JSON.stringify(message)));
    if (parsed.kind !== 'message') throw new Error(`malformed ${message.t}: ${JSON.stringify(parsed)}`);
    return parsed.message as ControlMessage;
  }

  const tick = (callback: () => void): (() => void) => {
    let cancel = clock.after(250, again);
    function again(): void {
      cancel = clock.after(250, again);
      callback();
    }
    return () => cancel();
  };

  const factsOf = (node: FakeNode, device: DeviceId): NodeFacts => {
    const { address, peer, shared, state, model, slots, busy, waiting, tokensPerSecond, prefillPerSecond } = node.info();
    return { address, peer, device, shared, state, model, slots, busy, waiting, tokensPerSecond, prefillPerSecond, rttMs: 1, suspect: false };
  };

  /** A node as another tab has it: its runs end when the tab does. */
  function remote(node: FakeNode, asker: PeerId): EngineNode {
    const { peer } = partsOf(node.address);
    return {
      ...node,
      async *run(task, options) {
        const isUngranted = !options?.grant;
        if (isUngranted && (ungrantedAt.get(peer) ?? 0) >= ungranted) throw new LlamboError(ungranted === 0 ? 'refused' : 'busy', 'No grant.');
        if (isUngranted) ungrantedAt.set(peer, (ungrantedAt.get(peer) ?? 0) + 1);
        const lost = new AbortController();
        const off = gone.on((other) => (other === peer || other === asker) && lost.abort());
        options?.signal?.addEventListener('abort', () => lost.abort(), { once: true });
        try {
          yield* node.run(task, { signal: lost.signal });
        } catch (error) {
          throw lost.signal.aborted && !options?.signal?.aborted ? new LlamboError('peer-lost', 'That tab is gone.') : error;
        } finally {
          if (isUngranted) ungrantedAt.set(peer, ungrantedAt.get(peer)! - 1);
          off();
        }
      },
    };
  }

  function add(letter: string, nodes: readonly FakeNodeOptions[]): Tab {
    const self: Sender = { peer: peerIdOf(letter), device: `${letter}`.repeat(20) as DeviceId };
    const own = nodes.map((options, index) => createFakeNode(clock, nodeAddress(self.peer, `${index}`), options));
    const messages = new Emitter<{ from: Sender; message: ControlMessage }>();
    const standingHere = (): Standing => (left.has(self.peer) ? { leader: self.peer, term: 0 } : standing);
    const control: ControlPort = {
      self,
      standing: standingHere,
      onStanding(listener) {
        standings.on((now) => tabs.has(self.peer) && listener(now));
        return alone.on((peer) => peer === self.peer && (listener({ leader: null, term: 0 }), listener(standingHere())));
      },
      send(to, message) {
        const sent = onWire(message);
        if (!tabs.has(self.peer)) return;
        clock.after(linkMs, () => tabs.get(to)?.hear(self, sent));
      },
      onMessage: (listener) => messages.on(({ from, message }) => listener(from, message)),
      onPeer: (listener) => gone.on((peer) => tabs.has(self.peer) && listener({ type: 'gone', peer })),
      seal: async ({ task, node, asker }) => ({
        leader: self.peer, term: standing.term, key: 'key', task, asker, worker: partsOf(node).peer, node: partsOf(node).node, signature: 'signature',
      }),
    };
    const port: NodePort = {
      get: (address: Address) => own.find((node) => node.address === address) ?? others(address),
      all: () => (left.has(self.peer) ? [{ nodes: own, self }] : [...tabs.values()]).flatMap((tab) => tab.nodes.map((node) => factsOf(node, tab.self.device))),
      onChange: (listener) => changes.on(listener),
    };
    const others = (address: Address): EngineNode | null => {
      const node = tabs.get(partsOf(address).peer)?.nodes.find((one) => one.address === address);
      return node ? remote(node, self.peer) : null;
    };
    for (const node of own) node.onChange(() => changes.emit());
    const orchestrator = createOrchestrator({
      env: { clock }, control, nodes: port, policy, tick,
      ...createMinds(random),
    });
    const tab = {
      self, orchestrator, nodes: own,
      count: (to: number, shape: Partial<JobShape> = {}, run: Partial<JobRun> = {}, pinned = false) => ask(orchestrator, to, shape, run, pinned),
      hear: (from: Sender, message: ControlMessage) => messages.emit({ from, message }),
      die() {
        tabs.delete(self.peer);
        orchestrator.close();
        gone.emit(self.peer);
        changes.emit();
      },
      leave() {
        tabs.delete(self.peer);
        left.add(self.peer);
        alone.emit(self.peer);
        gone.emit(self.peer);
        changes.emit();
      },
    };
    tabs.set(self.peer, tab);
    changes.emit();
    return tab;
  }

  function ask(orchestrator: Orchestrator, to: number, shape: Partial<JobShape>, run: Partial<JobRun>, pinned: boolean): Asked {
    const events: AnswerEvent[] = [];
    const textAt: number[] = [];
    const controller = new AbortController();
    const messages = [{ role: 'user' as const, content: `count to ${to}` }];
    const done = orchestrator.ask(
      { id: newJobId(random), seed: 1, deadlineMs: 600_000, pinned, shape: { promptTokens: 10, maxTokens: 100, profile: 'chat', priority: 'interactive', ...shape } },
      {
        signal: controller.signal,
        taskFor: (grant, text, tokens) => continued({ id: grant.task, messages, sampling: {}, seed: 1, profile: 'chat', deadlineMs: 60_000 }, text, tokens),
        emit(event) {
          events.push(event);
          if (event.type === 'text') textAt.push(clock.now());
        },
        ...run,
      },
    );
    // Whoever awaits it hears of its failure; a test that does not must not fail for that.
    done.catch(() => undefined);
    const text = (): string => events.map((event) => (event.type === 'text' ? event.delta : '')).join('');
    return { done, events, textAt, text, cancel: () => controller.abort() };
  }

  return {
    clock, add,
    lead(tab) {
      standing = { leader: tab?.self.peer ?? null, term: standing.term + 1 };
      standings.emit(standing);
    },
    async run(ms) {
      const end = clock.now() + ms;
      await settled();
      while (clock.step(end)) await settled();
      clock.run(end - clock.now());
    },
  };
}

/** A word passes some promises on its way from node to reader. */
const HOPS = 24;

async function settled(): Promise<void> {
  for (let hop = 0; hop < HOPS; hop += 1) await Promise.resolve();
}
