/** The documents of a gate: rules that the founder signs, and passes that say who may come in. Signed, so that they hold without their makers. */
import * as v from 'valibot';
import { LIMITS } from './limits.ts';
import { base64url, count, deviceIdSchema, list } from './peer-schema.ts';

/** The rules of a swarm. There is one founder; of its rules the highest version counts. */
export const rulesSchema = v.strictObject({
  /** Public key of the founder's device. */
  founder: base64url(128),
  /** Grows with each change. */
  version: count(),
  /** Newcomers are let in by hand. */
  gate: v.boolean(),
  /** Devices that may let others in, and bar them. */
  stewards: list(deviceIdSchema, LIMITS.stewards),
  /** The founder's device key over room and content; see `mesh/gate/gate-documents.ts`. */
  signature: base64url(128),
});
export type Rules = v.InferOutput<typeof rulesSchema>;

/** One decision about one device. The latest counts; of two made at the same time the founder's. */
export const passSchema = v.strictObject({
  device: deviceIdSchema,
  verdict: v.picklist(['admitted', 'barred']),
  /** Public key of the device of whoever decided. */
  by: base64url(128),
  /** Milliseconds since 1970 by the decider's clock, and later than the decision that this one replaces. */
  at: count(),
  /** That device's key over room and content. */
  signature: base64url(128),
});
export type Pass = v.InferOutput<typeof passSchema>;
export type Verdict = Pass['verdict'];
