/**
 * The worker's side of tasks: what comes over links is admitted within the limits of the person here (`sharing.ts`), runs
 * on this tab's own nodes and no others, so that a task can't circulate, and streams back.
 *
 * ```
 *   task <- --(refused)--> task-end ->
 *      |
 *   [judged] --(its grant does not count)--> task-end ->     with a grant only: `grant-guard.ts`
 *      | its turn among those of its link
 *   [waiting] --place--> task-events -> (queued)             the line of its node, `node-desk.ts`
 *      | a slot is free, and nobody here waits for it
 *   [running] ---------> task-events -> (seq 0, 1, …)        `task-outbox.ts`
 *      | done, failed, task-cancel <-, deadline, sharing switched off, tokens of the hour used up
 *   task-end ->          exactly one for each task, once its slot is free
 * ```
 *
 * Answers to a `task`, the first that applies, each as a `task-end`: `refused` (sharing is off, the model is kept, no such
 * node), `bad-request` (it breaks a rule of `protocol/request.ts`), `busy` with `details.retryMs` (`LIMITS.peerTasks` of that
 * peer are here; it has no grant, and `LIMITS.ungrantedTasks` of its device without one are here; its device has had its
 * tokens for this hour; the person's own tasks wait for that node; the line is full).
 * Those without a grant wait behind the granted ones; this app's own rather ask the leader (`orchestrator/head-starts.ts`).
 * An id of a task of that link that has not ended is a violation. `task-cancel` of any other id is ignored: its end is under way.
 *
 * When a link ends, its tasks are stopped at once and nothing is sent. When the person switches sharing off, keeps a
 * model, or takes one node back, tasks of others there end at once with `stopped`; those in line with `refused`. Fewer slots stop nobody and start nobody.
 *
 * While a peer has tasks on a node, and half a second longer, it gets `node` messages: within a frame of each change, and
 * one before each `task-end`. Nothing of a prompt or an answer is kept or told; `GivenTask` is all that the page and the log get.
 */
import type { EngineNode } from '../../protocol/engine-node.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { NodeAd } from '../../protocol/peer.ts';
import { Emitter, type Unsubscribe } from '../../shared/emitter.ts';
import type { Env } from '../../shared/env.ts';
import { abortError, asLlamboError, type ErrorCode, type LlamboError } from '../../shared/errors.ts';
import { partsOf } from '../../shared/ids.ts';
import type { Redeem } from './grant-guard.ts';
import { createGuest, givenTask, runGuest, type Client, type GivenTask, type Guest } from './guest.ts';
import { adOf } from './node-ad.ts';
import { createDesk, type Desk } from './node-desk.ts';
import type { PeerLink } from '../link/peer-link.ts';
import type { SharingLedger } from './sharing.ts';
import { lineRefusal, refusalOf, takenBack, unshared } from './task-admission.ts';
import { overdue } from './task-client.ts';
import { createTaskOutbox } from './task-outbox.ts';
import { wireErrorOf } from './wire-events.ts';

export type { GivenTask } from './guest.ts';

export interface TaskServerDeps {
  readonly env: Env;
  readonly ledger: SharingLedger;
  /** A node of this tab by its own name; null if there is none. */
  node(name: string): EngineNode | null;
}

export type GivenNews =
  | { readonly type: 'began'; readonly task: GivenTask }
  | { readonly type: 'ended'; readonly task: GivenTask; readonly error: ErrorCode | null };

export interface TaskServer {
  /**
   * Takes tasks of this link until it ends.
   * @param redeem judges the grants that they come with
   */
  attach(link: PeerLink, redeem: Redeem): void;
  /** What runs or waits here for others. */
  given(): readonly GivenTask[];
  /** Tasks of others that wait for a node of ours here, outside of its own line: for `adOf`. @param node its own name */
  line(node: string): number;
  /** `given` or a line has changed; not for each token. */
  onChange(listener: () => void): Unsubscribe;
  /** A task began in its slot, or one that had begun ended. */
  onNews(listener: (news: GivenNews) => void): Unsubscribe;
}

/** How long after its last task a peer is still told of the node: by then the roster tells. The news that a slot is free may come late. */
const LINGER_MS = 2 * LIMITS.statusMs;

