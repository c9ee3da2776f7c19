/**
 * `swarm.yaml`: what a swarm's people may decide (`swarm`), and what each device decides for itself (`device`). Every key
 * may be left out. This file is the one source: the parser, the form in the settings, `docs/configuration.md` and
 * `swarm.schema.json` are made from it.
 */
import * as v from 'valibot';
import { kinds } from './config-kinds.ts';
import { LIMITS } from './limits.ts';
import { STRATEGIES } from './policy.ts';
import { iceServerSchema, signallingEntrySchema } from './signalling.ts';

const { flag, choice, count, number, share, duration, size, text, texts, list, section } = kinds;
const may = v.exactOptional;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const MiB = 2 ** 20;
const GiB = 2 ** 30;
/** Nodes of the largest swarm: a tier can't have more. */
const MOST_NODES = LIMITS.peers * LIMITS.nodes;
/** Models beside the catalogue: more than a person would list. */
const MODELS = 32;
const SERVERS = 8;

const MODEL_ID = /^[a-z0-9][a-z0-9._-]{0,79}$/;
const MODEL_ID_WORDS = 'a name of a–z, 0–9, dot, dash and underscore';
/** As `isModelUrl` of the catalogue: what comes from elsewhere must not be changed on its way. */
const MODEL_URL = /^(https:\/\/\S+|http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]\S*|(?![A-Za-z][A-Za-z0-9+.-]*:)(?!\/\/)\S+)$/;
const SHA256 = /^[0-9a-fA-F]{64}$/;

const queue = section('Jobs that wait for a node.', {
  most: may(count(1, 65_536, 'Jobs that may wait in the whole swarm. One more is told to come back later; its tab tries again by itself.')),
  mostPerDevice: may(count(1, 65_536, 'Jobs that one device may have waiting.')),
  quantumTokens: may(count(1, 1_000_000, 'Tokens that one device is served before it is the next one’s turn. Smaller is fairer, larger keeps conversations together.')),
  retry: may(duration(100, 5 * MINUTE, 'How long a job that found the queue full waits, at the least, before it tries again.')),
  batchEvery: may(count(1, 1000, 'One batch job is served after at most this many interactive ones.')),
});

const health = section('When a node is trusted with work.', {
  weight: may(share('Weight of the newest measurement in the moving averages of speed. Near 1 forgets quickly.')),
  failures: may(count(1, 100, 'Failures in a row after which a node gets nothing new.')),
  rest: may(duration(100, HOUR, 'How long it then gets nothing, until one task tries it again. Doubles with each failed try.')),
  restMost: may(duration(100, 24 * HOUR, 'The longest such pause.')),
});

const topology = section('How large the swarm may be, and who is linked with whom. Counts only where it was decided for all, since both ends of a link must reckon alike; else the defaults do.', {
  peers: may(count(2, LIMITS.peers, 'Tabs that may be in at once. Newcomers to a full swarm are refused; nobody who is in has to go.')),
  fullMesh: may(count(2, LIMITS.fullMeshMost, 'Up to this many tabs each is linked with each. Above it everybody is linked with the leader, its deputy and its neighbours on a ring.')),
  neighbours: may(count(1, LIMITS.extraLinksMost, 'Above that, how many neighbours on each side of the ring a tab is linked with. More links survive more losses and cost each tab more.')),
});

const failover = section('What happens when a node goes silent or dies.', {
  silence: may(duration(200, 10 * MINUTE, 'A running answer without a word for this long gets a second node; whoever speaks first goes on.')),
  firstTokenFactor: may(number(1, 100, 'Without a first word after this multiple of the usual time (95th percentile), a job gets a second node.')),
  firstTokenLeast: may(duration(200, 10 * MINUTE, 'But never sooner than this.')),
  hedgeShare: may(share('The most second nodes, as a share of all tasks.')),
  triesPerNode: may(count(1, 100, 'A node that failed a job this often is not tried again for it.')),
  lostNodes: may(count(1, 100, 'A job that lost this many nodes is ended with an error: it may be what kills them.')),
});

const fusion = section('Answers that are made of several engines’.', {
  count: may(count(1, LIMITS.fusionCandidates, 'How many are asked where whoever asks does not say.')),
  most: may(count(1, LIMITS.fusionCandidates, 'The most that are asked for one question: each takes a slot, and a place in the queue.')),
  confidence: may(number(0.5, 1, 'The rest is cancelled once the leading answer will win with this probability; at 1 only when it can’t lose. Counts where whoever asks does not say.')),
});

const autoscaling = section('Starting and stopping nodes by load, within what each device allows.', {
  on: may(flag('Whether nodes are started and stopped by load at all.')),
  low: may(share('Nodes are stopped while a smaller share of the slots is in use.')),
  high: may(share('Nodes are started while a larger share of the slots is in use.')),
  upAfter: may(duration(0, HOUR, 'How long the load must be high before a node is started.')),
  downAfter: may(duration(0, 24 * HOUR, 'How long it must be low before one is stopped.')),
  cooldown: may(duration(0, HOUR, 'The least time between two changes in one tab.')),
});

