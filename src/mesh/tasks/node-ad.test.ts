import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeInfo } from '../../protocol/engine-node.ts';
import { parseMessage } from '../../protocol/parse.ts';
import { nodeAddress } from '../../shared/ids.ts';
import { fakePeerId } from '../../testing/fake-link.ts';
import { adOf, goneInfo, infoOf } from './node-ad.ts';

const peer = fakePeerId('worker');
const info: NodeInfo = {
  address: nodeAddress(peer, '3'), peer, local: true, shared: true, state: 'busy',
  slots: 4, busy: 2, waiting: 1, threads: 2, tokensPerSecond: 12.5, prefillPerSecond: 190, restarts: 0, memoryBytes: 1e9,
  model: { id: 'tiny', name: 'Tiny', tier: 'tiny', hash: null, contextTokens: 2048 },
};

describe('what a node says of itself', () => {
  it('is on the other side what it was here, but not local', () => {
    expect(infoOf(peer, adOf(info))).toEqual({ ...info, local: false });
    expect(adOf(info, 5).waiting).toBe(6);
    expect(infoOf(peer, adOf(info, 0, false)).shared).toBe(false);
  });

  it('is a message that the other side takes, whatever the figures are', () => {
    const figure = fc.oneof(fc.double(), fc.integer());
    const figures = fc.record({ slots: figure, busy: figure, waiting: figure, threads: figure, tokensPerSecond: figure, prefillPerSecond: figure, restarts: figure, memoryBytes: figure });
    fc.assert(
      fc.property(figures, fc.string({ maxLength: 400 }), fc.integer({ min: 0, max: 1e9 }), (odd, name, contextTokens) => {
        const ad = adOf({ ...info, ...odd, model: { id: name, name, tier: 'medium', hash: null, contextTokens } });
        expect(parseMessage(JSON.parse(JSON.stringify({ t: 'node', ad }))).kind).toBe('message');
      }),
    );
  });

  it('is nothing to run on once it is gone', () => {
    expect(goneInfo(info)).toMatchObject({ state: 'stopped', slots: 0, busy: 0, waiting: 0, model: null });
  });
});
