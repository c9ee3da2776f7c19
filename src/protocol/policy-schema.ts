/** The swarm's part of `swarm.yaml` as somebody whom the founder allowed decided it for all: a document that holds without its maker. */
import * as v from 'valibot';
import { LIMITS } from './limits.ts';
import { base64url, count, text } from './peer-schema.ts';

/** One decision. Of those that count, that with the highest version does; of equal ones the founder's, then the larger signature. */
export const policyDocumentSchema = v.strictObject({
  /** Public key of the device of whoever decided: the founder's, or a steward's. */
  by: base64url(128),
  /** Higher than that of the decision that this one replaces. */
  version: count(),
  /** The swarm's part as JSON. As a text, so that those who don't know a key of it yet can verify it, keep it and pass it on. */
  policy: text(LIMITS.policyChars),
  /** That device's key over room and content; see `mesh/policy/policy-documents.ts`. */
  signature: base64url(128),
});
export type PolicyDocument = v.InferOutput<typeof policyDocumentSchema>;

export const POLICY_MESSAGES = {
  /** How the swarm is run: after the welcome and after `rules`, and when it is new. Nothing is sent while nobody has decided. */
  policy: v.strictObject({ t: v.literal('policy'), document: policyDocumentSchema }),
} as const;
