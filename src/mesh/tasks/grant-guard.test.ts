import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { SealedGrant } from '../../protocol/grant.ts';
import type { LlamboError } from '../../shared/errors.ts';
import { nodeAddress, type TaskId } from '../../shared/ids.ts';
import { fakePeerId } from '../../testing/fake-link.ts';
import { createManualClock, settle } from '../../testing/manual-clock.ts';
import { createTestGrants } from '../../testing/test-grants.ts';

const asker = fakePeerId('asker');

function setUp() {
  const clock = createManualClock();
  const worker = fakePeerId('worker');
  const grants = createTestGrants(clock, worker);
  const grant = (task?: TaskId): Promise<SealedGrant> => grants.grant(asker, nodeAddress(worker, 'a'), task);
  const judge = (one: SealedGrant, change: { id?: TaskId } = {}): Promise<LlamboError | null> => grants.guard.redeem(one, { id: one.task, node: 'a', asker, ...change });
  return { ...grants, clock, grant, judge };
}

const successor = { leader: fakePeerId('successor'), term: 2 };

describe('a guard of grants', () => {
  it('takes one of the leader that is obeyed, once', async () => {
    const { grant, judge } = setUp();
    const one = await grant();
    expect(await judge(one)).toBeNull();
    expect(await judge(one)).toMatchObject({ code: 'refused' });
  });

  it('takes one only of two that come at the same moment', async () => {
    const { grant, judge } = setUp();
    const one = await grant();
    const verdicts = await Promise.all([judge(one), judge(one)]);
    expect(verdicts.filter((verdict) => verdict === null)).toHaveLength(1);
  });

  it('does not count one as used that was not good', async () => {
    const { grant, judge } = setUp();
    const one = await grant();
    expect(await judge({ ...one, signature: 'forged' })).toMatchObject({ code: 'refused' });
    expect(await judge(one, { id: 'task-another' as TaskId })).toMatchObject({ code: 'refused' });
    expect(await judge(one)).toBeNull();
  });

  it('takes those of a leader that was followed by another a moment ago, and later no more', async () => {
    const { grant, judge, guard, obey, clock } = setUp();
    const [one, two] = [await grant(), await grant()];
    guard.look();
    obey(successor);
    guard.look();
    await clock.advance(29_000);
    guard.look();
    expect(await judge(one)).toBeNull();
    await clock.advance(2000);
    expect(await judge(two)).toMatchObject({ code: 'refused' });
  });

  it('takes none of a leader of an old term that it never followed, or of another leader of this term', async () => {
    const { grant, judge, obey } = setUp();
    obey(successor);
    expect(await judge(await grant())).toMatchObject({ code: 'refused' });
    obey({ ...successor, term: 1 });
    expect(await judge(await grant())).toMatchObject({ code: 'refused' });
  });

  it('waits a little for the news of a leader of a higher term, and takes its grant then', async () => {
    const { grant, judge, guard, obey, order, clock } = setUp();
    obey({ leader: fakePeerId('old'), term: 0 });
    let verdict: LlamboError | null | undefined;
    void judge(await grant()).then((value) => (verdict = value));
    await clock.advance(LIMITS.beatMs);
    expect(verdict).toBeUndefined();
    obey(order);
    guard.look();
    await settle();
    expect(verdict).toBeNull();
  });

  it('waits no longer than that for news that do not come', async () => {
    const { grant, judge, guard, obey, clock } = setUp();
    obey(null);
    let verdict: LlamboError | null | undefined;
    void judge(await grant()).then((value) => (verdict = value));
    await clock.advance(LIMITS.beatMs);
    guard.look();
    await settle();
    expect(verdict).toBeUndefined();
    await clock.advance(LIMITS.beatMs + 1);
    expect(verdict).toMatchObject({ code: 'refused' });
  });

  it('refuses at once what is forged in the name of a leader to come', async () => {
    const { grant, judge, obey } = setUp();
    obey(null);
    expect(await judge({ ...(await grant()), term: 99 })).toMatchObject({ code: 'refused' });
  });

  it('remembers so many that were used, the latest of them', async () => {
    const { grant, judge } = setUp();
    const [first, second] = [await grant(), await grant()];
    await judge(first);
    await judge(second);
    for (let count = 1; count < LIMITS.usedGrants; count += 1) await judge(await grant());
    // The first has been forgotten; to use it again took thousands of grants.
    expect(await judge(second)).toMatchObject({ code: 'refused' });
    expect(await judge(first)).toBeNull();
  });
});
