/** What every `FusionPolicy` must do, whichever it is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ballot, FusionPolicy, Matter, Verdict } from '../orchestrator/fusion/types.ts';
import { nodeAddress } from '../shared/ids.ts';
import { normaliseAnswer } from '../shared/normalise-answer.ts';

export interface SuiteOptions {
  readonly matter: Matter;
  /** Four texts that are different answers, and that have no words in common. */
  readonly texts: readonly [string, string, string, string];
  /** False where whoever claims most is believed: one who lies and is sure of it wins. */
  readonly resistsLiar?: boolean;
  /** Of two answers that are equally good: the one whose words were likelier, or the one that came first. */
  readonly tie?: 'likelier' | 'earlier';
  /** False where what wins need not be anybody's answer: a mean. */
  readonly chooses?: boolean;
}

/** A ballot; what it lacks is taken from its place. */
export function makeBallot(matter: Matter, { text, index, ...change }: Partial<Ballot> & Pick<Ballot, 'text' | 'index'>): Ballot {
  return Object.freeze({
    text, index, arrival: index, answer: normaliseAnswer(text, matter.format), node: nodeAddress('peer', `node-${index}`), model: 'tiny-1',
    modelHash: null, seed: index, temperature: 0, logprob: -0.5, tokens: 3, finishReason: 'stop' as const, replayable: true, ...change,
  });
}

/** Ballots of any length up to nine, in any order of arrival, of three nodes of which one always lies by its record. */
export function anyBallots(matter: Matter, texts: readonly string[]): fc.Arbitrary<readonly Ballot[]> {
  const one = fc.record({
    text: fc.constantFrom(...texts, ''),
    logprob: fc.option(fc.constantFrom(-2, -1, -0.3, -0.1, 0)),
    node: fc.constantFrom(nodeAddress('peer', 'good'), nodeAddress('peer', 'liar'), nodeAddress('peer', 'unknown')),
  });
  return fc.array(one, { maxLength: 9 }).chain((drafts) =>
    fc.shuffledSubarray([...drafts.keys()], { minLength: drafts.length }).map((places) =>
      drafts.map((draft, index) => makeBallot(matter, { ...draft, index, arrival: places[index]! }))));
}

type Create = () => FusionPolicy;

export function fusionSuite(name: string, create: Create, options: SuiteOptions): void {
  describe(`${name} is a fusion policy that`, () => {
    describeFew(create, options);
    describeMany(create, options);
    describeProperties(create, options);
  });
}

function describeFew(create: Create, { matter, texts: [text] }: SuiteOptions): void {
  it('says nothing of nothing', () => {
    expect(create().judge([], 5)).toEqual({ text: null, chosen: null, votes: [], confidence: { value: 0, meaning: 'none' } });
    expect(create().judge([], 0).text).toBeNull();
  });

  it('gives back the only candidate as it is, compared with nothing', () => {
    const verdict = create().judge([makeBallot(matter, { text, index: 0 })], 0);
    expect(verdict).toMatchObject({ text, chosen: 0, confidence: { value: 0, meaning: 'none' } });
    expect(verdict.votes.map(({ candidates }) => candidates)).toEqual(verdict.votes.map(() => [0]));
  });

  it('has an empty answer where all are empty, and is not sure of it', () => {
    const verdict = create().judge([0, 1, 2].map((index) => makeBallot(matter, { text: '', index })), 0);
    expect(verdict).toMatchObject({ text: '', confidence: { value: 0 } });
    expect(verdict.chosen).not.toBeNull();
    expect(verdict.confidence.meaning).not.toBe('certain');
  });

  it('never prefers an empty answer to one with words', () => {
    const ballots = ['', '', text, ''].map((each, index) => makeBallot(matter, { text: each, index, logprob: each === '' ? 0 : -3 }));
    expect(create().judge(ballots, 0)).toMatchObject({ text, chosen: 2 });
  });
}

