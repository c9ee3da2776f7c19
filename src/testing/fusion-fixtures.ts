/** Fused answers in every state that the page can show: for the gallery, for screenshots, for tests. Made up, but for the shapes. */
import type { Candidate, Fused, Vote } from '../protocol/fusion.ts';
import type { Reply, Snapshot } from '../protocol/snapshot.ts';
import { nodeAddress, type ModelHash } from '../shared/ids.ts';
import { inSwarm, peerId, swarmOf } from './swarm-fixtures.ts';
import { assistant, doneReply, user } from './ui-fixtures.ts';

const FIRST: Candidate = {
  text: '85', answer: '85', node: nodeAddress(peerId(0), 'n0'), model: 'llambo-tiny-1', modelHash: '7'.repeat(64) as ModelHash,
  seed: 2_718_281_828, temperature: 0, logprob: -0.04, tokens: 2, finishReason: 'stop', replayable: true,
};
const candidate = (index: number, text: string, more: Partial<Candidate> = {}): Candidate => ({
  ...FIRST, text, answer: text, node: nodeAddress(peerId(index % 3), `n${Math.floor(index / 3)}`), model: index % 2 === 0 ? 'llambo-tiny-1' : 'smollm2-135m',
  seed: 2_718_281_828 + index, temperature: index < 2 ? 0 : 0.1 * index, logprob: -0.04 - index / 20, ...more,
});
const vote = (text: string, candidates: readonly number[], total: number, more: Partial<Vote> = {}): Vote => ({ answer: text, text, count: candidates.length, weight: candidates.length / total, candidates, ...more });

function fused(votes: readonly Vote[], candidates: readonly Candidate[], more: Partial<Fused> = {}): Fused {
  return {
    policy: 'vote', promptClass: 'number', votes, dissent: votes.slice(1), candidates, chosen: votes[0]?.candidates[0] ?? null,
    confidence: { value: 0.978, meaning: 'posterior' }, cost: { calls: candidates.length, tokens: 412, seconds: 3.1, saved: 0.41 }, ...more,
  };
}

const sums = ['85', '85', '85', '75', '85', '85', '95', '85', '85'].map((text, index) => candidate(index, text));
const cut = candidate(9, 'The answer', { finishReason: 'cancelled', answer: '' });
const MAJORITY = fused([vote('85', [0, 1, 2, 4, 5, 7, 8], 9), vote('75', [3], 9), vote('95', [6], 9)], [...sums, cut]);

const STORY = 'Once upon a time there was a kind fox called Pip, who lived near the mountain. One day Pip found a shiny coin.';
const OTHER = 'Once upon a time there was a brave llama called Mia, who lived near the mountain. One day Mia lost a shiny bell.';
const stories = [STORY, OTHER, STORY.replace('fox', 'wolf')].map((text, index) => candidate(index, text, { tokens: 28 }));

const fields = [
  vote('"Lena"', [0, 1, 2], 3, { field: 'name' }), vote('"Oslo"', [0, 2], 3, { field: 'city' }), vote('"Rome"', [1], 3, { field: 'city' }),
];
const records = ['{"name": "Lena", "city": "Oslo"}', '{"name": "Lena", "city": "Rome"}', '{"name": "Lena", "city": "Oslo"}'].map((text, index) => candidate(index, text));

const asked = (question: string, reply: Reply): Snapshot => inSwarm(swarmOf(3), { conversation: { ...inSwarm(swarmOf(1)).conversation, title: question, turns: [user(question), assistant(reply)] } });
const split = ['12', '21', '12', '24'].map((text, index) => candidate(index, text));

/** By name, as the gallery's address has it. */
export const fusionScenes: Readonly<Record<string, Snapshot>> = {
  'fusion-vote': asked('What is 47 + 38?', {
    ...doneReply('85', MAJORITY),
    checks: [{ candidate: 0, state: 'identical' }, { candidate: 1, state: 'running' }, { candidate: 3, state: 'different', text: '85' }, { candidate: 4, state: 'failed', problem: 'No engine of this tab has that model. Load it to compare.' }],
  }),
  'fusion-split': asked('What is 3 times 4?', doneReply('12', fused([vote('12', [0, 2], 4), vote('21', [1], 4), vote('24', [3], 4)], split, {
    confidence: { value: 0.61, meaning: 'posterior' }, cost: { calls: 5, tokens: 96, seconds: 12.4, saved: 0 }, note: 'One of 5 engines failed: the tab that it ran in was closed.',
  }))),
  'fusion-select': asked('Tell me a story.', doneReply(STORY, fused([vote(STORY, [0], 3), vote(stories[2]!.text, [2], 3), vote(OTHER, [1], 3)], stories, {
    policy: 'select', promptClass: 'open', confidence: { value: 0.12, meaning: 'score' },
  }))),
  'fusion-fields': asked('Lena lives in Oslo. Write name and city as JSON.', doneReply(records[0]!.text, fused(fields, records, { promptClass: 'json', confidence: { value: 1, meaning: 'certain' } }))),
  'fusion-hostile': asked('Which is larger?', doneReply('9', fused([vote('9', [0], 2), vote('<img src=x onerror=alert(1)>\u202e evil', [1], 2)], [candidate(0, '9'), candidate(1, `<script>alert(1)</script>\u202e ${'unbreakable'.repeat(60)}`, { model: '<b>model</b>' })]))),
};
