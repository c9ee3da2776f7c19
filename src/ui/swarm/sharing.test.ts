import { expect, it } from 'vitest';
import type { Sharing } from '../../protocol/peer.ts';
import { base } from '../../testing/ui-fixtures.ts';
import { sharedSlots, wholeNumber } from './sharing.ts';

const node = base.nodes[0]!;
const nodes = [node, { ...node, model: { ...node.model!, id: 'other' }, slots: 3 }, { ...node, model: null, slots: 0 }];
const sharing: Sharing = { on: true, slots: 0, tokensPerHour: 0, keptModels: [] };

it.each<[number, Partial<Sharing>]>([
  [5, {}],
  [0, { on: false }],
  [2, { slots: 2 }],
  [5, { slots: 99 }],
  [2, { keptModels: ['other'] }],
  [0, { keptModels: ['other', 'smollm2-135m'] }],
])('shares %i slots with %j', (slots, change) => expect(sharedSlots(nodes, { ...sharing, ...change })).toBe(slots));

it.each([['', 0], [' ', 0], ['3', 3], ['3.6', 4], ['-1', 0], ['0', 0], ['99', 8], ['x', 0]])('reads %j as %i', (text, value) => expect(wholeNumber(text, 8)).toBe(value));
