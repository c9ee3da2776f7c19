import { describe, expect, it } from 'vitest';
import type { Answer, Answering, AskOptions, ChatRequest } from '../protocol/chat.ts';
import type { CandidateCheck, Conversation, Reply } from '../protocol/snapshot.ts';
import { LlamboError } from '../shared/errors.ts';
import type { TurnId } from '../shared/ids.ts';
import { fusionScenes } from '../testing/fusion-fixtures.ts';
import { settle } from '../testing/manual-clock.ts';
import { createCandidateChecks } from './candidate-checks.ts';
import { mapAnswer, withAnotherReply } from './conversation.ts';

const [question, fused] = fusionScenes['fusion-vote']!.conversation.turns as [Conversation['turns'][number], Conversation['turns'][number]];

/** @param answers what the engine here gives, one run after the other */
function setUp(...answers: (Partial<Answer> | LlamboError | Promise<Answer>)[]) {
  let conversation: Conversation = { ...fusionScenes['fusion-vote']!.conversation, sampling: { maxTokens: 64, temperature: 0.7 } };
  conversation = mapAnswer(conversation, fused.id, (turn) => ({ ...turn, replies: turn.replies.map(({ checks: _, ...reply }) => reply) }));
  const calls: [ChatRequest, AskOptions][] = [];
  const checks = createCandidateChecks({
    conversations: { get: () => conversation, change: (_, apply) => void (conversation = apply(conversation)) },
    ask(request, options = {}) {
      calls.push([request as ChatRequest, options]);
      const next = answers.shift()!;
      const done = next instanceof Promise ? next : next instanceof LlamboError ? Promise.reject(next) : Promise.resolve({ modelHash: '7'.repeat(64), ...next } as Answer);
      return { id: 'job-1', done, cancel: () => undefined } as unknown as Answering;
    },
    open: () => conversation.id,
    entry: () => null,
  });
  const replies = (): readonly Reply[] => {
    const turn = conversation.turns[1]!;
    return turn.role === 'assistant' ? turn.replies : [];
  };
  return {
    ...checks, calls, replies,
    checks: (): readonly CandidateCheck[] => replies()[0]!.checks ?? [],
    askAgain: () => void (conversation = withAnotherReply(conversation, fused.id)),
  };
}

describe('running a candidate again', () => {
  it('asks this tab for the same: the same words, model, seed and temperature, in the exact profile', async () => {
    const rig = setUp({ text: '75' });
    rig.rerunCandidate(fused.id, 3);
    expect(rig.checks()).toEqual([{ candidate: 3, state: 'running' }]);
    await settle();
    const [request, options] = rig.calls[0]!;
    expect(request.messages).toEqual([{ role: 'user', content: question.role === 'user' ? question.text : '' }]);
    expect(request.model).toBe('smollm2-135m');
    expect(request.sampling).toEqual({ maxTokens: 64, temperature: 0.1 * 3, seed: 2_718_281_831 });
    expect(options).toMatchObject({ where: 'this tab', profile: 'exact' });
    expect(rig.checks()).toEqual([{ candidate: 3, state: 'identical' }]);
  });

  it('shows what came instead', async () => {
    const rig = setUp({ text: '85' });
    rig.rerunCandidate(fused.id, 3);
    await settle();
    expect(rig.checks()).toEqual([{ candidate: 3, state: 'different', text: '85' }]);
  });

  it('compares with the same file only', async () => {
    const rig = setUp({ text: '75', modelHash: 'a'.repeat(64) as Answer['modelHash'] });
    rig.rerunCandidate(fused.id, 3);
    await settle();
    expect(rig.checks()[0]).toMatchObject({ state: 'failed', problem: expect.stringContaining('another file') as string });
  });

  it('says why it could not be run, and may be tried again', async () => {
    const rig = setUp(new LlamboError('not-ready', 'No engine has that model.', { advice: 'Load it.' }), { text: '75' });
    rig.rerunCandidate(fused.id, 3);
    await settle();
    expect(rig.checks()).toEqual([{ candidate: 3, state: 'failed', problem: 'No engine has that model. Load it.' }]);
    rig.rerunCandidate(fused.id, 3);
    await settle();
    expect(rig.checks()).toEqual([{ candidate: 3, state: 'identical' }]);
  });

  it('tells the reply that it belongs to, whichever is shown by then', async () => {
    let give = (_answer: Answer): void => undefined;
    const rig = setUp(new Promise<Answer>((resolve) => (give = resolve)));
    rig.rerunCandidate(fused.id, 0);
    rig.askAgain();
    give({ text: '85', modelHash: '7'.repeat(64) } as unknown as Answer);
    await settle();
    expect(rig.replies().map(({ checks }) => checks)).toEqual([[{ candidate: 0, state: 'identical' }], undefined]);
  });

  it('does nothing for what is no candidate, or can not be repeated', () => {
    const rig = setUp();
    rig.rerunCandidate('turn-none' as TurnId, 0);
    rig.rerunCandidate(fused.id, 99);
    expect(rig.calls).toEqual([]);
  });
});
