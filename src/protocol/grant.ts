/** A grant that travels from the leader over the asker to the worker, who checks that the leader made it for this task. */
import * as v from 'valibot';
import { base64url, peerIdSchema, nodeNameSchema, termSchema } from './peer-schema.ts';

export const sealedGrantSchema = v.strictObject({
  leader: peerIdSchema,
  term: termSchema,
  /** Public key of the leader's page: its id is the hash of it. */
  key: base64url(128),
  task: v.pipe(v.string(), v.regex(/^task-[a-z0-9]{1,32}$/)),
  asker: peerIdSchema,
  worker: peerIdSchema,
  node: nodeNameSchema,
  /** The page key's signature over all of the above and the room. */
  signature: base64url(128),
});
export type SealedGrant = v.InferOutput<typeof sealedGrantSchema>;
