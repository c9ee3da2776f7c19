/** Histories of a fused job: candidates that speak, end, fail, fall silent and come too late, in any order, with a cancel anywhere. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LlamboError } from '../../shared/errors.ts';
import { answerOf, counting, createFusedRig, type FusedRig } from '../../testing/fused-rig.ts';
import { createPolicy, type PolicyChoice } from './create-policy.ts';
import type { Ballot, FusedStart, Matter, Review } from './types.ts';

/** What each candidate will have said when it is done: some agree, one is empty. */
const TEXTS = ['12', 'It is 12', '7', 'The answer is 7.', 'forty two', ''];

type Step =
  | { readonly do: 'begin' | 'say' | 'end' | 'fail' | 'cut' | 'prefill'; readonly which: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'cancel' };

const which = fc.nat(9);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('begin' as const), which }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('say' as const), which }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('end' as const, 'end' as const, 'end' as const, 'fail' as const, 'cut' as const, 'prefill' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(900) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'cancel' as const }) },
);

interface World {
  readonly rig: FusedRig;
  readonly texts: readonly string[];
  /** Characters said so far. */
  readonly said: number[];
  readonly ended: Set<number>;
}

const text = ({ texts, rig, said }: World, candidate: number): string => (candidate < said.length - 2 ? texts[candidate]! : rig.reviews.length > 0 ? 'Both are 12.' : '');

function say(world: World, candidate: number, characters: number): void {
  const words = text(world, candidate);
  const from = world.said[candidate]!;
  const delta = words.slice(from, from + characters);
  world.said[candidate] = from + delta.length;
  if (delta !== '') world.rig.say(candidate, delta);
}

function end(world: World, candidate: number): void {
  say(world, candidate, Infinity);
  world.ended.add(candidate);
  const words = text(world, candidate);
  world.rig.send({ type: 'answered', candidate, answer: answerOf(candidate, words) });
}

/** A job says `started` before its first word, nothing after its end, and hears nothing before it is started. Late ends are sent all the same. */
function act(world: World, move: Step): void {
  const { rig, ended } = world;
  if (move.do === 'wait') return rig.wait(move.ms);
  if (move.do === 'cancel') return void rig.send({ type: 'cancel' });
  const known = [...rig.started, ...rig.reviews.map(({ index }) => index)];
  const candidate = known[move.which % known.length]!;
  if (ended.has(candidate)) return;
  if (move.do === 'begin') return rig.begin(candidate);
  if (move.do === 'prefill') return void rig.send({ type: 'said', candidate, event: { type: 'prefill', done: 3, total: 10 } });
  if (world.said[candidate] === 0) rig.begin(candidate);
  if (move.do === 'say') return say(world, candidate, 2);
  if (move.do === 'end') return end(world, candidate);
  ended.add(candidate);
  if (move.do === 'fail') return rig.fail(candidate, new LlamboError('peer-lost', 'Gone.'));
  rig.send({ type: 'answered', candidate, answer: answerOf(candidate, text(world, candidate).slice(0, world.said[candidate]), 'cancelled') });
}

/** All that still run end, so that every history has an end. */
function drain(world: World): void {
  for (let round = 0; round < 40 && world.rig.outcomes.length === 0; round += 1) {
    const open = [...world.rig.started, ...world.rig.reviews.map(({ index }) => index)].filter((candidate) => !world.ended.has(candidate));
    for (const candidate of open) {
      if (world.said[candidate] === 0) world.rig.begin(candidate);
      end(world, candidate);
    }
  }
}

function play(n: number, texts: readonly string[], steps: readonly Step[], change: Partial<FusedStart>): World {
  const world: World = { rig: createFusedRig(n, change), texts, said: Array.from({ length: n + 2 }, () => 0), ended: new Set() };
  for (const move of steps) act(world, move);
  drain(world);
  return world;
}

/** One run that writes, or two that judge. */
const reviewOf = (writes: boolean): Review => ({
  name: writes ? 'synthesise' : 'select',
  writes,
  plan: (ballots, _verdict, index) => (ballots.length < 2 ? null : (writes ? [index] : [index, index + 1]).map((one) => ({ index: one, seed: 1, messages: [{ role: 'user', content: 'Which?' }] }))),
  judge: (_ballots, verdict, [said]) => (said === undefined || said === null ? null : writes ? { ...verdict, text: said, chosen: null } : verdict),
});

const MATTER: Matter = { format: 'number', promptClass: 'number' };
/** As people ask for them. A mean is nobody's words. */
const REAL: readonly PolicyChoice[] = [
  { policy: 'first' }, { policy: 'vote' }, { policy: 'weighted' }, { policy: 'weighted', average: 'mean' }, { policy: 'select' }, { policy: 'select', score: 'likelihood' }, { policy: 'synthesise' },
];

const changes: fc.Arbitrary<Partial<FusedStart>> = fc.record({
  room: fc.integer({ min: 0, max: 5 }),
  policy: fc.constantFrom(counting(), counting('vote', 0), counting('vote', 0.97), counting('first', 0), ...REAL.map((policy) => createPolicy(policy, MATTER))),
  budget: fc.constantFrom<FusedStart['budget']>({}, {}, { seconds: 1 }, { tokens: 30 }, { seconds: 2, tokens: 60 }),
  review: fc.constantFrom(null, null, reviewOf(true), reviewOf(false)),
}).map(({ room, policy, budget, review }) => ({ parallel: () => room, policy, budget, ...(review ? { review } : {}) }));

