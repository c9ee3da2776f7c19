/** How the swarm looks from here: one frozen value, made anew when something changed and somebody looks. */
import type { PeerEntry } from '../../protocol/peer.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { CoreParts } from './core-parts.ts';
import type { CoreNews, CoreView } from './core-types.ts';
import { deputyOf } from './election.ts';
import type { Spared } from './spared.ts';

export interface CoreViews {
  current(): CoreView;
  /** After each event. @returns what to tell */
  news(changed: boolean, now: number): readonly CoreNews[];
}

export const byJoining = (one: PeerEntry, other: PeerEntry): number =>
  one.joinedAt - other.joinedAt || (one.peer < other.peer ? -1 : one.peer > other.peer ? 1 : 0);

const CHANGED: CoreNews = { type: 'changed' };
const NOTHING: readonly CoreNews[] = [];

export function createCoreView({ self, own, leadership, roster, liveness }: CoreParts, spared: Spared, version: () => number): CoreViews {
  let known: CoreView | null = null;
  let leader: PeerId | null = null;
  let told: Extract<CoreNews, { type: 'leader' }> = { type: 'leader', leader: null, term: 0, provisional: false };

  function build(): CoreView {
    const entries = [...roster.entries()].filter(({ peer }) => peer !== self);
    entries.push(own.entry, ...[...spared.entries()].filter(({ peer }) => !roster.has(peer)));
    const links = new Map(Array.from(liveness.all(), ({ peer, suspect, rttMs }) => [peer, Object.freeze({ suspect, rttMs })]));
    return Object.freeze({
      self: own.entry,
      leader,
      deputy: deputyOf(entries, leader),
      term: leadership.claim?.term ?? 0,
      provisional: leadership.provisional,
      leading: leadership.leading,
      version: version(),
      entries: Object.freeze(entries.sort(byJoining)),
      links,
    });
  }

  return {
    current: () => (known ??= build()),
    news(changed, now) {
      const { claim, provisional } = leadership;
      leader = claim && leadership.leaseLives(now) ? claim.leader : null;
      const term = claim?.term ?? 0;
      const isElection = told.leader !== leader || told.term !== term || told.provisional !== provisional;
      if (!isElection && !changed) return NOTHING;
      known = null;
      if (!isElection) return [CHANGED];
      told = { type: 'leader', leader, term, provisional };
      return [told, CHANGED];
    },
  };
}
