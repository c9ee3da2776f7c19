/** Frames that a hostile or broken peer may send, generated, each with what must come of it. */
import fc from 'fast-check';
import { encode } from '../mesh/link/codec.ts';
import type { SealedGrant } from '../protocol/grant.ts';
import { LIMITS } from '../protocol/limits.ts';
import { MESSAGES, type MessageTag, type PeerMessage } from '../protocol/messages.ts';
import { nodeAddress, type JobId, type PeerId, type TaskId } from '../shared/ids.ts';

export interface HostileFrame {
  /** What it is, for whoever reads a failure. */
  readonly what: string;
  readonly bytes: Uint8Array;
}

const claim = { term: 3, rank: 9, leader: 'abcdefghijklmnopqrst' as PeerId };
const id = 'task-1' as TaskId;
const job = 'job-1' as JobId;
const address = nodeAddress(claim.leader, 'n1');
const seal: SealedGrant = { leader: claim.leader, term: 3, key: 'k', task: id, asker: claim.leader, worker: claim.leader, node: 'n1', signature: 's' };

/** One valid message of each kind that may come after a handshake. */
export const VALID: readonly PeerMessage[] = [
  { t: 'beat', ping: 1, claim, tick: 4, provisional: false, roster: 2, rival: null },
  { t: 'vote?', claim, pre: true },
  { t: 'vote', term: 3, pre: false, granted: false, claim },
  { t: 'roster', claim, version: 2, base: 0, entries: [], gone: [{ peer: claim.leader, incarnation: 0, reason: 'dead' }] },
  { t: 'roster?', term: 3, have: 1 },
  { t: 'task', id, node: 'n1', task: { messages: [{ role: 'user', content: 'x' }], sampling: { temperature: 0 }, seed: 1, profile: 'exact', deadlineMs: 1000 } },
  { t: 'task-events', id, seq: 0, events: [{ type: 'tokens', text: 'x', count: 1 }] },
  { t: 'task-end', id, seq: 1, error: null },
  { t: 'task-cancel', id },
  { t: 'task', id, node: 'n1', grant: seal, task: { messages: [{ role: 'user', content: 'x' }], sampling: {}, seed: 1, profile: 'chat', deadlineMs: 1000 } },
  {
    t: 'job', term: 3, id: job, turn: 1, why: 'again', wants: true, deadlineMs: 1000, avoid: [address], running: [{ task: id, node: address }],
    shape: { tier: 'tiny', nodes: [address], promptTokens: 9, maxTokens: 8, profile: 'chat', priority: 'interactive', affinity: 'x' },
  },
  { t: 'job-over', id: job },
  {
    t: 'task-report',
    report: { job, task: id, node: address, state: 'ended', error: null, promptTokens: 9, cachedTokens: 1, answerTokens: 8, firstTokenMs: 30, prefillMs: 20.5, decodeMs: 80 },
  },
  { t: 'job-place', term: 3, id: job, turn: 1, place: 4, estimateMs: 1500 },
  { t: 'job-grant', term: 3, id: job, turn: 1, grant: { task: id, node: address, model: 'm', modelHash: null, hedgeMs: 2000 }, seal },
  { t: 'job-refused', term: 3, id: job, turn: 1, error: { code: 'busy', message: 'x', advice: 'y', details: { retryMs: 1000 } } },
  { t: 'read', id: 1, path: '/n/llambo/x/1/load' },
  { t: 'read-answer', id: 1, found: { kind: 'file', text: 'slots 2\n' } },
  { t: 'policy', document: { by: 'key', version: 1, policy: '{}', signature: 's' } },
  { t: 'scale', term: 3, tier: 'medium', model: 'm', nodes: 2, reason: 'x' },
];

const encoder = new TextEncoder();

/** @param length of the payload, as the header says it; the true one unless told */
export function frameOf(payload: Uint8Array | string, kind = 1, length?: number): Uint8Array {
  const bytes = typeof payload === 'string' ? encoder.encode(payload) : payload;
  const frame = new Uint8Array(5 + bytes.length);
  new DataView(frame.buffer).setUint32(1, length ?? bytes.length);
  frame[0] = kind;
  frame.set(bytes, 5);
  return frame;
}

