/** What tabs of one browser say to each other to carry bytes. Another tab may run another version of the page: all of it is checked. */
import * as v from 'valibot';
import { LIMITS } from '../../protocol/limits.ts';
import { endpointIdSchema } from '../../protocol/peer-schema.ts';

/** Grows with each change that an older page would misread. */
const VERSION = 1;

const version = v.literal(VERSION);
const connection = v.pipe(v.string(), v.regex(/^[a-z0-9]{16}$/));
/** 0 is control, 1 is bulk. */
const channel = v.picklist([0, 1]);
const bytes = v.pipe(v.instance(Uint8Array), v.check(({ length }) => length <= LIMITS.frameBytes));

/** Said at somebody's own channel: come to the channel of this connection. */
const callSchema = v.strictObject({ v: version, type: v.literal('dial'), from: endpointIdSchema, connection });

/** Said within a connection. */
const wordSchema = v.variant('type', [
  v.strictObject({ v: version, type: v.literal('accept'), by: endpointIdSchema }),
  v.strictObject({ v: version, type: v.literal('data'), channel, bytes }),
  /** So many bytes more have arrived. */
  v.strictObject({ v: version, type: v.literal('ack'), channel, count: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
  v.strictObject({ v: version, type: v.literal('close') }),
]);

export type BroadcastCall = v.InferOutput<typeof callSchema>;
export type BroadcastWord = v.InferOutput<typeof wordSchema>;
type Unversioned<Message> = Message extends unknown ? Omit<Message, 'v'> : never;

export const versioned = (message: Unversioned<BroadcastCall | BroadcastWord>): unknown => ({ v: VERSION, ...message });

const parse = <Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> | null => {
  const result = v.safeParse(schema, value);
  return result.success ? result.output : null;
};
export const parseCall = (value: unknown): BroadcastCall | null => parse(callSchema, value);
export const parseWord = (value: unknown): BroadcastWord | null => parse(wordSchema, value);
