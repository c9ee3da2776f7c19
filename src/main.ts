/** Start: open the app, show it, bring the engines up. */
import { version } from '../package.json';
import { openApp } from './app/open-app.ts';
import type { Llambo } from './protocol/llambo.ts';
import { systemEnv } from './shared/system-env.ts';
import { mountApp } from './ui/mount.ts';

declare global {
  /** The app, for the console and for scripts; see docs/api.md. */
  var llambo: Llambo;
}

const app = await openApp(location, systemEnv, version);
globalThis.llambo = app.llambo;
// Nobody may be listening; the page shows the reason anyhow.
app.llambo.ready.catch(() => undefined);
mountApp(document.getElementById('app') ?? document.body, app.store);
addEventListener('pagehide', () => app.beforeLeaving());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') app.beforeLeaving();
});
await app.start();
