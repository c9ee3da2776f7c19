/**
 * How the candidates of a fused answer differ: seeds, temperatures, models. Pure, and nested: what candidate 2 is does not
 * depend on how many there are, so that the first three of fifteen are the run with three.
 */
import type { Diversity } from '../../protocol/fusion.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { ModelHash } from '../../shared/ids.ts';
import type { CandidatePlan } from './types.ts';

/** A model that some node has loaded now. */
export interface Member {
  /** Catalogue id. */
  readonly model: string;
  /** Null: not known (a server's), or not the same everywhere. */
  readonly hash: ModelHash | null;
}

export interface DiversityChoice {
  readonly n: number;
  /** Of the request. The first candidate has it, and all others follow from it, so that the whole can be run again. */
  readonly seed: number;
  /** Absent: `family` where there are several models, else `ladder`. */
  readonly diversity?: Diversity;
  /** Best first; none: whatever the person asked. */
  readonly members: readonly Member[];
  /** As the person asked: that of `seeds`, and the top of the others. */
  readonly temperature?: number;
}

/**
 * The warmest that candidates get, if nobody said. Votes of SmolLM2-135M at 0.8 lost 10 of 80 sums against one greedy run, and of
 * larger models 0.5 to 0.7 is where votes gain most (Wang et al., "Self-consistency", arXiv 2203.11171: 0.5 and 0.7).
 */
const TOP = 0.6;
/** Of `seeds`, if nobody said: half-way up, where a weak model still says what it knows. */
const ONE_FOR_ALL = 0.4;
/** Below this a sample is the greedy answer once more, and as a vote worth nothing. */
const FIRST = 0.2;
/** So the top is reached by the sixth: few candidates stay cool. */
const STEP = 0.1;

/** Hundredths, so that a temperature is the same figure wherever it is written. */
const ladder = (round: number, top: number): number => (round === 0 ? 0 : Math.min(top, Math.round((FIRST + STEP * (round - 1)) * 100) / 100));

/**
 * The seed of a candidate: the golden ratio's steps from the request's, mixed by MurmurHash3's finalizer (Austin Appleby, public
 * domain), as SplitMix does (Steele et al. 2014). Neighbouring requests so have nothing in common.
 */
export function candidateSeed(seed: number, index: number): number {
  if (index === 0) return seed;
  let mixed = (seed + Math.imul(index, 0x9e3779b9)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) % LIMITS.seed;
}

/** Only files that are known give the same text twice; a server does not promise that, and refuses to. */
const asked = ({ model, hash }: Member): Pick<CandidatePlan, 'model' | 'profile'> => ({ model, profile: hash === null ? 'chat' : 'exact' });

/** One alone is asked as if there were no fusion: nothing of what the person said is changed. */
const alone = ({ seed }: DiversityChoice): CandidatePlan => ({ index: 0, seed });

/** @returns `n` of them, the first one greedy, unless they differ in their seeds only */
export function planCandidates(choice: DiversityChoice): readonly CandidatePlan[] {
  const { n, seed, members, temperature, diversity = members.length > 1 ? 'family' : 'ladder' } = choice;
  if (n === 1) return [alone(choice)];
  const family = diversity === 'family' ? members : members.slice(0, 1);
  return Array.from({ length: n }, (_, index): CandidatePlan => {
    const member = family[index % Math.max(1, family.length)];
    const round = Math.floor(index / Math.max(1, family.length));
    return {
      index,
      seed: candidateSeed(seed, index),
      temperature: diversity === 'seeds' ? (temperature ?? ONE_FOR_ALL) : ladder(round, temperature ?? TOP),
      ...(member ? asked(member) : { profile: 'exact' }),
    };
  });
}
