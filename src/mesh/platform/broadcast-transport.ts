/**
 * Tabs of one browser find each other without any server: works on a plane. Owns which ids are taken, and by whom: each
 * id is a Web Lock, which the browser itself takes back from a tab that dies, so the others know at once. Messages go over
 * BroadcastChannels: one per id to call somebody, one per connection, so that nobody hears what is not for them.
 */
import { LIMITS } from '../../protocol/limits.ts';
import { createEnding, deferred, abortable, throwIfAborted, withDeadline } from '../../shared/abort.ts';
import { Emitter } from '../../shared/emitter.ts';
import type { Env } from '../../shared/env.ts';
import { LlamboError } from '../../shared/errors.ts';
import type { EndpointId } from '../../shared/ids.ts';
import type { Connection, Door, Endpoint, Transport } from '../transport/transport.ts';
import { createBroadcastConnection, type BroadcastConnection } from './broadcast-connection.ts';
import { parseCall, parseWord, versioned } from './broadcast-messages.ts';

const LETTER = 'b';
/** A close that was said and a lock that was freed come by different ways: the word gets this long to come first. */
const LAST_WORD_MS = 100;

const lockOf = (id: EndpointId): string => `llambo:at:${id}`;

export function createBroadcastTransport({ env }: { env: Env }): Transport {
  return {
    kind: 'broadcast',
    async open({ signal } = {}) {
      throwIfAborted(signal);
      if (typeof BroadcastChannel === 'undefined' || !('locks' in navigator)) throw unsupported();
      const id = `${LETTER}-${env.random.id()}` as EndpointId;
      const release = await abortable(takeLock(lockOf(id)), signal).catch((error: unknown) => {
        throwIfAborted(signal);
        throw unsupported(error);
      });
      return createEndpoint(env, id, () => release?.());
    },
  };
}

const unsupported = (cause?: unknown): LlamboError =>
  new LlamboError('unsupported', 'This browser does not let its tabs talk to each other.', { advice: 'Allow this site to keep data, or use a current browser.', cause });

const unreachable = (message: string): LlamboError =>
  new LlamboError('unreachable', message, { advice: 'Ask for a fresh link, or look whether the other tab is still open.' });

