import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { PeerMessage } from '../../protocol/messages.ts';
import type { TaskId } from '../../shared/ids.ts';
import { createManualClock, settle, type ManualClock } from '../../testing/manual-clock.ts';
import { linkedPair, type LinkedPair } from '../../testing/mesh-peers.ts';
import { encode } from './codec.ts';
import type { LinkEnd, PeerLink } from './peer-link.ts';

const ask = (have: number): PeerMessage => ({ t: 'roster?', term: 1, have });
const leave: PeerMessage = { t: 'leave', successor: null, term: 1 };
/** Half a megabyte. */
const huge = (seq: number): PeerMessage => ({ t: 'task-events', id: 'task-1' as TaskId, seq, events: Array.from({ length: 32 }, () => ({ type: 'tokens' as const, text: 'x'.repeat(LIMITS.eventChars), count: 1 })) });

interface Heard {
  readonly messages: PeerMessage[];
  readonly ends: LinkEnd[];
}

function listen(link: PeerLink): Heard {
  const heard: Heard = { messages: [], ends: [] };
  link.onMessage((message) => heard.messages.push(message));
  link.onEnd((end) => heard.ends.push(end));
  return heard;
}

async function pair(): Promise<LinkedPair & { clock: ManualClock; a: PeerLink; b: PeerLink; atA: Heard; atB: Heard }> {
  const clock = createManualClock();
  const linked = await linkedPair(clock);
  const [a, b] = linked.links;
  return { ...linked, clock, a, b, atA: listen(a), atB: listen(b) };
}

const seqs = ({ messages }: Heard): number[] => messages.map((message) => (message.t === 'roster?' ? message.have : message.t === 'task-events' ? message.seq : -1));
const range = (length: number): number[] => Array.from({ length }, (_, index) => index);

describe('a link', () => {
  it('carries messages both ways, in order, long and short', async () => {
    const { a, b, atA, atB } = await pair();
    a.send(ask(0));
    a.send(huge(1));
    a.send(ask(2));
    b.send(ask(5));
    await settle();
    expect(seqs(atB)).toEqual([0, 1, 2]);
    expect(seqs(atA)).toEqual([5]);
  });

  it('keeps what comes before anybody listens', async () => {
    const { links: [a, b] } = await linkedPair(createManualClock());
    for (const have of range(LIMITS.earlyFrames)) a.send(ask(have));
    await settle();
    expect(seqs(listen(b))).toEqual(range(LIMITS.earlyFrames));
  });

  it('ends if too much comes before anybody listens', async () => {
    const { links: [a, b] } = await linkedPair(createManualClock());
    for (const have of range(LIMITS.earlyFrames + 1)) a.send(ask(have));
    await settle();
    expect(listen(b).ends).toEqual([{ kind: 'violation', reason: 'flood', what: 'messages that nobody waits for' }]);
  });

  it('ends if they are few, but long', async () => {
    const { links: [a, b] } = await linkedPair(createManualClock());
    for (const seq of range(2)) a.send(huge(seq));
    await settle();
    expect(listen(b).ends).toMatchObject([{ kind: 'violation', reason: 'flood' }]);
  });

  it('tells several listeners, and none that has gone', async () => {
    const { a, b, atB } = await pair();
    const second: PeerMessage[] = [];
    const stop = b.onMessage((message) => second.push(message));
    a.send(ask(0));
    await settle();
    stop();
    a.send(ask(1));
    await settle();
    expect([seqs(atB), second.length]).toEqual([[0, 1], 1]);
  });

  it('has a channel beside it for bulk', async () => {
    const { a, b } = await pair();
    const got: number[] = [];
    b.bulk.onMessage((bytes) => got.push(bytes.length));
    a.bulk.send(new Uint8Array(1000));
    await settle();
    expect(got).toEqual([1000]);
  });
});

describe('the end of a link', () => {
  it('comes once, to both, and to whoever asks late', async () => {
    const { a, b, atA, atB } = await pair();
    a.end({ kind: 'closed' });
    a.end({ kind: 'silent' });
    await settle();
    b.end({ kind: 'left' });
    expect(atA.ends).toEqual([{ kind: 'closed' }]);
    expect(atB.ends).toEqual([{ kind: 'closed' }]);
    const late: LinkEnd[] = [];
    a.onEnd((end) => late.push(end));
    expect(late).toEqual([{ kind: 'closed' }]);
    a.send(ask(1));
    await settle();
    expect(atB.messages).toEqual([]);
  });

  it.each<[LinkEnd, LinkEnd]>([
    [{ kind: 'refused', reason: 'barred' }, { kind: 'refused', reason: 'barred' }],
    [{ kind: 'violation', reason: 'protocol', what: 'nonsense' }, { kind: 'refused', reason: 'protocol' }],
    [{ kind: 'duplicate' }, { kind: 'duplicate' }],
    [{ kind: 'silent' }, { kind: 'closed' }],
    [{ kind: 'lost' }, { kind: 'closed' }],
  ])('%j here is %j there', async (here, there) => {
    const { a, atB } = await pair();
    a.end(here);
    await settle();
    expect(atB.ends).toEqual([there]);
  });

  it('is a leave if that was said, after what was said before', async () => {
    const { a, atA, atB } = await pair();
    a.send(ask(1));
    a.send(leave);
    a.end({ kind: 'left' });
    await settle();
    expect(atB.messages).toEqual([ask(1), leave]);
    expect([atA.ends, atB.ends]).toEqual([[{ kind: 'left' }], [{ kind: 'left' }]]);
  });

  it('follows a leave, also if the other side stays and talks', async () => {
    const { a, atB, ends } = await pair();
    a.send(leave);
    a.send(ask(1));
    await settle();
    expect(atB).toEqual({ messages: [leave], ends: [{ kind: 'left' }] });
    expect(ends[0].closed()).toBe('them');
  });

  it('is a loss if the path breaks', async () => {
    const { ends, atA, atB } = await pair();
    ends[0].lose();
    await settle();
    expect([atA.ends, atB.ends]).toEqual([[{ kind: 'lost' }], [{ kind: 'lost' }]]);
  });

  it('may come from within a listener', async () => {
    const { a, b, atB } = await pair();
    b.onMessage(() => b.end({ kind: 'closed' }));
    for (const have of range(3)) a.send(ask(have));
    await settle();
    expect(seqs(atB)).toEqual([0]);
  });
});

