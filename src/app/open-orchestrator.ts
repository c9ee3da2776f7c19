/** This tab's orchestrator, joined to its nodes, its swarm and its log; and the way to ask through it. */
import { createTicker } from '../mesh/platform/ticker.ts';
import { createMinds } from '../orchestrator/minds.ts';
import { createOrchestrator, type Orchestrator } from '../orchestrator/orchestrator.ts';
import type { EngineNode } from '../protocol/engine-node.ts';
import type { SwarmPolicy } from '../protocol/policy.ts';
import type { Unsubscribe } from '../shared/emitter.ts';
import type { Env } from '../shared/env.ts';
import type { Address } from '../shared/ids.ts';
import { createAsker, type Ask, type AskerDeps } from './asker.ts';
import type { Control } from './control.ts';
import type { EventLog } from './event-log.ts';
import { createFuser } from './fuser.ts';
import type { Insight } from './insight.ts';
import { nextTurn } from './next-turn.ts';
import { createNodePort, logOrchestrator, longestContext, type NodePortDeps } from './orchestrating.ts';
import { onPart, type State } from './state.ts';
import { createSteadyTick } from './steady-tick.ts';

export interface OpenOrchestratorDeps {
  readonly env: Env;
  readonly control: Control;
  /** The nodes of this tab, of whatever kind. */
  readonly own: NodePortDeps['pool'];
  readonly state: State;
  readonly log: EventLog;
  readonly insight: Pick<Insight, 'runsOn' | 'follow'>;
  readonly config: { policy(): SwarmPolicy; onChange(listener: () => void): Unsubscribe };
  /** A node of another tab. */
  remote(address: Address): EngineNode | null;
  readonly chosenModel: AskerDeps['chosenModel'];
  readonly samplingOf: AskerDeps['samplingOf'];
}

/** Some four times a second: for those who need time in a hidden tab. */
const TICK_MS = 250;

export function openOrchestrator({ env, control, own, state, log, insight, config, remote, chosenModel, samplingOf }: OpenOrchestratorDeps): { orchestrator: Orchestrator; ask: Ask } {
  const nodes = createNodePort({
    self: control.self,
    pool: own,
    sharing: () => state.get().settings.sharing,
    // What is shown may still be the swarm that this tab has left.
    peers: () => (control.isAlone() ? [] : (state.get().swarm?.peers ?? [])),
    remote,
    onPeers: (listener) => onPart(state, ['swarm', 'settings'], listener),
  });
  const orchestrator = createOrchestrator({
    env, control,
    nodes: insight.runsOn(nodes),
    policy: config.policy(),
    tick: createSteadyTick(env.clock, (callback) => createTicker(env.clock)(TICK_MS, callback)),
    ...createMinds(env.random),
  });
  logOrchestrator(orchestrator, log);
  config.onChange(() => orchestrator.setPolicy(config.policy()));
  const ownNodes = (): Address[] => own.nodes().map(({ address }) => address);
  const askOne = createAsker({
    env, chosenModel, samplingOf, ownNodes,
    orchestrator: insight.follow(orchestrator),
    longestContext: (shape) => longestContext(nodes.all(), shape, control.self.peer),
    pause: nextTurn,
  });
  const ask = createFuser({ env, ask: askOne, self: control.self.peer, nodes: nodes.all, ownNodes, chosenModel, limits: () => config.policy().fusion, log });
  return { orchestrator, ask };
}
