/** What the pieces of the store share. Put together once, in `model-store.ts`. */
import type { Env } from '../shared/env.ts';
import type { ModelFiles } from './model-files.ts';
import type { ModelIndex } from './model-index.ts';
import type { ModelShelf } from './model-shelf.ts';
import type { ModelTabs } from './model-tabs.ts';

export interface StoreParts {
  readonly env: Env;
  /** Absolute address of the page. */
  readonly baseUrl: string;
  readonly files: ModelFiles;
  readonly index: ModelIndex;
  readonly tabs: ModelTabs;
  readonly shelf: ModelShelf;
  /** Brings the shelf up to date with index and files. */
  readonly refresh: () => Promise<void>;
}

/**
 * The lock that keeps sweeping away from transfers: a finished file without a record is an orphan to the one and the
 * last step but one to the other. Transfers hold it shared, sweeping alone.
 */
export const TRANSFER_LOCK = 'transfer';
/** Held while anything is done to a model's files. */
export const modelLock = (id: string): string => `model:${id}`;
