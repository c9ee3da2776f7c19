/**
 * The servers that the person connected, as nodes of this tab: adds, changes and removes them, and remembers them without
 * their keys. It has the same face as the pool of engines, so that who gives out work can't tell them apart.
 */
import * as v from 'valibot';
import { explainFailure } from '../engine/native/explain-failure.ts';
import { createNativeNode, type NativeNode, type NativeServerSpec } from '../engine/native/native-node.ts';
import { serverRoot } from '../engine/native/server-url.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { EngineNode, NodeInfo } from '../protocol/engine-node.ts';
import type { NativeDraft, NativeServer, NativeTest, NativeView } from '../protocol/native.ts';
import { background } from '../shared/abort.ts';
import { Emitter, type Unsubscribe } from '../shared/emitter.ts';
import type { Env } from '../shared/env.ts';
import { LlamboError, isAbort, toWire } from '../shared/errors.ts';
import { nodeAddress, type Address, type PeerId } from '../shared/ids.ts';
import { freeId, nativeFields, type KeyRing, type NativeStorage } from './native-storage.ts';

export interface NativeNodesDeps {
  readonly env: Env;
  readonly peer: PeerId;
  /** Absolute address of this page. */
  readonly pageUrl: string;
  readonly fetch: typeof fetch;
  readonly storage: NativeStorage;
  readonly keys: KeyRing;
  /** The servers could not be stored. */
  onError(error: unknown): void;
}

export interface NativeNodes {
  /** Connects to those of earlier visits. Settles when they are listed; whether they answer is in their states. */
  start(): Promise<void>;
  view(): NativeView;
  nodes(): readonly NodeInfo[];
  get(address: Address): EngineNode | null;
  onChange(listener: () => void): Unsubscribe;
  /** @throws LlamboError `bad-request` if the address is none, or there are too many */
  add(draft: NativeDraft): Address;
  /** What is not named stays. Other fields than `tier` and `share` connect anew: answers that run there end with `stopped`. @throws LlamboError `bad-request`, `not-found` */
  change(id: string, change: Partial<NativeDraft>): void;
  remove(id: string): void;
  /** Looks again at a server that does not answer. */
  retry(id: string): void;
  /** Asks a server what it has, without connecting it; the outcome is in the view. A later look ends an earlier one. @throws LlamboError `bad-request` */
  test(draft: NativeDraft): Promise<void>;
  stop(): Promise<void>;
}

interface Member {
  readonly server: NativeServer;
  readonly node: NativeNode;
}

const draftSchema = v.object({ ...nativeFields, key: v.fallback(v.pipe(v.string(), v.trim(), v.maxLength(LIMITS.nativeKeyChars)), '') });

