/** The only door from the network: whatever came is `unknown` until it went through here. */
import * as v from 'valibot';
import { MESSAGES, type MessageTag, type PeerMessage } from './messages.ts';

export type Parsed =
  | { readonly kind: 'message'; readonly message: PeerMessage }
  /** A tag of a later version: ignore it. */
  | { readonly kind: 'unknown'; readonly tag: string }
  /** Not a message, or a known tag with a wrong shape: close the link. */
  | { readonly kind: 'malformed'; readonly what: string };

/** The only door from the network: whatever came, as a typed message or a reason. Never throws. */
export function parseMessage(value: unknown): Parsed {
  const tag = typeof value === 'object' && value !== null && 't' in value ? value.t : undefined;
  if (typeof tag !== 'string' || tag.length > 32) return { kind: 'malformed', what: 'no tag' };
  if (!Object.hasOwn(MESSAGES, tag)) return { kind: 'unknown', tag };
  const result = v.safeParse(MESSAGES[tag as MessageTag], value, { abortEarly: true });
  if (result.success) return { kind: 'message', message: result.output };
  const [issue] = result.issues;
  return { kind: 'malformed', what: `${tag}: ${v.getDotPath(issue) ?? 'shape'}` };
}