function createEndpoint({ clock, random }: Env, id: EndpointId, releaseLife: () => void): Endpoint {
  const incoming = new Emitter<Connection>();
  const signalling = new Emitter<'up' | 'down'>();
  const connections = new Set<BroadcastConnection>();
  const doors = new Set<Door>();
  const ending = createEnding();
  const stopListening = listen(id);
  let open = true;

  /** @returns the function that stops it */
  function listen(at: EndpointId): () => void {
    const calls = new BroadcastChannel(lockOf(at));
    calls.onmessage = ({ data }) => {
      const call = parseCall(data);
      if (call && open) accept(call.from, call.connection);
    };
    return () => calls.close();
  }

  function accept(from: EndpointId, name: string): void {
    const via = new BroadcastChannel(`llambo:via:${name}`);
    const connection = connect(via, { remote: from, outgoing: false, binding: bindingOf(name, from, id) });
    via.onmessage = ({ data }) => connection.heard(parseWord(data));
    via.postMessage(versioned({ type: 'accept', by: id }));
    incoming.emit(connection);
  }

  function connect(via: BroadcastChannel, facts: { remote: EndpointId; outgoing: boolean; binding: Uint8Array }): BroadcastConnection {
    const stopWatching = watch(facts.remote, () => connection.end('lost'));
    const hangUp = (): void => {
      stopWatching();
      connections.delete(connection);
      via.close();
    };
    const connection = createBroadcastConnection({ clock, ...facts, post: (message) => via.postMessage(message), hangUp });
    connections.add(connection);
    return connection;
  }

  /** Calls back once the other tab has lost its id: it closed without a word, or it died. */
  function watch(other: EndpointId, onGone: () => void): () => void {
    const stop = new AbortController();
    let cancel: (() => void) | null = null;
    const gone = (): void => {
      if (!stop.signal.aborted) cancel = clock.after(LAST_WORD_MS, onGone);
    };
    navigator.locks.request(lockOf(other), { mode: 'shared', signal: stop.signal }, () => undefined).then(gone, () => undefined);
    return () => {
      stop.abort();
      cancel?.();
    };
  }

  async function dial(to: EndpointId, { signal }: { signal?: AbortSignal } = {}): Promise<Connection> {
    throwIfAborted(signal);
    if (!open) throw unreachable('This end is closed.');
    if (!leadsTo(to) || !(await abortable(isTaken(to), signal))) throw unreachable(`No tab of this browser is ${to}.`);
    const name = random.id();
    const via = new BroadcastChannel(`llambo:via:${name}`);
    const answer = deferred<BroadcastConnection>();
    let connection: BroadcastConnection | null = null;
    via.onmessage = ({ data }) => {
      const word = parseWord(data);
      if (connection) return connection.heard(word);
      if (word?.type !== 'accept') return;
      connection = connect(via, { remote: word.by, outgoing: true, binding: bindingOf(name, id, word.by) });
      answer.resolve(connection);
    };
    call(to, name);
    try {
      return await withDeadline(clock, LIMITS.dialMs, `Dialling ${to}`, abortable(ending.orEnd(answer.promise), signal));
    } catch (error) {
      via.postMessage(versioned({ type: 'close' }));
      via.close();
      throw error;
    }
  }

  function call(to: EndpointId, connection: string): void {
    const calls = new BroadcastChannel(lockOf(to));
    calls.postMessage(versioned({ type: 'dial', from: id, connection }));
    calls.close();
  }

  async function hold(at: EndpointId, { signal }: { signal?: AbortSignal } = {}): Promise<Door> {
    throwIfAborted(signal);
    if (!open || !leadsTo(at)) throw unreachable(open ? `${at} is no door of this browser.` : 'This end is closed.');
    const free = await takeLock(lockOf(at));
    if (!free) throw new LlamboError('busy', `Another tab holds ${at}.`);
    if (!open || signal?.aborted) free();
    throwIfAborted(signal);
    if (!open) throw unreachable('This end is closed.');
    const stop = listen(at);
    const door: Door = {
      id: at,
      // The browser takes a lock from nobody who lives.
      onLost: () => () => undefined,
      release() {
        if (!doors.delete(door)) return;
        stop();
        free();
      },
    };
    doors.add(door);
    return door;
  }

  const leadsTo = (other: EndpointId): boolean => other.startsWith(`${LETTER}-`);

  return {
    id,
    ids: [id],
    leadsTo,
    dial,
    hold,
    onConnection: (listener) => incoming.on(listener),
    signalling: () => (open ? 'up' : 'down'),
    onSignalling: (listener) => signalling.on(listener),
    close() {
      if (!open) return;
      open = false;
      ending.end(unreachable('This end is closed.'));
      for (const connection of [...connections]) connection.close();
      for (const door of [...doors]) door.release();
      stopListening();
      releaseLife();
      signalling.emit('down');
    },
  };
}

/** The connection's own name is in it: two tabs may have several connections. */
const bindingOf = (name: string, dialler: EndpointId, dialled: EndpointId): Uint8Array =>
  new TextEncoder().encode([name, ...[dialler, dialled].sort()].join('\n'));

async function isTaken(id: EndpointId): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === lockOf(id));
}

/** @returns the function that gives the lock back; null if somebody else has it */
function takeLock(name: string): Promise<(() => void) | null> {
  return new Promise((resolve, reject) => {
    const held = (lock: Lock | null): Promise<void> | undefined => {
      if (!lock) return void resolve(null);
      return new Promise<void>((release) => resolve(release));
    };
    navigator.locks.request(name, { ifAvailable: true }, held).catch(reject);
  });
}
