import { describe, expect, it } from 'vitest';
import type { Answer, AnswerEvent } from '../protocol/chat.ts';
import type { Candidate, Fused, Vote } from '../protocol/fusion.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { Conversation } from '../protocol/snapshot.ts';
import type { ConversationId, TurnId } from '../shared/ids.ts';
import { nodeAddress } from '../shared/ids.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { readConversations, writeConversations } from './conversation-file.ts';
import { createShownWords, keptAnswer } from './shown-words.ts';

const said = (candidate: number, delta: string): AnswerEvent => ({ type: 'text', delta, candidate });

function fused(text: string): Answer & Fused {
  const vote: Vote = { answer: text, text, count: 2, weight: 1, candidates: [0, 1] };
  const candidate: Candidate = {
    text, answer: text, node: nodeAddress('t', '1'), model: 'm', modelHash: null, seed: 1, temperature: 0, logprob: -1, tokens: 3, finishReason: 'stop', replayable: false,
  };
  return {
    text, finishReason: 'stop', usage: { promptTokens: 1, cachedTokens: 0, answerTokens: 3 }, timings: { queueMs: 0, firstTokenMs: 1, tokensPerSecond: 1 },
    model: 'm', modelHash: null, node: nodeAddress('t', '1'), seed: 1, profile: 'exact', logprobs: [{ token: text, logprob: -1 }],
    policy: 'vote', promptClass: 'open', votes: [vote], dissent: [vote], candidates: [candidate, candidate], chosen: 0,
    confidence: { value: 1, meaning: 'certain' }, cost: { calls: 2, tokens: 8, seconds: 1, saved: 0 },
  };
}

describe('the words that are shown', () => {
  it('of one engine are what it says, after what was there before', () => {
    const shown = createShownWords('Once ');
    shown.hear(said(0, 'upon'));
    shown.hear(said(0, ' a time'));
    expect([shown.text, shown.hasWords, shown.isFused]).toEqual(['Once upon a time', true, false]);
  });

  it('of several are those of the one that leads, with all that it has said meanwhile', () => {
    const shown = createShownWords('');
    for (const event of [said(0, 'for'), said(1, '4'), said(1, '2'), said(0, 'ty')]) shown.hear(event);
    expect(shown.text).toBe('forty');
    shown.hear({ type: 'lead', candidate: 1 });
    expect([shown.text, shown.isFused]).toEqual(['42', true]);
    shown.hear(said(1, '.'));
    shown.hear({ type: 'lead', candidate: 2 });
    expect([shown.text, shown.hasWords]).toEqual(['', false]);
    shown.hear({ type: 'lead', candidate: 1 });
    expect(shown.text).toBe('42.');
  });

  it('of a mean are nobody\'s', () => {
    const shown = createShownWords('');
    for (const event of [said(0, '10'), said(1, '12')]) shown.hear(event);
    shown.hear({ type: 'done', answer: { ...fused('11'), chosen: null } });
    expect(shown.text).toBe('11');
  });
});

describe('what is kept of a fused answer', () => {
  it('is all but its text and log-probabilities', () => {
    const { text: _, logprobs: __, ...rest } = fused('42');
    expect(keptAnswer(fused('42'))).toEqual(rest);
  });

  it('is bounded: long candidates are cut', () => {
    const long = keptAnswer(fused('x'.repeat(100_000)));
    for (const { text, answer } of [...long.votes!, ...long.dissent!, ...long.candidates!]) {
      expect(text).toHaveLength(LIMITS.candidateChars);
      expect(answer).toHaveLength(LIMITS.candidateChars);
    }
  });

  it('is stored as plain data, and a file takes the words of it', () => {
    const conversation: Conversation = {
      id: 'chat-1' as ConversationId, title: 'One', createdAt: 1, updatedAt: 2, systemPrompt: '', sampling: {},
      turns: [
        { id: 'turn-1' as TurnId, role: 'user', text: 'What is 40 + 2?' },
        { id: 'turn-2' as TurnId, role: 'assistant', shown: 0, replies: [{ text: '42', state: { kind: 'done', answer: keptAnswer(fused('42')) } }] },
      ],
    };
    expect(structuredClone(conversation)).toEqual(conversation);
    expect(JSON.parse(JSON.stringify(conversation))).toEqual(conversation);
    const [read] = readConversations(writeConversations([conversation]), { clock: createManualClock(), random: createSeededRandom(1) });
    expect(read!.turns[1]).toMatchObject({ role: 'assistant', replies: [{ text: '42', state: { kind: 'imported', model: 'm' } }] });
  });
});
