/**
 * Whose configuration counts for a swarm, as pure values. It believes that a document was made by whom it names;
 * `policy-documents.ts` verifies that.
 *
 * A decision counts while its maker is the founder or a steward by the rules of the gate (`gate/gate.ts`).
 */
import * as v from 'valibot';
import { brokenRules } from '../../protocol/config-rules.ts';
import { swarmPartSchema, type SwarmPart } from '../../protocol/config-schema.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { PolicyDocument } from '../../protocol/policy-schema.ts';
import type { DeviceId } from '../../shared/ids.ts';
import type { KnownRules } from '../gate/gate.ts';

export interface KnownPolicy {
  readonly document: PolicyDocument;
  /** The device that decided. */
  readonly maker: DeviceId;
  /** Null: of a build that knows more than this one. It is kept and passed on, and not followed. */
  readonly part: SwarmPart | null;
}

/** The last version of a steward's. The founder has as many above it, so that no steward can have the last word for ever. */
export const STEWARD_VERSIONS = 2 ** 52;

const lastVersion = ({ founder }: KnownRules, maker: DeviceId): number => (maker === founder ? Number.MAX_SAFE_INTEGER : STEWARD_VERSIONS);

export const mayMake = (rules: KnownRules, maker: DeviceId): boolean => maker === rules.founder || rules.document.stewards.includes(maker);

export const counts = (rules: KnownRules, { document, maker }: Pick<KnownPolicy, 'document' | 'maker'>): boolean =>
  mayMake(rules, maker) && document.version <= lastVersion(rules, maker);

/** Does `one` count more than `other`? */
export function isNewerPolicy({ founder }: KnownRules, one: Omit<KnownPolicy, 'part'>, other: Omit<KnownPolicy, 'part'>): boolean {
  const [a, b] = [one.document, other.document];
  if (a.version !== b.version) return a.version > b.version;
  if (one.maker !== other.maker && (one.maker === founder || other.maker === founder)) return one.maker === founder;
  // Two tabs or two stewards at the same moment: any order will do, if all have the same.
  return a.signature > b.signature;
}

/** @returns that of the maker's next decision; null if it has none any more */
export function nextVersion(rules: KnownRules, maker: DeviceId, known: KnownPolicy | null): number | null {
  const next = (known?.document.version ?? 0) + 1;
  return next <= lastVersion(rules, maker) ? next : null;
}

/**
 * What a signed text says.
 * @returns null for what another build understands: keys, values or relations that this one does not know; `garbled` for
 *   what no build signs: a text that is no object in JSON, or nested more deeply than any message
 */
export function readPart(text: string): SwarmPart | 'garbled' | null {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isDeeper(value, LIMITS.messageDepth)) return 'garbled';
  const result = v.safeParse(swarmPartSchema, value, { abortEarly: true });
  return result.success && brokenRules({ swarm: result.output }).length === 0 ? result.output : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' && value !== null && (levels === 0 || Object.values(value).some((inside) => isDeeper(inside, levels - 1)));