export function createNativeNodes(deps: NativeNodesDeps): NativeNodes {
  const { env, peer, pageUrl, storage, keys } = deps;
  const changes = new Emitter<void>();
  let members: readonly Member[] = [];
  let test: NativeTest | null = null;
  let testing = new AbortController();
  let shown: NativeView | null = null;
  let saved: Promise<unknown> = Promise.resolve();

  function changed(): void {
    shown = null;
    changes.emit();
  }

  /** One after another, so that the last word is what stays. */
  function save(old: NativeServer | null, by: NativeServer | null): void {
    saved = saved.then(() => storage.replace(old, by)).catch(deps.onError);
  }

  const nodeOf = (address: Address, server: NativeServerSpec): NativeNode => createNativeNode({ env, address, fetch: deps.fetch, server, pageUrl });
  const addressOf = (id: string): Address => nodeAddress(peer, id);

  function connect(server: NativeServer): Member {
    const root = rootOf(server.url);
    const node = nodeOf(addressOf(server.id), { ...server, root, key: keys.get(server) });
    node.onChange(changed);
    // Why it fails is in its state.
    background(node.start(), () => undefined);
    return { server, node };
  }

  function member(id: string): Member {
    const found = members.find(({ server }) => server.id === id);
    if (!found) throw new LlamboError('not-found', `There is no server ${id}.`, { advice: 'Look at the list in the settings.' });
    return found;
  }

  function add(draft: NativeDraft): Address {
    const { key, ...server } = parseDraft(draft);
    const id = freeId(members.map((one) => one.server));
    if (id === null) throw new LlamboError('bad-request', `A tab can have ${LIMITS.nativeServers} servers.`, { advice: 'Remove one first.' });
    keys.set({ id, ...server }, key);
    members = [...members, connect({ id, ...server })];
    test = null;
    save(null, { id, ...server });
    changed();
    return addressOf(id);
  }

  function change(id: string, wanted: Partial<NativeDraft>): void {
    const before = member(id);
    const { id: _, ...kept } = before.server;
    const { key, ...server } = parseDraft({ ...kept, key: keys.get({ id, url: wanted.url ?? kept.url }), ...wanted });
    const sameServer = (['url', 'model', 'slots', 'contextTokens'] as const).every((field) => server[field] === kept[field]) && key === keys.get(before.server);
    keys.set({ id, ...server }, key);
    if (sameServer) before.node.adjust(server);
    else background(before.node.stop(), () => undefined);
    const after: Member = sameServer ? { server: { id, ...server }, node: before.node } : connect({ id, ...server });
    members = members.map((one) => (one === before ? after : one));
    save(before.server, after.server);
    changed();
  }

  function remove(id: string): void {
    const gone = member(id);
    members = members.filter((one) => one !== gone);
    keys.set(gone.server, '');
    background(gone.node.stop(), () => undefined);
    save(gone.server, null);
    changed();
  }

  async function look(draft: NativeDraft): Promise<void> {
    const parsed = parseDraft(draft);
    testing.abort();
    const mine = new AbortController();
    testing = mine;
    const tell = (outcome: NativeTest): void => {
      if (testing !== mine) return;
      test = Object.freeze(outcome);
      changed();
    };
    const { url } = parsed;
    const node = nodeOf(nodeAddress(peer, 'native-test'), { ...parsed, root: rootOf(url) });
    tell({ state: 'running', url });
    try {
      const { model, models, slots, contextTokens } = await node.start({ signal: mine.signal });
      tell({ state: 'good', url, model, models, slots, contextTokens });
    } catch (error) {
      if (!isAbort(error)) tell({ state: 'failed', url, error: toWire(error), hints: hintsOf(error, pageUrl, url) });
    } finally {
      await node.stop();
    }
  }

  return {
    async start() {
      const stored = await storage.load();
      const usable = stored.filter(({ url, id }) => serverRoot(url) !== null && members.every(({ server }) => server.id !== id));
      members = [...members, ...usable.map(connect)];
      changed();
    },
    view: () => (shown ??= Object.freeze({ servers: members.map(({ server }) => Object.freeze({ ...server, address: addressOf(server.id), hasKey: keys.get(server) !== '' })), test })),
    nodes: () => members.map(({ node }) => node.info()),
    get: (address) => members.find(({ node }) => node.address === address)?.node ?? null,
    onChange: (listener) => changes.on(listener),
    add,
    change,
    remove,
    retry: (id) => background(member(id).node.start(), () => undefined),
    test: look,
    async stop() {
      testing.abort();
      await Promise.all(members.map(({ node }) => node.stop()));
      await saved;
    },
  };
}

function parseDraft(draft: NativeDraft): v.InferOutput<typeof draftSchema> {
  const result = v.safeParse(draftSchema, draft);
  if (!result.success) throw new LlamboError('bad-request', 'This is no description of a server.', { advice: 'Give at least its address.' });
  rootOf(result.output.url);
  return result.output;
}

function rootOf(url: string): string {
  const root = serverRoot(url);
  if (root === null) throw new LlamboError('bad-request', 'This is not the address of a server.', { advice: 'It begins with http:// or https:// and has no name or password in it.' });
  return root;
}

function hintsOf(error: unknown, pageUrl: string, url: string): readonly string[] {
  const { code, advice } = toWire(error);
  if (code === 'unreachable') return explainFailure(pageUrl, url).map(({ text }) => text);
  return advice === undefined ? [] : [advice];
}
