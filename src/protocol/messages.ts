/**
 * Every message between peers, one by one. Nothing else defines a wire type. `parseMessage` in `parse.ts` is the only door from the
 * network; the tables of docs/protocol.md are made from these schemas by `npm run docs`.
 *
 * A message is a JSON object with its tag in `t`. Compatibility: an unknown tag is ignored, so a newer peer may say more;
 * a known tag with a wrong shape closes the link, and so does an unknown field. What an older peer could misread gets a
 * new `PROTOCOL_VERSION`; peers use the highest version that both know.
 */
import * as v from 'valibot';
import { CONTROL_MESSAGES } from './control-schema.ts';
import { sealedGrantSchema } from './grant.ts';
import { LIMITS } from './limits.ts';
import { base64url, count, deviceIdSchema, list, nameSchema, nodeNameSchema, peerEntrySchema, peerIdSchema, nodeAdSchema, taskIdSchema, termSchema, text } from './peer-schema.ts';
import { POLICY_MESSAGES } from './policy-schema.ts';
import { READ_MESSAGES } from './read-schema.ts';
import { passSchema, rulesSchema } from './rules-schema.ts';
import { remoteTaskSchema, taskEventSchema, wireErrorSchema } from './task-schema.ts';

/** 2: entries tell tier, reading speed and sharing of nodes; tasks may have a grant. */
export const PROTOCOL_VERSION = 2;

/** Why a peer will not have another. Closed, so that no text of a stranger is shown to a person. */
export const REFUSALS = ['version', 'secret', 'identity', 'full', 'barred', 'not-admitted', 'duplicate', 'protocol', 'flood', 'leaving'] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Who is thought to lead. Compared as `(term, rank, leader)`, the larger wins. */
export const claimSchema = v.strictObject({
  /** Grows with each election. */
  term: termSchema,
  /** How fit the leader said to be when it was elected; see `mesh/core/election.ts`. */
  rank: count(255),
  leader: peerIdSchema,
});
export type Claim = v.InferOutput<typeof claimSchema>;

