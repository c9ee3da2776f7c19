/** Native servers as the page has them, and the commands about them: what goes wrong becomes a notice, and never has a key in it. */
import type { Commands } from '../protocol/commands.ts';
import { background } from '../shared/abort.ts';
import type { AppOptions } from './app-options.ts';
import { createKeyRing, createNativeStorage, tabSession } from './native-storage.ts';
import { createNativeNodes, type NativeNodes } from './native-nodes.ts';
import type { Notices } from './notices.ts';

type NativeCommands = Pick<Commands, 'addServer' | 'changeServer' | 'removeServer' | 'retryServer' | 'testServer'>;

export function createNativeCommands(natives: NativeNodes, notices: Notices): NativeCommands {
  const run = (what: string, act: () => unknown): void => background(Promise.resolve().then(act), (error) => notices.report(error, what));
  return {
    addServer: (draft) => run('This server can\'t be added', () => natives.add(draft)),
    changeServer: (id, change) => run('This server can\'t be changed', () => natives.change(id, change)),
    removeServer: (id) => run('This server can\'t be removed', () => natives.remove(id)),
    retryServer: (id) => run('This server can\'t be tried', () => natives.retry(id)),
    testServer: (draft) => run('This server can\'t be tried', () => natives.test(draft)),
  };
}

/** With this browser's own network and storage. Not started. */
export function openNativeNodes({ env, peer, baseUrl }: AppOptions, notices: Notices): { readonly natives: NativeNodes; readonly commands: NativeCommands } {
  const natives = createNativeNodes({
    env, peer,
    pageUrl: baseUrl,
    fetch: (...request) => fetch(...request),
    storage: createNativeStorage(),
    keys: createKeyRing(tabSession()),
    onError: (error) => notices.report(error, 'Your servers can\'t be stored'),
  });
  return { natives, commands: createNativeCommands(natives, notices) };
}
