/** A neighbour that carries as it likes, and peers that abuse one: what they can do, and that it is no more than not to carry. */
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { PeerId } from '../../shared/ids.ts';
import { createFakeRelayCrypto } from '../../testing/fake-relay-crypto.ts';
import { createManualClock, settle } from '../../testing/manual-clock.ts';
import { countedCrypto, createRelayRig, type RelayPeer, type RelayRig, type RelayRigOptions } from '../../testing/relay-rig.ts';
import { createSeededRandom } from '../../testing/seeded-random.ts';
import { openLink } from '../link/open-link.ts';
import type { PeerLink } from '../link/peer-link.ts';
import { createRelayCrypto } from '../platform/relay-crypto.ts';
import { refusalOf } from '../link/refusals.ts';
import { createRelay, relayEndpoint } from './relay.ts';
import { packBox, unpackBox, type Box } from './relay-box.ts';
import { createRelayCarrier } from './relay-carrier.ts';
import type { RelayCrypto, RelayKeys, RelayOffer } from './relay-crypto.ts';

type Relayed = MessageOf<'relay'>;

async function between(options: Partial<RelayRigOptions> = {}): Promise<{ rig: RelayRig; asker: RelayPeer; worker: RelayPeer; carrier: RelayPeer }> {
  const rig = createRelayRig({ clock: createManualClock(), ...options });
  const [asker, worker, carrier] = [rig.peer(), rig.peer(), rig.peer()];
  await rig.link(asker, carrier);
  await rig.link(carrier, worker);
  return { rig, asker, worker, carrier };
}

const onwards = (carrier: RelayPeer, message: Relayed): void => carrier.links.get(message.to)?.send(message);
const boxOf = (message: Relayed): Box => unpackBox(message.box)!;

const endOf = (link: PeerLink): string[] => {
  const ends: string[] = [];
  link.onEnd(({ kind }) => ends.push(kind));
  return ends;
};

const { subtle, isBusy } = countedCrypto();

describe.each([
  ['fake keys', {}, createFakeRelayCrypto(99)],
  ['the cryptography of the browser', { relayCrypto: () => createRelayCrypto(subtle), isBusy }, createRelayCrypto(subtle)],
])('a neighbour between two, with %s,', (_, options: Partial<RelayRigOptions>, own: RelayCrypto) => {
  it('can not agree with each of them and sit in the middle: both refuse', async () => {
    const { rig, asker, worker, carrier } = await between(options);
    const read: string[] = [];
    const keys = new Map<PeerId, RelayKeys>();
    let asked: Uint8Array | null = null;
    let offer: RelayOffer | null = null;
    let turn = Promise.resolve();

    async function sitBetween(message: Relayed): Promise<void> {
      const { kind, path, content } = boxOf(message);
      const { from, to } = message;
      const say = (writer: PeerId, reader: PeerId, change: Pick<Box, 'kind' | 'content'>): void =>
        carrier.links.get(reader)!.send({ t: 'relay', from: writer, to: reader, box: packBox({ path, ...change }) });
      if (kind === 'ask') {
        asked = content;
        offer = await own.offer();
        say(from, to, { kind: 'ask', content: offer.bytes });
      } else if (kind === 'answer') {
        keys.set(from, await offer!.finish(content));
        const answer = await own.answer(asked!);
        keys.set(to, answer.keys);
        say(from, to, { kind: 'answer', content: answer.bytes });
      } else if (kind === 'sealed') {
        const plain = (await keys.get(from)!.open(content))!;
        read.push(Buffer.from(plain).toString('latin1'));
        say(from, to, { kind: 'sealed', content: await keys.get(to)!.seal(plain) });
      }
    }
    carrier.handle = (__, message) => {
      if (message.t === 'relay') turn = turn.then(() => sitBetween(message));
    };

    const greeted: Promise<unknown>[] = [];
    worker.relay.onConnection((connection) => greeted.push(openLink(connection, worker.deps).catch(refusalOf)));
    const dialled = asker.relay.dial(relayEndpoint(worker.id)).then((connection) => openLink(connection, asker.deps)).catch(refusalOf);
    expect(await rig.run(dialled)).toBe('secret');
    expect(await rig.run(Promise.all(greeted))).toEqual(['secret']);
    // It did sit there: it has read the greetings, and nothing came after them.
    expect(read.some((text) => text.includes('"t":"hello"'))).toBe(true);
    expect(read.some((text) => text.includes('"t":"welcome"'))).toBe(false);
  });

  const flip = (box: string, at: number): string => box.slice(0, at) + (box[at] === 'A' ? 'B' : 'A') + box.slice(at + 1);
  type Trick = (message: Relayed, count: number, send: (message: Relayed) => void) => void;
  const AT = 3;
  it.each<[string, Trick]>([
    ['plays a box back', (message, count, send) => [message, ...(count === AT ? [message] : [])].forEach(send)],
    ['plays an early box back later', (() => {
      let kept: Relayed | null = null;
      return (message, count, send) => {
        kept ??= message;
        send(message);
        if (count === AT) send(kept);
      };
    })()],
    ['drops a box', (message, count, send) => void (count !== AT && send(message))],
    ['changes a box', (message, count, send) => send(count === AT ? { ...message, box: flip(message.box, 60) } : message)],
    ['cuts a box short', (message, count, send) => send(count === AT ? { ...message, box: packBox({ ...boxOf(message), content: boxOf(message).content.slice(0, -3) }) } : message)],
    ['empties a box', (message, count, send) => send(count === AT ? { ...message, box: packBox({ ...boxOf(message), content: new Uint8Array(0) }) } : message)],
    ['puts one box before another', (() => {
      let kept: Relayed | null = null;
      return (message, count, send) => {
        if (count === AT) kept = message;
        else send(message);
        if (count === AT + 1 && kept) send(kept);
      };
    })()],
    ['adds a box of its own', (message, count, send) => {
      if (count === AT) send({ ...message, box: packBox({ ...boxOf(message), content: new Uint8Array(80).fill(7) }) });
      send(message);
    }],
    ['sends a box back to its writer', (message, count, send) => send(count === AT ? { ...message, to: message.from, from: message.to } : message)],
    ['says that it is over', (message, count, send) => send(count === AT ? { ...message, box: packBox({ ...boxOf(message), kind: 'end', content: new Uint8Array(0) }) } : message)],
  ])('ends the link if it %s, and nobody hears what was not said', async (__, trick) => {
    const { rig, asker, worker, carrier } = await between(options);
    const [near, far] = await rig.relayed(asker, worker);
    const ends = [endOf(near), endOf(far)];
    const heard: number[] = [];
    far.onMessage((message) => heard.push(message.t === 'roster?' ? message.have : -1));
    let count = 0;
    carrier.handle = (___, message) => {
      if (message.t !== 'relay') return;
      if (message.from === asker.id && boxOf(message).kind === 'sealed') trick(message, count++, (changed) => onwards(carrier, changed));
      else onwards(carrier, message);
    };
    for (let have = 0; have < 8; have += 1) {
      near.send({ t: 'roster?', term: 1, have });
      await rig.clock.advance(100);
      if (isBusy()) await settle();
    }
    await rig.until(() => ends.every(({ length }) => length === 1));
    expect(ends).toEqual([['lost'], ['lost']]);
    // A box that came back was taken for theirs, and ended the writer's side first; else all before the trick was heard.
    expect(heard).toEqual(heard.map((___, index) => index));
    expect(heard.length).toBeLessThanOrEqual(AT + 1);
    expect(carrier.links.size).toBe(2);
  });
});