function describeMany(create: Create, { matter, texts, resistsLiar = true, tie = 'likelier', chooses = true }: SuiteOptions): void {
  it('of all different answers takes one that was given, and is not sure', () => {
    const ballots = texts.map((text, index) => makeBallot(matter, { text, index }));
    const { text, chosen, confidence } = create().judge(ballots, 0);
    if (chooses) expect(text).toBe(texts[chosen!]);
    expect(confidence.meaning).not.toBe('certain');
    expect(confidence.value).toBeLessThan(0.5);
  });

  if (chooses) it(`of two that are tied takes the ${tie} one, and of two equal ones the first of the list`, () => {
    const [one, other] = texts;
    const tied = (logprob: number): Verdict =>
      create().judge([one, one, other, other].map((text, index) => makeBallot(matter, { text, index, logprob: text === one ? -0.5 : logprob })), 0);
    expect(tied(-0.5).text).toBe(one);
    expect(tied(-0.2).text).toBe(tie === 'likelier' ? other : one);
  });

  if (resistsLiar) it('does not believe one of five who is sure of something else', () => {
    const [right, wrong] = texts;
    for (let liar = 1; liar < 5; liar += 1) {
      const ballots = [0, 1, 2, 3, 4].map((index) => makeBallot(matter, { index, text: index === liar ? wrong : right, logprob: index === liar ? 0 : -0.5 }));
      expect(create().judge(ballots, 0).text).toBe(right);
    }
  });
}

function describeProperties(create: Create, { matter, texts, chooses = true }: SuiteOptions): void {
  const ballots = anyBallots(matter, texts);

  it('hears no order: whoever is named first, the verdict is the same', () => {
    const shuffled = ballots.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray([...list], { minLength: list.length }), fc.nat(4)));
    fc.assert(fc.property(shuffled, ([list, other, pending]) => {
      expect(create().judge(other, pending)).toEqual(create().judge(list, pending));
    }));
  });

  it('remembers nothing: what it judged before does not matter', () => {
    fc.assert(fc.property(ballots, ballots, fc.nat(4), (before, now, pending) => {
      const policy = create();
      policy.judge(before, 1);
      expect(policy.judge(now, pending)).toEqual(create().judge(now, pending));
    }));
  });

  it('counts each candidate once, with shares that make a whole', () => {
    fc.assert(fc.property(ballots, (list) => {
      const { votes, chosen, confidence } = create().judge(list, 0);
      for (const field of matter.fields ?? [undefined]) {
        const counted = votes.filter((vote) => vote.field === field || vote.field === undefined);
        expect(counted.flatMap(({ candidates }) => candidates).sort()).toEqual(list.map(({ index }) => index).sort());
        const whole = counted.reduce((sum, { weight }) => sum + weight, 0);
        expect([0, 1].some((sum) => Math.abs(whole - sum) < 1e-9)).toBe(true);
      }
      expect(votes.every(({ count, candidates }) => count === candidates.length)).toBe(true);
      if (chooses && !matter.fields && list.length > 0) expect(votes[0]!.candidates).toContain(chosen);
      expect(confidence.value).toBeGreaterThanOrEqual(0);
      expect(confidence.value).toBeLessThanOrEqual(1);
    }));
  });

  it('is certain only of what nobody who is still to come can change', () => {
    fc.assert(fc.property(ballots, (list) => {
      const byArrival = [...list].sort((one, other) => one.arrival - other.arrival);
      const verdicts = byArrival.map((_, count) => create().judge(byArrival.slice(0, count + 1), byArrival.length - count - 1));
      const decided = verdicts.findIndex(({ confidence }) => confidence.meaning === 'certain');
      if (decided < 0) return;
      for (const { text, chosen } of verdicts.slice(decided)) expect({ text, chosen }).toEqual({ text: verdicts[decided]!.text, chosen: verdicts[decided]!.chosen });
    }), { numRuns: 200 });
  });
}
