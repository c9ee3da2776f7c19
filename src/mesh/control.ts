/**
 * What goes between the leader and the others, over the links that there are. Of what a leader says, only the accepted one is
 * heard (fencing); what askers say is passed on as it is. A message without a link waits some seconds for one: whoever hears
 * nothing says it again. It knows no job and decides nothing.
 */
import { CONTROL_MESSAGES } from '../protocol/control-schema.ts';
import type { SealedGrant } from '../protocol/grant.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { ControlMessage, PeerMessage } from '../protocol/messages.ts';
import { parseMessage } from '../protocol/parse.ts';
import { Emitter, type Unsubscribe } from '../shared/emitter.ts';
import { LlamboError } from '../shared/errors.ts';
import type { Address, DeviceId, PeerId, TaskId } from '../shared/ids.ts';
import type { SwarmCore } from './core/core-types.ts';
import type { PeerLink } from './link/peer-link.ts';
import type { LinkWaiting } from './reach.ts';
import { createGrantGuard, type GrantGuard, type Redeem } from './tasks/grant-guard.ts';
import { createGrants, type GrantsDeps } from './tasks/grants.ts';
import { boundedError } from './tasks/wire-events.ts';

export interface ControlSender {
  readonly peer: PeerId;
  readonly device: DeviceId;
}

/** The orchestrator's way to others. */
export interface Control {
  /**
   * To another tab. Without a link one is looked for, and the message is dropped if none stands within some seconds.
   * @throws LlamboError `internal` for a message out of bounds: on the wire it would cost the link
   */
  send(to: PeerId, message: ControlMessage): void;
  /** `job-place`, `job-grant`, `job-refused` and `scale` come from the accepted leader of that term only. */
  onMessage(listener: (from: ControlSender, message: ControlMessage) => void): Unsubscribe;
  /** A grant that the node's tab believes; null while this tab does not lead. */
  seal(grant: { readonly task: TaskId; readonly node: Address; readonly asker: PeerId }): Promise<SealedGrant | null>;
}

export interface ControlDeps extends GrantsDeps, LinkWaiting {
  /** Null before this tab is in. */
  core(): Pick<SwarmCore, 'obeys' | 'introduce' | 'view'> | null;
}

export interface ControlDesk {
  readonly port: Control;
  readonly redeem: Redeem;
  /** @returns true if the message was one of control's */
  hear(link: PeerLink, message: PeerMessage): boolean;
  /** Once a tick, and when the core has news. */
  look(): void;
}

interface Held {
  readonly to: PeerId;
  readonly message: ControlMessage;
  readonly until: number;
}

/** A dial takes a second at the most where there is a way; after this long an asker has said it again. */
const HOLD_MS = 5000;

const isControl = (message: PeerMessage): message is ControlMessage => Object.hasOwn(CONTROL_MESSAGES, message.t);

type Order = Extract<ControlMessage, { t: 'job-place' | 'job-grant' | 'job-refused' | 'scale' }>;
const ORDERS: ReadonlySet<string> = new Set(['job-place', 'job-grant', 'job-refused', 'scale'] satisfies Order['t'][]);
const isOrder = (message: ControlMessage): message is Order => ORDERS.has(message.t);

export function createControl({ clock, links, linked, left, want, core, ...signing }: ControlDeps): ControlDesk {
  const listeners = new Emitter<{ readonly from: ControlSender; readonly message: ControlMessage }>();
  const grants = createGrants(signing);
  const guard: GrantGuard = createGrantGuard({
    clock, grants,
    accepted: () => core()?.introduce().claim ?? null,
    obeys: (order) => core()?.obeys(order) ?? false,
  });
  /** The oldest first. */
  let held: readonly Held[] = [];

  function hold(to: PeerId, message: ControlMessage): void {
    want(to);
    held = [...held, { to, message, until: clock.now() + HOLD_MS }].slice(-LIMITS.controlHeld);
  }

  linked.on((link) => {
    const now = clock.now();
    const due = held.filter(({ to, until }) => to === link.peer && until > now);
    held = held.filter(({ to }) => to !== link.peer);
    for (const { message } of due) link.send(message);
  });
  left.on((peer) => void (held = held.filter(({ to }) => to !== peer)));

  return {
    redeem: guard.redeem,
    hear(link, message) {
      if (!isControl(message)) return false;
      const { peer, device } = link;
      const counts = !isOrder(message) || (core()?.obeys({ leader: peer, term: message.term }) ?? false);
      if (counts) listeners.emit({ from: { peer, device }, message });
      return true;
    },
    look() {
      guard.look();
      const now = clock.now();
      if (held.some(({ until }) => until <= now)) held = held.filter(({ until }) => until > now);
    },
    port: {
      send(to, wanted) {
        const message = wanted.t === 'job-refused' ? { ...wanted, error: boundedError(wanted.error) } : wanted;
        assertSendable(message);
        const link = links.get(to);
        if (link) link.send(message);
        else hold(to, message);
      },
      onMessage: (listener) => listeners.on(({ from, message }) => listener(from, message)),
      async seal(grant) {
        const claim = core()?.view().leading ? core()?.introduce().claim : null;
        return claim ? grants.seal({ ...grant, term: claim.term }) : null;
      },
    },
  };
}

/** As JSON has it: the other side would end the link for what is out of bounds. */
function assertSendable(message: ControlMessage): void {
  const parsed = parseMessage(JSON.parse(JSON.stringify(message)));
  if (parsed.kind === 'malformed') throw new LlamboError('internal', `A message to another tab is out of bounds: ${parsed.what}`);
}
