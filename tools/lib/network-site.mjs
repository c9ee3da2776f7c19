/**
 * The site with its signalling, as a process of its own: `tools/network.mjs` runs it in another network namespace. Takes
 * one argument, JSON: `{ dist, host, port, config }`; `config` is added to what `llambo.json` says.
 */
import { pageHeaders } from '../headers.mjs';
import { builtModels, createHandler, listen, staticFiles } from './serve.mjs';
import { attachSignalling, signallingEntry } from './signalling.mjs';

/** @typedef {{ dist: string, host: string, port: number, config: object }} SiteOptions */

const { dist, host, port, config } = /** @type {SiteOptions} */ (JSON.parse(process.argv[2] ?? ''));
const said = { model: 'tiny-1', signalling: [signallingEntry], ...config };
const handler = createHandler({ files: await staticFiles(dist), models: builtModels(dist), config: () => Promise.resolve(said), headers: pageHeaders });
const { server } = await listen(handler, { port, strictPort: true, host });
attachSignalling(server).warm();
console.log('The site is there.');
