/** Models: what the catalogue promises, what is stored, what the page shows. */
import type { ModelHash } from '../shared/ids.ts';
import type { Tier } from './chat.ts';

/** One file of a model; most models have one, split GGUFs several. */
export interface ModelFile {
  /** Tried in order. Relative ones are relative to the page. */
  readonly urls: readonly string[];
  readonly bytes?: number;
  readonly sha256?: ModelHash;
  /** SHA-256 of each 1 MiB piece, in order, for transfers between peers. */
  readonly pieces?: readonly ModelHash[];
}

/** A file that can be made from this one; peers compare its hash, not ours. */
export interface DerivedFile {
  readonly recipe: string;
  readonly sha256: ModelHash;
}

/** An entry of `public/models/catalog.json`. */
export interface CatalogEntry {
  readonly id: string;
  readonly name: string;
  /** SPDX identifier, or a name for licences that have none. */
  readonly license: string;
  readonly licenseUrl?: string;
  readonly files: readonly ModelFile[];
  readonly derived?: readonly DerivedFile[];
  readonly tier: Tier;
  /** Tokens that one slot gets. */
  readonly context: number;
  /** Parallel sequences of a node with this model. */
  readonly slots: number;
  /** Prompt tokens per step: small keeps stopping quick (a stop waits for one step). Part of the exact profile. */
  readonly ubatch: number;
  /** The most threads that make it faster. */
  readonly maxThreads: number;
  /** Estimated memory of a node, bytes. */
  readonly memoryBytes: number;
  /** For files that have none of their own (Jinja). */
  readonly chatTemplate?: string;
  /** Used when a conversation has none of its own. Absent for models that don't know system prompts. */
  readonly systemPrompt?: string;
  /** Sampling that suits it. */
  readonly sampling?: { readonly temperature?: number; readonly topP?: number; readonly repeatPenalty?: number };
  /** Knows single questions only: earlier turns of a conversation are not sent to it. */
  readonly singleTurn?: boolean;
  /** One sentence for the picker. */
  readonly goodAt: string;
  /** Ships with the page. */
  readonly builtIn?: boolean;
}

export type ModelOrigin = 'built-in' | 'catalogue' | 'url' | 'file';

/** How we know what the bytes should be. `first-use`: nobody said; what came first is remembered and compared from then on. */
export type HashSource = 'catalogue' | 'source' | 'first-use';

export type ModelState =
  | { readonly kind: 'remote' }
  /** `bytesPerSecond` is 0 until known; `waiting`: another tab downloads it and we watch. */
  | { readonly kind: 'downloading'; readonly done: number; readonly total: number | null; readonly bytesPerSecond: number; readonly waiting: boolean }
  /** Stopped half-way; what arrived is kept and resumed. */
  | { readonly kind: 'paused'; readonly done: number; readonly total: number | null; readonly reason?: string }
  | { readonly kind: 'stored' }
  /** Stored, and the catalogue has a newer file. */
  | { readonly kind: 'outdated' };

export interface ModelInfo {
  readonly id: string;
  readonly name: string;
  readonly license: string;
  readonly origin: ModelOrigin;
  /** Null until known. */
  readonly bytes: number | null;
  /** Of the first file; null until known. */
  readonly sha256: ModelHash | null;
  readonly hashSource: HashSource | null;
  readonly tier: Tier;
  readonly context: number;
  /** Takes each question on its own; earlier turns are not sent to it. */
  readonly singleTurn: boolean;
  readonly goodAt: string;
  readonly state: ModelState;
  /** A node of this tab has it loaded. */
  readonly loaded: boolean;
}
