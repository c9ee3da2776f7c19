/** The server behind `npm start`: the built site, its run-time configuration, and models that may still be arriving. */
import { createServer } from 'node:http';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ArrivingFile } from './arriving-file.mjs';
import { sendFile } from './send-file.mjs';
import { UsageError } from './options.mjs';
import { TURN_PATH } from './turn.mjs';

/** How far to look for a free port before something else must be wrong. */
const PORTS_TO_TRY = 50;

/** @typedef {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse, next: () => void) => void} StaticFiles */
/**
 * @typedef {object} Site
 * @property {StaticFiles} files
 * @property {Map<string, () => ArrivingFile>} models by their path below `models/`
 * @property {() => Promise<unknown>} config what `llambo.json` says
 * @property {Record<string, string>} headers on every response
 * @property {import('node:http').RequestListener | null} [turn] answers for credentials of a TURN server
 */

/**
 * @param {string} dist
 * @returns {Map<string, () => ArrivingFile>} the models that are part of the build
 */
export function builtModels(dist) {
  const folder = join(dist, 'models');
  const names = readdirSync(folder).filter((name) => name.endsWith('.gguf'));
  return new Map(names.map((name) => [name, () => ArrivingFile.complete(join(folder, name), statSync(join(folder, name)).size)]));
}

/**
 * @param {string} dist
 * @returns {Promise<StaticFiles>}
 */
export async function staticFiles(dist) {
  const { default: sirv } = await import('sirv');
  return sirv(dist, {
    etag: true,
    setHeaders: (response, path) =>
      // Vite puts a hash of the content into the names below assets/; everything else may change with the next build.
      response.setHeader('Cache-Control', path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'),
  });
}

/**
 * @param {Site} site
 * @returns {import('node:http').RequestListener}
 */
export function createHandler(site) {
  return (request, response) => {
    for (const [name, value] of Object.entries(site.headers)) response.setHeader(name, value);
    respond(site, request, response).catch((/** @type {unknown} */ error) => {
      console.error(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end('The server made a mistake; its terminal says which.\n');
    });
  };
}

/**
 * @param {Site} site
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function respond(site, request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405, { Allow: 'GET, HEAD' }).end();
  const path = pathOf(request.url);
  if (path === '/llambo.json') {
    const text = JSON.stringify(await site.config());
    return void response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }).end(text);
  }
  if (site.turn && path === `/${TURN_PATH}`) return site.turn(request, response);
  const model = path?.startsWith('/models/') && site.models.get(path.slice('/models/'.length));
  if (model) return sendFile(request, response, model());
  const notFound = () => {
    const headers = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' };
    response.writeHead(404, headers).end(`There is no ${path ?? 'such address'} here.\n`);
  };
  if (path === null) return notFound();
  site.files(request, response, notFound);
}

/**
 * @param {string | undefined} url
 * @returns {string | null} the decoded path; null if it can't be decoded
 */
function pathOf(url) {
  try {
    return decodeURIComponent(new URL(url ?? '/', 'http://localhost').pathname);
  } catch {
    return null;
  }
}

/**
 * @param {import('node:http').Server} server
 * @param {number} port
 * @param {string} host
 * @returns {Promise<boolean>} false if the port is taken
 */
function tryListen(server, port, host) {
  return new Promise((resolve, reject) => {
    const failed = (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else if (error.code === 'EACCES') reject(new UsageError(`Port ${port} needs an administrator. Take one above 1023: npm start -- --port 8402`));
      else if (error.code === 'ENOTFOUND' || error.code === 'EADDRNOTAVAIL') reject(new UsageError(`--host ${host} is not an address of this machine.`));
      else reject(error);
    };
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve(true);
    });
  });
}

/**
 * @param {import('node:http').RequestListener} handler
 * @param {{ port: number, strictPort: boolean, host: string }} options
 * @returns {Promise<{ server: import('node:http').Server, port: number }>} on the wanted port, or on the next free one
 */
export async function listen(handler, { port, strictPort, host }) {
  const server = createServer(handler);
  for (let candidate = port; candidate < port + PORTS_TO_TRY && candidate <= 65535; candidate += 1) {
    if (await tryListen(server, candidate, host)) {
      return { server, port: /** @type {import('node:net').AddressInfo} */ (server.address()).port };
    }
    if (strictPort) throw new UsageError(`Port ${port} is taken. Stop what uses it, or take another: npm start -- --port ${port + 1}`);
  }
  throw new UsageError(`No free port from ${port} on. Name another one: npm start -- --port 9000`);
}

/**
 * Ends everything, open streams too.
 *
 * @param {import('node:http').Server} server
 * @returns {Promise<void>}
 */
export function close(server) {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
