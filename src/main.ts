/** Start: find out what this browser can do, build the app, show it, bring the engines up. */
import { version } from '../package.json';
import { createApp, type App } from './app/create-app.ts';
import { scriptedEngine, wantsScriptedEngine } from './app/demo.ts';
import { loadPreferences } from './app/settings-storage.ts';
import { findCapabilities, thisBrowser } from './engine/capabilities.ts';
import { fetchCatalog, fetchRuntimeConfig } from './engine/model-catalog.ts';
import { startEngineWorker } from './engine/start-worker.ts';
import type { Llambo } from './protocol/llambo.ts';
import { systemEnv } from './shared/system-env.ts';
import { mountApp } from './ui/mount.ts';

declare global {
  /** The app, for the console and for scripts; see docs/api.md. */
  var llambo: Llambo;
}

async function build(): Promise<App> {
  const baseUrl = new URL('./', location.href).href;
  const surroundings = thisBrowser();
  const demo = wantsScriptedEngine(location.search);
  const [capabilities, catalog, config, preferences, createWorker] = await Promise.all([
    findCapabilities(surroundings),
    fetchCatalog(baseUrl),
    fetchRuntimeConfig(baseUrl),
    loadPreferences(),
    demo ? scriptedEngine(systemEnv) : startEngineWorker,
  ]);
  const extra = config.extraModels ?? [];
  const given = extra.find(({ id }) => id === config.model)?.id;
  return createApp({
    version,
    env: systemEnv,
    baseUrl,
    surroundings,
    capabilities,
    catalog: [...catalog.filter(({ id }) => !extra.some((entry) => entry.id === id)), ...extra],
    preferences,
    // A model that the server was started with is why it was started; else the person's last choice counts.
    model: given ?? preferences.model ?? config.model ?? null,
    demo,
    createWorker,
  });
}

const app = await build();
globalThis.llambo = app.llambo;
// Nobody may be listening; the page shows the reason anyhow.
app.llambo.ready.catch(() => undefined);
mountApp(document.getElementById('app') ?? document.body, app.store);
addEventListener('pagehide', () => app.beforeLeaving());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') app.beforeLeaving();
});
await app.start();
