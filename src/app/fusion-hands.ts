/** Who could answer a fused question now, and how many of its candidates at once. */
import type { NodeFacts } from '../orchestrator/types.ts';
import type { ParsedAsk } from '../protocol/request.ts';
import type { Clock } from '../shared/env.ts';
import type { Address, PeerId } from '../shared/ids.ts';
import { findAtHand, type AtHand } from './fusion-members.ts';

export interface HandsDeps {
  readonly self: PeerId;
  /** Of this tab and of the swarm, as they are now. */
  nodes(): readonly NodeFacts[];
  /** Of this tab. */
  ownNodes(): readonly Address[];
  /** As the asker has it. */
  chosenModel(): string | null;
}

/** What other tabs say of their slots is up to some hundred milliseconds old: so long after a start it has not been counted in. */
const NEWS_MS = 1000;

export function findHands({ nodes, self, chosenModel, ownNodes }: HandsDeps, { request: { model, tier }, options: { node, where = 'anywhere', fusion } }: ParsedAsk): AtHand {
  const only = node !== undefined ? [node] : where === 'this tab' ? ownNodes() : where === 'anywhere' ? undefined : where;
  return findAtHand(nodes(), {
    asker: self, chosen: chosenModel(),
    ...(model === undefined ? {} : { model }),
    ...(tier === undefined ? {} : { tier }),
    ...(only === undefined ? {} : { nodes: only }),
    ...(fusion?.budget?.nodes === undefined ? {} : { mostNodes: fusion.budget.nodes }),
  });
}

/** How many candidates may run at once: those that do, and as many more as there are free slots. */
export function createRoom(deps: HandsDeps, clock: Clock, asked: ParsedAsk, running: () => number): { parallel(): number; started(): void } {
  const count = (): number => Math.max(1, running() + findHands(deps, asked).freeSlots);
  let room = count();
  let changedAt = clock.now();
  return {
    parallel() {
      if (clock.now() - changedAt < NEWS_MS) return room;
      changedAt = clock.now();
      return (room = count());
    },
    started: () => void (changedAt = clock.now()),
  };
}
