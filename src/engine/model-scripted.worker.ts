/**
 * The storage worker of tests: the real one, over a scripted network. Its name is the script, a {@link SourceScript};
 * requests are told, and holds ended, over the `model-source` channel.
 */
import { createModelSource, type SourceRoute, type SourceScript } from '../testing/model-source.ts';
import { serveModelFiles } from './worker/model-serve.ts';

const script = JSON.parse(self.name) as SourceScript;
const channel = new BroadcastChannel('model-source');

const released = new Promise<void>((resolve) => {
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data === 'release') resolve();
  };
});

async function route(url: string): Promise<SourceRoute | undefined> {
  const found = script[url];
  if (!found) return undefined;
  const bytes = found.file === undefined ? new TextEncoder().encode(found.text ?? '') : new Uint8Array(await (await fetch(found.file)).arrayBuffer());
  return { ...found, bytes };
}

const source = createModelSource(route, { onRequest: (request) => channel.postMessage(request), hold: () => released });
serveModelFiles((url, init) => source.fetch(url, init));
