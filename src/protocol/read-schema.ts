/** Reading another peer's part of the namespace: a question, and the answer. See `namespace.ts`. */
import * as v from 'valibot';
import { LIMITS } from './limits.ts';
import { count, list, text } from './peer-schema.ts';

/** Why not. Closed, so that no text of a stranger is shown as ours. */
export const READ_FAILURES = ['not-found', 'busy'] as const;

/** What is at a path. */
export const foundSchema = v.variant('kind', [
  /** The names in a directory; those of directories end in a slash. */
  v.strictObject({ kind: v.literal('dir'), entries: list(text(64), LIMITS.readEntries) }),
  /** A text of one `key value` a line. */
  v.strictObject({ kind: v.literal('file'), text: text(LIMITS.readChars) }),
  /** Nothing is there; or too much was asked in a short time. */
  v.strictObject({ kind: v.literal('error'), code: v.picklist(READ_FAILURES) }),
]);

export const READ_MESSAGES = {
  /** What is at this path? Of the other side's own part only. */
  read: v.strictObject({
    t: v.literal('read'),
    /** The sender's, for the answer. */
    id: count(),
    /** `/n/llambo/<peer>/…` */
    path: text(LIMITS.pathChars),
  }),
  /** One for each `read`. */
  'read-answer': v.strictObject({
    t: v.literal('read-answer'),
    /** Of the `read`. */
    id: count(),
    found: foundSchema,
  }),
} as const;
