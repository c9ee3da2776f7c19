/**
 * From a link over a third peer to a direct one with the same peer. Nothing that was said is lost, said twice or out of
 * order: what began on the relayed link ends there, what is new goes over the direct one, and a mark says where the one
 * stops and the other starts. Which link takes whose place is settled in `links.ts`.
 *
 * ```
 *   relayed:  [linked] --leave: `moved` ->--> [leaving] --`moved` <-, all that began has ended, nothing waits--> closed
 *   direct:   [held] --`moved` <- on the other, or that has ended, or ORDER_MS--> [passing]
 * ```
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerMessage } from '../../protocol/messages.ts';
import { Emitter } from '../../shared/emitter.ts';
import type { Clock } from '../../shared/env.ts';
import type { PeerLink } from '../link/peer-link.ts';

/** A relayed link that can be left for a direct one. */
export interface LeavableLink extends PeerLink {
  /** Says that nothing new begins here, and ends the link once nothing goes over it any more. Once. */
  leave(): void;
  /** All that they said here before they went over to the direct link has come, or the link has ended. Called once. */
  onMoved(listener: () => void): void;
}

/** A round trip over the third peer takes less: after it, order is worth less than a heartbeat in time. */
const ORDER_MS = 1000;
/** A roster, some documents and the events of many tasks; more is not held back. */
const HELD_MESSAGES = 256;

/** What opens an exchange and what ends it; both ends see both. */
const OPENS: Partial<Record<PeerMessage['t'], string>> = { task: 'task', read: 'read' };
const ENDS: Partial<Record<PeerMessage['t'], string>> = { 'task-end': 'task', 'read-answer': 'read' };

/** Exchanges that have begun and not ended, by who began them. */
function createExchanges(onNone: () => void): { readonly size: number; note(writer: 'us' | 'them', message: PeerMessage): void } {
  const open = new Set<string>();
  return {
    get size() {
      return open.size;
    },
    note(writer, message) {
      if (!('id' in message)) return;
      const [begun, ended] = [OPENS[message.t], ENDS[message.t]];
      if (begun) open.add(`${writer} ${begun} ${message.id}`);
      if (ended && open.delete(`${writer === 'us' ? 'them' : 'us'} ${ended} ${message.id}`) && open.size === 0) onNone();
    },
  };
}

/** Hears a link's messages before everybody else. What comes before the first listener is kept, as by the link itself. */
function overhear(link: PeerLink, hear: (message: PeerMessage, pass: (message: PeerMessage) => void) => void): PeerLink['onMessage'] {
  const messages = new Emitter<PeerMessage>();
  let listening = false;
  return (listener) => {
    const unsubscribe = messages.on(listener);
    if (!listening) {
      listening = true;
      link.onMessage((message) => hear(message, (passed) => messages.emit(passed)));
    }
    return unsubscribe;
  };
}

/** @param link over a third peer */
export function createLeavable(link: PeerLink, clock: Clock): LeavableLink {
  const moved = new Emitter<void>();
  const exchanges = createExchanges(look);
  let leaving = false;
  let theyMoved = false;
  let cancelTimer: (() => void) | null = null;

  function onTheirs(): void {
    if (theyMoved) return;
    theyMoved = true;
    moved.emit();
    moved.clear();
    look();
  }

  /** Whatever was taken up for this link in the moment in which it was left has closeMs to begin after all. */
  function look(): void {
    if (!leaving || !theyMoved || exchanges.size > 0) return;
    const patientUntil = clock.now() + LIMITS.handshakeMs;
    const again = (): void => {
      cancelTimer?.();
      cancelTimer = clock.after(LIMITS.closeMs, finish);
    };
    function finish(): void {
      if (exchanges.size > 0) return;
      // What waits here would be lost with the link; a path that takes nothing any more is not waited for.
      if (link.bufferedBytes() > 0 && clock.now() < patientUntil) again();
      else link.end({ kind: 'closed' });
    }
    again();
  }

  link.onEnd(() => {
    cancelTimer?.();
    leaving = false;
    onTheirs();
  });

  return {
    ...link,
    send(message) {
      exchanges.note('us', message);
      link.send(message);
    },
    onMessage: overhear(link, (message, pass) => {
      if (message.t === 'moved') return onTheirs();
      exchanges.note('them', message);
      pass(message);
    }),
    leave() {
      if (leaving) return;
      leaving = true;
      link.send({ t: 'moved' });
      // They may not have finished their handshake on the other link, and never will if it was lost meanwhile.
      if (theyMoved) look();
      else cancelTimer = clock.after(LIMITS.handshakeMs, onTheirs);
    },
    onMoved(listener) {
      if (theyMoved) listener();
      else moved.on(listener);
    },
  };
}

/** @param link the direct one, which passes nothing on before all that was said on `left` has come */
export function createSuccessor(link: PeerLink, left: LeavableLink, clock: Clock): PeerLink {
  let held: PeerMessage[] | null = [];
  let passOn: (message: PeerMessage) => void = () => undefined;
  let over = false;

  function release(): void {
    cancelTimer();
    const before = held ?? [];
    held = null;
    for (const message of before) if (!over) passOn(message);
  }

  const cancelTimer = clock.after(ORDER_MS, release);
  left.onMoved(release);
  // What came before the end counts, and this is heard before the end is by anybody else.
  link.onEnd(() => {
    release();
    over = true;
  });

  return {
    ...link,
    onMessage: overhear(link, (message, pass) => {
      passOn = pass;
      if (held && held.length >= HELD_MESSAGES) release();
      if (held) held.push(message);
      else pass(message);
    }),
  };
}
