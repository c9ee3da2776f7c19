/**
 * The built site on a port of its own, behind a server that fails as real ones do: breaks off, holds, replaces,
 * refuses. Each test that takes it has an origin for itself, and so storage, locks and channels of its own.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DIST } from '../../tools/lib/paths.mjs';
import { builtModels, close, createHandler, staticFiles } from '../../tools/lib/serve.mjs';
import { pageHeaders } from '../../tools/headers.mjs';
import { test as base } from '../fixtures.ts';

export interface Served {
  readonly body: Uint8Array | string;
  readonly type?: string;
  /** Instead of an answer, every time. */
  readonly status?: number;
  /** The first answer waits at this offset until `release()` or `breakOff()`. */
  readonly holdAt?: number;
}

export interface Site {
  /** With a trailing slash. */
  readonly url: string;
  /** Of every response; may be changed before the page is opened. */
  readonly headers: Record<string, string>;
  serve(path: string, served: Served): void;
  /** First byte that each request for this path asked for. */
  asked(path: string): readonly number[];
  /** Lets held answers go on. */
  release(): void;
  /** Ends the connections of held answers. */
  breakOff(): void;
  /** Bytes that were sent of this path, all answers together. */
  sent(path: string): number;
}

const CHUNK = 64 * 1024;

export async function startSite(): Promise<Site & { close(): Promise<void> }> {
  const headers = { ...pageHeaders };
  const built = createHandler({ files: await staticFiles(DIST), models: builtModels(DIST), config: () => Promise.resolve({ model: 'tiny-1' }), headers });
  const served = new Map<string, Served>();
  const requests: { path: string; from: number }[] = [];
  const sent = new Map<string, number>();
  const heldOnce = new Set<string>();
  /** What becomes of held answers; the test may say so before the server has noticed that its bytes arrived. */
  let decide: (fate: 'go' | 'break') => void;
  const fate = new Promise<'go' | 'break'>((resolve) => (decide = resolve));

  function answer(path: string, file: Served, request: IncomingMessage, response: ServerResponse): void {
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const from = Number(range?.[1] ?? 0);
    requests.push({ path, from });
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const body = Buffer.from(file.body);
    response.setHeader('Content-Type', file.type ?? 'application/octet-stream');
    response.setHeader('Cache-Control', 'no-store');
    if (file.status !== undefined) return void response.writeHead(file.status).end();
    response.setHeader('Content-Length', body.length - from);
    if (range) response.setHeader('Content-Range', `bytes ${from}-${body.length - 1}/${body.length}`);
    response.writeHead(range ? 206 : 200);
    send(path, body, from, file.holdAt, response);
  }

  function send(path: string, body: Buffer, from: number, holdAt: number | undefined, response: ServerResponse): void {
    let offset = from;
    const more = (): void => {
      if (offset >= body.length) return void response.end();
      if (offset === holdAt && !heldOnce.has(path)) {
        heldOnce.add(path);
        return void fate.then((word) => (word === 'go' ? more() : response.destroy()));
      }
      const end = Math.min(body.length, offset + CHUNK, holdAt !== undefined && holdAt > offset ? holdAt : Infinity);
      const chunk = body.subarray(offset, end);
      offset = end;
      sent.set(path, (sent.get(path) ?? 0) + chunk.length);
      response.write(chunk, more);
    };
    more();
  }

  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = served.get(path);
    if (file && request.method === 'GET') answer(path, file, request, response);
    else built(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    headers,
    serve: (path, file) => void served.set(path, file),
    asked: (path) => requests.filter((request) => request.path === path).map(({ from }) => from),
    release: () => decide('go'),
    breakOff: () => decide('break'),
    sent: (path) => sent.get(path) ?? 0,
    close: () => close(server),
  };
}

/** Every page of such a test is on its own site. */
export const test = base.extend<{ site: Site }>({
  site: async ({ browserName: _ }, use) => {
    const site = await startSite();
    await use(site);
    await site.close();
  },
  baseURL: async ({ site }, use) => use(site.url),
});
