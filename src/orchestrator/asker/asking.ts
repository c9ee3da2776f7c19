/**
 * What a job wants of the leader, and how it keeps asking until it is answered. Knows who leads and which turn counts;
 * not why a node is wanted, nor what it is for.
 *
 * ```
 *   nothing --want--> due --send--> open --(answer of this turn)--> nothing, or due later
 *                      ^              |
 *                      +--------------+  no answer, or another leader
 * ```
 *
 * - The same turn is sent again if the same leader has not answered: it knows it already, and repeats its grant. If that is
 *   not answered either, a new turn is opened: what was lost may have been a refusal, which is not repeated.
 * - Another leader gets a new turn, so that a late answer of the old one counts no more.
 */
import type { RequestReason, RunningTask } from '../../protocol/job.ts';
import type { PeerId } from '../../shared/ids.ts';

/** What a node is wanted for: the first one, one in place of one that failed, one beside one that is silent. */
export type Want = 'new' | 'moved' | 'hedge';

export interface Asked {
  readonly turn: number;
  readonly why: RequestReason;
  readonly wants: boolean;
}

export interface AskingDeps {
  /** What runs for the job now. */
  running(): readonly RunningTask[];
  send(asked: Asked): void;
}

export interface Asking {
  readonly want: Want | null;
  readonly leader: PeerId | null;
  /** A leader was asked, ever: somebody may know the job. */
  readonly wasAsked: boolean;
  /** Who leads; null: nobody. */
  lead(leader: PeerId | null, term: number, now: number): void;
  /** From now on this is wanted, in a turn of its own. Takes the place of what was wanted before. @param afterMs asks no sooner */
  ask(want: Want, now: number, afterMs?: number): void;
  /** Nothing is wanted any more; the leader is told if it may be looking. */
  drop(now: number): void;
  /** Whether this turn is the one that counts. */
  answers(turn: number): boolean;
  /** The leader has the request in its queue. */
  placed(now: number): void;
  /** It has answered for good. */
  answered(): void;
  /** Sends what is due. */
  tick(now: number): void;
  /** When something is due; null: not before something happens. */
  wakeAt(): number | null;
}

/** Without an answer it asks again: a link's round trip is below a second, a lost message is rare. Doubles up to the last. */
const AGAIN_FIRST_MS = 2_000;
const AGAIN_LAST_MS = 10_000;
/** How often one turn is sent without any answer. */
const SAME_TURN = 2;
/** What runs is told this often, so that the leader can free what it has not heard of for longer: any end may be lost on the way. */
const KEEP_MS = 60_000;

interface Open {
  readonly want: Want;
  /** The turn that the leader knows; null: the next sending opens one. */
  turn: number | null;
  /** This want was sent before, in whatever turn. */
  sent: boolean;
  /** How often this turn was, since a word of it came. */
  asked: number;
  at: number;
  gapMs: number;
}

export function createAsking({ running, send }: AskingDeps): Asking {
  let leader: PeerId | null = null;
  /** Who was last known to lead, and in which term: if the same comes back, it knows what it was told. */
  let known: { readonly leader: PeerId; readonly term: number } | null = null;
  let turn = 0;
  let open: Open | null = null;
  let sentAt = 0;

  function transmit(request: Open, now: number): void {
    if (leader === null) return;
    if (request.asked >= SAME_TURN) request.turn = null;
    const why = reasonOf(request);
    if (request.turn === null) request.asked = 0;
    request.turn ??= turn += 1;
    request.asked += 1;
    request.sent = true;
    sentAt = now;
    request.at = now + request.gapMs;
    request.gapMs = Math.min(AGAIN_LAST_MS, request.gapMs * 2);
    send({ turn: request.turn, why, wants: true });
  }

  /** Only what runs: the leader that is told wants to know whose slots are taken. */
  function tell(now: number): void {
    if (leader === null) return;
    sentAt = now;
    send({ turn: (turn += 1), why: 'again', wants: false });
  }

  const dueAt = (): number => (open ? open.at : running().length > 0 ? sentAt + KEEP_MS : Infinity);

  function tick(now: number): void {
    if (now < dueAt()) return;
    if (open) transmit(open, now);
    else tell(now);
  }

  return {
    get want() {
      return open?.want ?? null;
    },
    get leader() {
      return leader;
    },
    get wasAsked() {
      return turn > 0;
    },
    lead(next, term, now) {
      const isSame = next !== null && known?.leader === next && known.term === term;
      if (next === leader && (next === null || isSame)) return;
      leader = next;
      if (next === null) return;
      known = { leader: next, term };
      if (!open) {
        if (running().length > 0) tell(now);
        return;
      }
      if (!isSame) open.turn = null;
      open.gapMs = AGAIN_FIRST_MS;
      transmit(open, now);
    },
    ask(want, now, afterMs = 0) {
      open = { want, turn: null, sent: false, asked: 0, at: now + afterMs, gapMs: AGAIN_FIRST_MS };
      tick(now);
    },
    drop(now) {
      const isKnown = open !== null && open.turn !== null;
      open = null;
      if (isKnown) tell(now);
    },
    answers: (answered) => open !== null && open.turn === answered,
    placed(now) {
      if (!open) return;
      // It is known to wait there. Asked again now and then, because the grant itself can be lost.
      open.gapMs = AGAIN_LAST_MS;
      open.asked = 1;
      open.at = now + AGAIN_LAST_MS;
    },
    answered: () => void (open = null),
    tick,
    wakeAt: () => (leader === null || dueAt() === Infinity ? null : dueAt()),
  };
}

/** A hedge must not be taken for more; what has moved goes before the others at a new leader too. */
function reasonOf({ want, turn, sent }: Open): RequestReason {
  if (want === 'hedge') return want;
  return turn !== null || (sent && want === 'new') ? 'again' : want;
}
