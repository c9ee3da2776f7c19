/**
 * Where an asker's next task may stand in line at home. Two tabs that both ask as much as they can answer, and once have answered
 * each other, would go on with that for ever: whoever asks next finds its own node full of the other's task, and the other's node
 * free. So a node of the asker's own tab that is full, and would not be without a guest, may be waited for: by one task, which is
 * next there. Then the guest's tab finds its own node free in turn. Whether the wait is worth it is the strategy's business.
 */
import type { Address } from '../../../shared/ids.ts';
import type { HomeLine } from '../../strategies/strategy.ts';
import type { NodeView } from './node-view.ts';
import type { Roster } from './roster.ts';

const NOBODY: readonly HomeLine[] = [];

const isWell = ({ standing, claimedSlots, slots, breaker }: NodeView): boolean => standing === 'ready' && breaker.is === 'closed' && slots === claimedSlots;

/** @param own nodes of the asker's tab. Whether they suit its wish is looked at later */
export function homeLines(own: readonly Address[], roster: Pick<Roster, 'get'>, now: number): readonly HomeLine[] {
  if (own.length === 0) return NOBODY;
  return own.flatMap((address) => {
    const view = roster.get(address);
    if (!view || view.offer.guests === 0 || view.occupied !== view.slots || !isWell(view)) return [];
    const [oldest] = view.tasks;
    return oldest ? [{ candidate: view, oldestMs: now - oldest.at }] : [];
  });
}
