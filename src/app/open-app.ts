/** From an address to an app: reads what the browser can do, what the site offers and what the person chose. */
import { findCapabilities, thisBrowser } from '../engine/capabilities.ts';
import { fetchCatalog, fetchRuntimeConfig } from '../engine/model-catalog.ts';
import { startEngineWorker } from '../engine/start-worker.ts';
import type { Env } from '../shared/env.ts';
import { readConfigFiles } from './config/config-files.ts';
import { createConfigStorage } from './config/config-storage.ts';
import { createApp, type App } from './create-app.ts';
import { scriptedCatalog, scriptedEngine, wantsScriptedEngine } from './demo.ts';
import { openMeshMaker } from './open-mesh.ts';
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
  const configStorage = createConfigStorage();
  const [capabilities, catalog, config, preferences, configFiles, createWorker] = await Promise.all([
    findCapabilities(surroundings),
    fetchCatalog(baseUrl),
    fetchRuntimeConfig(baseUrl),
    loadPreferences(),
    readConfigFiles(baseUrl, configStorage),
    demo ? scriptedEngine(env) : startEngineWorker,
  ]);
  // Beside the rest: making keys takes some milliseconds.
  const meshMaker = openMeshMaker({ env, baseUrl, config, build: version });
  const extra = config.extraModels ?? [];
  const known = [...catalog.filter(({ id }) => !extra.some((entry) => entry.id === id)), ...extra];
  const given = extra.find(({ id }) => id === config.model)?.id;
  const mesh = await meshMaker;
  return createApp({
    version,
    env,
    baseUrl,
    surroundings,
    capabilities,
    catalog: demo ? scriptedCatalog(known) : known,
    preferences,
    config: { files: configFiles, storage: configStorage },
    // A model that the server was started with is why it was started; else the person's last choice counts.
    model: given ?? preferences.model ?? config.model ?? null,
    demo,
    createWorker,
    peer: mesh.peer,
    device: mesh.device,
    mobile: matchMedia('(hover: none) and (pointer: coarse)').matches,
    createMesh: mesh.create,
    showAddress,
  });
}

/** The fragment of an invitation. What exactly it says is looked at when it is followed. */
export const isInvitation = (fragment: string): boolean => fragment.startsWith('#/swarm/');

/** The address can be shared while this tab is in a swarm; the secret stays in the fragment, which no server sees. */
function showAddress(link: string | null): void {
  const url = new URL(location.href);
  url.hash = link === null ? '' : new URL(link).hash;
  history.replaceState(history.state, '', url);
}
