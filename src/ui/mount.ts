/**
 * Puts the page into the document. The one door of `src/ui`: the composition hands in a store and hears nothing more,
 * since everything else goes through its commands.
 */
import type { AppStore } from '../protocol/app-store.ts';
import { AppShell } from './app-shell.ts';
import { registerIcons } from './icons.ts';

/** @returns takes the page down again. */
export function mountApp(root: HTMLElement, store: AppStore): () => void {
  registerIcons();
  const stopFollowing = followColorScheme();
  const shell = new AppShell(store);
  root.replaceChildren(shell);
  return () => {
    stopFollowing();
    shell.remove();
  };
}

/** Web Awesome knows light and dark by a class. */
function followColorScheme(): () => void {
  const query = matchMedia('(prefers-color-scheme: dark)');
  const apply = (): void => {
    document.documentElement.classList.toggle('wa-dark', query.matches);
    document.documentElement.classList.toggle('wa-light', !query.matches);
  };
  apply();
  query.addEventListener('change', apply);
  return () => query.removeEventListener('change', apply);
}
