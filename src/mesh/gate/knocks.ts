/** Who waits to be let in: at this tab's own door, and at others' whose people asked this one's. It decides nothing. */
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf, Refusal } from '../../protocol/messages.ts';
import type { Clock } from '../../shared/env.ts';
import type { DeviceId, PeerId } from '../../shared/ids.ts';
import type { Newcomer } from '../link/handshake.ts';

export interface Visitor {
  readonly peer: PeerId;
  readonly device: DeviceId;
  /** What it calls itself. */
  readonly name: string;
}

export interface KnocksDeps {
  readonly clock: Clock;
  /** Somebody knocks at this tab; or, with `gone`, does not any more. */
  tell(visitor: Visitor, gone: boolean): void;
  onChange(): void;
}

export interface Knocks {
  /** Settles when `settle` knows, when the newcomer is gone, or with `not-admitted` when nobody opened. */
  wait(peer: PeerId, device: DeviceId, newcomer: Newcomer): Refusal | Promise<Refusal | null>;
  /** Something was decided. @param verdict null: in; undefined: nobody has decided */
  settle(verdict: (device: DeviceId) => Refusal | null | undefined): void;
  /** Somebody waits at another tab, or no more. */
  heard(from: PeerId, message: MessageOf<'knocking'>): void;
  /** What was asked over that link is of no interest any more. */
  unlinked(peer: PeerId): void;
  /** Those at this tab's own door who have said who they are. */
  here(): readonly Visitor[];
  /** All, each device once. */
  all(): readonly Visitor[];
}

interface Waiting {
  readonly peer: PeerId;
  readonly device: DeviceId;
  /** Null until its welcome came: nobody is asked for somebody without a name. */
  name: string | null;
  end(outcome: Refusal | null): void;
}

/** The newcomer's own deadline is `admissionMs`: it hears a refusal before. */
const PATIENCE_MS = LIMITS.admissionMs - LIMITS.handshakeMs;

export function createKnocks({ clock, tell, onChange }: KnocksDeps): Knocks {
  const waiting = new Set<Waiting>();
  /** By asker, and there by newcomer. */
  const elsewhere = new Map<PeerId, Map<PeerId, Visitor>>();

  const here = (): Visitor[] => [...waiting].flatMap(({ peer, device, name }) => (name === null ? [] : [{ peer, device, name }]));

  return {
    wait(peer, device, { signal, entry }) {
      if (waiting.size >= LIMITS.knocking || signal.aborted) return 'not-admitted';
      return new Promise((resolve) => {
        const leave = (): void => one.end('not-admitted');
        const cancel = clock.after(PATIENCE_MS, leave);
        const one: Waiting = {
          peer, device, name: null,
          end(outcome) {
            if (!waiting.delete(one)) return;
            cancel();
            signal.removeEventListener('abort', leave);
            resolve(outcome);
            if (one.name !== null) tell({ peer, device, name: one.name }, true);
            onChange();
          },
        };
        waiting.add(one);
        signal.addEventListener('abort', leave, { once: true });
        const ask = ({ name }: { name: string }): void => {
          if (!waiting.has(one)) return;
          one.name = name;
          tell({ peer, device, name }, false);
          onChange();
        };
        // If it never says who it is, the handshake ends, and with it the signal.
        entry.then(ask, leave);
      });
    },
    settle(verdict) {
      for (const one of waiting) {
        const outcome = verdict(one.device);
        if (outcome !== undefined) one.end(outcome);
      }
      for (const [asker, visitors] of elsewhere) {
        for (const { peer, device } of visitors.values()) if (verdict(device) !== undefined) visitors.delete(peer);
        if (visitors.size === 0) elsewhere.delete(asker);
      }
    },
    heard(from, { peer, device, name }) {
      const visitors = elsewhere.get(from) ?? new Map<PeerId, Visitor>();
      visitors.delete(peer);
      if (name !== null && visitors.size < LIMITS.knocking) visitors.set(peer, { peer, device, name });
      if (visitors.size > 0) elsewhere.set(from, visitors);
      else elsewhere.delete(from);
      onChange();
    },
    unlinked(peer) {
      if (elsewhere.delete(peer)) onChange();
    },
    here,
    all() {
      const everybody = [...here(), ...[...elsewhere.values()].flatMap((visitors) => [...visitors.values()])];
      return [...new Map(everybody.map((visitor) => [visitor.device, visitor])).values()];
    },
  };
}
