/**
 * `npm start`: installs, builds, serves, and brings the model, each only if it must be. The one place that knows all these parts.
 * Everything that is imported here runs before `node_modules` exists.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt } from './lib/build-state.mjs';
import { pageHeaders } from './headers.mjs';
import { iceConfig } from './lib/ice.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { VerifiedFiles } from './lib/model-files.mjs';
import { HELP, parseStartOptions } from './lib/options.mjs';
import { cacheFolder, DIST, PUBLIC_MODELS, ROOT } from './lib/paths.mjs';
import { Console } from './lib/progress.mjs';
import { servedModel } from './lib/served-model.mjs';
import { builtModels, close, createHandler, listen, staticFiles } from './lib/serve.mjs';
import { attachSignalling, signallingEntry } from './lib/signalling.mjs';
import { turnServer, turnSite } from './lib/turn.mjs';

/** Quick enough that a port is free again when a script goes on; rare enough to cost nothing. */
const PARENT_CHECK_MS = 500;
/** Loading the signalling package takes a moment in which nothing else is served: the first page goes first. */
const WARM_AFTER_MS = 1500;
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/**
 * @param {import('./lib/options.mjs').StartOptions} options
 * @param {Console} out
 * @param {AbortSignal} signal
 */
async function start(options, out, signal) {
  const folder = cacheFolder(process.env);
  const now = () => Date.now();
  const context = { folder, folders: [PUBLIC_MODELS, folder], verified: new VerifiedFiles(folder), out, signal, now };
  const ice = await iceConfig(options.ice);
  const turn = turnSite(await turnServer({ turn: options.turn, secretFile: options.turnSecretFile }, process.env));
  const model = await servedModel(options.model, join(PUBLIC_MODELS, 'catalog.json'), context);
  await ensureInstalled(ROOT, out, signal);
  await ensureBuilt(ROOT, out, signal);

  const models = new Map([...builtModels(DIST), ...model.files]);
  const config = async () => ({ ...(await model.config()), signalling: [signallingEntry], ...ice, ...turn.part });
  const handler = createHandler({ files: await staticFiles(DIST), models, config, headers: pageHeaders, turn: turn.desk });
  const { server, port } = await listen(handler, options);
  const signalling = attachSignalling(server);
  try {
    announce(options, port, out);
    model.begin();
    setTimeout(signalling.warm, WARM_AFTER_MS).unref();
    await aborted(signal);
  } finally {
    signalling.close();
    await close(server);
    await Promise.all(model.arrivals.map(({ finished }) => finished));
  }
}

/**
 * @param {import('./lib/options.mjs').StartOptions} options
 * @param {number} port
 * @param {Console} out
 */
function announce({ host, port: wanted, open }, port, out) {
  if (wanted !== 0 && port !== wanted) out.say(`Port ${wanted} is taken; this is the next free one.`);
  const everywhere = host === '0.0.0.0' || host === '::';
  const url = `http://${everywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}/`;
  out.say(`Llambo is at ${url} (Ctrl-C stops it)`);
  if (!LOOPBACK.includes(host)) out.say('Browsers on other devices give threads and storage to https pages only: put a proxy with a certificate in front.');
  if (open && process.stdout.isTTY && !process.env['CI']) openBrowser(url, out);
}

/**
 * @param {string} url
 * @param {Console} out
 */
function openBrowser(url, out) {
  const openers = { darwin: ['open', url], win32: ['cmd', '/c', 'start', '', url] };
  const [command, ...args] = openers[/** @type {'darwin'} */ (process.platform)] ?? ['xdg-open', url];
  const child = spawn(/** @type {string} */ (command), args, { stdio: 'ignore', detached: true });
  child.once('error', () => out.say('No browser could be opened from here: open the address yourself.'));
  child.unref();
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function aborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * npm puts a shell between itself and us. A signal sent to npm alone kills that shell and never reaches us; all that we
 * notice is that our parent is another one.
 *
 * @param {() => void} onOrphaned
 */
function watchParent(onOrphaned) {
  const { ppid } = process;
  setInterval(() => process.ppid !== ppid && onOrphaned(), PARENT_CHECK_MS).unref();
}

/** @returns {Promise<number>} the exit code */
async function main() {
  const out = new Console(process.stdout, () => performance.now());
  const stop = new AbortController();
  // npm passes the signal on, and the terminal sends it too: hear all of them, stop once.
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(name, () => stop.abort(new Error('Stopped.')));
  if (process.env['npm_lifecycle_event']) watchParent(() => stop.abort(new Error('npm is gone.')));
  try {
    const options = parseStartOptions(process.argv.slice(2));
    if (options.help) out.say(HELP);
    else await start(options, out, stop.signal);
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return 0;
    // The message says what to do; a stack would only hide it.
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

// At once: the signalling package's timers would keep a finished process alive.
process.exit(await main());
