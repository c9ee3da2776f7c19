/** From a checked request to what a fused job starts with: what is asked for, how it is judged, and who its candidates are. Pure. */
import { planCandidates } from '../orchestrator/fusion/diversity.ts';
import { createFirst } from '../orchestrator/fusion/first.ts';
import { createJudgeReview } from '../orchestrator/fusion/judge-review.ts';
import { classifyPrompt } from '../orchestrator/fusion/prompt-class.ts';
import { createSelect } from '../orchestrator/fusion/select.ts';
import { createSynthesis, createSynthesise } from '../orchestrator/fusion/synthesise.ts';
import { createVote } from '../orchestrator/fusion/vote.ts';
import { createWeighted } from '../orchestrator/fusion/weighted.ts';
import type { FusedStart, Matter } from '../orchestrator/fusion/types.ts';
import type { Profile } from '../protocol/chat.ts';
import type { FusionOptions } from '../protocol/fusion.ts';
import type { ParsedAsk } from '../protocol/request.ts';
import { LlamboError } from '../shared/errors.ts';
import type { AtHand } from './fusion-members.ts';

export interface FusionPlan {
  readonly start: Omit<FusedStart, 'parallel' | 'hashOf'>;
  /** Of a candidate whose plan names none. */
  readonly profile: Profile;
}

/** If nobody said: what `FusionOptions` promises. */
const DEFAULT_N = 5;
const DEFAULT_CONFIDENCE = 0.95;

/** @throws LlamboError `unsupported` for what can't be done here */
export function planFusion(asked: ParsedAsk, seed: number, atHand: AtHand): FusionPlan {
  const { request, options, sampling } = asked;
  const fusion = options.fusion!;
  const { n = DEFAULT_N, confidence = DEFAULT_CONFIDENCE, diversity, budget: { nodes: _, ...budget } = {} } = fusion;
  const { matter } = classifyPrompt(request, fusion.format);
  return {
    profile: options.profile ?? 'chat',
    start: {
      plan: planCandidates({
        n, seed, members: atHand.members,
        ...(diversity === undefined ? {} : { diversity }),
        ...(sampling.temperature === undefined ? {} : { temperature: sampling.temperature }),
      }),
      matter, confidence, budget,
      isHeld: request.schema !== undefined || request.choices !== undefined || request.grammar !== undefined,
      ...judgesOf(fusion, matter, asked, seed, atHand),
    },
  };
}

/** Who decides, and who reads the candidates, if somebody is to. */
function judgesOf({ policy, score, average }: FusionOptions, matter: Matter, { request: { messages } }: ParsedAsk, seed: number, { above }: AtHand): Pick<FusedStart, 'policy' | 'review' | 'note'> {
  switch (policy) {
    case 'first':
      return { policy: createFirst(matter) };
    case 'auto':
    case 'vote':
      return { policy: createVote(matter) };
    case 'weighted':
      return { policy: createWeighted(matter, average === undefined ? {} : { average }) };
    case 'select':
      if (score !== 'judge') return { policy: createSelect(score === undefined ? {} : { score }) };
      return { policy: createSelect(), review: createJudgeReview({ messages, seed, ...(above ? { tier: above } : {}) }) };
    case 'synthesise':
      if (above) return { policy: createSynthesise(), review: createSynthesis({ messages, seed, tier: above }) };
      return { policy: matter.format === 'open' ? createSelect() : createVote(matter), note: 'No larger model is loaded that could write one answer of all; the engines\' own answers are compared instead.' };
    case 'ensemble':
      throw noEnsemble();
  }
}

const noEnsemble = (): LlamboError =>
  new LlamboError('unsupported', 'Engines can\'t be asked for each word together yet.', { advice: 'Ask with policy "vote": each answers for itself, and what most agree on is the answer.' });
