/**
 * A pair of peer links with nothing between them but promise callbacks: what one side sends, the other gets as JSON that
 * went through `parseMessage`, in order. It can die, be held up and carry what no peer of ours would send. The real link,
 * with frames, rates and heartbeats, is `mesh/link/peer-link.ts`.
 */
import type { LinkEnd, PeerLink } from '../mesh/link/peer-link.ts';
import type { ByteChannel } from '../mesh/transport/transport.ts';
import type { PeerMessage } from '../protocol/messages.ts';
import { parseMessage } from '../protocol/parse.ts';
import type { PeerEntry } from '../protocol/peer.ts';
import { Emitter } from '../shared/emitter.ts';
import type { DeviceId, PeerId } from '../shared/ids.ts';

export interface FakeLink extends PeerLink {
  /** Everything that was sent here, as it was sent. */
  readonly sent: readonly PeerMessage[];
  /** Puts a value onto the wire as it is, so that the other side gets it from us. */
  sendRaw(value: unknown): void;
  /** What `bufferedBytes` says. */
  setBuffered(bytes: number): void;
  ended(): LinkEnd | null;
}

export interface FakeLinkPair {
  /** The dialler's end: its `peer` is the other one. */
  readonly near: FakeLink;
  readonly far: FakeLink;
  /** Both ends are lost, and what was under way with them. */
  lose(): void;
}

export interface FakePeer {
  readonly peer: PeerId;
  readonly device: DeviceId;
}

/** A valid id of 20 characters that starts with the given letters. */
export const fakePeerId = (name: string): PeerId => name.padEnd(20, 'a') as PeerId;
export const fakeDeviceId = (name: string): DeviceId => name.padEnd(20, 'd') as DeviceId;

const noBytes: ByteChannel = {
  send: () => undefined,
  bufferedBytes: () => 0,
  onDrain: () => () => undefined,
  onMessage: () => () => undefined,
};

const entryOf = ({ peer, device }: FakePeer): PeerEntry => ({
  peer, device, incarnation: 1, revision: 1, name: 'fake', endpoints: [], joinedAt: 0, visible: true, rank: 1, doors: [], links: [], nodes: [], sharing: { slots: 0, busy: 0 },
});

interface Side extends FakeLink {
  receive(text: string): void;
  over(end: LinkEnd): void;
}

/** @param onEnd what to do on the other side, after all that was sent before */
function createSide(other: FakePeer, outgoing: boolean, deliver: (act: (remote: Side) => void) => void): Side {
  const messages = new Emitter<PeerMessage>();
  const ends = new Emitter<LinkEnd>();
  const sent: PeerMessage[] = [];
  let buffered = 0;
  let ended: LinkEnd | null = null;

  function over(end: LinkEnd): void {
    if (ended) return;
    ended = end;
    ends.emit(end);
    ends.clear();
    messages.clear();
  }

  function put(value: unknown): void {
    const text = JSON.stringify(value);
    if (!ended) deliver((remote) => remote.receive(text));
  }

  return {
    ...other,
    build: 'test',
    welcome: { entry: entryOf(other), claim: null },
    outgoing,
    path: 'simulated',
    bulk: noBytes,
    sent,
    send(message) {
      sent.push(message);
      put(message);
    },
    sendRaw: put,
    bufferedBytes: () => buffered,
    setBuffered: (bytes) => void (buffered = bytes),
    onMessage: (listener) => messages.on(listener),
    onEnd(listener) {
      if (!ended) return ends.on(listener);
      listener(ended);
      return () => undefined;
    },
    end(end) {
      if (ended) return;
      over(end);
      deliver((remote) => remote.over(seenFromThere(end)));
    },
    ended: () => ended,
    over,
    receive(text) {
      if (ended) return;
      const parsed = parseMessage(JSON.parse(text));
      if (parsed.kind === 'message') messages.emit(parsed.message);
      else if (parsed.kind === 'malformed') this.end({ kind: 'violation', reason: 'protocol', what: parsed.what });
    },
  };
}

/** They are told the reason of a violation, and nothing else. */
const seenFromThere = (end: LinkEnd): LinkEnd => (end.kind === 'violation' ? { kind: 'refused', reason: end.reason } : end.kind === 'left' ? end : { kind: 'closed' });

export function createFakeLinkPair(
  dialler: FakePeer = { peer: fakePeerId('near'), device: fakeDeviceId('near') },
  answerer: FakePeer = { peer: fakePeerId('far'), device: fakeDeviceId('far') },
): FakeLinkPair {
  let alive = true;
  let line = Promise.resolve();
  const later = (act: () => void): void => {
    line = line.then(() => (alive ? act() : undefined));
  };
  const near: Side = createSide(answerer, true, (act) => later(() => act(far)));
  const far: Side = createSide(dialler, false, (act) => later(() => act(near)));
  return {
    near,
    far,
    lose() {
      alive = false;
      near.over({ kind: 'lost' });
      far.over({ kind: 'lost' });
    },
  };
}
