/** Entry of the storage worker: the store's files, over the real network. */
import { serveModelFiles } from './worker/model-serve.ts';

serveModelFiles((url, init) => fetch(url, init));
