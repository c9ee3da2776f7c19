/**
 * Servers that the person connects to this tab: llama-server, vLLM, Ollama, anything that speaks OpenAI's interface. Each is a
 * node of this tab. Keys are not here: they stay in the tab that they were typed in, and are in no snapshot, file or message.
 */
import type { WireError } from '../shared/errors.ts';
import type { Address } from '../shared/ids.ts';
import type { Tier } from './chat.ts';

/** What the person says of a server. It is kept for the next visit. */
export interface NativeServer {
  /** Also the node's own name: `native-1`. */
  readonly id: string;
  /** Where it is; with or without `/v1`. */
  readonly url: string;
  /** The server's name for the model; empty: the first that it has. */
  readonly model: string;
  /** Answers at once; 0 = as the server says. */
  readonly slots: number;
  /** Tokens of one conversation; 0 = as the server says. */
  readonly contextTokens: number;
  readonly tier: Tier;
  /** Others in a swarm may use it. Off unless the person says so: it may be somebody's money. */
  readonly share: boolean;
}

/** A server as a form gives it. */
export interface NativeDraft extends Omit<NativeServer, 'id'> {
  /** Empty: none. */
  readonly key: string;
}

/** A server as the page shows it. What it does now is at its address, in `nodes`. */
export interface NativeServerInfo extends NativeServer {
  readonly address: Address;
  /** This tab has a key for it. */
  readonly hasKey: boolean;
}

/** A look at a server that is not connected yet. */
export type NativeTest =
  | { readonly state: 'running'; readonly url: string }
  | { readonly state: 'good'; readonly url: string; readonly model: string; readonly models: readonly string[]; readonly slots: number; readonly contextTokens: number }
  /** `hints`: what to look at, the likeliest first. */
  | { readonly state: 'failed'; readonly url: string; readonly error: WireError; readonly hints: readonly string[] };

export interface NativeView {
  readonly servers: readonly NativeServerInfo[];
  /** The last look, until another or until a server is added; null: none. */
  readonly test: NativeTest | null;
}
