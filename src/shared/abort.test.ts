import { describe, expect, it } from 'vitest';
import { createManualClock } from '../testing/manual-clock.ts';
import { abortable, createDeadline, createEnding, deferred, linkedController, withDeadline } from './abort.ts';
import { LlamboError } from './errors.ts';

describe('abortable', () => {
  it('gives the promise\'s own outcome, or rejects as soon as the signal fires', async () => {
    const controller = new AbortController();
    expect(await abortable(Promise.resolve(1), controller.signal)).toBe(1);
    const waiting = abortable(new Promise(() => undefined), controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError', code: 'aborted' });
    await expect(abortable(Promise.resolve(1), controller.signal)).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('withDeadline', () => {
  it('rejects with what took too long, and never after the promise has settled', async () => {
    const clock = createManualClock();
    const late = withDeadline(clock, 2000, 'Loading it', new Promise(() => undefined));
    const inTime = withDeadline(clock, 2000, 'Loading it', Promise.resolve('there'));
    late.catch(() => undefined);
    await clock.advance(2000);
    await expect(late).rejects.toMatchObject({ code: 'timeout', message: 'Loading it took longer than 2 s.' });
    expect(await inTime).toBe('there');
  });
});

describe('a deadline', () => {
  it('can be put off, and is over when the work is done', async () => {
    const clock = createManualClock();
    const deadline = createDeadline(clock, 2000, 'Joining');
    let outcome: unknown = 'waiting';
    deadline.orLate(new Promise(() => undefined)).catch((error: unknown) => (outcome = error));
    await clock.advance(1999);
    deadline.extend(10_000);
    await clock.advance(9999);
    expect(outcome).toBe('waiting');
    await clock.advance(1);
    expect(outcome).toMatchObject({ code: 'timeout', message: 'Joining took longer than 10 s.' });
    expect(await createDeadline(clock, 2000, 'Joining').orLate(Promise.resolve('in'))).toBe('in');
  });
});

describe('linkedController', () => {
  it('follows its signal, and lets go of it when the work is done', () => {
    const outer = new AbortController();
    const done = linkedController(outer.signal);
    const open = linkedController(outer.signal);
    done.abort('finished');
    outer.abort('stop');
    expect(done.signal.reason).toBe('finished');
    expect(open.signal.reason).toBe('stop');
  });
});

describe('createEnding', () => {
  const gone = new LlamboError('engine-crashed', 'gone');

  it('ends open calls and later ones with the first reason, and leaves finished ones alone', async () => {
    const ending = createEnding();
    const finished = ending.orEnd(Promise.resolve('done'));
    expect(await finished).toBe('done');
    const open = ending.orEnd(deferred<string>().promise);
    ending.end(gone);
    ending.end(new Error('too late'));
    await expect(open).rejects.toBe(gone);
    await expect(ending.orEnd(Promise.resolve('late'))).rejects.toBe(gone);
  });
});
