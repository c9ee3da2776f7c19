import { describe, expect, it } from 'vitest';
import type { AssistantTurn, Reply } from '../../protocol/snapshot.ts';
import { doneReply, failedReply } from '../../testing/ui-fixtures.ts';
import { nodeAddress, type TurnId } from '../../shared/ids.ts';
import { activeTurn, announcement, canContinue, failureWords, moveWords, shownReply, waitingWords } from './replies.ts';

const writing = (text: string): Reply => ({ text, state: { kind: 'writing', model: 'tiny' } });
const turn = (replies: Reply[], shown = 0): AssistantTurn => ({ id: 'turn-1' as TurnId, role: 'assistant', replies, shown });

describe('shownReply', () => {
  it('survives an index that points nowhere', () => expect(shownReply(turn([writing('a')], 7)).text).toBe('a'));
});

describe('activeTurn', () => {
  it('sees a reply that is written while another is shown', () => {
    const active = turn([doneReply('old'), writing('new')], 0);
    expect(activeTurn([active, turn([doneReply('x')])])).toBe(active);
  });
  it('is undefined when all is quiet', () => expect(activeTurn([turn([doneReply('x')])])).toBeUndefined());
});

describe('canContinue', () => {
  it.each([
    [doneReply('x'), false],
    [doneReply('x', { finishReason: 'length' }), true],
    [doneReply('x', { finishReason: 'cancelled' }), true],
    [doneReply('', { finishReason: 'cancelled' }), false],
    [{ text: 'x', state: { kind: 'interrupted', model: 'tiny' } } satisfies Reply, true],
    [writing('x'), false],
  ])('%o: %s', (reply, can) => expect(canContinue(reply)).toBe(can));
});

describe('announcement', () => {
  it('says the beginning and the whole end, not each word', () => {
    const waiting: Reply = { text: '', state: { kind: 'waiting', place: 0 } };
    expect(announcement(waiting, writing('a'))).toBe('The answer is being written.');
    expect(announcement(writing('a'), writing('a b'))).toBeUndefined();
    expect(announcement(writing('a b'), doneReply('a b c'))).toBe('Answer: a b c');
    expect(announcement(writing('a'), failedReply('It broke.'))).toBe('No answer. It broke.');
  });
  it('says once that it waits in a line, and each time that the answer moved', () => {
    const inLine = (place: number): Reply => ({ text: '', state: { kind: 'waiting', place } });
    expect(announcement(inLine(0), inLine(3))).toBe('Waiting for a free engine: 3rd in line.');
    expect([announcement(inLine(3), inLine(2)), announcement(inLine(0), inLine(0))]).toEqual([undefined, undefined]);
    const moved = { ...writing('a'), moved: [{ from: nodeAddress('me', '1'), to: nodeAddress('you', '1') }] };
    expect(announcement(writing('a'), moved)).toBe('The engine was lost. The answer goes on at another.');
    expect([announcement(moved, moved), announcement(undefined, moved)]).toEqual([undefined, undefined]);
  });
  it('does not read stored conversations aloud', () => expect(announcement(undefined, doneReply('x'))).toBeUndefined());
});

describe('failureWords', () => {
  it('are on one line, without what turns or hides the words around them, and as long as need be', () => {
    const said = failureWords({ code: 'busy', message: 'a\u202eb\u200bc\nd', advice: `\u2066${'x'.repeat(5000)}` });
    expect([said.message, said.advice.length, said.advice.startsWith('x')]).toEqual(['a b c d', 1500, true]);
    expect(failureWords({ code: 'busy', message: '\u200b' })).toEqual({ message: 'It failed without a word.', advice: '' });
    expect(announcement(writing('a'), failedReply('It \u202ebroke.'))).toBe('No answer. It broke.');
  });
  it('are ours as we wrote them', () => {
    const advice = 'Shorten the question, drop the oldest turns, or choose a model with a longer context: “Settings” – 4,096 tokens.';
    expect(failureWords({ code: 'context-overflow', message: advice, advice })).toEqual({ message: advice, advice });
  });
});

describe('waitingWords', () => {
  it.each([
    [{ place: 0 }, 'Waiting for a free engine'],
    [{ place: 1, estimateMs: 0 }, 'Waiting for a free engine: next in line'],
    [{ place: 2, estimateMs: 12_300 }, 'Waiting for a free engine: 2nd in line, about 12 s'],
    [{ place: 3, estimateMs: 90_000 }, 'Waiting for a free engine: 3rd in line, about 1 min 30 s'],
    [{ place: 11, estimateMs: 40 }, 'Waiting for a free engine: 11th in line, about 1.0 s'],
    [{ place: 21 }, 'Waiting for a free engine: 21st in line'],
  ])('of %j', (state, words) => expect(waitingWords({ kind: 'waiting', ...state })).toBe(words));
});

describe('moveWords', () => {
  const places = { own: new Set(['me']), names: new Map([['ada', 'Ada'], ['bob', 'Bob']]) };
  const node = (peer: string, name = '1') => nodeAddress(peer, name);
  it.each([
    [node('ada'), node('me'), 'Moved from Ada to this tab.'],
    [node('ada'), node('bob'), 'Moved from Ada to Bob.'],
    [node('me', '1'), node('me', '2'), 'Moved to another engine of this tab.'],
    [node('me'), node('me'), 'Went on after its engine had been started again.'],
    [node('gone'), node('me'), 'Moved from /n/llambo/gone/1 to this tab.'],
  ])('%s to %s', (from, to, words) => expect(moveWords({ from, to }, places)).toBe(words));
});
