import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import { checkFrame, createCloseNotice, createInbox } from './connection-parts.ts';

const message = (value: number): Uint8Array => Uint8Array.of(value);

describe('an inbox', () => {
  it('keeps what comes early, in order, and hands over between listeners', () => {
    const inbox = createInbox(() => undefined);
    const [first, second]: [number[], number[]] = [[], []];
    for (const value of [1, 2, 3, 4]) inbox.push(message(value));
    const off = inbox.onMessage(([value]) => {
      first.push(value!);
      if (value === 2) inbox.onMessage(([later]) => second.push(later!));
    });
    // Whoever was replaced takes nothing from the one who came after.
    off();
    inbox.push(message(5));
    expect([first, second]).toEqual([[1, 2], [3, 4, 5]]);
  });

  it('delivers one at a time, even if a listener causes the next', () => {
    const inbox = createInbox(() => undefined);
    const steps: string[] = [];
    inbox.onMessage(([value]) => {
      steps.push(`start ${value}`);
      if (value === 1) inbox.push(message(2));
      steps.push(`end ${value}`);
    });
    inbox.push(message(1));
    expect(steps).toEqual(['start 1', 'end 1', 'start 2', 'end 2']);
  });

  it('goes on after a listener that failed', () => {
    const inbox = createInbox(() => undefined);
    const got: number[] = [];
    inbox.onMessage(([value]) => {
      if (value === 1) throw new Error('a fault');
      got.push(value!);
    });
    expect(() => inbox.push(message(1))).toThrow('a fault');
    inbox.push(message(2));
    expect(got).toEqual([2]);
  });

  it('calls a flood a flood at one more than it keeps', () => {
    let floods = 0;
    const inbox = createInbox(() => (floods += 1));
    for (let count = 0; count < LIMITS.earlyFrames; count += 1) inbox.push(message(count));
    expect(floods).toBe(0);
    inbox.push(message(0));
    expect(floods).toBe(1);
  });

  it('is deaf once shut', () => {
    const inbox = createInbox(() => undefined);
    const got: unknown[] = [];
    inbox.push(message(1));
    inbox.shut();
    inbox.push(message(2));
    inbox.onMessage((bytes) => got.push(bytes));
    expect(got).toEqual([]);
  });
});

describe('the notice of a close', () => {
  it('is told once, with the first reason, and to late listeners at once', () => {
    const notice = createCloseNotice();
    const told: string[] = [];
    notice.onClose((by) => told.push(`first ${by}`));
    notice.onClose((by) => told.push(`gone ${by}`))();
    expect(notice.closed).toBe(false);
    expect([notice.tell('them'), notice.tell('us')]).toEqual([true, false]);
    notice.onClose((by) => told.push(`late ${by}`));
    expect(told).toEqual(['first them', 'late them']);
    expect(notice.closed).toBe(true);
  });
});

it('a frame may have frameBytes and no more', () => {
  checkFrame(new Uint8Array(LIMITS.frameBytes));
  expect(() => checkFrame(new Uint8Array(LIMITS.frameBytes + 1))).toThrow(expect.objectContaining({ code: 'bad-request' }) as Error);
});
