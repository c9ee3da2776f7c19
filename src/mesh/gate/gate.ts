/**
 * Who may come in, as a pure value: the founder's rules and the decisions made under them. It believes that what it is
 * given was signed by whom it names; `gate-documents.ts` verifies that.
 *
 * The founder's device is always in. Stewards are in, let others in and bar them; about the founder and about each other
 * they can decide nothing. Of several decisions about a device the latest counts, the founder's if two are as late.
 */
import { LIMITS } from '../../protocol/limits.ts';
import type { Pass, Rules } from '../../protocol/rules-schema.ts';
import type { DeviceId } from '../../shared/ids.ts';

export interface KnownRules {
  readonly document: Rules;
  /** The device that the founder's key belongs to. */
  readonly founder: DeviceId;
}
export interface KnownPass {
  readonly document: Pass;
  /** The device that decided. */
  readonly judge: DeviceId;
}

export interface Gate {
  /** Null: no rules are known, so everybody who knows the secret may come in. */
  readonly rules: KnownRules | null;
  readonly passes: ReadonlyMap<DeviceId, KnownPass>;
}

export type Standing = 'founder' | 'steward' | 'admitted' | 'barred' | 'unknown';

export const NO_GATE: Gate = { rules: null, passes: new Map() };

export function standingOf({ rules, passes }: Gate, device: DeviceId): Standing {
  if (!rules) return 'unknown';
  if (device === rules.founder) return 'founder';
  if (rules.document.stewards.includes(device)) return 'steward';
  return passes.get(device)?.document.verdict ?? 'unknown';
}

/** May that device come in? `ask`: somebody must decide. */
export function entryOf(gate: Gate, device: DeviceId): 'yes' | 'barred' | 'ask' {
  const standing = standingOf(gate, device);
  if (standing === 'barred') return 'barred';
  return standing !== 'unknown' || !gate.rules?.document.gate ? 'yes' : 'ask';
}

export function mayDecide({ founder, document }: KnownRules, judge: DeviceId, about: DeviceId): boolean {
  if (about === founder) return false;
  return judge === founder || (document.stewards.includes(judge) && !document.stewards.includes(about));
}

/** Of one founder's rules. Two tabs of the founder may make the same version: then any order will do, if all have the same. */
export function isNewerRules(one: Rules, other: Rules): boolean {
  return one.version !== other.version ? one.version > other.version : one.signature > other.signature;
}

/** Does `one` count more than `other`, which is about the same device? */
export function outweighs({ founder }: KnownRules, one: KnownPass, other: KnownPass): boolean {
  const [a, b] = [one.document, other.document];
  if (a.at !== b.at) return a.at > b.at;
  if (one.judge !== other.judge && (one.judge === founder || other.judge === founder)) return one.judge === founder;
  // Two stewards in the same millisecond: the careful one is right.
  if (a.verdict !== b.verdict) return a.verdict === 'barred';
  return a.signature > b.signature;
}

/**
 * The gate with what was learnt.
 * @param rules of the same founder as those that are known, if any are
 * @returns the same object if nothing is new
 */
export function learn(gate: Gate, rules: KnownRules | null, learnt: readonly KnownPass[]): Gate {
  const current = rules && (!gate.rules || isNewerRules(rules.document, gate.rules.document)) ? rules : gate.rules;
  if (!current) return gate;
  let changed = current !== gate.rules;
  const passes = new Map<DeviceId, KnownPass>();
  for (const [device, pass] of gate.passes) {
    if (mayDecide(current, pass.judge, device)) passes.set(device, pass);
  }
  for (const pass of learnt) {
    const { device } = pass.document;
    const known = passes.get(device);
    if (!mayDecide(current, pass.judge, device) || known?.document.signature === pass.document.signature) continue;
    if (known && !outweighs(current, pass, known)) continue;
    passes.set(device, pass);
    changed = true;
  }
  return changed ? { rules: current, passes: bounded(current, passes) } : gate;
}

/** Too many: those that matter least go, everywhere the same. Whoever was let in can knock again; who was barred must stay so. */
function bounded({ founder }: KnownRules, passes: Map<DeviceId, KnownPass>): ReadonlyMap<DeviceId, KnownPass> {
  if (passes.size <= LIMITS.passes) return passes;
  const weight = ({ judge, document }: KnownPass): number => (document.verdict === 'barred' ? 2 : 0) + (judge === founder ? 1 : 0);
  const kept = [...passes].sort(([, a], [, b]) => weight(b) - weight(a) || b.document.at - a.document.at || (a.document.signature < b.document.signature ? -1 : 1));
  return new Map(kept.slice(0, LIMITS.passes));
}

/** Later than what it replaces, whatever this machine's clock says. @param now milliseconds since 1970 */
export const timeFor = ({ passes }: Gate, device: DeviceId, now: number): number =>
  Math.min(Number.MAX_SAFE_INTEGER, Math.max(Math.floor(now), (passes.get(device)?.document.at ?? -1) + 1));

export const barredOf = (gate: Gate): DeviceId[] => [...gate.passes.keys()].filter((device) => standingOf(gate, device) === 'barred');
