/**
 * The leader's seat in this tab: empty while another tab leads. It makes a leader when this tab is to lead and throws it
 * away when it is not; tells it of nodes that came, changed and went, and gives it time while it has something to do.
 * It decides nothing, and knows neither messages nor jobs.
 */
import type { SwarmPolicy } from '../protocol/policy.ts';
import type { Unsubscribe } from '../shared/emitter.ts';
import type { Clock } from '../shared/env.ts';
import type { Address } from '../shared/ids.ts';
import type { NodePort } from './ports.ts';
import type { Leader, LeaderEffect, LeaderEvent, LeaderView, NodeFacts } from './types.ts';

export interface SeatDeps {
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly nodes: Pick<NodePort, 'all'>;
  /** Calls back some four times a second, in a hidden tab too. */
  readonly tick: (callback: () => void) => Unsubscribe;
  createLeader(policy: SwarmPolicy): Leader;
  /** What the leader wants. Called in the order of its effects; may be called in the middle of `handle`. */
  onEffect(effect: LeaderEffect): void;
}

export interface Seat {
  isTaken(): boolean;
  take(policy: SwarmPolicy): void;
  leave(): void;
  /** Nothing happens if the seat is empty. */
  handle(event: LeaderEvent): void;
  /** Nodes may have changed: the leader hears of those that did, soon. */
  refresh(): void;
  /** Null while another leads. */
  view(): LeaderView | null;
}

/** Nodes are looked at this often at the most: each slot that is taken or freed in a swarm is a change. */
const REFRESH_MS = 50;

interface Sitting {
  readonly leader: Leader;
  readonly known: Map<Address, NodeFacts>;
  lookedAt: number;
  cancelLook: (() => void) | null;
  stopTicking: Unsubscribe | null;
}

export function createSeat({ clock, nodes, tick, createLeader, onEffect }: SeatDeps): Seat {
  let sitting: Sitting | null = null;

  function tell(to: Sitting, event: LeaderEvent): void {
    for (const effect of to.leader.handle(event, clock.now())) onEffect(effect);
  }

  function handle(event: LeaderEvent): void {
    if (!sitting) return;
    // Whoever asks because a node was lost must not be told of what that node was a moment ago.
    if (event.type === 'request' && sitting.cancelLook) {
      sitting.cancelLook();
      look(sitting);
    }
    tell(sitting, event);
    watchTime(sitting);
  }

  /** Looks only now and then whether it is still needed: to count what waits costs more than a tick. */
  function watchTime(mine: Sitting): void {
    mine.stopTicking ??= tick(() => {
      if (sitting !== mine) return;
      tell(mine, { type: 'tick' });
      const { waiting, assigned } = mine.leader.view();
      if (waiting + assigned > 0) return;
      mine.stopTicking?.();
      mine.stopTicking = null;
    });
  }

  function look(mine: Sitting): void {
    mine.cancelLook = null;
    mine.lookedAt = clock.now();
    const now = nodes.all();
    const present = new Set(now.map(({ address }) => address));
    for (const address of [...mine.known.keys()]) {
      if (present.has(address)) continue;
      mine.known.delete(address);
      tell(mine, { type: 'node gone', address });
    }
    for (const facts of now) {
      const before = mine.known.get(facts.address);
      if (before && isSame(before, facts)) continue;
      mine.known.set(facts.address, facts);
      tell(mine, { type: 'node', facts });
    }
  }

  function leave(): void {
    sitting?.cancelLook?.();
    sitting?.stopTicking?.();
    sitting = null;
  }

  return {
    isTaken: () => sitting !== null,
    take(policy) {
      if (sitting) return;
      sitting = { leader: createLeader(policy), known: new Map(), lookedAt: clock.now(), cancelLook: null, stopTicking: null };
      look(sitting);
    },
    leave,
    handle,
    refresh() {
      if (!sitting || sitting.cancelLook) return;
      const mine = sitting;
      const again = (): void => {
        if (sitting === mine) look(mine);
      };
      const wait = mine.lookedAt + REFRESH_MS - clock.now();
      if (wait <= 0) again();
      else mine.cancelLook = clock.after(wait, again);
    },
    view: () => sitting?.leader.view() ?? null,
  };
}

/** Facts are made anew at each look; so are models that came over the wire. */
function isSame(one: NodeFacts, other: NodeFacts): boolean {
  const keys = Object.keys(one) as (keyof NodeFacts)[];
  return keys.length === Object.keys(other).length && keys.every((key) => (key === 'model' ? isSameModel(one.model, other.model) : one[key] === other[key]));
}

function isSameModel(one: NodeFacts['model'], other: NodeFacts['model']): boolean {
  if (one === other || !one || !other) return one === other;
  return (Object.keys(one) as (keyof typeof one)[]).every((key) => one[key] === other[key]);
}
