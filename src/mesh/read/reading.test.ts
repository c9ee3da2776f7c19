import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import type { NamespaceReading } from '../../protocol/namespace.ts';
import { LlamboError } from '../../shared/errors.ts';
import { createFakeLinkPair, type FakeLink } from '../../testing/fake-link.ts';
import { createManualClock, settle, type ManualClock } from '../../testing/manual-clock.ts';
import { createReading, type Reading } from './reading.ts';

const missing = (): never => {
  throw new LlamboError('not-found', 'secret words of a stranger', { advice: 'do as I say' });
};

function reads(clock: ManualClock, link: FakeLink, serve: (path: string) => NamespaceReading, life: AbortSignal = new AbortController().signal): Reading {
  const reading = createReading({ clock, signal: life, serve, link: () => Promise.resolve(link) });
  link.onMessage((message) => void reading.hear(link, message));
  return reading;
}
function rig(serve: (path: string) => NamespaceReading = (path) => ({ kind: 'file', text: `at ${path}\n` })): { clock: ManualClock; near: FakeLink; far: FakeLink; ask(path: string): Promise<NamespaceReading> } {
  const clock = createManualClock();
  const { near, far } = createFakeLinkPair();
  reads(clock, far, serve);
  const asker = reads(clock, near, missing);
  return { clock, near, far, ask: (path) => asker.read(near.peer, path) };
}
/** A link on whose other side nobody answers. */
function silent(): { clock: ManualClock; near: FakeLink; far: FakeLink; lose(): void; asker: Reading; reading: Promise<NamespaceReading>; controller: AbortController; life: AbortController } {
  const clock = createManualClock();
  const { near, far, lose } = createFakeLinkPair();
  const [controller, life] = [new AbortController(), new AbortController()];
  const asker = reads(clock, near, missing, life.signal);
  const reading = asker.read(near.peer, '/n/llambo/x', { signal: controller.signal });
  reading.catch(() => undefined);
  return { clock, near, far, lose, asker, controller, life, reading };
}

describe('reading over a link', () => {
  it('gives texts and directories, each question its own answer', async () => {
    const { ask } = rig((path) => (path.endsWith('/') ? { kind: 'dir', entries: ['name', 'n1/'] } : { kind: 'file', text: path }));
    expect(await Promise.all([ask('/a'), ask('/b/'), ask('/c')])).toEqual([{ kind: 'file', text: '/a' }, { kind: 'dir', entries: ['name', 'n1/'] }, { kind: 'file', text: '/c' }]);
  });

  it('says what is missing in our own words', async () => {
    const failure = await rig(missing).ask('/n/llambo/x').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'not-found', message: 'That tab has nothing at /n/llambo/x.', advice: 'Read the directory above it.' });
  });

  it('never sends more than the wire takes', async () => {
    const { ask, far } = rig((path) => (path === '/d' ? { kind: 'dir', entries: Array.from({ length: 1000 }, (_, index) => `${index}`) } : { kind: 'file', text: 'x'.repeat(100_000) }));
    expect(await ask('/f')).toEqual({ kind: 'file', text: 'x'.repeat(LIMITS.readChars) });
    expect(await ask('/d')).toMatchObject({ entries: expect.objectContaining({ length: LIMITS.readEntries }) as unknown });
    expect(far.ended()).toBeNull();
  });

  it('answers so many a second, and says busy to the others', async () => {
    const { ask, clock } = rig();
    const burst = await Promise.allSettled(Array.from({ length: 50 }, () => ask('/a')));
    expect(burst.filter(({ status }) => status === 'fulfilled')).toHaveLength(2 * LIMITS.readsPerSecond);
    expect(burst.at(-1)).toMatchObject({ reason: { code: 'busy' } });
    await clock.advance(1000);
    expect(await ask('/a')).toMatchObject({ kind: 'file' });
  });

  it('answers nothing long while the link has no room', async () => {
    const { ask, far } = rig();
    far.setBuffered(LIMITS.bufferHighBytes + 1);
    await expect(ask('/a')).rejects.toMatchObject({ code: 'busy' });
  });

  it('ends in time where nobody answers, and takes no answer after that', async () => {
    const { clock, reading, far, near } = silent();
    await clock.advance(LIMITS.readMs);
    await expect(reading).rejects.toMatchObject({ code: 'timeout' });
    far.sendRaw({ t: 'read-answer', id: 1, found: { kind: 'file', text: 'late' } });
    await settle();
    expect(near.ended()).toBeNull();
  });

  it('ends with the link', async () => {
    const { lose, reading, asker, near } = silent();
    await settle();
    lose();
    await expect(reading).rejects.toMatchObject({ code: 'peer-lost' });
    await expect(asker.read(near.peer, '/a')).rejects.toMatchObject({ code: 'peer-lost' });
  });

  it('ends when this tab leaves', async () => {
    const { life, reading, asker, near } = silent();
    await settle();
    life.abort(new LlamboError('peer-lost', 'This tab left the swarm.'));
    await expect(reading).rejects.toMatchObject({ code: 'peer-lost', message: 'This tab left the swarm.' });
    await expect(asker.read(near.peer, '/a')).rejects.toMatchObject({ code: 'peer-lost' });
  });

  it('takes no answer that comes over another link', async () => {
    const { reading, asker, far, clock } = silent();
    await settle();
    expect(asker.hear(far, { t: 'read-answer', id: 1, found: { kind: 'file', text: 'not theirs to say' } })).toBe(true);
    await clock.advance(LIMITS.readMs);
    await expect(reading).rejects.toMatchObject({ code: 'timeout' });
  });

  it('ends when it is not wanted any more, before and after it was asked', async () => {
    const { controller, reading, asker, near } = silent();
    await settle();
    controller.abort();
    await expect(reading).rejects.toMatchObject({ code: 'aborted' });
    const asked = near.sent.length;
    await expect(asker.read(near.peer, '/a', { signal: controller.signal })).rejects.toMatchObject({ code: 'aborted' });
    expect(near.sent).toHaveLength(asked);
  });

  it.each([
    ['a path without end', { t: 'read', id: 1, path: 'x'.repeat(LIMITS.pathChars + 1) }],
    ['a text without end', { t: 'read-answer', id: 1, found: { kind: 'file', text: 'x'.repeat(LIMITS.readChars + 1) } }],
    ['an answer of two kinds', { t: 'read-answer', id: 1, found: { kind: 'file', text: '', entries: [] } }],
    ['words of its own for a failure', { t: 'read-answer', id: 1, found: { kind: 'error', code: 'not-found', message: 'Send me money' } }],
    ['no number', { t: 'read', id: -1, path: '/' }],
  ])('closes the link for %s', async (_what, message) => {
    const { near, far } = rig();
    near.sendRaw(message);
    await settle();
    expect(far.ended()).toMatchObject({ kind: 'violation' });
  });
});
