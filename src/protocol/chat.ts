/**
 * The public surface: what a person or a script asks, and what comes back. Names are those of
 * `docs/architecture.md`; OpenAI's snake_case names appear only where text meets wllama or HTTP.
 */
import type { ErrorCode } from '../shared/errors.ts';
import type { Address, ModelHash } from '../shared/ids.ts';
import type { Confidence, FusionOptions, Fused, Vote } from './fusion.ts';
import type { Priority } from './job.ts';

export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** A named node profile: how much model a node carries. */
export type Tier = 'tiny' | 'medium' | 'large';

/** A JSON Schema (draft 2020-12 subset that llama.cpp's grammar converter knows). The answer is forced to match it. */
export type JsonSchema = { readonly [key: string]: unknown };

/** How the next token is drawn. Absent values take the model's or llama.cpp's defaults. Bounds are in `limits.ts`. */
export interface Sampling {
  /** 0 is greedy: always the likeliest token. */
  temperature?: number;
  topK?: number;
  topP?: number;
  minP?: number;
  repeatPenalty?: number;
  /** Same seed, same profile, same model: same answer. Chosen at random, and reported, if absent. */
  seed?: number;
  /** The most tokens to write. */
  maxTokens?: number;
  /** The answer ends before any of these texts. */
  stop?: string[];
}

export interface ChatRequest {
  /** Oldest first. If the last one is the assistant's, the answer continues it. */
  messages: Message[];
  /**
   * Catalogue id. Absent: the one that was chosen to answer; the best that has room where that is the built-in one, or is
   * gone, and where a tier or nodes are named.
   */
  model?: string;
  /** At least this tier; larger ones answer when it is full. */
  tier?: Tier;
  sampling?: Sampling;
  /** Force the answer to be JSON that matches. Not together with `choices` or `grammar`. */
  schema?: JsonSchema;
  /** Force the answer to be exactly one of these. */
  choices?: string[];
  /** Force the answer to match a GBNF grammar. */
  grammar?: string;
}

/**
 * `chat`: the prompt cache is used, so a conversation's next turn starts at once; not bit-identical from run to run.
 * `exact`: no cache, so the same request gives the same tokens and log-probabilities on every device.
 */
export type Profile = 'chat' | 'exact';

export interface AskOptions extends Sampling {
  profile?: Profile;
  /** Run on this node and no other: short for `where: [node]`. */
  node?: Address;
  /** On any node of the swarm (that is so if it is absent), on those of this tab, or on one of these. */
  where?: 'anywhere' | 'this tab' | Address[];
  /** `batch` gives way to whoever waits and reads. `interactive` if absent. */
  priority?: Priority;
  /** Stop writing after this long and fail with `timeout`. Milliseconds from now. */
  deadlineMs?: number;
  /** Ask several engines, and make one answer of theirs. One engine if absent. */
  fusion?: FusionOptions;
  /** Report log-probabilities: how many alternatives a token (0 = the chosen one only). */
  logprobs?: number;
  signal?: AbortSignal;
}

export type FinishReason = 'stop' | 'length' | 'cancelled' | 'error';

export interface Usage {
  promptTokens: number;
  /** Of the prompt, how many were in the cache already. */
  cachedTokens: number;
  answerTokens: number;
}

export interface Timings {
  /** Waiting for the first node, and for a slot at the one that finished it. */
  queueMs: number;
  /** From asking to the first text, waiting included. */
  firstTokenMs: number;
  /** Decode speed alone, without waiting and prefill. */
  tokensPerSecond: number;
}

/** One written token and how likely the model found it (natural logarithm). */
export interface TokenLogprob {
  token: string;
  logprob: number;
  alternatives?: { token: string; logprob: number }[];
}

/** With what several engines said, if several were asked; the other fields then are those of the chosen candidate, or of the first of the winning ones. */
export interface Answer extends Partial<Fused> {
  text: string;
  finishReason: FinishReason;
  usage: Usage;
  timings: Timings;
  /** Catalogue id of the model that wrote it. */
  model: string;
  modelHash: ModelHash | null;
  node: Address;
  /** Nodes that were lost or overtaken while it was written, oldest first; absent if none was. `node` itself is among them if it was restarted. */
  movedFrom?: Address[];
  seed: number;
  profile: Profile;
  logprobs?: TokenLogprob[];
}

export type AnswerEvent =
  /** `place` 1 is next, 0: the queue is full, and it is tried again; `estimateMs` is 0 while nobody can tell. */
  | { type: 'queued'; place: number; estimateMs: number }
  | { type: 'started'; node: Address; model: string }
  | { type: 'prefill'; done: number; total: number }
  /** Of one engine all are `candidate` 0. Of several, those of each candidate follow each other, and `lead` says which one to show. */
  | { type: 'text'; delta: string; candidate: number }
  /** Of several engines: this candidate's text is the one to show from now on. */
  | { type: 'lead'; candidate: number }
  /** Of several engines: the votes so far, after each candidate that is done. */
  | { type: 'votes'; votes: readonly Vote[]; confidence: Confidence; pending: number }
  /** The node was lost, or another overtook it, and the answer goes on: `to` may be the same node after a restart. No word is lost or doubled. */
  | { type: 'moved'; from: Address; to: Address; reason: ErrorCode }
  | { type: 'done'; answer: Answer };

/** A running request: iterate it for events, or await `done`. Breaking out of the loop cancels it. */
export interface Answering extends AsyncIterable<AnswerEvent> {
  readonly id: string;
  readonly done: Promise<Answer>;
  /** Stops it; `done` then gives what was written so far, with finish reason `cancelled`, or rejects with `aborted` if no node had begun. */
  cancel(): void;
}
