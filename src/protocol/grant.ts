/** A grant that travels from the leader over the asker to the worker, who checks that the leader made it for this task. */
import * as v from 'valibot';
import { base64url, peerIdSchema, nodeNameSchema, taskIdSchema, termSchema } from './peer-schema.ts';

/** A leader's word that a task may run. */
export const sealedGrantSchema = v.strictObject({
  /** Who granted it. */
  leader: peerIdSchema,
  /** Of that leader. */
  term: termSchema,
  /** Public key of the leader's page: its id is the hash of it. */
  key: base64url(128),
  /** The id that the task has on the wire. */
  task: taskIdSchema,
  asker: peerIdSchema,
  worker: peerIdSchema,
  /** The node's own name. */
  node: nodeNameSchema,
  /** The page key's signature over all of the above and the room. */
  signature: base64url(128),
});
export type SealedGrant = v.InferOutput<typeof sealedGrantSchema>;
