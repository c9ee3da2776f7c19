/** What the person at this tab decides about a gate, as signed documents. */
import { LIMITS } from '../../protocol/limits.ts';
import type { Rules, Verdict } from '../../protocol/rules-schema.ts';
import type { Clock } from '../../shared/env.ts';
import { LlamboError } from '../../shared/errors.ts';
import type { DeviceId, RoomId } from '../../shared/ids.ts';
import { signPass, signRules } from './gate-documents.ts';
import { entryOf, learn, mayDecide, standingOf, timeFor, type Gate, type KnownPass } from './gate.ts';
import type { Identity } from '../identity.ts';

export interface GateDecisionsDeps {
  readonly clock: Clock;
  readonly identity: Identity;
  readonly room: RoomId;
  gate(): Gate;
  take(next: Gate): void;
  /** This device founded the swarm. */
  isFounder(): boolean;
  /** Devices that are in. */
  members(): readonly DeviceId[];
}

/** One at a time: each builds on what the one before left. Errors are those of `Gatekeeper`. */
export interface GateDecisions {
  /** The first rules, or those of a founder who lost its own. */
  found(gate: boolean): Promise<void>;
  setGate(on: boolean): Promise<void>;
  decide(device: DeviceId, verdict: Verdict): Promise<void>;
  mark(device: DeviceId, steward: boolean): Promise<void>;
}

const notYours = (what: string): LlamboError => new LlamboError('refused', what, { advice: 'Ask the person who founded the swarm.' });

export function createGateDecisions({ clock, identity, room, gate, take, isFounder, members }: GateDecisionsDeps): GateDecisions {
  const sign = (device: DeviceId, verdict: Verdict, at: number): Promise<KnownPass> => signPass(identity, room, device, verdict, at);
  const signNow = (device: DeviceId, verdict: Verdict): Promise<KnownPass> => sign(device, verdict, timeFor(gate(), device, clock.wallTime()));

  async function rule(change: Partial<Pick<Rules, 'gate' | 'stewards'>>, passes: readonly KnownPass[] = []): Promise<void> {
    if (!isFounder()) throw notYours('Only the founder of the swarm can change its rules.');
    const { version = 0, gate: on = true, stewards = [] } = gate().rules?.document ?? {};
    const rules = await signRules(identity, room, { version: version + 1, gate: on, stewards, ...change });
    take(learn(gate(), rules, passes));
  }

  /** It decides no more. What it decided stays: the founder decides the same. */
  async function depose(steward: DeviceId, verdict: Verdict): Promise<void> {
    const { rules, passes } = gate();
    const adopted = [...passes.values()].filter(({ judge }) => judge === steward).map(({ document: { device, verdict: was, at } }) => sign(device, was, at));
    const stewards = (rules?.document.stewards ?? []).filter((device) => device !== steward);
    await rule({ stewards }, [...(await Promise.all(adopted)), await signNow(steward, verdict)]);
  }

  return {
    found: (on) => rule({ gate: on }),
    async setGate(on) {
      // Whoever is in stays in.
      const admitted = on ? [...new Set(members())].filter((device) => standingOf(gate(), device) === 'unknown') : [];
      await rule({ gate: on }, await Promise.all(admitted.map((device) => signNow(device, 'admitted'))));
    },
    async decide(device, verdict) {
      const { rules } = gate();
      if (!rules || !mayDecide(rules, identity.device, device)) throw notYours('This tab can\'t decide about that device.');
      if (standingOf(gate(), device) === 'steward') return depose(device, verdict);
      take(learn(gate(), null, [await signNow(device, verdict)]));
    },
    async mark(device, steward) {
      if (!isFounder()) throw notYours('Only the founder of the swarm can say who lets others in.');
      const stewards = gate().rules?.document.stewards ?? [];
      if (stewards.includes(device) === steward) return;
      if (!steward) return depose(device, 'admitted');
      if (entryOf(gate(), device) === 'barred') throw new LlamboError('bad-request', 'That device is barred.', { advice: 'Allow it again first.' });
      if (stewards.length >= LIMITS.stewards) {
        throw new LlamboError('bad-request', `No more than ${LIMITS.stewards} devices can let others in.`, { advice: 'Take it from another one first.' });
      }
      await rule({ stewards: [...stewards, device] });
    },
  };
}