const FULL = new Uint8Array(LIMITS.frameBytes - 5).fill(0x20);
/** The start of a message that never ends. */
export const half: HostileFrame = { what: 'half a message', bytes: frameOf(FULL, 2) };

const named = (what: string, bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<HostileFrame> => bytes.map((frame) => ({ what, bytes: frame }));
const valid = fc.constantFrom(...VALID);
const validFrame = valid.map((message) => encode(message)[0]!);
const tags = Object.keys(MESSAGES) as MessageTag[];
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value));

/** Messages with room for a whole number. */
const NUMBERS: readonly ((value: string) => string)[] = [
  (value) => `{"t":"roster?","term":${value},"have":1}`,
  (value) => `{"t":"job-place","term":1,"id":"job-1","turn":1,"place":${value},"estimateMs":0}`,
];

/** After these the link must be closed, whatever its state. */
export const badFrame: fc.Arbitrary<HostileFrame> = fc.oneof(
  named('noise', fc.uint8Array({ minLength: 0, maxLength: 400 })),
  named('noise in a proper frame', fc.uint8Array({ minLength: 1, maxLength: 400 }).map((bytes) => frameOf(bytes))),
  named('larger than a frame may be', fc.integer({ min: 1, max: 1000 }).map((more) => frameOf(new Uint8Array(LIMITS.frameBytes - 5 + more)))).map((frame) => ({
    ...frame,
    // The transport takes no more than this; so it lies about its length.
    bytes: frame.bytes.slice(0, LIMITS.frameBytes),
  })),
  named('cut short', fc.tuple(validFrame, fc.integer({ min: 1, max: 20 })).map(([frame, less]) => frame.slice(0, -less))),
  named('with more behind it', fc.tuple(validFrame, fc.uint8Array({ minLength: 1, maxLength: 20 })).map(([frame, more]) => new Uint8Array([...frame, ...more]))),
  named('a wrong length', fc.tuple(valid, fc.nat(0xffffffff)).map(([message, length]) => frameOf(`${JSON.stringify(message)} `, 1, length === JSON.stringify(message).length + 1 ? 0 : length))),
  named('another kind', fc.tuple(valid, fc.integer({ min: 2, max: 255 })).map(([message, kind]) => frameOf(JSON.stringify(message), kind))),
  named('JSON that is no message', json.filter((text) => !text.includes('"t"')).map((text) => frameOf(text))),
  named('too deep', fc.tuple(fc.constantFrom('[', '{"a":'), fc.integer({ min: LIMITS.messageDepth, max: 9000 })).map(([open, depth]) => frameOf(`{"t":"x","a":${open.repeat(depth)}`))),
  named('a known tag and garbage', fc.tuple(fc.constantFrom(...tags), fc.dictionary(fc.string({ minLength: 2 }), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1, noNullPrototype: true })).map(([t, rest]) => frameOf(JSON.stringify({ ...rest, t })))),
  named('a field of a wrong type', fc.tuple(valid, fc.nat(20)).map(([message, pick]) => {
    const fields = Object.keys(message).filter((field) => field !== 't');
    return frameOf(JSON.stringify({ ...message, [fields[pick % fields.length]!]: ['x', {}] }));
  })),
  named('a field too many', fc.tuple(valid, json).map(([message, text]) => frameOf(`{"surplus":${text},${JSON.stringify(message).slice(1)}`))),
  named('a number out of bounds', fc.tuple(fc.constantFrom('-1', '1.5', '1e999', '9007199254740993', '"1"', 'null'), fc.constantFrom(...NUMBERS)).map(([value, frame]) => frameOf(frame(value)))),
  named('a text that is too long', fc.constantFrom(LIMITS.errorChars + 1, 50_000).map((length) => frameOf(JSON.stringify({ t: 'task-end', id, seq: 0, error: { code: 'internal', message: 'x'.repeat(length) } })))),
);

/** These say more than we know: they are passed over. */
export const unknownFrame: fc.Arbitrary<HostileFrame> = named(
  'an unknown tag',
  fc.tuple(fc.string({ maxLength: 32 }).filter((tag) => !Object.hasOwn(MESSAGES, tag)), json).map(([t, text]) => frameOf(`{"t":${JSON.stringify(t)},"more":${text}}`)),
);