export const MESSAGES = {
  // --- Handshake: before anything else, on each connection, both ways.
  /** The first message on a connection, sent by both sides at once, without waiting for the other's. */
  hello: v.strictObject({
    t: v.literal('hello'),
    /** Versions that the sender speaks. */
    versions: list(count(65535), 8),
    /** Which build it runs: shown to people, and compared where results must be equal. */
    build: text(64),
    /** Public key of this page load; the peer's id is its hash. */
    key: base64url(128),
    /** Public key of the device; the device's id is its hash. */
    deviceKey: base64url(128),
    /** The device's signature over the page's key. */
    certificate: base64url(128),
    /** 16 random bytes, fresh for each connection, so that no handshake can be played back. */
    nonce: base64url(64),
  }),
  /** That the sender knows the room's secret and holds the key of its hello. The dialler sends its own first. */
  proof: v.strictObject({
    t: v.literal('proof'),
    /** HMAC-SHA-256 with the room's key over role and transcript: knowledge of the secret. */
    mac: base64url(64),
    /** The page key's signature over role and transcript. */
    signature: base64url(128),
  }),
  /** The other side is let in. A link stands once both have sent one. */
  welcome: v.strictObject({
    t: v.literal('welcome'),
    /** What the sender says of itself. Its peer and device must be those that were proven. */
    entry: peerEntrySchema,
    /** Who leads, as far as the sender knows. */
    claim: v.nullable(claimSchema),
  }),
  /** In place of a proof or a welcome, or later: the link closes after it. */
  refuse: v.strictObject({ t: v.literal('refuse'), reason: v.picklist(REFUSALS) }),
  /** The door is kept by hand: wait for a person to let you in. */
  wait: v.strictObject({ t: v.literal('wait') }),

  // --- Liveness and who leads.
  /** Each second, both ways. Doubles as gossip of who leads, so that it reaches those without a link to the leader. */
  beat: v.strictObject({
    t: v.literal('beat'),
    /** Set: please answer at once. The answer has `pong` with this number. */
    ping: v.exactOptional(count()),
    /** Answers the ping of this number. */
    pong: v.exactOptional(count()),
    /** The claim that the sender accepted last; it may be that of a leader who is dead. */
    claim: v.nullable(claimSchema),
    /** The newest tick of that leader that the sender has heard of: how fresh the lease is. */
    tick: count(),
    /** The leader has not the majority of those it knew with it. */
    provisional: v.boolean(),
    /** Version of the sender's roster in that term. */
    roster: count(),
    /** Another claim of the same term, so that one of the two leaders opens a higher one. */
    rival: v.nullable(claimSchema),
  }),
  /** The sender stands for election and asks for a vote. */
  'vote?': v.strictObject({
    t: v.literal('vote?'),
    /** The claim that it would make; its leader is the sender. */
    claim: claimSchema,
    /** Only a question: would you? It binds nobody. */
    pre: v.boolean(),
  }),
  /** The answer to `vote?`. */
  vote: v.strictObject({
    t: v.literal('vote'),
    /** Term and `pre` of the question that this answers. */
    term: termSchema,
    pre: v.boolean(),
    /** In each term a peer grants one vote, its own candidacy included. */
    granted: v.boolean(),
    /** Why not: the leader that the voter still hears, or a better candidate. */
    claim: v.nullable(claimSchema),
  }),
  /** The sender goes now. A leader names who takes over. */
  leave: v.strictObject({
    t: v.literal('leave'),
    /** Who leads from now on without an election; null from those who do not lead. */
    successor: v.nullable(peerIdSchema),
    /** Of the claim that the sender accepted last; 0 if there was none. */
    term: termSchema,
  }),

  // --- Membership.
  /** The sender's own entry, to the leader; whoever has no link to it gives it to the neighbour through which the leader is heard. */
  status: v.strictObject({
    t: v.literal('status'),
    entry: peerEntrySchema,
    /** Peers that have passed it on; 0 from the peer whose entry it is. */
    hops: count(LIMITS.hops),
  }),
  /** What changed since version `base`; `base` 0 is the whole. Only the leader of the term makes one; anybody may pass it on. */
  roster: v.strictObject({
    t: v.literal('roster'),
    /** Whose roster this is. It counts for those who accepted that claim, and for nobody else. */
    claim: claimSchema,
    /** Counts from 1 in each term. */
    version: count(),
    /** What is here follows on this version. */
    base: count(),
    /** Those that came or changed; with `base` 0 everybody. */
    entries: list(peerEntrySchema, LIMITS.peers),
    /** The dead and the departed: entries up to this incarnation count no more. */
    gone: list(v.strictObject({ peer: peerIdSchema, incarnation: count(), reason: v.picklist(['left', 'dead', 'removed']) }), LIMITS.tombstones),
  }),
  /** To a neighbour whose beat shows a later version than the sender's: please send what is missing. */
  'roster?': v.strictObject({
    t: v.literal('roster?'),
    term: termSchema,
    /** The version that the sender has; 0 for none. */
    have: count(),
  }),

  // --- The gate: who may come in, decided by people.
  /** The rules of the swarm and what was decided under them, all of it: after the welcome, and when something is new. */
  rules: v.strictObject({
    t: v.literal('rules'),
    rules: rulesSchema,
    /** One for each device of which it was decided. */
    passes: list(passSchema, LIMITS.passes),
  }),
  /** To those who may let others in: somebody waits at the sender. */
  knocking: v.strictObject({
    t: v.literal('knocking'),
    peer: peerIdSchema,
    device: deviceIdSchema,
    /** What it calls itself; null: it waits no more. */
    name: v.nullable(nameSchema),
  }),

  // --- Policy: how the swarm is run, decided by people.
  ...POLICY_MESSAGES,

  // --- Jobs, and who runs what: between the leader and the others. Shapes, never words.
  ...CONTROL_MESSAGES,

  // --- Tasks: directly between asker and worker.
  /** Please run this on that node of yours. */
  task: v.strictObject({
    t: v.literal('task'),
    /** That of the grant, or fresh. One that has not ended on this link is a violation. */
    id: taskIdSchema,
    /** The node's own name, the last part of its address. */
    node: nodeNameSchema,
    task: remoteTaskSchema,
    /** The leader's word for this very task; absent: the asker chose the node itself. */
    grant: v.exactOptional(sealedGrantSchema),
  }),
  /** Events of one task, in order; `seq` counts these messages from 0 and leaves no gap. */
  'task-events': v.strictObject({
    t: v.literal('task-events'),
    id: taskIdSchema,
    seq: count(),
    events: v.pipe(list(taskEventSchema, LIMITS.taskEvents), v.minLength(1)),
  }),
  /** Exactly one ends each task. No error: the last event was `done`. */
  'task-end': v.strictObject({
    t: v.literal('task-end'),
    id: taskIdSchema,
    /** Counts on from the last `task-events`. */
    seq: count(),
    error: v.nullable(wireErrorSchema),
  }),
  /** Idempotent; the task still ends with `task-end`. */
  'task-cancel': v.strictObject({ t: v.literal('task-cancel'), id: taskIdSchema }),
  /** To those who have tasks there: a node's state, at once and not with the next roster. */
  node: v.strictObject({ t: v.literal('node'), ad: nodeAdSchema }),

  // --- Reading: what another peer tells of itself.
  ...READ_MESSAGES,

  // --- Relay: for two peers that can't be linked directly, one hop over a third that has a link with both.
  /**
   * Carry this to `to`. Whoever carries it can't read it. It goes from its writer to a neighbour, and from that to `to`: a
   * neighbour carries what its link's own peer wrote, to peers that it has a direct link with, and nothing any further.
   */
  relay: v.strictObject({
    t: v.literal('relay'),
    to: peerIdSchema,
    /** Who wrote it. */
    from: peerIdSchema,
    /** See `mesh/relay/relay-box.ts`. */
    box: base64url(LIMITS.relayBoxChars),
  }),
  /** The answer of a neighbour that does not carry: what the sender of the `relay` has with `to` over it is over. */
  'relay-gone': v.strictObject({
    t: v.literal('relay-gone'),
    to: peerIdSchema,
    /** It has no direct link with `to`; or it carries too much already. */
    reason: v.picklist(['unlinked', 'busy']),
  }),
  /** Over a relayed link: the sender has a direct one too, and all that is new goes over that. The last that begins here. */
  moved: v.strictObject({ t: v.literal('moved') }),
} as const;

export type MessageTag = keyof typeof MESSAGES;
export type MessageOf<Tag extends MessageTag> = v.InferOutput<(typeof MESSAGES)[Tag]>;
/** Any message between peers, told apart by `t`. */
export type PeerMessage = { [Tag in MessageTag]: MessageOf<Tag> }[MessageTag];
/** What goes between the leader and the others. */
export type ControlMessage = { [Tag in keyof typeof CONTROL_MESSAGES]: MessageOf<Tag> }[keyof typeof CONTROL_MESSAGES];
