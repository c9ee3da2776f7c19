/**
 * The one door from the product to the scripted engine: `?engine=scripted` runs the whole page with answers from a
 * script, for end-to-end tests and for developing the page without a model. The page shows a banner while it is on.
 */
import type { WorkerLike } from '../engine/worker-link.ts';
import type { CatalogEntry } from '../protocol/models.ts';
import type { Env } from '../shared/env.ts';

export const wantsScriptedEngine = (search: string): boolean => new URLSearchParams(search).get('engine') === 'scripted';

/** The script remembers a conversation, whatever the model of that name can do. */
export const scriptedCatalog = (catalog: readonly CatalogEntry[]): CatalogEntry[] =>
  catalog.map((entry) => ({ ...entry, singleTurn: false }));

/** Loaded only when asked for: nothing of it is in the page's first download. */
export async function scriptedEngine(env: Env): Promise<() => WorkerLike> {
  const { createScriptedWorker } = await import('../testing/scripted-worker.ts');
  return () => createScriptedWorker(env);
}
