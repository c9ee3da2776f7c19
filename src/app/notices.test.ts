import { describe, expect, it } from 'vitest';
import { LIMITS } from '../protocol/limits.ts';
import type { Snapshot } from '../protocol/snapshot.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { createNotices } from './notices.ts';
import { createState } from './state.ts';

function setUp() {
  const state = createState({ notices: [] } as unknown as Snapshot);
  return { state, notices: createNotices(state, createSeededRandom(1)) };
}

describe('notices', () => {
  it('act once, and are gone then', () => {
    const { state, notices } = setUp();
    let acts = 0;
    notices.add({ level: 'info', text: 'Deleted.' }, () => (acts += 1));
    const [{ id } = { id: '' }] = state.get().notices;
    notices.act(id);
    notices.act(id);
    expect([acts, state.get().notices]).toEqual([1, []]);
  });

  it('that made room for newer ones keep nothing alive: they can not act any more', () => {
    const { state, notices } = setUp();
    const acted: number[] = [];
    const ids: string[] = [];
    for (let index = 0; index <= LIMITS.notices; index += 1) {
      notices.add({ level: 'info', text: `Deleted ${index}.` }, () => acted.push(index));
      ids.push(state.get().notices.at(-1)!.id);
    }
    notices.act(ids[0]!);
    notices.act(ids[1]!);
    expect(acted).toEqual([1]);
  });

  it('of the same text are one, and the newer one acts', () => {
    const { state, notices } = setUp();
    const acted: string[] = [];
    notices.add({ level: 'info', text: 'Deleted.' }, () => acted.push('old'));
    const old = state.get().notices[0]!.id;
    notices.add({ level: 'info', text: 'Deleted.' }, () => acted.push('new'));
    notices.act(old);
    notices.act(state.get().notices[0]!.id);
    expect(acted).toEqual(['new']);
  });
});
