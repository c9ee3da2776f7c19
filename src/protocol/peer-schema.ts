/** The bounds of what peers say about themselves. Everything here came over the wire and is believed no further than this. */
import * as v from 'valibot';
import type { Address, DeviceId, EndpointId, JobId, ModelHash, PeerId, TaskId } from '../shared/ids.ts';
import { LIMITS } from './limits.ts';

type Text = v.SchemaWithPipe<readonly [v.StringSchema<undefined>, v.MaxLengthAction<string, number, undefined>]>;
type Base64url = v.SchemaWithPipe<readonly [v.StringSchema<undefined>, v.RegexAction<string, undefined>, v.MaxLengthAction<string, number, undefined>]>;
type Count = v.SchemaWithPipe<
  readonly [v.NumberSchema<undefined>, v.IntegerAction<number, undefined>, v.MinValueAction<number, 0, undefined>, v.MaxValueAction<number, number, undefined>]
>;
type List<Item extends v.GenericSchema> = v.SchemaWithPipe<
  readonly [v.ArraySchema<Item, undefined>, v.MaxLengthAction<v.InferOutput<Item>[], number, undefined>]
>;

export const text = (longest: number): Text => v.pipe(v.string(), v.maxLength(longest));
export const count = (most: number = Number.MAX_SAFE_INTEGER): Count => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most));
export const list = <Item extends v.GenericSchema>(item: Item, most: number): List<Item> => v.pipe(v.array(item), v.maxLength(most));
const brand = <Id extends string>(pattern: RegExp) =>
  v.pipe(v.string(), v.regex(pattern), v.transform((id): Id => id as Id));

/** One tab: the start of the SHA-256 of its page's public key, in base32. */
export const peerIdSchema = brand<PeerId>(/^[a-z2-7]{20}$/);
/** One browser profile: made of the device's public key in the same way. */
export const deviceIdSchema = brand<DeviceId>(/^[a-z2-7]{20}$/);
/** Where a transport reaches somebody; the letter says which transport. A hint, and never an identity. */
export const endpointIdSchema = brand<EndpointId>(/^[a-z]-[a-z0-9-]{8,64}$/);
/** SHA-256 of a model file, in hexadecimal. */
export const modelHashSchema = brand<ModelHash>(/^[0-9a-f]{64}$/);
/** A node's own name within its peer. */
export const nodeNameSchema = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,16}$/));
/** A node: its peer, and its name there. */
export const addressSchema = brand<Address>(/^\/n\/llambo\/[a-z2-7]{20}\/[a-z0-9-]{1,16}$/);
/** What a person asked; made by the asker. */
export const jobIdSchema = brand<JobId>(/^job-[a-z0-9]{1,32}$/);
/** One run of a job on one node. */
export const taskIdSchema = brand<TaskId>(/^task-[a-z0-9]{1,32}$/);
/** How much model a node carries. */
export const tierSchema = v.picklist(['tiny', 'medium', 'large']);
/** Raw public keys, signatures, nonces and codes: base64url without padding (RFC 4648, section 5). */
export const base64url = (longest: number): Base64url => v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]+$/), v.maxLength(longest));
/** A name that a person chose. Control and direction characters are taken out where it is shown. */
export const nameSchema = text(LIMITS.nameChars);
/** An election epoch. */
export const termSchema = count();

/** A node as its peer describes it. A claim: nobody has checked it. */
export const nodeAdSchema = v.strictObject({
  node: nodeNameSchema,
  /** Others may be given tasks on it; else it works for its own tab only. */
  shared: v.boolean(),
  state: v.picklist(['loading', 'idle', 'busy', 'error', 'stopped']),
  model: v.nullable(
    v.strictObject({
      /** Of the catalogue, or the address that it came from. */
      id: text(256),
      name: text(128),
      tier: tierSchema,
      /** Null: not known. */
      hash: v.nullable(modelHashSchema),
      /** Of one slot. */
      contextTokens: count(2 ** 24),
    }),
  ),
  slots: count(64),
  /** Slots that are taken. */
  busy: count(64),
  /** Tasks in line, those of other peers included. */
  waiting: count(1024),
  threads: count(256),
  /** Decode speed of the last answers, a stream; 0 before the first. */
  tokensPerSecond: v.pipe(v.number(), v.finite(), v.minValue(0)),
  /** Speed of reading prompts, cached tokens left out; 0 before the first. */
  prefillPerSecond: v.pipe(v.number(), v.finite(), v.minValue(0)),
  /** Of its worker, after crashes. */
  restarts: count(1000),
  /** Estimated. */
  memoryBytes: count(),
});

/** One line of the roster. Only the peer itself makes its entry; of two the one with the larger `(incarnation, revision)` counts. */
export const peerEntrySchema = v.strictObject({
  peer: peerIdSchema,
  device: deviceIdSchema,
  /** Grows when the peer comes back from the dead. */
  incarnation: count(),
  /** Grows with each change of this entry. */
  revision: count(),
  name: nameSchema,
  /** Where it can be dialled, the best first. */
  endpoints: list(endpointIdSchema, LIMITS.endpoints),
  /** Milliseconds since 1970, by that peer's clock. */
  joinedAt: count(),
  /** Somebody looks at the tab. */
  visible: v.boolean(),
  /** How fit it is to lead; see `mesh/core/election.ts`. */
  rank: count(255),
  /** Doors that it holds, by number. */
  doors: list(count(LIMITS.doors - 1), LIMITS.doors),
  /** Whom it has a direct link with. */
  links: list(peerIdSchema, LIMITS.peers),
  nodes: list(nodeAdSchema, LIMITS.nodes),
  sharing: v.strictObject({
    /** Slots that work for others, over all nodes, as many as there are or as the person gives: the leader grants no more. */
    slots: count(1024),
    /** Of these, those that do so now. */
    busy: count(1024),
  }),
});