const history = fc.record({ n: fc.integer({ min: 1, max: 6 }), texts: fc.array(fc.constantFrom(...TEXTS), { minLength: 6, maxLength: 6 }), steps: fc.array(step, { maxLength: 60 }), change: changes });

const spoken = ({ rig }: World, candidate: number): string =>
  rig.events.map((event) => (event.type === 'text' && event.candidate === candidate ? event.delta : '')).join('');

describe('whatever happens to candidates', () => {
  it('a fused job settles once, stops what runs, starts no more than it may, and shows what it answers', () => {
    fc.assert(
      fc.property(history, ({ n, texts, steps, change }) => {
        const world = play(n, texts, steps, change);
        const { rig, ended } = world;
        expect(rig.outcomes).toHaveLength(1);
        expect(rig.effects.at(-1)!.type).toBe('settle');
        expect(rig.started).toEqual(Array.from({ length: rig.started.length }, (_, index) => index));
        expect(new Set(rig.stopped).size).toBe(rig.stopped.length);
        expect(rig.job.wakeAt()).toBeNull();
        const known = [...rig.started, ...rig.reviews.map(({ index }) => index)];
        // Whoever has neither ended by itself nor was stopped would write for nobody.
        expect(known.filter((candidate) => !ended.has(candidate) && !rig.stopped.includes(candidate))).toEqual([]);
        const before = rig.effects.length;
        for (const candidate of known) {
          rig.say(candidate, 'late');
          rig.end(candidate, 'late');
        }
        rig.send({ type: 'cancel' });
        rig.wait(60_000);
        expect(rig.effects).toHaveLength(before);
      }),
      { numRuns: 300 },
    );
  });

  it('what is shown of each is the beginning of what it said, and who follows `lead` ends with the answer', () => {
    fc.assert(
      fc.property(history, ({ n, texts, steps, change }) => {
        const world = play(n, texts, steps, change);
        const [outcome] = world.rig.outcomes;
        if (!outcome?.ok) return;
        const { answer } = outcome;
        for (const [index, candidate] of answer.candidates!.entries()) expect(candidate.text.startsWith(spoken(world, index))).toBe(true);
        if (answer.chosen !== null) {
          expect(world.rig.shown()).toEqual({ candidate: answer.chosen, text: answer.text });
          expect(answer.candidates![answer.chosen!]!.text).toBe(answer.text);
        } else if (answer.text !== '' && change.policy?.name !== 'weighted') {
          expect(world.rig.shown().text).toBe(answer.text);
        }
        expect(answer.votes!.flatMap(({ candidates }) => candidates).every((index) => answer.candidates![index]!.answer !== '')).toBe(true);
        expect(answer.cost!.saved).toBeGreaterThanOrEqual(0);
        expect(answer.cost!.saved).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });

  it('those that are done decide, in whatever order they came: a failed, stopped or cut off one has no vote', () => {
    fc.assert(
      fc.property(history, fc.array(fc.nat(), { minLength: 6, maxLength: 6 }), ({ n, texts, change }, order) => {
        const open = { ...change, parallel: () => n, budget: {} };
        const turns = Array.from({ length: n }, (_, index) => index);
        const shuffled = turns.toSorted((one, other) => order[one]! - order[other]!);
        const rigs = [turns, shuffled].map((sequence) => {
          const world: World = { rig: createFusedRig(n, { ...open, policy: counting('vote', 0), confidence: 1 }), texts, said: Array.from({ length: n + 2 }, () => 0), ended: new Set() };
          for (const candidate of sequence) if (world.rig.outcomes.length === 0) end(world, candidate);
          drain(world);
          return world.rig;
        });
        const [one, other] = rigs.map((rig) => rig.answer());
        // Who is right does not depend on who was first; whose words are shown may, if the rest was stopped.
        expect(one!.votes![0]?.answer).toBe(other!.votes![0]?.answer);
      }),
      { numRuns: 100 },
    );
  });

  it('a decision that is certain is the one of the full count', () => {
    fc.assert(
      fc.property(history, ({ n, texts, change: { review: _, ...change } }) => {
        const policy = counting('vote', 0);
        const world = play(n, texts, [], { ...change, policy, confidence: 1, budget: {} });
        const all = texts.slice(0, n).map((words, index): Ballot => ({
          ...createBallot(n, words, index), index, arrival: index,
        })).filter(({ answer }) => answer !== '');
        expect(world.rig.answer().votes![0]?.answer).toBe(policy.judge(all, 0).votes[0]?.answer);
      }),
      { numRuns: 100 },
    );
  });
});

/** As the job itself makes one of an answer. */
function createBallot(n: number, words: string, index: number): Omit<Ballot, 'index' | 'arrival'> {
  const rig = createFusedRig(n);
  for (let candidate = 0; candidate < n && rig.outcomes.length === 0; candidate += 1) {
    if (candidate === index) rig.end(candidate, words);
    else rig.fail(candidate, new LlamboError('peer-lost', 'Gone.'));
  }
  const candidate = rig.answer().candidates![index]!;
  return { ...candidate, node: candidate.node! };
}
