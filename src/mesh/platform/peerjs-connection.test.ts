/** How a connection ends, with a WebRTC connection that does what the test says. The real one is in the browser tests. */
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import { createManualClock, settle } from '../../testing/manual-clock.ts';
import { createRtcConnection } from './peerjs-connection.ts';
import type { DataConnection } from './peerjs-lib.ts';

const sdp = (byte: string): string => `v=0\r\na=fingerprint:sha-256 ${Array(32).fill(byte).join(':')}\r\n`;

class Channel extends EventTarget {
  readyState = 'open';
  bufferedAmount = 0;
  ordered = true;
  maxRetransmits: number | null = null;
  maxPacketLifeTime = null;
  send = (): void => undefined;
  close = (): void => void (this.readyState = 'closing');
}

function script({ remote = sdp('BB'), maxRetransmits = null as number | null } = {}) {
  const clock = createManualClock();
  const bulk = new Channel();
  const control = Object.assign(new Channel(), { maxRetransmits });
  const rtc = Object.assign(new EventTarget(), {
    connectionState: 'connected',
    signalingState: 'stable',
    localDescription: { sdp: sdp('AA') },
    remoteDescription: { sdp: remote },
    oniceconnectionstatechange: (): void => undefined,
    createDataChannel: () => bulk,
  });
  const on = new Map<string, () => void>();
  const steps: string[] = [];
  const conn = { peer: 'w-them', peerConnection: rtc, dataChannel: control, open: true, on: (name: string, call: () => void) => on.set(name, call), close: () => steps.push('closed') };
  const made = createRtcConnection(conn as unknown as DataConnection, true, clock, () => steps.push('gone'));
  const state = (next: string): void => {
    rtc.connectionState = next;
    rtc.dispatchEvent(new Event('connectionstatechange'));
  };
  return { clock, bulk, control, rtc, steps, made, state, say: (name: string) => on.get(name)!() };
}

async function opened(options?: Parameters<typeof script>[0]) {
  const scripted = script(options);
  scripted.say('open');
  const connection = await scripted.made.opened;
  const ends: string[] = [];
  connection.onClose((by) => ends.push(by));
  return { ...scripted, connection, ends };
}

describe('a WebRTC connection', () => {
  it('that failed is lost after a while, unless it comes back', async () => {
    const { clock, state, ends, steps } = await opened();
    state('disconnected');
    await clock.advance(60_000);
    state('failed');
    await clock.advance(LIMITS.failedMs - 1);
    state('connected');
    await clock.advance(60_000);
    expect(ends).toEqual([]);
    state('failed');
    await clock.advance(LIMITS.failedMs);
    expect([ends, steps]).toEqual([['lost'], ['closed', 'gone']]);
  });

  it('ends by them, or is lost if it had failed', async () => {
    const first = await opened();
    first.say('close');
    expect(first.ends).toEqual(['them']);
    const second = await opened();
    second.state('failed');
    second.say('close');
    expect(second.ends).toEqual(['lost']);
  });

  it('closes its channels in turn, and does not wait for ever', async () => {
    const { clock, bulk, control, connection, ends, steps } = await opened();
    connection.close();
    expect([bulk.readyState, control.readyState, ends, steps]).toEqual(['closing', 'open', ['us'], []]);
    bulk.dispatchEvent(new Event('close'));
    expect(control.readyState).toBe('closing');
    await clock.advance(LIMITS.closeMs);
    expect([steps, ends]).toEqual([['closed', 'gone'], ['us']]);
  });

  it('waits until the page knows the descriptions behind an open channel', async () => {
    const { rtc, made, say } = script();
    rtc.signalingState = 'have-local-offer';
    say('open');
    let is = 'waiting';
    void made.opened.then(() => (is = 'open'));
    await settle();
    expect(is).toBe('waiting');
    rtc.signalingState = 'stable';
    rtc.dispatchEvent(new Event('signalingstatechange'));
    await settle();
    expect(is).toBe('open');
  });

  it('is refused without one certificate, and with a channel that may lose messages', async () => {
    for (const options of [{ remote: 'v=0\r\n' }, { remote: sdp('BB') + sdp('CC') }, { maxRetransmits: 0 }]) {
      const { made, say, steps } = script(options);
      say('open');
      await expect(made.opened).rejects.toMatchObject({ code: 'unreachable' });
      expect(steps).toEqual(['closed', 'gone']);
    }
  });
});
