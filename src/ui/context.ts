/** The key under which `app-shell` offers the store to the views below it. */
import { createContext } from '@lit/context';
import type { AppStore } from '../protocol/app-store.ts';

export const storeContext = createContext<AppStore>(Symbol('llambo store'));
