/** Figures of sharing, as a form reads and shows them. Pure. */
import type { NodeInfo } from '../../protocol/engine-node.ts';
import type { Sharing } from '../../protocol/peer.ts';

/** @returns the slots that would work for others; in a swarm its own count is the truth. */
export function sharedSlots(nodes: readonly NodeInfo[], { on, slots, keptModels }: Sharing): number {
  if (!on) return 0;
  const free = nodes.filter(({ model }) => model !== null && !keptModels.includes(model.id)).reduce((sum, node) => sum + node.slots, 0);
  return slots === 0 ? free : Math.min(slots, free);
}

/** @returns 0, which means no limit, for an empty or unusable text; otherwise 1 to `most`. */
export function wholeNumber(text: string, most: number): number {
  const value = Math.round(Number(text));
  return text.trim() === '' || !Number.isFinite(value) || value <= 0 ? 0 : Math.min(most, value);
}
