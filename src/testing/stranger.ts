/**
 * Somebody at the other end of a connection who keeps no rules: sends any frame in any order, and notes what comes back.
 * With the room's secret it can play a handshake by hand, to its end or to any point of it.
 */
import { createDecoder, encode } from '../mesh/link/codec.ts';
import { labelled, utf8 } from '../mesh/bytes.ts';
import type { OpenLinkDeps } from '../mesh/link/open-link.ts';
import type { Connection } from '../mesh/transport/transport.ts';
import { PROTOCOL_VERSION, type MessageOf, type MessageTag, type PeerMessage } from '../protocol/messages.ts';
import { settle } from './manual-clock.ts';

export interface Stranger {
  /** Every message that came, in order. */
  readonly heard: readonly PeerMessage[];
  /** The frames of those. */
  readonly frames: readonly Uint8Array[];
  say(...messages: readonly PeerMessage[]): void;
  raw(frame: Uint8Array): void;
  /** The first message of that kind that came. */
  heardOne<Tag extends MessageTag>(tag: Tag): MessageOf<Tag>;
  hello(change?: Partial<MessageOf<'hello'>>): MessageOf<'hello'>;
  /** A proof for the two hellos that were exchanged, as the protocol says. */
  proof(): Promise<MessageOf<'proof'>>;
  /** Plays its part as far as it goes. */
  play(until: 'hello' | 'proof' | 'welcome'): Promise<void>;
}

/** @param wait until the other side has answered */
export function createStranger(connection: Connection, { identity, crypto, room, build, introduce }: OpenLinkDeps, wait: () => Promise<void> = settle): Stranger {
  const decode = createDecoder();
  const heard: PeerMessage[] = [];
  const frames: Uint8Array[] = [];
  let said: MessageOf<'hello'> | null = null;

  connection.onMessage((frame) => {
    frames.push(frame);
    const parsed = decode(frame);
    if (parsed?.kind === 'message') heard.push(parsed.message);
  });

  const raw = (frame: Uint8Array): void => connection.send(frame);
  function say(...messages: readonly PeerMessage[]): void {
    for (const message of messages) {
      if (message.t === 'hello') said ??= message;
      encode(message).forEach(raw);
    }
  }

  function heardOne<Tag extends MessageTag>(tag: Tag): MessageOf<Tag> {
    const found = heard.find((message): message is MessageOf<Tag> => message.t === tag);
    if (!found) throw new Error(`No ${tag} came, but ${heard.map(({ t }) => t).join(', ') || 'nothing'}.`);
    return found;
  }

  function hello(change: Partial<MessageOf<'hello'>> = {}): MessageOf<'hello'> {
    const { key, deviceKey, certificate } = identity;
    return { t: 'hello', versions: [PROTOCOL_VERSION], build, key, deviceKey, certificate, nonce: crypto.nonce(), ...change };
  }

  // Written out once more, as a second implementation would from docs/protocol.md: a slip in one shows in the other.
  async function proof(): Promise<MessageOf<'proof'>> {
    if (!said) throw new Error('Say hello first.');
    const sorted = (message: object): Uint8Array => utf8(JSON.stringify(Object.fromEntries(Object.entries(message).sort(([a], [b]) => (a < b ? -1 : 1)))));
    const both = [sorted(said), sorted(heardOne('hello'))];
    if (!connection.outgoing) both.reverse();
    const role = connection.outgoing ? 'dialler' : 'acceptor';
    const transcript = labelled('llambo/1 handshake', utf8(room.id), ...both, connection.binding);
    return { t: 'proof', mac: await room.keys.mac(labelled(`llambo/1 ${role} secret`, transcript)), signature: await identity.sign(labelled(`llambo/1 ${role} identity`, transcript)) };
  }

  return {
    heard, frames, say, raw, heardOne, hello, proof,
    async play(until) {
      say(hello());
      await wait();
      if (until === 'hello') return;
      say(await proof());
      await wait();
      if (until === 'welcome') say({ t: 'welcome', ...introduce() });
      await wait();
    },
  };
}
