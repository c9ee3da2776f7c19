/** What is in a box, and that nothing that comes in one does harm. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import { parseMessage } from '../../protocol/parse.ts';
import { createFakeRelayCrypto } from '../../testing/fake-relay-crypto.ts';
import { settle } from '../../testing/manual-clock.ts';
import { encodeBase64url } from '../bytes.ts';
import { encode } from '../link/codec.ts';
import { boxChars, packBox, packPart, PIECE_BYTES, unpackBox, unpackPart, type Box, type Part } from './relay-box.ts';
import { SEAL_BYTES } from './relay-crypto.ts';
import { createRelayReceiver } from './relay-receiver.ts';

const PATH = 'abcdefgh01234567';
const peer = 'abcdefghijklmnopqrst';

const box = fc.record({
  kind: fc.constantFrom<Box['kind']>('ask', 'answer', 'sealed'),
  path: fc.stringMatching(/^[a-z0-9]{16}$/),
  content: fc.uint8Array({ maxLength: 200 }),
});

const part: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ kind: fc.constant('piece' as const), lane: fc.constantFrom('control' as const, 'bulk' as const), last: fc.boolean(), bytes: fc.uint8Array({ maxLength: 200 }) }),
  fc.constant({ kind: 'close' as const }),
  fc.record({ kind: fc.constant('took' as const), bytes: fc.nat(0xffffffff) }),
);

describe('a box', () => {
  it('comes out as it went in', () => fc.assert(fc.property(box, (one) => void expect(unpackBox(packBox(one))).toEqual(one))));
  it('is none if it is anything else', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.uint8Array({ maxLength: 40 }).map(encodeBase64url)), (text) => {
      const one = unpackBox(text);
      if (one) expect(packBox(one)).toBe(text);
    }));
    for (const text of ['', 'A', encodeBase64url(new Uint8Array(17)), packBox({ kind: 'end', path: PATH, content: new Uint8Array(1) }), packBox({ kind: 'ask', path: 'ABCDEFGH01234567', content: new Uint8Array(1) })]) {
      expect(unpackBox(text), text).toBeNull();
    }
  });

  it('holds a piece, so that its message is one frame and of the schema; not a byte more', () => {
    const content = new Uint8Array(packPart({ kind: 'piece', lane: 'bulk', last: true, bytes: new Uint8Array(PIECE_BYTES) }).length + SEAL_BYTES);
    const text = packBox({ kind: 'sealed', path: PATH, content });
    expect([text.length, boxChars(content.length - SEAL_BYTES)]).toEqual([LIMITS.relayBoxChars, LIMITS.relayBoxChars]);
    const message = { t: 'relay', to: peer, from: peer, box: text };
    const parsed = parseMessage(message);
    expect(parsed.kind === 'message' && encode(parsed.message)).toHaveLength(1);
    expect(parseMessage({ ...message, box: `${text}A` }).kind).toBe('malformed');
    expect(parseMessage({ ...message, to: 'r-nobody' }).kind).toBe('malformed');
  });
});

describe('a part', () => {
  it('comes out as it went in', () => fc.assert(fc.property(part, (one) => void expect(unpackPart(packPart(one))).toEqual(one))));
  it('is none if it is anything else', () =>
    fc.assert(fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      const one = unpackPart(bytes);
      if (one) expect(packPart(one)).toEqual(bytes);
    })));
});

describe('who receives', () => {
  function receiving(): { got: string[]; receive(bytes: Uint8Array): void; end(): void } {
    const got: string[] = [];
    const receiver = createRelayReceiver({
      open: (bytes) => Promise.resolve(bytes),
      onFrame: (lane, frame) => got.push(`${lane} ${frame.length}`),
      onTook: () => undefined,
      onConfirmed: (bytes) => got.push(`confirmed ${bytes}`),
      onClosed: () => got.push('closed'),
      onBroken: () => got.push('broken'),
    });
    return { got, receive: receiver.receive, end: receiver.end };
  }
  const piece = (length: number, last: boolean, lane: 'control' | 'bulk' = 'control'): Uint8Array => packPart({ kind: 'piece', lane, last, bytes: new Uint8Array(length) });

  it('puts pieces together, each channel for itself', async () => {
    const { got, receive } = receiving();
    for (const bytes of [piece(40_000, false), piece(7, true, 'bulk'), piece(LIMITS.frameBytes - 40_000, true), piece(0, true)]) receive(bytes);
    await settle();
    expect(got).toEqual(['bulk 7', `control ${LIMITS.frameBytes}`, 'control 0']);
  });

  it.each([
    ['more than a frame', [piece(40_000, false), piece(LIMITS.frameBytes - 39_999, true)]],
    ['pieces of nothing', [piece(0, false)]],
    ['an unknown part', [Uint8Array.of(6)]],
    ['nothing at all', [new Uint8Array(0)]],
    ['more at once than anybody who keeps the window', Array.from({ length: 2 + (2 * LIMITS.relayWindowBytes) / 40_001 }, () => piece(40_000, true, 'bulk'))],
  ])('ends once at %s, and hears no more', async (_, boxes) => {
    const { got, receive } = receiving();
    for (const bytes of [...boxes, piece(1, true)]) receive(bytes);
    await settle();
    expect(got.filter((what) => what === 'broken')).toHaveLength(1);
    expect(got).not.toContain('control 1');
  });

  it('takes what had come when the path went, and a farewell in it', async () => {
    const lost = receiving();
    lost.receive(piece(1, true));
    lost.end();
    const closed = receiving();
    closed.receive(piece(1, true));
    closed.receive(packPart({ kind: 'close' }));
    closed.end();
    await settle();
    expect([lost.got, closed.got]).toEqual([['control 1', 'broken'], ['control 1', 'closed']]);
  });
});

describe('fake keys', () => {
  it('agree for two ends, and for no others', async () => {
    const [one, other, third] = [createFakeRelayCrypto(1), createFakeRelayCrypto(2), createFakeRelayCrypto(3)];
    const offer = await one.offer();
    const answer = await other.answer(offer.bytes);
    const keys = await offer.finish(answer.bytes);
    expect(keys.binding).toEqual(answer.keys.binding);
    const sealed = await keys.seal(Uint8Array.of(1, 2, 3));
    expect(await (await third.answer(offer.bytes)).keys.open(sealed)).toBeNull();
    expect(await answer.keys.open(sealed)).toEqual(Uint8Array.of(1, 2, 3));
    expect(await answer.keys.open(sealed)).toBeNull();
  });
});