const tier = (name: string) =>
  section(`The ${name} nodes. A tier without a model is left to the people.`, {
    model: may(text(80, 'Id of the model that its nodes load: of the catalogue, or of `swarm.models`.', MODEL_ID, MODEL_ID_WORDS)),
    least: may(count(0, MOST_NODES, 'Nodes of this tier in the whole swarm, at the least.')),
    most: may(count(0, MOST_NODES, 'Nodes of this tier in the whole swarm, at the most.')),
    slots: may(count(1, 16, 'Answers that a node writes at once. Left out: what suits the model.')),
    threads: may(count(1, 64, 'The most threads of a node. Left out: what suits the model.')),
    cpuShare: may(share('The most threads of a node as a share of its device’s cores, at least one. The smaller of this and `threads` counts.')),
    context: may(count(64, 1 << 20, 'Tokens that one slot holds, prompt and answer together. Left out: what suits the model.')),
    memory: may(size(16 * MiB, 1024 * GiB, 'What a node is reckoned to need of its device’s memory. Left out: what suits the model.')),
  });

const model = section('A model beside the catalogue.', {
  id: text(80, 'What tiers and people call it. That of a catalogue entry replaces the entry.', MODEL_ID, MODEL_ID_WORDS),
  url: text(2048, 'Where the GGUF lies: relative to the page, or https.', MODEL_URL, 'an address that is relative or starts with https://'),
  sha256: text(64, 'SHA-256 of the file: who decides what a swarm loads must say what exactly.', SHA256, '64 hexadecimal digits'),
  tier: choice(['tiny', 'medium', 'large'], 'Which tier it belongs to.'),
  name: may(text(120, 'What people see. Left out: the id.')),
  license: may(text(120, 'SPDX identifier, or a name.')),
  bytes: may(size(1, LIMITS.modelFileBytes, 'Size of the file.')),
  slots: may(count(1, 16, 'Answers that a node with it writes at once.')),
  context: may(count(64, 1 << 20, 'Tokens that one slot holds.')),
  threads: may(count(1, 64, 'The most threads that make it faster.')),
  memory: size(16 * MiB, 1024 * GiB, 'What a node with it needs of memory: the file, and about 1 MB for each 16 tokens of all slots.'),
});

const sharing = section('What this device gives to the others.', {
  on: may(flag('Whether the engines of this device work for others.')),
  slots: may(count(0, 1024, 'The most slots of a tab that work for others at once; 0 for all.')),
  tokensPerHour: may(count(0, Number.MAX_SAFE_INTEGER, 'The most tokens that one other device may have written here in an hour; 0 for no limit.')),
  keptModels: may(texts(256, 256, 'Ids of models whose nodes are kept for this device alone.')),
});

export const swarmPartSchema = section('The swarm’s part: it counts for all where the founder or a steward decided it, else while this tab leads.', {
  strategy: may(choice(STRATEGIES, 'How the node for a job is chosen.')),
  queue: may(queue),
  health: may(health),
  failover: may(failover),
  fusion: may(fusion),
  topology: may(topology),
  autoscaling: may(autoscaling),
  tiers: may(section('What each tier loads, and how many nodes of it there are.', { tiny: may(tier('tiny')), medium: may(tier('medium')), large: may(tier('large')) })),
  models: may(list(model, MODELS, 'Models beside the catalogue, each with its address and hash.')),
});

const devicePartSchema = section('The device’s part: always the person’s own. What a site says here counts at the first visit.', {
  name: may(text(LIMITS.nameChars, 'What the others call this device; empty for a made-up name.')),
  nodes: may(count(0, LIMITS.nodes, 'Engine nodes in each tab; 0 for what suits the device.')),
  threads: may(count(0, 64, 'Threads of a node; 0 for its share of the device.')),
  sharing: may(sharing),
  signalling: may(list(signallingEntrySchema, SERVERS, 'PeerServers at which tabs find each other, in the order in which they are tried: `host`, `port`, `path`, `secure`, `key`. Taken when a swarm is joined.')),
  ice: may(list(iceServerSchema, SERVERS, 'STUN and TURN servers: `urls`, `username`, `credential`. Taken when a swarm is joined.')),
});

export const swarmConfigSchema = v.strictObject({ swarm: may(swarmPartSchema), device: may(devicePartSchema) });

/** A parsed `swarm.yaml`: only what it says. Durations in milliseconds, sizes in bytes. */
export type SwarmConfig = v.InferOutput<typeof swarmConfigSchema>;
export type SwarmPart = NonNullable<SwarmConfig['swarm']>;
export type DevicePart = NonNullable<SwarmConfig['device']>;
