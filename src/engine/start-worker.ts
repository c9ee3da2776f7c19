/** Starts a real engine worker, and knows where its wasm is. The one place that needs a bundler. */
import wasmUrl from '@wllama/wllama/esm/wasm/wllama.wasm?url';
import type { WorkerLike } from './worker-link.ts';

// The bundler finds the worker by this very expression; it can't be split.
export const startEngineWorker = (): WorkerLike => new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' });

/** Absolute, because inside wllama's own worker a relative address would be relative to a blob. */
export const engineWasm = (): { wasmUrl: string } => ({ wasmUrl: new URL(wasmUrl, location.href).href });
