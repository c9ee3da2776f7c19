/** From an address to an app: reads what the browser can do, what the site offers and what the person chose. */
import { findCapabilities, thisBrowser } from '../engine/capabilities.ts';
import { fetchCatalog, fetchRuntimeConfig } from '../engine/model-catalog.ts';
import { startEngineWorker } from '../engine/start-worker.ts';
import type { Env } from '../shared/env.ts';
import { createApp, type App } from './create-app.ts';
import { scriptedCatalog, scriptedEngine, wantsScriptedEngine } from './demo.ts';
import { loadPreferences } from './settings-storage.ts';

/**
 * @param place the page's address
 * @returns the app, not started
 * @throws LlamboError `download-failed` or `bad-request` if the site's own catalogue can't be read
 */
export async function openApp(place: Pick<Location, 'href' | 'search'>, env: Env, version: string): Promise<App> {
  const baseUrl = new URL('./', place.href).href;
  const surroundings = thisBrowser();
  const demo = wantsScriptedEngine(place.search);
  const [capabilities, catalog, config, preferences, createWorker] = await Promise.all([
    findCapabilities(surroundings),
    fetchCatalog(baseUrl),
    fetchRuntimeConfig(baseUrl),
    loadPreferences(),
    demo ? scriptedEngine(env) : startEngineWorker,
  ]);
  const extra = config.extraModels ?? [];
  const known = [...catalog.filter(({ id }) => !extra.some((entry) => entry.id === id)), ...extra];
  const given = extra.find(({ id }) => id === config.model)?.id;
  return createApp({
    version,
    env,
    baseUrl,
    surroundings,
    capabilities,
    catalog: demo ? scriptedCatalog(known) : known,
    preferences,
    // A model that the server was started with is why it was started; else the person's last choice counts.
    model: given ?? preferences.model ?? config.model ?? null,
    demo,
    createWorker,
  });
}