describe('a neighbour', () => {
  it('that speaks in the name of another is known by its own key', async () => {
    const { rig, asker, worker, carrier } = await between();
    const nobody = 'aaaaaaaaaaaaaaaaaaaa' as PeerId;
    const posing = createRelay({
      self: asker.id,
      env: { clock: rig.clock, random: createSeededRandom(5) },
      crypto: createFakeRelayCrypto(77),
      neighbours: () => [nobody],
      direct: () => carrier.links.get(worker.id)!,
      onViolation: () => undefined,
    });
    carrier.handle = (__, message) => posing.handle(nobody, message);
    const met = new Promise<PeerLink>((resolve, reject) => {
      worker.relay.onConnection((connection) => {
        expect(connection.remote).toBe(relayEndpoint(asker.id));
        openLink(connection, worker.deps).then(resolve, reject);
      });
    });
    const dialled = posing.dial(relayEndpoint(worker.id)).then((connection) => openLink(connection, carrier.deps));
    const outcome = await rig.run(Promise.allSettled([dialled, met]));
    expect(outcome.map((each) => each.status)).toEqual(['fulfilled', 'fulfilled']);
    expect((await met).peer).toBe(carrier.id);
  });

  it('that does not carry a connection can neither end it nor say a word in it', async () => {
    const { rig, asker, worker, carrier } = await between();
    const other = rig.peer();
    await rig.link(asker, other);
    await rig.link(other, worker);
    asker.ways = () => [carrier.id];
    const [near, far] = await rig.relayed(asker, worker);
    const { path } = boxOf(carrier.heard.find((message) => message.t === 'relay')!);
    for (const kind of ['end', 'sealed', 'answer', 'ask'] as const) {
      other.links.get(worker.id)!.send({ t: 'relay', from: asker.id, to: worker.id, box: packBox({ kind, path, content: new Uint8Array(kind === 'end' ? 0 : 40) }) });
    }
    other.links.get(asker.id)!.send({ t: 'relay-gone', to: worker.id, reason: 'unlinked' });
    other.links.get(worker.id)!.send({ t: 'relay', from: asker.id, to: worker.id, box: 'AAAA' });
    await settle();
    const heard: string[] = [];
    far.onMessage(({ t }) => heard.push(t));
    near.send({ t: 'roster?', term: 1, have: 1 });
    await rig.until(() => heard.length + endOf(far).length > 0);
    expect([heard, endOf(near), endOf(far)]).toEqual([['roster?'], [], []]);
  });
});

