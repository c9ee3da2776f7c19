import { describe, expect, it } from 'vitest';
import { fusionScenes } from '../../testing/fusion-fixtures.ts';
import { differences } from './text-difference.ts';
import { candidateFacts, confidenceWords, fusedOf, fusionLabel, isSplit, summaryParts, voteWords, votingWords, type FusedAnswer } from './fusion-words.ts';

function answerOf(scene: string): FusedAnswer {
  const turn = fusionScenes[scene]!.conversation.turns[1]!;
  const state = turn.role === 'assistant' ? turn.replies[0]!.state : null;
  return fusedOf(state?.kind === 'done' ? state.answer : {})!;
}
const vote = answerOf('fusion-vote');
const ofOneNode = (count: number): FusedAnswer => {
  const candidates = vote.candidates.slice(0, count).map((candidate) => ({ ...candidate, text: '85', node: vote.candidates[0]!.node }));
  return { ...vote, candidates, chosen: 0, votes: [{ answer: '85', text: '85', count, weight: 1, candidates: candidates.map((_, index) => index) }] };
};

describe('the line under a fused answer', () => {
  it('counts engines where each answer came from one of its own, and answers where not', () => {
    expect(summaryParts(vote)).toEqual(['7 of 9 engines agree', '3.1 s', '41 % of the work saved']);
    expect(summaryParts(ofOneNode(5))[0]).toBe('All 5 answers agree');
    expect(summaryParts(ofOneNode(1))[0]).toBe('One engine');
  });

  it('says when nobody agrees, and what else was done', () => {
    expect(summaryParts(answerOf('fusion-hostile'))[0]).toBe('All 2 engines differ');
    expect(summaryParts(answerOf('fusion-select'))[0]).toBe('Best of 3 engines');
    expect(summaryParts(answerOf('fusion-fields'))[0]).toBe('3 engines, counted field by field');
    expect(summaryParts({ ...vote, policy: 'first' })[0]).toBe('First of 10 engines');
    expect(summaryParts({ ...vote, policy: 'weighted', chosen: null })[0]).toBe('From 9 engines');
  });

  it('tells who leads while others are still heard', () => {
    expect(votingWords({ votes: [], pending: 5 })).toBe('0 of 5 heard');
    expect(votingWords({ votes: vote.votes.slice(1, 2), pending: 4 })).toBe('1 of 5 heard');
    expect(votingWords({ votes: vote.votes, pending: 1 })).toBe('9 of 10 heard: “85” has 7');
  });

  it('leaves out what was not saved', () => {
    expect(summaryParts(answerOf('fusion-split'))).toEqual(['2 of 4 engines agree', '12 s']);
  });

  it('warns where no answer has more than half, in any field', () => {
    expect(['fusion-vote', 'fusion-split', 'fusion-fields', 'fusion-hostile'].map((scene) => isSplit(answerOf(scene)))).toEqual([false, true, false, true]);
  });
});

describe('what stands behind it', () => {
  it('says in what sense it is sure, and never 100 % of what is not', () => {
    expect(confidenceWords({ value: 0.9999, meaning: 'posterior' })).toMatch(/^Over 99 %/);
    expect(confidenceWords({ value: 0.978, meaning: 'posterior' })).toMatch(/^97 %/);
    expect(confidenceWords({ value: 1, meaning: 'certain' })).toMatch(/^Certain/);
    expect(confidenceWords({ value: 0.1, meaning: 'score' })).toContain('no probability');
  });

  it('tells a weight only where it is not the share of voices', () => {
    expect(voteWords(vote.votes[0]!, 9)).toBe('7 of 9');
    expect(voteWords({ ...vote.votes[0]!, weight: 0.5 }, 9)).toBe('7 of 9, 50 % of the weight');
  });

  it('says of a candidate how it was asked and how it ended', () => {
    expect(candidateFacts(vote.candidates[0]!)).toEqual(['greedy', 'seed 2718281828', '2 tokens', 'log-probability −0.04 a token']);
    expect(candidateFacts({ ...vote.candidates[0]!, temperature: null, logprob: null, finishReason: 'cancelled' })).toEqual(['its own temperature', 'seed 2718281828', '2 tokens', 'not waited for']);
  });

  it('is nothing of an answer that one engine gave', () => {
    expect(fusedOf({})).toBeNull();
  });
});

it('says in a few words how many are asked', () => {
  expect([null, { policy: 'auto' as const }, { policy: 'vote' as const, n: 9 }, { policy: 'select' as const }].map(fusionLabel)).toEqual(['One engine', 'Auto', 'Vote of 9', 'Best of 5']);
});

describe('differences', () => {
  it('marks words, and joins to the second text', () => {
    const parts = differences('Pip the fox lived here.', 'Pip the wolf lived here.');
    expect(parts.filter(({ kind }) => kind !== 'removed').map(({ text }) => text).join('')).toBe('Pip the wolf lived here.');
    expect(parts.filter(({ kind }) => kind !== 'same').map(({ kind, text }) => [kind, text])).toEqual([['removed', 'fox'], ['added', 'wolf']]);
  });

  it('marks nothing where texts have nothing in common, are the same or too long', () => {
    for (const [one, other] of [['85', '75'], ['same', 'same'], ['a '.repeat(20_000), 'b']] as const) expect(differences(one, other)).toEqual([{ text: other, kind: 'same' }]);
  });
});
