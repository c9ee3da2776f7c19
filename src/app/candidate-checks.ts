/**
 * "Run again here": asks an engine of this tab for a candidate of a fused answer once more, in the exact profile with the same
 * seed, and says whether it wrote the same. What is checked is what a node of another tab said.
 */
import type { Commands } from '../protocol/commands.ts';
import type { Candidate } from '../protocol/fusion.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { CatalogEntry } from '../protocol/models.ts';
import type { CandidateCheck, Conversation, Reply } from '../protocol/snapshot.ts';
import { background } from '../shared/abort.ts';
import { LlamboError, asLlamboError } from '../shared/errors.ts';
import type { ConversationId, TurnId } from '../shared/ids.ts';
import type { Ask } from './asker.ts';
import { findAnswer, mapAnswer, messagesFor, shownReply, withReply } from './conversation.ts';
import type { Conversations } from './conversations.ts';

export interface CandidateChecksDeps {
  readonly conversations: Pick<Conversations, 'get' | 'change'>;
  readonly ask: Ask;
  /** The id of the open conversation. */
  open(): ConversationId;
  entry(model: string): CatalogEntry | null;
}

export function createCandidateChecks({ conversations, ask, open, entry }: CandidateChecksDeps): Pick<Commands, 'rerunCandidate'> {
  function candidateOf(id: ConversationId, turn: TurnId, index: number): Candidate | undefined {
    const answer = findAnswer(conversations.get(id), turn);
    const state = answer && shownReply(answer).state;
    return state?.kind === 'done' ? state.answer.candidates?.[index] : undefined;
  }

  /** It may be another reply that is shown by now: what is said of this one is said to whichever has this very candidate. */
  function tell(id: ConversationId, turn: TurnId, candidate: Candidate, check: CandidateCheck): void {
    conversations.change(id, (conversation) =>
      mapAnswer(conversation, turn, (answer) => ({ ...answer, replies: answer.replies.map((reply) => (has(reply, candidate, check.candidate) ? withCheck(reply, check) : reply)) })),
    );
  }

  async function run(id: ConversationId, turn: TurnId, candidate: Candidate): Promise<string> {
    const { model, modelHash, seed, temperature } = candidate;
    const known = entry(model);
    const conversation = withoutAnswer(conversations.get(id), turn);
    const messages = messagesFor(conversation, turn, { systemPrompt: known?.systemPrompt, singleTurn: known?.singleTurn ?? false });
    const sampling = { ...conversation.sampling, seed, ...(temperature === null ? {} : { temperature }) };
    const answer = await ask({ messages, model, sampling }, { where: 'this tab', profile: 'exact', logprobs: 0 }).done;
    if (modelHash !== null && answer.modelHash !== modelHash) {
      throw new LlamboError('not-ready', 'The engine of this tab has another file under this model\'s name.', { advice: 'Load the same file to compare.' });
    }
    return answer.text;
  }

  return {
    rerunCandidate(turn, index) {
      const id = open();
      const candidate = candidateOf(id, turn, index);
      if (!candidate?.replayable) return;
      tell(id, turn, candidate, { candidate: index, state: 'running' });
      background(
        run(id, turn, candidate).then((text) => tell(id, turn, candidate, isSame(text, candidate.text) ? { candidate: index, state: 'identical' } : { candidate: index, state: 'different', text })),
        (error) => {
          const { message, advice } = asLlamboError(error);
          tell(id, turn, candidate, { candidate: index, state: 'failed', problem: [message, advice].filter(Boolean).join(' ') });
        },
      );
    },
  };
}

/** A long candidate was kept in part. */
function isSame(text: string, kept: string): boolean {
  return text === kept || (kept.length >= LIMITS.candidateChars - 1 && kept.endsWith('…') && text.startsWith(kept.slice(0, -1)));
}

const has = ({ state }: Reply, candidate: Candidate, index: number): boolean => state.kind === 'done' && state.answer.candidates?.[index] === candidate;

const withCheck = (reply: Reply, check: CandidateCheck): Reply => ({
  ...reply,
  checks: [...(reply.checks ?? []).filter(({ candidate }) => candidate !== check.candidate), check],
});

/** As it was when the candidates were asked: what is written there by now would be continued. */
const withoutAnswer = (conversation: Conversation, turn: TurnId): Conversation => withReply(conversation, turn, (reply) => ({ ...reply, text: '' }));
