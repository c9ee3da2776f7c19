import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerMessage } from '../../protocol/messages.ts';
import type { Parsed } from '../../protocol/parse.ts';
import type { TaskId } from '../../shared/ids.ts';
import { createDecoder, encode } from './codec.ts';

const FULL = LIMITS.frameBytes - 5;
const leave: PeerMessage = { t: 'leave', successor: null, term: 7 };

function taskOf(content: string): PeerMessage {
  return { t: 'task', id: 'task-1' as TaskId, node: 'n1', task: { messages: [{ role: 'user', content }], sampling: {}, seed: 1, profile: 'chat', deadlineMs: 1000 } };
}

/** A frame by hand: any kind, any length field. */
function frame(kind: number, payload: Uint8Array | string, length = payload.length): Uint8Array {
  const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
  const whole = new Uint8Array(5 + bytes.length);
  new DataView(whole.buffer).setUint32(1, typeof payload === 'string' && length === payload.length ? bytes.length : length);
  whole[0] = kind;
  whole.set(bytes, 5);
  return whole;
}

function decodeAll(frames: readonly Uint8Array[]): Parsed | null {
  const decode = createDecoder();
  return frames.map(decode).at(-1) ?? null;
}

const malformed = (what: string | RegExp): unknown => ({ kind: 'malformed', what: expect.stringMatching(what) as unknown });

describe('a message', () => {
  it.each([
    ['short', leave],
    ['beyond ASCII', taskOf('Grüße 🦙')],
    ['of one frame, just', taskOf('x'.repeat(FULL - 160))],
    ['of many frames', taskOf('é'.repeat(LIMITS.remotePromptChars))],
    ['as long as a prompt may be, in escapes', taskOf('\u0001'.repeat(LIMITS.remotePromptChars))],
  ])('arrives as it left: %s', (_, message) => {
    const frames = encode(message);
    expect(frames.every(({ length }) => length <= LIMITS.frameBytes)).toBe(true);
    expect(decodeAll(frames)).toEqual({ kind: 'message', message });
  });

  it('keeps every text, lone surrogates too', () => {
    const text = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), maxLength: 2000 });
    fc.assert(fc.property(text, (content) => {
      expect(decodeAll(encode(taskOf(content)))).toEqual({ kind: 'message', message: taskOf(content) });
    }), { numRuns: 200 });
  });

  it('comes after another on the same link, long or short', () => {
    const decode = createDecoder();
    const long = taskOf('é'.repeat(LIMITS.remotePromptChars));
    for (const message of [long, leave, long, leave]) expect(encode(message).map(decode).at(-1)).toEqual({ kind: 'message', message });
  });

  it('is not sent if it is too long', () => {
    expect(() => encode({ t: 'task-events', id: 'task-1' as TaskId, seq: 0, events: [{ type: 'tokens', text: 'x'.repeat(LIMITS.messageBytes), count: 1 }] })).toThrow('too long to send');
  });

  it('is its owner\'s: the buffer that it came in may be used again', () => {
    const decode = createDecoder();
    const message = taskOf('é'.repeat(LIMITS.remotePromptChars));
    const results = encode(message).map((bytes) => {
      const parsed = decode(bytes);
      bytes.fill(0);
      return parsed;
    });
    expect(results.at(-1)).toEqual({ kind: 'message', message });
  });
});