export function createTaskServer({ env, ledger, node: find }: TaskServerDeps): TaskServer {
  const { clock } = env;
  const changes = new Emitter<void>();
  const news = new Emitter<GivenNews>();
  const clients = new Set<Client>();
  /** Of nodes that have guests; the one that has waited longest for a start comes first. */
  const desks = new Map<EngineNode, Desk<Guest>>();
  const watches = new Map<Desk<Guest>, Unsubscribe>();

  const guests = (): Guest[] => [...clients].flatMap((client) => [...client.guests.values()]);

  // --- In

  function take(client: Client, message: MessageOf<'task'>): void {
    const { id } = message;
    if (client.guests.has(id)) return client.link.end({ kind: 'violation', reason: 'protocol', what: 'task: an id that has not ended' });
    const node = find(message.node);
    const { peer, device } = client.link;
    const here = guests();
    const error = refusalOf(message, {
      node, ledger, device,
      tasks: here.filter((guest) => guest.client.link.peer === peer).length,
      ungranted: here.filter((guest) => guest.device === device && !guest.granted).length,
      line: (node && desks.get(node)?.line.length) ?? 0,
    });
    if (error || !node) client.outbox.open(id).end(wireErrorOf(error));
    else admit(client, node, message);
  }

  function admit(client: Client, node: EngineNode, message: MessageOf<'task'>): void {
    const guest = createGuest(env, client, deskOf(node), message, (late) => stop(late, overdue(message.task)));
    client.guests.set(guest.id, guest);
    const { id, node: name, grant } = message;
    if (!grant) return enter(guest, null);
    const verdict = client.redeem(grant, { id, node: name, asker: client.link.peer }).catch((error: unknown) => asLlamboError(error));
    client.judged = client.judged.then(async () => enter(guest, await verdict));
  }

  /** Its grant was judged; or it has none. Cancelled meanwhile, it has left already. Others may have filled the line. */
  function enter(guest: Guest, judgement: LlamboError | null): void {
    if (guest.client.guests.get(guest.id) !== guest) return;
    const refusal = judgement ?? lineRefusal(guest.desk.line.length);
    if (refusal) return leave(guest, refusal);
    guest.desk.join(guest);
    proceed(guest.desk);
  }

  function deskOf(node: EngineNode): Desk<Guest> {
    const known = desks.get(node);
    if (known) return known;
    const desk = createDesk<Guest>(node);
    desks.set(node, desk);
    watches.set(desk, node.onChange(() => review(desk)));
    return desk;
  }

  // --- On

  /** Something changed at this desk: start who may start, and tell. */
  function proceed(desk: Desk<Guest>): void {
    for (let guest = nextToStart(); guest; guest = nextToStart()) start(guest);
    desk.line.forEach((guest, index) => tellPlace(guest, index + 1));
    tellNode(desk);
    changes.emit();
  }

  function nextToStart(): Guest | null {
    const running = guests().filter((guest) => guest.desk.running.has(guest)).length;
    if (!ledger.hasSlot(running)) return null;
    for (const [node, desk] of desks) {
      const guest = desk.takeNext();
      if (!guest) continue;
      desks.delete(node);
      desks.set(node, desk);
      return guest;
    }
    return null;
  }

  function start(guest: Guest): void {
    news.emit({ type: 'began', task: givenTask(guest) });
    void runGuest(guest, clock, ledger).then((error) => leave(guest, error));
  }

  function tellPlace(guest: Guest, place: number): void {
    if (guest.place === place) return;
    guest.place = place;
    guest.stream.add({ type: 'queued', place });
  }

  const adOfDesk = ({ node, line }: Desk<Guest>): NodeAd => adOf(node.info(), line.length, closedTo(node) === null);

  function tellNode(desk: Desk<Guest>): void {
    const ad = adOfDesk(desk);
    for (const client of clients) if (hasAt(client, desk) || client.lingers.has(desk)) client.outbox.node(ad);
  }

  const hasAt = (client: Client, desk: Desk<Guest>): boolean => [...client.guests.values()].some((guest) => guest.desk === desk);

  // --- Out

  /** Judged or in line it ends now; in its slot as soon as that is free. Idempotent. */
  function stop(guest: Guest, reason: LlamboError): void {
    if (guest.desk.running.has(guest)) guest.controller.abort(reason);
    else leave(guest, reason);
  }

  function leave(guest: Guest, error: LlamboError | null): void {
    const { desk, client, id } = guest;
    const task = givenTask(guest);
    guest.cancelDeadline();
    desk.drop(guest);
    client.guests.delete(id);
    if (client.over && client.guests.size === 0) clients.delete(client);
    client.outbox.node(adOfDesk(desk));
    guest.stream.end(error && wireErrorOf(error));
    if (task.state === 'running') news.emit({ type: 'ended', task, error: error?.code ?? null });
    proceed(desk);
    if (!hasAt(client, desk)) linger(client, desk);
  }

  function linger(client: Client, desk: Desk<Guest>): void {
    client.lingers.get(desk)?.();
    client.lingers.set(desk, clock.after(LINGER_MS, () => {
      client.lingers.delete(desk);
      const inUse = [...clients].some((other) => other.lingers.has(desk) || hasAt(other, desk));
      if (inUse || !watches.has(desk)) return;
      watches.get(desk)?.();
      watches.delete(desk);
      desks.delete(desk.node);
    }));
  }

  /** Why nothing of others may be on that node; null if it may. */
  const closedTo = (node: EngineNode): LlamboError | null => ledger.forbids(node.info().model?.id ?? null) ?? (node.info().shared ? null : takenBack());

  /** What may not be here any more ends, and what may goes on. */
  function review(desk: Desk<Guest>): void {
    const forbidden = closedTo(desk.node);
    if (forbidden) for (const guest of guests()) if (guest.desk === desk) stop(guest, desk.running.has(guest) ? unshared() : forbidden);
    proceed(desk);
  }

  ledger.onChange(() => [...desks.values()].forEach(review));

  return {
    attach(link, redeem) {
      const client: Client = { link, redeem, outbox: createTaskOutbox(clock, link), judged: Promise.resolve(), guests: new Map(), lingers: new Map(), over: false };
      clients.add(client);
      const off = link.onMessage((message) => {
        if (message.t === 'task') return take(client, message);
        const guest = message.t === 'task-cancel' && client.guests.get(message.id);
        if (guest) stop(guest, abortError());
      });
      link.onEnd(() => {
        off();
        client.over = true;
        client.outbox.close();
        // Those that run are counted until their slots are free.
        if (client.guests.size === 0) clients.delete(client);
        for (const guest of [...client.guests.values()]) stop(guest, abortError('The link to the tab that asked is gone.'));
      });
    },
    given: () => guests().map(givenTask),
    line: (name) => [...desks.values()].find(({ node }) => partsOf(node.address).node === name)?.line.length ?? 0,
    onChange: (listener) => changes.on(listener),
    onNews: (listener) => news.on(listener),
  };
}