describe('an honest peer', () => {
  it('is slowed down and never taken for a flood, however much it sends', async () => {
    const { a, clock, atA, atB } = await pair();
    const many = 1.25 * LIMITS.linkMessagesPerSecond * LIMITS.linkBurstSeconds;
    for (const have of range(many)) a.send(ask(have));
    await settle();
    expect(atB.messages.length).toBeLessThan(many);
    await clock.advance(3000);
    expect(seqs(atB)).toEqual(range(many));
    expect([...atA.ends, ...atB.ends]).toEqual([]);
  });

  it('is slowed down by bytes too', async () => {
    const { a, clock, atA, atB } = await pair();
    const many = 18;
    const bursts = (LIMITS.linkBytesPerSecond * LIMITS.linkBurstSeconds) / (32 * LIMITS.eventChars);
    expect(many).toBeGreaterThan(bursts);
    for (const seq of range(many)) a.send(huge(seq));
    await settle();
    expect(atB.messages.length).toBeLessThan(many);
    await clock.advance(10_000);
    expect(seqs(atB)).toEqual(range(many));
    expect([...atA.ends, ...atB.ends]).toEqual([]);
  });

  it('holds back what the network does not take, and goes on in order when it does', async () => {
    const { a, ends, atB } = await pair();
    ends[0].hold();
    for (const seq of range(4)) a.send(huge(seq));
    a.send(ask(4));
    expect(ends[0].bufferedBytes()).toBeLessThanOrEqual(LIMITS.bufferHighBytes + LIMITS.frameBytes);
    expect(a.bufferedBytes()).toBeGreaterThan(4 * 32 * LIMITS.eventChars);
    await settle();
    expect(atB.messages).toEqual([]);
    ends[0].resume();
    await settle();
    expect(seqs(atB)).toEqual(range(5));
    expect(a.bufferedBytes()).toBe(0);
  });

  it('gives up on one that does not read, and keeps nothing', async () => {
    const { a, ends, atA } = await pair();
    ends[0].hold();
    for (const seq of range(40)) a.send(huge(seq));
    expect(atA.ends).toEqual([{ kind: 'lost', what: 'the other side does not read' }]);
    expect(a.bufferedBytes()).toBeLessThan(2 * LIMITS.bufferHighBytes);
    expect(ends[0].closed()).toBe('us');
  });
});

describe('a peer that breaks the rules', () => {
  it('is cut off at a flood of messages, and told so', async () => {
    const { ends, atA, atB } = await pair();
    const [frame] = encode(ask(1));
    for (let count = 0; count <= LIMITS.linkMessagesPerSecond * LIMITS.linkBurstSeconds; count += 1) ends[0].send(frame!);
    await settle();
    expect(atB.ends).toMatchObject([{ kind: 'violation', reason: 'flood' }]);
    expect(atA.ends).toEqual([{ kind: 'refused', reason: 'flood' }]);
  });

  it('is cut off at a flood of bytes', async () => {
    const { ends, atB } = await pair();
    const frames = encode(huge(0));
    for (let count = 0; count < 20; count += 1) frames.forEach((frame) => ends[0].send(frame));
    await settle();
    expect(atB.ends).toMatchObject([{ kind: 'violation', reason: 'flood' }]);
    expect(atB.messages.length).toBeLessThan(17);
  });

  it.each<[string, PeerMessage]>([
    ['hello', { t: 'hello', versions: [1], build: '', key: 'a', deviceKey: 'a', certificate: 'a', nonce: 'a' }],
    ['proof', { t: 'proof', mac: 'a', signature: 'a' }],
    ['wait', { t: 'wait' }],
  ])('is cut off at a %s after the handshake', async (_, message) => {
    const { ends, atB } = await pair();
    encode(message).forEach((frame) => ends[0].send(frame));
    await settle();
    expect(atB.ends).toMatchObject([{ kind: 'violation', reason: 'protocol' }]);
    expect(atB.messages).toEqual([]);
  });

  it('is heard out where it only says more than we know', async () => {
    const { ends, a, atB } = await pair();
    const text = '{"t":"toast"}';
    ends[0].send(new Uint8Array([1, 0, 0, 0, text.length, ...new TextEncoder().encode(text)]));
    a.send(ask(1));
    await settle();
    expect(seqs(atB)).toEqual([1]);
    expect(atB.ends).toEqual([]);
  });
});