describe('a frame that is not as it should be', () => {
  const part = new Uint8Array(FULL).fill(32);
  it.each<[string, Uint8Array[], string]>([
    ['nothing', [new Uint8Array()], 'size'],
    ['a header alone', [frame(1, '')], 'size'],
    ['too long', [frame(1, new Uint8Array(FULL + 1))], 'size'],
    ['a length that is short', [frame(1, '{"t":"wait"}', 11)], 'length'],
    ['a length that is long', [frame(1, '{"t":"wait"}', 13)], 'length'],
    ['a length of four billion', [frame(1, '{"t":"wait"}', 2 ** 32 - 1)], 'length'],
    ['an unknown kind', [frame(9, '{"t":"wait"}')], 'kind'],
    ['kind zero', [frame(0, '{"t":"wait"}')], 'kind'],
    ['a part that is not full', [frame(2, 'abc')], 'not full'],
    ['an end without a start', [frame(3, '{"t":"wait"}')], 'end without'],
    ['a message within another', [frame(2, part), frame(1, '{"t":"wait"}')], 'within another'],
    ['more parts than a message has', Array.from({ length: 17 }, () => frame(2, part)), 'too long'],
    ['bytes that are no UTF-8', [frame(1, new Uint8Array([0x22, 0xc3, 0x28, 0x22]))], 'not JSON'],
    ['an overlong slash', [frame(1, new Uint8Array([0x22, 0xc0, 0xaf, 0x22]))], 'not JSON'],
    ['a byte order mark', [frame(1, new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d]))], 'not JSON'],
    ['half a message', [frame(1, '{"t":"wa')], 'not JSON'],
    ['two messages', [frame(1, '{"t":"wait"}{"t":"wait"}')], 'not JSON'],
    ['a string that does not end', [frame(1, '"\\"')], 'not JSON'],
  ])('is refused: %s', (_, frames, what) => {
    expect(decodeAll(frames)).toEqual(malformed(`^frame: .*${what}`));
  });

  it('holds no more than a message, whatever comes', () => {
    const decode = createDecoder();
    const results = Array.from({ length: 40 }, () => decode(frame(2, part)));
    expect(results.filter((result) => result === null).length * FULL).toBeLessThanOrEqual(LIMITS.messageBytes);
  });
});

describe('the depth of a message', () => {
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const withSchema = (schema: string): string =>
    `{"t":"task","id":"task-1","node":"n1","task":{"messages":[{"role":"user","content":"x"}],"sampling":{},"seed":1,"profile":"chat","deadlineMs":1000,"schema":{"a":${schema}}}}`;

  it('may be what a schema needs', () => expect(decodeAll([frame(1, withSchema(nested(LIMITS.messageDepth - 3)))])).toMatchObject({ kind: 'message' }));
  it('may not be more', () => expect(decodeAll([frame(1, withSchema(nested(LIMITS.messageDepth)))])).toEqual(malformed('too deep')));
  it('is refused before it is read', () => expect(decodeAll([frame(1, '['.repeat(FULL))])).toEqual(malformed('too deep')));
  it.each(['[[[[', '{[{[', '\\"[[[[', '\\\\\\"{{{{', '"'])('does not count brackets within texts: %s', (piece) => {
    const message = taskOf(piece.repeat(200));
    expect(decodeAll(encode(message))).toEqual({ kind: 'message', message });
  });
});

describe('what JSON allows and people abuse', () => {
  it('takes the last of two fields of one name', () => expect(decodeAll([frame(1, '{"t":"leave","successor":null,"term":1,"term":2}')])).toMatchObject({ message: { term: 2 } }));

  it.each(['{"t":"leave","successor":null,"term":1,"__proto__":{"admin":true}}', '{"t":"leave","successor":null,"term":1,"constructor":{"prototype":{"admin":true}}}', '{"__proto__":{"t":"leave","successor":null,"term":1}}'])(
    'gives nobody another prototype: %s',
    (text) => {
      const parsed = decodeAll([frame(1, text)]);
      const message: object = parsed?.kind === 'message' ? parsed.message : {};
      expect(Object.getPrototypeOf(message)).toBe(Object.prototype);
      expect('admin' in message).toBe(false);
      expect('admin' in {}).toBe(false);
    },
  );

  it.each(['null', '1', '"t"', '[]', '{}', '{"t":1}', '{"t":"leave"}', '{"t":"leave","successor":null,"term":1e999}', '{"t":"leave","successor":null,"term":-1}', '{"t":"leave","successor":null,"term":1,"more":1}'])('is malformed: %s', (text) => {
    expect(decodeAll([frame(1, text)])).toMatchObject({ kind: 'malformed' });
  });

  it('is ignored if a later version may have it', () => expect(decodeAll([frame(1, '{"t":"toast","with":["jam"]}')])).toEqual({ kind: 'unknown', tag: 'toast' }));
});
