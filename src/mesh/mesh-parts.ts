/** Small parts of `mesh.ts` that know nothing of its state: which messages are the core's, and what to say. */
import type { PeerMessage } from '../protocol/messages.ts';
import type { SwarmInfo } from '../protocol/peer.ts';
import { LlamboError, toWire } from '../shared/errors.ts';
import type { CoreEffect, CoreMessage } from './core/core-types.ts';
import type { Doors } from './doors.ts';
import type { Links } from './links.ts';
import type { LinkEnd } from './link/peer-link.ts';
import type { Endpoint } from './transport/transport.ts';

const CORE_TAGS: ReadonlySet<string> = new Set(['beat', 'vote?', 'vote', 'leave', 'status', 'roster', 'roster?'] satisfies CoreMessage['t'][]);
export const isForCore = (message: PeerMessage): message is CoreMessage => CORE_TAGS.has(message.t);

interface Standing {
  readonly signalling: 'up' | 'down';
  /** What is known of why it is down. */
  readonly reason: LlamboError | null;
  /** No link to anybody. */
  readonly alone: boolean;
  /** Somebody else holds a door of the room. */
  readonly taken: boolean;
}

/** How a tab stands with the world outside of its links, and what is not as it should be. */
export function conditionOf(
  { state, problem }: { readonly state: SwarmInfo['state']; readonly problem: LlamboError | null },
  endpoint: Endpoint | null,
  links: Links,
  doors: Doors | null,
): Pick<SwarmInfo, 'signalling' | 'problem'> {
  const signalling = endpoint?.signalling() ?? 'down';
  const trouble = state === 'in' ? troubleOf({ signalling, reason: endpoint?.problem?.() ?? null, alone: links.all().length === 0, taken: doors?.taken() ?? false }) : null;
  const shown = problem ?? trouble;
  return { signalling, problem: shown && toWire(shown) };
}

/** What a tab that is in should know: it can't be found, or it finds nobody although somebody is there. Null if all is well. */
function troubleOf({ signalling, reason, alone, taken }: Standing): LlamboError | null {
  if (signalling === 'down') return hiddenFromNewcomers(reason);
  return alone && taken ? NO_WAY : null;
}

const NO_WAY = new LlamboError(
  'unreachable',
  'Somebody holds a door of this swarm, but no way leads there: that tab has just gone, or the networks between let no direct connection through.',
  { advice: 'It is tried again by itself. If it stays so, ask whoever runs this page for a TURN server.' },
);

function hiddenFromNewcomers(reason: LlamboError | null): LlamboError {
  const way = reason?.code === 'unsupported' ? 'Only other tabs of this browser can come in.' : 'Everybody who is in stays connected, and newcomers can come in through any tab that can be found. It is tried again by itself.';
  const why = reason?.message ?? 'The signalling server can\'t be reached.';
  return new LlamboError(reason?.code ?? 'unreachable', `${why} Newcomers can't find this tab.`, { advice: way });
}

/** How a link ends that the core wants no more. */
export function endOf({ reason, what = 'against the rules' }: Extract<CoreEffect, { type: 'drop' }>): LinkEnd {
  switch (reason) {
    case 'silent':
      return { kind: 'silent' };
    case 'surplus':
      return { kind: 'closed' };
    case 'removed':
      return { kind: 'violation', reason: 'full', what: 'too many came in at once' };
    case 'violation':
      return { kind: 'violation', reason: 'protocol', what };
  }
}

/** One event at a time: what an event causes waits until it is done with. */
export function inTurn<T>(take: (event: T) => void): (event: T) => void {
  const waiting: T[] = [];
  let taking = false;
  return (event) => {
    waiting.push(event);
    if (taking) return;
    taking = true;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) take(next);
    } finally {
      taking = false;
    }
  };
}
