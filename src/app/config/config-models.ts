/** What the configuration says of models, as the catalogue has it: models beside it, and nodes made as their tier wants them. */
import type { SwarmConfig, SwarmPart } from '../../protocol/config-schema.ts';
import { TIERS } from '../../protocol/job.ts';
import type { CatalogEntry } from '../../protocol/models.ts';
import type { NodeShape } from '../../protocol/policy.ts';
import { parseModelHash } from '../../shared/ids.ts';

type ConfiguredModel = NonNullable<SwarmPart['models']>[number];

/** Tokens: a page of dialogue. */
const CONTEXT = 2048;
/** Prompt tokens per step: a stop waits for one step. As the catalogue has it for models of a browser's size. */
const UBATCH = 8;
const THREADS = 4;

/**
 * @param catalog what the site offers
 * @param cores of this device
 * @returns the same, with the configuration's models added or put in place of those with their ids, and with what the
 *   tiers say of their nodes
 */
export function offeredModels(catalog: readonly CatalogEntry[], config: SwarmConfig, cores: number): readonly CatalogEntry[] {
  const configured = (config.swarm?.models ?? []).map(entryOf);
  // The model that ships with the page is what answers while nothing else is there: nobody may put another in its place.
  const fixed = new Set(catalog.filter(({ builtIn }) => builtIn).map(({ id }) => id));
  const added = configured.filter(({ id }) => !fixed.has(id));
  const all = [...catalog.filter(({ id }) => !added.some((entry) => entry.id === id)), ...added];
  return all.map((entry) => TIERS.reduce((shaped, tier) => {
    const wanted = config.swarm?.tiers?.[tier];
    return wanted?.model === entry.id ? withShape(shaped, wanted, cores) : shaped;
  }, entry));
}

/** A model that was loaded earlier, with nodes as they are offered now. What is not offered, or no longer, stays as it is. */
export function shapedAs(offered: readonly CatalogEntry[], entry: CatalogEntry): CatalogEntry {
  const now = offered.find(({ id }) => id === entry.id);
  return now ? { ...entry, slots: now.slots, context: now.context, memoryBytes: now.memoryBytes, maxThreads: now.maxThreads } : entry;
}

function entryOf({ id, url, sha256, tier, name = id, license = 'not named', bytes, slots = 1, context = CONTEXT, threads = THREADS, memory }: ConfiguredModel): CatalogEntry {
  const hash = parseModelHash(sha256);
  return {
    id, name, license, tier, context, slots,
    files: [{ urls: [url], ...(bytes === undefined ? {} : { bytes }), ...(hash === null ? {} : { sha256: hash }) }],
    ubatch: UBATCH,
    maxThreads: threads,
    memoryBytes: memory,
    goodAt: 'From the configuration of this swarm.',
  };
}

/** @param cores of the device: `cpuShare` is a part of them */
export function withShape(entry: CatalogEntry, { slots, threads, cpuShare, context, memory }: NodeShape, cores: number): CatalogEntry {
  const most = Math.min(threads ?? Infinity, cpuShare === undefined ? Infinity : Math.max(1, Math.floor(cores * cpuShare)));
  return {
    ...entry,
    slots: slots ?? entry.slots,
    context: context ?? entry.context,
    memoryBytes: memory ?? memoryOf(entry, slots ?? entry.slots, context ?? entry.context),
    maxThreads: Number.isFinite(most) ? most : entry.maxThreads,
  };
}

/** What a wasm instance takes beside its model: measured with one of 1 MB. */
const RUNTIME_BYTES = 25e6;

/** Beside file and runtime it is what its slots remember: that grows with the tokens of all of them. */
function memoryOf({ files, slots, context, memoryBytes }: CatalogEntry, newSlots: number, newContext: number): number {
  const fixed = files.reduce((sum, { bytes = 0 }) => sum + bytes, RUNTIME_BYTES);
  const grown = (newSlots * newContext) / (slots * context) - 1;
  return Math.round(memoryBytes + Math.max(0, memoryBytes - fixed) * grown);
}
