/** Start: open the app, show it, bring the engines up. */
import { version } from '../package.json';
import { isInvitation, openApp } from './app/open-app.ts';
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
addEventListener('pagehide', () => app.onGone());
addEventListener('pageshow', ({ persisted }) => persisted && app.onBack());
document.addEventListener('visibilitychange', () => app.setVisible(document.visibilityState === 'visible'));
const followAddress = (): void => {
  if (isInvitation(location.hash)) app.store.commands.joinSwarm(location.href);
};
addEventListener('hashchange', followAddress);
followAddress();
await app.start();
