/** Every bound in one place: unit, reason, and when to look at it again. Those between peers are in `mesh-limits.ts`. */
import { MESH_LIMITS } from './mesh-limits.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const SECOND = 1000;

export const LIMITS = {
  /** Characters of one request, all messages together. A 1 MB paste is accepted and then measured against the context;
   *  more only costs tokenizer time (about 1 s per 4 MB in wasm). Revisit with contexts above 500k tokens. */
  requestChars: 4 * MiB,
  /** Messages in one request. Longer histories are cut by the asker, not by the engine. */
  messages: 4096,
  /** Characters of a schema or grammar: the converter in llama.cpp is quadratic in places. */
  grammarChars: 64 * KiB,
  /** Options of a `choices` request, and characters of one. */
  choices: 256,
  choiceChars: 1024,
  /** Stop texts, and characters of one: each is compared at every token. */
  stops: 16,
  stopChars: 256,
  /** Tokens of one answer. */
  maxTokens: 32_768,
  /** Tokens of an answer if nobody said: a page of text. */
  defaultMaxTokens: 1024,
  /** Alternatives per token; wllama fails every running request above some 100,000 (see `wllama-adapter`). */
  logprobs: 20,
  /** Exclusive; llama.cpp reads 2^32 − 1 as "choose one at random". */
  seed: 2 ** 32 - 1,

  /** Candidates of one fused answer; each is a job in the queue. Votes flatten out between 10 and 20 (arXiv 2402.05120). */
  fusionCandidates: 32,
  /** What a fused answer may be told to cost at the most: as many tokens as its candidates may write with a context's worth of prompt each,
   *  and as long as a job may wait. */
  fusionTokens: 64 * 32_768,
  fusionSeconds: 24 * 3600,
  /** Characters of each candidate that are kept with a conversation: twice an answer of the default length. Conversations are written to
   *  `localStorage`, which holds some 5 MB, when a tab goes: 32 of these are a tenth of it. */
  candidateChars: 8 * KiB,

  /** Tasks that wait in one node; beyond it the node says `busy`. Twice the most slots that a node has. */
  nodeQueue: 32,
  /** Loading a stored model: the default one takes 2 s on two slow cores; a 2 GB one from a slow disk some 40. */
  loadMs: 120 * SECOND,
  /** One run on a node, waiting included, if nobody said. */
  taskMs: 30 * 60 * SECOND,
  /** The wasm must say something within this (a token, a progress step, an error), else the node is taken for hung. */
  silenceMs: 60 * SECOND,
  /** After a cancel, how long until the slot must be free before the worker is restarted. */
  cancelGraceMs: 10 * SECOND,
  /** A page that can't start its worker at all (CSP, 404) must not wait for ever. */
  workerStartMs: 20 * SECOND,
  /** The page pings a working engine worker this often, and takes it for dead after two unanswered in a row: one may be
   *  the page's own sleep. */
  pingMs: 2 * SECOND,
  pingReplyMs: 5 * SECOND,
  /** Restarts of a crashing worker before the node gives up; waits double from the first value. */
  restarts: 3,
  restartDelayMs: 500,
  /** Working this long without a crash forgives earlier restarts. */
  restartForgiveMs: 5 * 60 * SECOND,

  /** Nodes in one tab by default, and at the most: wasm address space ends at some 46 instances (16 GiB each is reserved). */
  defaultNodes: 4,
  nodes: 16,

  /** Token batches: at most one message a frame from worker to page. */
  batchMs: 16,

  /** A model file: ArrayBuffer and wasm both end at 2 GB a file; larger ones come split. */
  modelFileBytes: 2 * 1024 * MiB - 1,
  modelParts: 64,
  catalogBytes: 1 * MiB,
  /** A download that gives no byte for this long is taken for dead and retried. */
  downloadSilenceMs: 60 * SECOND,
  /** Tries of one download, from where it stopped, before the person is asked. */
  downloadTries: 4,

  ...MESH_LIMITS,

  // --- Native nodes: servers that speak OpenAI's interface.
  /** In one tab. */
  nativeServers: 16,
  /** Answers that one may write at once: as many as a node may tell others of. */
  nativeSlots: 64,
  nativeUrlChars: 2048,
  nativeKeyChars: 1024,
  /** Until a server has said which models it has. */
  nativeProbeMs: 10 * SECOND,
  /** A list of models: some providers have hundreds, at 2 KiB each. */
  nativeReplyBytes: 4 * MiB,
  /** One event of a stream: a token with twenty alternatives is some 3 KiB, an answer that comes in one piece is the longest. */
  nativeEventChars: 2 * MiB,
  /** Failures in a row after which a server is taken for gone, and when it is looked at again: waits double from the first to the last. */
  nativeFailures: 3,
  nativeRetryFirstMs: 5 * SECOND,
  nativeRetryLastMs: 5 * 60 * SECOND,

  // --- The page.
  /** Events kept in memory. */
  logEvents: 5000,
  /** Bytes of a file with conversations to import. */
  importBytes: 64 * MiB,
  conversations: 10_000,
  /** Notices on screen; the oldest makes room. */
  notices: 5,
} as const;
