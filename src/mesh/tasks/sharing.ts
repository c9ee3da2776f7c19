/**
 * What this device gives to others, and what it has given: the person's own switches, and a count of tokens per device
 * for the last hour. Pure policy on a clock. It outlives links and swarms, so that whoever leaves and comes back finds the
 * count as it was. It knows nothing of links, messages or nodes.
 */
import type { NodeInfo } from '../../protocol/engine-node.ts';
import type { Sharing } from '../../protocol/peer.ts';
import { Emitter, type Unsubscribe } from '../../shared/emitter.ts';
import type { Clock } from '../../shared/env.ts';
import { LlamboError } from '../../shared/errors.ts';
import type { DeviceId } from '../../shared/ids.ts';

export interface SharingLedger {
  sharing(): Sharing;
  /** The person chose otherwise. */
  set(sharing: Sharing): void;
  onChange(listener: () => void): Unsubscribe;
  /**
   * Why nothing of others may run on a node with this model; null if it may.
   * @returns `refused`
   */
  forbids(model: string | null): LlamboError | null;
  /** Whether one more task of others may start, beside this many. */
  hasSlot(running: number): boolean;
  /** Tokens were written here for that device. */
  charge(device: DeviceId, tokens: number): void;
  /** Tokens written for that device within the last hour. */
  given(device: DeviceId): number;
  /**
   * Why that device gets no more tokens now; null if it does.
   * @returns `busy`, with `details.retryMs`: after this long the first of them are more than an hour ago
   */
  exhausted(device: DeviceId): LlamboError | null;
}

const HOUR_MS = 3_600_000;
/** The window slides in steps of a minute: sixty numbers a device, however much it asks. */
const STEP_MS = 60_000;

/** Tokens by minute, the oldest first. */
type Minutes = Map<number, number>;

export const NOTHING_SHARED: Sharing = { on: false, slots: 0, tokensPerHour: 0, keptModels: [] };

export function createSharingLedger(clock: Pick<Clock, 'now'>, first: Sharing = NOTHING_SHARED): SharingLedger {
  const changes = new Emitter<void>();
  const devices = new Map<DeviceId, Minutes>();
  let sharing = first;

  const minute = (): number => Math.floor(clock.now() / STEP_MS);

  /** Forgets what is more than an hour ago, of all, so that devices that are long gone take no room. */
  function forget(): void {
    const oldest = minute() - HOUR_MS / STEP_MS;
    for (const [device, minutes] of devices) {
      for (const at of minutes.keys()) if (at <= oldest) minutes.delete(at);
      if (minutes.size === 0) devices.delete(device);
    }
  }

  function given(device: DeviceId): number {
    forget();
    return [...(devices.get(device)?.values() ?? [])].reduce((sum, tokens) => sum + tokens, 0);
  }

  /** How long until that device is below the limit, because enough of its tokens are an hour old. */
  function retryMs(device: DeviceId): number {
    let left = given(device);
    for (const [at, tokens] of devices.get(device) ?? []) {
      left -= tokens;
      if (left < sharing.tokensPerHour) return at * STEP_MS + HOUR_MS - clock.now();
    }
    return 0;
  }

  return {
    sharing: () => sharing,
    set(next) {
      sharing = next;
      changes.emit();
    },
    onChange: (listener) => changes.on(listener),
    forbids(model) {
      if (!sharing.on) return new LlamboError('refused', 'That tab does not work for others.', { advice: 'Ask another node, or have it switch sharing on.' });
      if (model === null || !sharing.keptModels.includes(model)) return null;
      return new LlamboError('refused', 'That tab keeps this model for itself.', { advice: 'Ask another node.' });
    },
    hasSlot: (running) => sharing.slots === 0 || running < sharing.slots,
    charge(device, tokens) {
      if (tokens <= 0) return;
      forget();
      const minutes = devices.get(device) ?? new Map<number, number>();
      devices.set(device, minutes.set(minute(), (minutes.get(minute()) ?? 0) + tokens));
    },
    given,
    exhausted(device) {
      if (sharing.tokensPerHour === 0 || given(device) < sharing.tokensPerHour) return null;
      return new LlamboError('busy', `That tab has written its ${sharing.tokensPerHour} tokens an hour for this device.`, {
        advice: 'Ask another node, or this one later.',
        details: { retryMs: retryMs(device) },
      });
    },
  };
}

/** Slots that these nodes of ours work with for others, for the roster: as the person allows, no more than there are. */
export function offeredSlots({ on, slots, keptModels }: Sharing, nodes: readonly Pick<NodeInfo, 'model' | 'slots'>[]): number {
  if (!on) return 0;
  const shared = nodes.filter(({ model }) => model && !keptModels.includes(model.id)).reduce((sum, node) => sum + node.slots, 0);
  return slots === 0 ? shared : Math.min(slots, shared);
}
