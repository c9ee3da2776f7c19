/** What simulated people ask, and when: Poisson or bursty arrivals, long-tailed lengths, conversations, one greedy device. */
import type { Random } from '../shared/env.ts';
import type { DeviceId, PeerId } from '../shared/ids.ts';

export interface WorkOptions {
  readonly askers: number;
  readonly devices: number;
  /** Jobs a second, on average. */
  readonly rate: number;
  /** How many times the calm rate a burst has; 1: plain Poisson. */
  readonly burst: number;
  /** Share of all jobs that the first device asks for; 0: as much as the others. */
  readonly greedyShare: number;
}

export interface Question {
  readonly asker: PeerId;
  readonly device: DeviceId;
  readonly promptTokens: number;
  /** As the asker estimates it, from characters. */
  readonly estimatedTokens: number;
  readonly answerTokens: number;
  readonly maxTokens: number;
  readonly affinity: string;
}

export interface Work {
  /** Milliseconds to the next question. */
  gap(): number;
  question(): Question;
}

/** Box and Muller, 1958. */
export const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
const exponential = (random: Random, mean: number): number => -mean * Math.log(1 - random.next());

/** Log-normal: median, spread, and what a context of 4,096 tokens lets through. The tail is that of shared chat logs. */
export const PROMPT = { median: 120, sigma: 1.2, most: 2800 };
export const ANSWER = { median: 120, sigma: 0.8, most: 1000 };

/** Two-state Markov-modulated Poisson process: how long each state lasts on average. */
const STATE_MS = { calm: 40_000, burst: 10_000 };
/** A question goes on with its asker's conversation this often. */
const GOES_ON = 0.6;

const length = (random: Random, { median, sigma, most }: typeof PROMPT): number => Math.max(1, Math.min(most, Math.round(median * Math.exp(sigma * normal(random)))));

/** @returns the mean length, by drawing */
export function meanLength(random: Random, of: typeof PROMPT): number {
  let sum = 0;
  for (let draw = 0; draw < 20_000; draw += 1) sum += length(random, of);
  return sum / 20_000;
}

export function createWork({ askers, devices, rate, burst, greedyShare }: WorkOptions, random: Random): Work {
  const burstShare = STATE_MS.burst / (STATE_MS.calm + STATE_MS.burst);
  const calmRate = rate / (1 - burstShare + burst * burstShare);
  const conversations = new Map<number, number>();
  let isBurst = false;
  let left = exponential(random, STATE_MS.calm);

  /** What is left of a gap when the state changes goes on at the other rate: the process has no memory. */
  function gap(): number {
    let passed = 0;
    let units = exponential(random, 1);
    for (;;) {
      const perMs = (isBurst ? burst * calmRate : calmRate) / 1000;
      if (units / perMs <= left) {
        left -= units / perMs;
        return passed + units / perMs;
      }
      passed += left;
      units -= left * perMs;
      isBurst = !isBurst;
      left = exponential(random, isBurst ? STATE_MS.burst : STATE_MS.calm);
    }
  }

  function question(): Question {
    const asker = random.next() < greedyShare ? 0 : Math.floor(random.next() * askers);
    if (random.next() >= GOES_ON) conversations.set(asker, (conversations.get(asker) ?? 0) + 1);
    const promptTokens = length(random, PROMPT);
    const answerTokens = length(random, ANSWER);
    return {
      asker: `asker${asker}` as PeerId, device: `device${asker % devices}` as DeviceId, promptTokens, answerTokens,
      estimatedTokens: Math.ceil(promptTokens * (0.85 + 0.4 * random.next())),
      maxTokens: [256, 512, 1024].find((most) => most >= answerTokens) ?? 1024,
      affinity: `${asker}:${conversations.get(asker) ?? 0}`,
    };
  }

  return { gap, question };
}
