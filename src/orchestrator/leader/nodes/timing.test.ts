import { expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../protocol/policy.ts';
import { fakeFacts } from '../../../testing/fake-node-table.ts';
import { createJobRig } from '../../../testing/job-rig.ts';
import { jobId, nodeRequest, taskId } from '../../../testing/leader-rig.ts';
import { createSeededRandom } from '../../../testing/seeded-random.ts';
import { createNodeTable } from '../node-table.ts';

const { firstTokenFactor } = DEFAULT_POLICY.failover;
const facts = fakeFacts('one', { slots: 64, prefillPerSecond: 200 });
const TOKENS = 1000;
/** 5 s of reading, and a little. */
const FIRST_TOKEN_MS = 5200;

/** What an asker's own mind reports, told to a table. @param reads the node says what it reads */
function hedgeMsAfter(tasks: number, reads: boolean): number {
  const table = createNodeTable({ policy: DEFAULT_POLICY, random: createSeededRandom(1) });
  table.upsert(facts, 0);
  const wish = nodeRequest(1, { shape: { promptTokens: TOKENS } });
  for (let index = 0; index < tasks; index += 1) {
    const rig = createJobRig();
    rig.lead('boss');
    rig.grant('a', { hedgeMs: 60_000 });
    if (reads) rig.says('a', { type: 'prefill', done: TOKENS, total: TOKENS });
    rig.wait(FIRST_TOKEN_MS);
    rig.writes('a', 'x');
    const named = { job: jobId(index), task: taskId(`t${index}`), node: facts.address };
    table.assign({ ...named, asker: wish.asker, device: wish.device, why: 'new', at: 0, tokens: 1400 }, 0);
    table.report({ ...rig.all('report')[0]!.report, ...named }, FIRST_TOKEN_MS);
  }
  return table.hedgeMs(wish, facts.address);
}

it('learns how late first tokens are beside the time that reading the prompt takes', () => {
  expect(hedgeMsAfter(0, true)).toBeGreaterThan(2 * firstTokenFactor * FIRST_TOKEN_MS);
  const learnt = hedgeMsAfter(30, true);
  expect(learnt).toBeGreaterThan(0.9 * firstTokenFactor * FIRST_TOKEN_MS);
  expect(learnt).toBeLessThan(1.1 * firstTokenFactor * FIRST_TOKEN_MS);
});

it('learns nothing where the node does not say how long its prompt is', () => {
  expect(hedgeMsAfter(30, false)).toBe(hedgeMsAfter(0, false));
});
