/**
 * A node of another tab as an `EngineNode` of this one. Who schedules work can't tell it from a local one.
 *
 * A run: waits for a direct link (the caller's signal and a deadline bound the wait), then is one task over it
 * (`task-client.ts`). It starts at the first `next()`. An aborted signal ends it here at once; that the slot over there is
 * free is seen in `info()`, because the worker tells of its node while a task of ours is there.
 *
 * What `info()` says comes from two places: the roster, which is late by some hundred milliseconds, and `node` messages on
 * the link, which come at once but only while we have tasks there. So for {@link ROSTER_LAG_MS} after a `node` message the
 * roster counts as older; it is kept, and shown when that time is over or the link has ended.
 *
 * ```
 *   in roster -> shown as told      not in roster, or `stop()` called here -> stopped, without model and slots
 * ```
 *
 * A link that ends says nothing of the node: the roster tells whether its tab is gone. Runs over it end with `peer-lost`.
 * `stop()` detaches this tab from the node and does not stop the other's engine.
 */
import type { EngineNode, NodeInfo, Task, TaskEvent } from '../../protocol/engine-node.ts';
import type { SealedGrant } from '../../protocol/grant.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { NodeAd } from '../../protocol/peer.ts';
import { abortable, linkedController, throwIfAborted, withDeadline } from '../../shared/abort.ts';
import { createChannel } from '../../shared/channel.ts';
import { Emitter } from '../../shared/emitter.ts';
import type { Env } from '../../shared/env.ts';
import { LlamboError, asLlamboError } from '../../shared/errors.ts';
import { nodeAddress, newTaskId, type PeerId } from '../../shared/ids.ts';
import { goneInfo, infoOf } from './node-ad.ts';
import type { PeerLink } from '../link/peer-link.ts';
import { overdue, runOverLink } from './task-client.ts';

export interface RemoteNodeDeps {
  readonly env: Env;
  readonly peer: PeerId;
  /** What the roster says of it now. */
  readonly ad: NodeAd;
  /**
   * The direct link to that peer; dials if there is none.
   * @throws LlamboError `unreachable`, `refused`, `timeout`, `aborted`
   */
  link(options: { signal: AbortSignal }): Promise<PeerLink>;
}

export interface RemoteNode extends EngineNode {
  /** The roster changed. Null: the node is not in it any more. Runs that have a link go on until it ends; nobody is dialled for others. */
  update(ad: NodeAd | null): void;
  /** A run of ours is under way. */
  running(): boolean;
}

/** Dialling and shaking hands. */
const LINK_MS = LIMITS.dialMs + LIMITS.handshakeMs;
/** A state of the node reaches us this much later by the roster than over the link, at the most: told every 250 ms, over a few hops. */
export const ROSTER_LAG_MS = 2000;

export function createRemoteNode({ env, peer, ad: first, link: reach }: RemoteNodeDeps): RemoteNode {
  const { clock } = env;
  const name = first.node;
  const address = nodeAddress(peer, name);
  const changes = new Emitter<NodeInfo>();
  const runs = new Set<AbortController>();
  /** Their ids have been on the wire: a second task with one of them, before the first has ended there, would end the link. */
  const spent = new WeakSet<SealedGrant>();
  /** Waits for a link. */
  const dials = new Set<AbortController>();
  let info = infoOf(peer, first);
  let roster: NodeAd | null = first;
  let detached = false;
  let watched: PeerLink | null = null;
  /** While it waits, `node` messages are newer than the roster. */
  let cancelLag: (() => void) | null = null;

  function show(next: NodeInfo): void {
    info = next;
    changes.emit(info);
  }

  const showRoster = (): void => {
    cancelLag?.();
    cancelLag = null;
    if (!detached) show(roster ? infoOf(peer, roster) : goneInfo(info));
  };

  /** `node` messages of the link that we have tasks on. */
  function watch(link: PeerLink): void {
    if (watched === link) return;
    watched = link;
    const off = link.onMessage((message) => {
      if (message.t !== 'node' || message.ad.node !== name || detached || !roster) return;
      cancelLag?.();
      cancelLag = clock.after(ROSTER_LAG_MS, showRoster);
      show(infoOf(peer, message.ad));
    });
    link.onEnd(() => {
      off();
      if (watched !== link) return;
      watched = null;
      if (cancelLag) showRoster();
    });
  }

  async function linked(task: Task, signal: AbortSignal): Promise<PeerLink> {
    const enough = Math.min(LINK_MS, task.deadlineMs);
    const dial = linkedController(signal);
    dials.add(dial);
    try {
      const link = await withDeadline(clock, enough, 'Reaching that tab', abortable(reach({ signal: dial.signal }), dial.signal));
      watch(link);
      return link;
    } catch (error) {
      throwIfAborted(signal);
      const { code, message, advice = 'Ask another node.' } = asLlamboError(error, 'unreachable');
      if (code === 'timeout' && enough === task.deadlineMs) throw overdue(task);
      throw new LlamboError(code === 'timeout' || code === 'aborted' ? 'unreachable' : code, message, { advice, cause: error });
    } finally {
      // Whoever dials for us may stop now; a link that stands is not touched by it.
      dials.delete(dial);
      dial.abort();
    }
  }

  async function drive(task: Task, grant: SealedGrant | undefined, signal: AbortSignal, push: (event: TaskEvent) => void): Promise<void> {
    const startedAt = clock.now();
    const link = await linked(task, signal);
    const deadlineMs = task.deadlineMs - (clock.now() - startedAt);
    if (deadlineMs < 1) throw overdue(task);
    const id = grant?.task ?? newTaskId(env.random);
    await runOverLink({ clock, link, id, node: name, task: { ...task, deadlineMs }, ...(grant && { grant }), signal, push });
  }

  async function* run(task: Task, { signal, grant }: { signal?: AbortSignal; grant?: SealedGrant } = {}): AsyncGenerator<TaskEvent, void, void> {
    throwIfAborted(signal);
    if (detached) throw stopped();
    if (!roster) throw gone();
    if (grant && spent.has(grant)) throw new LlamboError('refused', 'This grant was used before.', { advice: 'Ask the orchestrator for another node.' });
    if (grant) spent.add(grant);
    const left = linkedController(signal);
    runs.add(left);
    const channel = createChannel<TaskEvent>(() => left.abort());
    drive(task, grant, left.signal, channel.push).then(channel.end, channel.fail);
    try {
      yield* channel;
    } finally {
      runs.delete(left);
      left.abort();
    }
  }

  return {
    address,
    info: () => info,
    onChange: (listener) => changes.on(listener),
    run,
    update(ad) {
      if (ad === roster) return;
      roster = ad;
      if (ad && cancelLag) return;
      showRoster();
      if (!ad) for (const dial of dials) dial.abort(gone());
    },
    running: () => runs.size > 0,
    async stop() {
      if (detached) return;
      detached = true;
      cancelLag?.();
      for (const run of runs) run.abort(stopped());
      show(goneInfo(info));
    },
  };
}

const gone = (): LlamboError => new LlamboError('peer-lost', 'That node is no longer in the swarm.', { advice: 'Ask another one.' });

const stopped = (): LlamboError => new LlamboError('stopped', 'This tab no longer uses that node.', { advice: 'Ask another one.' });