describe('who carries', () => {
  it('carries only what its neighbour wrote, and ends the link of one that says otherwise', async () => {
    const { rig, asker, worker, carrier } = await between();
    const elsewhere = rig.peer();
    const lies = [
      { from: elsewhere.id, to: worker.id },
      { from: asker.id, to: asker.id },
      { from: asker.id, to: carrier.id },
      { from: carrier.id, to: carrier.id },
      { from: carrier.id, to: worker.id },
    ];
    for (const lie of lies) {
      if (!carrier.links.has(asker.id)) await rig.link(asker, carrier);
      asker.links.get(carrier.id)!.send({ t: 'relay', ...lie, box: packBox({ kind: 'end', path: 'abcdefgh01234567', content: new Uint8Array(0) }) });
      await rig.until(() => !asker.links.has(carrier.id));
    }
    expect(carrier.violations).toHaveLength(lies.length);
    expect(worker.heard).toEqual([]);
    expect(carrier.links.has(worker.id)).toBe(true);
  });

  it('makes no detour: what it has no link for goes to nobody else', async () => {
    const { rig, asker, carrier } = await between();
    const [next, target] = [rig.peer(), rig.peer()];
    await rig.link(carrier, next);
    await rig.link(next, target);
    asker.links.get(carrier.id)!.send({ t: 'relay', from: asker.id, to: target.id, box: 'AAAA' });
    await rig.until(() => asker.heard.length === 1);
    expect(asker.heard).toEqual([{ t: 'relay-gone', to: target.id, reason: 'unlinked' }]);
    expect([next.heard, target.heard]).toEqual([[], []]);
  });

  const A = 'aaaaaaaaaaaaaaaaaaaa' as PeerId;
  const B = 'bbbbbbbbbbbbbbbbbbbb' as PeerId;
  const box = 'A'.repeat(LIMITS.relayBoxChars);

  function carrying(bufferedBytes = 0): { sent: { to: PeerId; t: string }[]; clock: ReturnType<typeof createManualClock>; carry(from: PeerId, to: PeerId): string } {
    const clock = createManualClock();
    const sent: { to: PeerId; t: string }[] = [];
    const carrier = createRelayCarrier(clock, (to) => ({ send: (message) => sent.push({ to, t: message.t === 'relay-gone' ? message.reason : message.t }), bufferedBytes: () => bufferedBytes }));
    return {
      sent, clock,
      carry(from, to) {
        carrier.carry({ t: 'relay', from, to, box });
        return sent.at(-1)!.t;
      },
    };
  }

  it('carries so much for one pair and no more, and other pairs go on', async () => {
    const { carry, clock, sent } = carrying();
    const burst = Math.floor((LIMITS.relayPairBytesPerSecond * LIMITS.relayBurstSeconds) / box.length);
    for (let count = 0; count < burst; count += 1) expect(carry(A, B)).toBe('relay');
    expect(carry(A, B)).toBe('busy');
    expect(sent.at(-1)!.to).toBe(A);
    expect(carry(B, A)).toBe('relay');
    await clock.advance(1000);
    expect(carry(A, B)).toBe('relay');
  });

  it('carries so much for all together and no more', () => {
    const { carry } = carrying();
    const most = Math.floor((LIMITS.relayBytesPerSecond * LIMITS.relayBurstSeconds) / box.length);
    const outcomes = Array.from({ length: most + 8 }, (_, count) => carry(`${'abcdefghijklmnop'[count % 16]}`.repeat(20) as PeerId, 'zzzzzzzzzzzzzzzzzzzz' as PeerId));
    expect(outcomes.filter((outcome) => outcome === 'relay')).toHaveLength(most);
    expect(outcomes.at(-1)).toBe('busy');
  });

  it('carries nothing to a link that is full, so that it never ends for what others sent', () => {
    expect(carrying(LIMITS.relayHeldBytes + 1).carry(A, B)).toBe('busy');
    expect(LIMITS.relayHeldBytes + LIMITS.relayBoxChars).toBeLessThan(4 * LIMITS.messageBytes);
  });

  it('is spared by who keeps the pace, however much there is to say', async () => {
    const { rig, asker, worker, carrier } = await between();
    const connection = await rig.run(asker.relay.dial(relayEndpoint(worker.id)));
    for (let count = 0; count < 64; count += 1) connection.send(new Uint8Array(LIMITS.frameBytes));
    await rig.until(() => connection.bufferedBytes() === 0);
    expect(asker.heard.filter(({ t }) => t === 'relay-gone')).toEqual([]);
    expect(carrier.links.size).toBe(2);
  });
});
