/** Sends an {@link ArrivingFile} over HTTP: whole or in part, at the pace at which it arrives. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ArrivalError } from './arriving-file.mjs';
import { parseRange } from './byte-range.mjs';

/**
 * Headers wait for the first bytes, so that a file which no source has is an honest 404. After them a failure can only cut
 * the connection: the page keeps what it has and asks for the rest.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {import('./arriving-file.mjs').ArrivingFile} file
 */
export async function sendFile(request, response, file) {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new Error('The client went away.')));
  try {
    const size = await file.begun(gone.signal);
    const range = headersFor(request, response, file, size);
    if (!range || request.method === 'HEAD') return void response.end();
    await pipeline(Readable.from(file.read(range.start, range.end, gone.signal), { objectMode: false }), response);
  } catch (error) {
    if (gone.signal.aborted) return;
    if (response.headersSent || !(error instanceof ArrivalError)) return void response.destroy(/** @type {Error} */ (error));
    response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' }).end(`${error.message}\n`);
  }
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {import('./arriving-file.mjs').ArrivingFile} file
 * @param {number} size
 * @returns {import('./byte-range.mjs').ByteRange | null} what to send; null if the headers say everything
 */
function headersFor(request, response, file, size) {
  const tag = file.sha256 ? `"${file.sha256}"` : null;
  response.setHeader('Content-Type', 'application/octet-stream');
  response.setHeader('Accept-Ranges', 'bytes');
  // The page keeps models in its own storage: a second copy in the browser's cache would only cost disk.
  response.setHeader('Cache-Control', 'no-store');
  if (tag) response.setHeader('ETag', tag);
  const condition = request.headers['if-range'];
  const range = condition && condition !== tag ? null : parseRange(request.headers.range, size);
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'Content-Range': `bytes */${size}` });
    return null;
  }
  if (range) {
    response.writeHead(206, { 'Content-Range': `bytes ${range.start}-${range.end}/${size}`, 'Content-Length': range.end - range.start + 1 });
    return range;
  }
  response.writeHead(200, { 'Content-Length': size });
  return size === 0 ? null : { start: 0, end: size - 1 };
}
