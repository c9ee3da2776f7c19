/** The site that is measured: a copy of the build, so that a rebuild in between changes nothing, with the benchmark's own script beside it. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from './build-state.mjs';
import { pageHeaders } from '../headers.mjs';
import { VerifiedFiles } from './model-files.mjs';
import { cacheFolder, DIST, PUBLIC_MODELS, ROOT } from './paths.mjs';
import { servedModel } from './served-model.mjs';
import { attachSignalling, signallingEntry } from './signalling.mjs';
import { builtModels, close, createHandler, listen, staticFiles } from './serve.mjs';

/**
 * @typedef {object} BenchSite
 * @property {string} url with a trailing slash
 * @property {() => Promise<string | null>} smollm2 brings SmolLM2 to the server; says why, if it can't be had
 * @property {string} temporary a folder that goes when the site is closed
 * @property {() => Promise<void>} close
 */

/**
 * @param {import('./progress.mjs').Console} out
 * @param {AbortSignal} signal
 * @param {Readonly<Record<string, string>>} [files] in place of those of the build: `swarm.yaml`
 * @returns {Promise<BenchSite>} with the tiny engine as its model
 */
export async function openBenchSite(out, signal, files = {}) {
  await ensureBuilt(ROOT, out, signal);
  const temporary = mkdtempSync(join(tmpdir(), 'llambo-bench-'));
  const site = join(temporary, 'site');
  const extra = join(temporary, 'extra');
  cpSync(DIST, site, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(site, name), text);
  const { build } = await import('vite');
  await build({ configFile: join(ROOT, 'bench/vite.config.ts'), build: { outDir: join(extra, 'bench'), emptyOutDir: true } });

  const folder = cacheFolder(process.env);
  const context = { folder, folders: [PUBLIC_MODELS, folder], verified: new VerifiedFiles(folder), out, signal, now: () => Date.now() };
  const model = await servedModel({ kind: 'tiny' }, join(PUBLIC_MODELS, 'catalog.json'), context);
  const [product, ours] = await Promise.all([staticFiles(site), staticFiles(extra)]);
  const handler = createHandler({
    files: (request, response, next) => product(request, response, () => ours(request, response, next)),
    models: new Map([...builtModels(site), ...model.files]),
    config: async () => ({ ...(await model.config()), signalling: [signallingEntry] }),
    headers: pageHeaders,
  });
  const { server, port } = await listen(handler, { port: 8600, strictPort: false, host: 'localhost' });
  const signalling = attachSignalling(server);
  signalling.warm();
  return {
    url: `http://localhost:${port}/`,
    temporary,
    smollm2: () => bring(model.arrivals),
    close: async () => {
      signalling.close();
      await close(server);
      rmSync(temporary, { recursive: true, force: true });
    },
  };
}

/**
 * @param {import('./model-arrival.mjs').ModelArrival[]} arrivals
 * @returns {Promise<string | null>}
 */
async function bring([arrival]) {
  const file = arrival?.file();
  await arrival?.finished;
  if (file?.state.kind === 'complete') return null;
  return file?.state.kind === 'failed' ? file.state.reason : 'it did not arrive';
}
