/**
 * The messages that a signalling server may bring, checked before PeerJS sees them: it would take a type or a serialization
 * that it doesn't know for a crash, keep candidates of strangers for ever, and close connections because the server says so.
 */
import * as v from 'valibot';
import { LIMITS } from '../../protocol/limits.ts';
import { endpointIdSchema } from '../../protocol/peer-schema.ts';

/** A candidate is a line of some 150 characters. */
const CANDIDATE_CHARS = 1024;

const text = (most: number) => v.pipe(v.string(), v.maxLength(most));
const src = endpointIdSchema;
const connectionId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/));
const type = v.literal('data');
const description = <Kind extends 'offer' | 'answer'>(kind: Kind) => v.object({ type: v.literal(kind), sdp: text(LIMITS.signalBytes) });
const candidate = v.object({
  candidate: text(CANDIDATE_CHARS),
  sdpMid: v.exactOptional(v.nullable(text(64))),
  sdpMLineIndex: v.exactOptional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(16)))),
  usernameFragment: v.exactOptional(v.nullable(text(256))),
});

/** Unknown fields are taken out: PeerJS would read some of them as its own options. `LEAVE` is not among these: a connection
 *  knows itself when it ends. */
const signalSchema = v.variant('type', [
  v.object({ type: v.literal('OPEN') }),
  v.object({ type: v.literal('ERROR'), payload: v.object({ msg: text(LIMITS.errorChars) }) }),
  v.object({ type: v.literal('ID-TAKEN') }),
  v.object({ type: v.literal('INVALID-KEY') }),
  v.object({ type: v.literal('EXPIRE'), src }),
  v.object({
    type: v.literal('OFFER'),
    src,
    payload: v.object({ type, connectionId, sdp: description('offer'), serialization: v.literal('raw'), reliable: v.literal(true) }),
  }),
  v.object({ type: v.literal('ANSWER'), src, payload: v.object({ type, connectionId, sdp: description('answer') }) }),
  v.object({ type: v.literal('CANDIDATE'), src, payload: v.object({ type, connectionId, candidate }) }),
]);

export type Signal = v.InferOutput<typeof signalSchema>;

/** @returns null if it is none that we know, or not as it should be */
export function parseSignal(value: unknown): Signal | null {
  const result = v.safeParse(signalSchema, value);
  return result.success ? result.output : null;
}
