import { describe, expect, it } from 'vitest';
import type { AssistantTurn, Reply } from '../../protocol/snapshot.ts';
import { doneReply, failedReply } from '../../testing/ui-fixtures.ts';
import type { TurnId } from '../../shared/ids.ts';
import { activeTurn, announcement, canContinue, shownReply } from './replies.ts';

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
  it('does not read stored conversations aloud', () => expect(announcement(undefined, doneReply('x'))).toBeUndefined());
});
