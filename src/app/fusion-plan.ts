/** From a checked request to what a fused job starts with: what is asked for, how it is judged, and who its candidates are. Pure. */
import { chooseAuto } from '../orchestrator/fusion/auto.ts';
import { createPolicy, type PolicyChoice } from '../orchestrator/fusion/create-policy.ts';
import { planCandidates, type Member } from '../orchestrator/fusion/diversity.ts';
import type { EnsembleStart } from '../orchestrator/fusion/ensemble.ts';
import { createJudgeReview } from '../orchestrator/fusion/judge-review.ts';
import { classifyPrompt, type ClassifiedPrompt } from '../orchestrator/fusion/prompt-class.ts';
import { familyOf } from '../orchestrator/fusion/recommendations.ts';
import { createSynthesis } from '../orchestrator/fusion/synthesise.ts';
import type { FusedStart, Review } from '../orchestrator/fusion/types.ts';
import type { AccuracyOf } from '../orchestrator/fusion/weights.ts';
import type { Profile } from '../protocol/chat.ts';
import type { Diversity, FusionPolicyName } from '../protocol/fusion.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { FusionLimits } from '../protocol/policy.ts';
import type { ParsedAsk } from '../protocol/request.ts';
import type { AtHand } from './fusion-members.ts';

export interface FusionPlan {
  readonly start: Omit<FusedStart, 'parallel' | 'hashOf'>;
  /** Done first; if it can't be, the job starts after all. */
  readonly ensemble: EnsembleStart | null;
  /** Of a candidate whose plan names none. */
  readonly profile: Profile;
  /** `auto` found that one engine is best: it is asked as if nobody had spoken of several. */
  readonly isOne: boolean;
}

/** What the person left open is settled. */
interface Settled {
  readonly policy: Exclude<FusionPolicyName, 'auto'>;
  readonly n: number;
  readonly diversity?: Diversity;
  readonly members: readonly Member[];
  readonly notes: readonly string[];
}

export interface Planning {
  readonly asked: ParsedAsk;
  /** Of the request; all others follow from it. */
  readonly seed: number;
  readonly atHand: AtHand;
  /** What this swarm allows, and does where the person left it open. */
  readonly limits: FusionLimits;
  /** How often nodes and models were right, where that was measured. */
  readonly accuracyOf?: AccuracyOf;
}

export function planFusion(planning: Planning): FusionPlan {
  const { asked: { request, options, sampling }, seed, limits, accuracyOf } = planning;
  const { confidence = limits.confidence, format, budget: { nodes: _, ...budget } = {} } = options.fusion!;
  const question = classifyPrompt(request, format);
  const settled = settle(planning, question);
  const { matter } = question;
  const ensemble = settled.policy === 'ensemble' ? ensembleOf(planning, question, settled.n) : null;
  const { choice, review, notes } = judgesOf(planning, settled, ensemble !== null);
  const note = [...settled.notes, ...notes].join(' ');
  return {
    ensemble,
    profile: options.profile ?? 'chat',
    isOne: options.fusion!.policy === 'auto' && settled.n === 1,
    start: {
      plan: planCandidates({
        n: settled.n, seed, members: settled.members,
        ...(settled.diversity === undefined ? {} : { diversity: settled.diversity }),
        ...(sampling.temperature === undefined ? {} : { temperature: sampling.temperature }),
      }),
      policy: createPolicy(choice, matter, accuracyOf ? { accuracyOf } : {}),
      matter, confidence, budget,
      isHeld: isHeld(planning),
      ...(review ? { review } : {}),
      ...(note === '' ? {} : { note }),
    },
  };
}

const isHeld = ({ asked: { request: { schema, choices, grammar } } }: Planning): boolean => schema !== undefined || choices !== undefined || grammar !== undefined;

function settle({ asked: { options }, atHand, limits }: Planning, question: ClassifiedPrompt): Settled {
  const { policy, n: wanted, diversity } = options.fusion!;
  const more = diversity === undefined ? {} : { diversity };
  if (policy === 'auto') {
    const members = familyOf(atHand.members);
    const { note, ...chosen } = chooseAuto(question, { n: Math.min(wanted ?? limits.most, limits.most), ...more }, members.length);
    return { ...chosen, members, notes: [note] };
  }
  const n = Math.min(wanted ?? limits.count, limits.most);
  return { policy, n, members: atHand.members, notes: wanted !== undefined && n < wanted ? [`${wanted} were wanted; this swarm asks ${n} for one question at the most.`] : [], ...more };
}

interface Judges {
  readonly choice: PolicyChoice;
  readonly review?: Review;
  readonly notes: readonly string[];
}

/** Who decides, and who reads the candidates, if somebody is to. */
function judgesOf({ asked: { request: { messages }, options }, seed, atHand: { above } }: Planning, { policy }: Settled, isTogether: boolean): Judges {
  const { score, average } = options.fusion!;
  const choice = (name: PolicyChoice['policy']): PolicyChoice => ({ policy: name, ...(score === undefined ? {} : { score }), ...(average === undefined ? {} : { average }) });
  switch (policy) {
    case 'ensemble':
      return { choice: choice('vote'), notes: isTogether ? [] : [NO_ENSEMBLE] };
    case 'synthesise':
      if (above) return { choice: choice(policy), review: createSynthesis({ messages, seed, tier: above }), notes: [] };
      return { choice: { policy: 'select' }, notes: [NO_LARGER] };
    case 'select':
      if (score !== 'judge') return { choice: choice(policy), notes: [] };
      return { choice: { policy }, review: createJudgeReview({ messages, seed, ...(above ? { tier: above } : {}) }), notes: [] };
    case 'first':
    case 'vote':
    case 'weighted':
      return { choice: choice(policy), notes: [] };
  }
}

const NO_LARGER = 'No larger model is loaded that could write one answer of all: the engines\' own answers were compared.';
const NO_ENSEMBLE = 'Word by word takes two different models of one vocabulary, and an answer that is held to no form: the engines voted.';

/** @returns null where it can't be: a form begins at the beginning, and one model alone, or twice, has nothing to average */
function ensembleOf(planning: Planning, { matter }: ClassifiedPrompt, n: number): EnsembleStart | null {
  const { asked: { options, sampling }, seed, atHand: { members } } = planning;
  const taken = members.slice(0, n);
  if (taken.length < 2 || isHeld(planning)) return null;
  const { tokens, seconds } = options.fusion?.budget ?? {};
  return {
    members: taken.map(({ model, hash, node }) => ({ model, modelHash: hash, node })),
    matter, seed,
    temperature: sampling.temperature ?? 0,
    maxTokens: sampling.maxTokens ?? LIMITS.defaultMaxTokens,
    stop: sampling.stop ?? [],
    budget: { ...(tokens === undefined ? {} : { tokens }), ...(seconds === undefined ? {} : { seconds }) },
    candidate: n,
  };
}
