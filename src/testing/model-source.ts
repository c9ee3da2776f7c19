/**
 * A scripted server for model files: answers `fetch` as servers do, in the ways in which they go wrong. Used directly
 * in unit tests, and inside the storage worker by `engine/model-scripted.worker.ts`.
 */

export interface SourceRoute {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Answers to successive requests break off at these offsets of the file; later ones are complete. */
  readonly cuts?: readonly number[];
  /** At this offset, once, the answer waits for the hold to end. */
  readonly holdAt?: number;
  /** False: a Range is ignored, and the whole file comes. */
  readonly ranges?: boolean;
  /** False: no Content-Length. */
  readonly length?: boolean;
  readonly etag?: string;
  readonly type?: string;
  /** Statuses of the first requests, instead of an answer. */
  readonly failures?: readonly number[];
}

/** Routes that can be sent to a worker: the bytes are those of a file that the test server really has, or a text. */
export type SourceScript = Record<string, Omit<SourceRoute, 'bytes'> & { readonly file?: string; readonly text?: string }>;

export interface SourceRequest {
  readonly url: string;
  /** First byte that was asked for. */
  readonly from: number;
}

export interface ModelSource {
  fetch(url: string, init?: RequestInit): Promise<Response>;
  readonly requests: readonly SourceRequest[];
}

const CHUNK = 64 * 1024;

/**
 * @param route what is at an address; undefined: nothing, 404
 * @param hold ends when a held answer may go on
 */
export function createModelSource(
  route: (url: string) => Promise<SourceRoute | undefined> | SourceRoute | undefined,
  { onRequest, hold = () => new Promise<void>(() => undefined) }: { onRequest?: (request: SourceRequest) => void; hold?: () => Promise<void> } = {},
): ModelSource {
  const requests: SourceRequest[] = [];
  const held = new Set<string>();

  async function answer(url: string, init: RequestInit = {}): Promise<Response> {
    const found = await route(url);
    const range = /^bytes=(\d+)-$/.exec(new Headers(init.headers).get('range') ?? '');
    const request = { url, from: Number(range?.[1] ?? 0) };
    const nth = requests.filter((earlier) => earlier.url === url).length;
    requests.push(request);
    onRequest?.(request);
    if (!found) return new Response('not here', { status: 404 });
    const failure = found.failures?.[nth];
    if (failure !== undefined) return new Response(null, { status: failure });
    return respond(found, range && found.ranges !== false ? request.from : null, found.cuts?.[nth], (offset) => {
      if (found.holdAt === undefined || offset < found.holdAt || held.has(url)) return undefined;
      held.add(url);
      return hold();
    });
  }

  return { fetch: answer, requests };
}

function respond(route: SourceRoute, from: number | null, cut: number | undefined, holdAt: (offset: number) => Promise<void> | undefined): Response {
  const { bytes } = route;
  if (from !== null && from >= bytes.length) return new Response(null, { status: 416, headers: { 'content-range': `bytes */${bytes.length}` } });
  const start = from ?? 0;
  const headers = new Headers({ 'content-type': route.type ?? 'application/octet-stream' });
  if (route.length !== false) headers.set('content-length', String(bytes.length - start));
  if (route.etag !== undefined) headers.set('etag', route.etag);
  if (from !== null) headers.set('content-range', `bytes ${start}-${bytes.length - 1}/${bytes.length}`);

  let offset = start;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await holdAt(offset);
      if (cut !== undefined && offset >= cut) return controller.error(new TypeError('network error'));
      if (offset >= bytes.length) return controller.close();
      const end = Math.min(bytes.length, offset + CHUNK, cut ?? Infinity, (route.holdAt ?? 0) > offset ? route.holdAt! : Infinity);
      controller.enqueue(bytes.slice(offset, end));
      offset = end;
    },
  });
  return new Response(body, { status: from === null ? 200 : 206, headers });
}
