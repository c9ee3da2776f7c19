/**
 * The site with its signalling, as a process of its own: `tools/network.mjs` runs it in another network namespace. Takes
 * one argument, JSON: `{ dist, host, port, turn }`; `turn` is as `npm start` has it, for credentials that the page asks for.
 */
import { pageHeaders } from '../headers.mjs';
import { builtModels, createHandler, listen, staticFiles } from './serve.mjs';
import { attachSignalling, signallingEntry } from './signalling.mjs';
import { turnServer, turnSite } from './turn.mjs';

/** @typedef {{ dist: string, host: string, port: number, turn: { turn: string | null, secretFile: string | null } }} SiteOptions */

const { dist, host, port, turn } = /** @type {SiteOptions} */ (JSON.parse(process.argv[2] ?? ''));
const { part, desk } = turnSite(await turnServer(turn, {}));
const said = { model: 'tiny-1', signalling: [signallingEntry], ...part };
const handler = createHandler({ files: await staticFiles(dist), models: builtModels(dist), config: () => Promise.resolve(said), headers: pageHeaders, turn: desk });
const { server } = await listen(handler, { port, strictPort: true, host });
attachSignalling(server).warm();
console.log('The site is there.');
