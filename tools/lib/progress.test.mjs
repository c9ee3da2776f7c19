import { describe, expect, it } from 'vitest';
import { Console, formatBytes, formatDuration, progressLine, RateMeter } from './progress.mjs';

/** @param {boolean} isTTY */
function screen(isTTY) {
  const state = { now: 0, text: '' };
  const out = new Console({ isTTY, columns: 80, write: (text) => (state.text += text) }, () => state.now);
  return { state, out };
}

describe('progress', () => {
  it('names sizes and times as people do', () => {
    expect([999, 1500, 98_362_432, 2.5e9].map(formatBytes)).toEqual(['999 B', '2 kB', '98.4 MB', '2.50 GB']);
    expect([4_400, 65_000, 3_700_000].map(formatDuration)).toEqual(['4 s', '1 min 5 s', '1 h 1 min']);
  });

  it('says bytes, speed and time left', () => {
    const line = progressLine({ label: 'Model', done: 50e6, total: 100e6, unit: 'bytes', elapsedMs: 5000, perSecond: 10e6 });
    expect(line).toBe('Model: 50.0 MB of 100.0 MB, 10.0 MB/s, 5 s left');
  });

  it('measures the last seconds, not the beginning', () => {
    const meter = new RateMeter();
    meter.add(0, 0);
    for (let second = 1; second <= 20; second += 1) meter.add(second * 1000, second < 10 ? 0 : (second - 9) * 100);
    expect(meter.add(21_000, 1200)).toBeCloseTo(100);
  });

  it('starts measuring anew when a download does', () => {
    const meter = new RateMeter();
    meter.add(0, 0);
    meter.add(1000, 1000);
    expect(meter.add(2000, 0)).toBe(0);
    expect(meter.add(3000, 50)).toBe(50);
  });

  it('is silent about what takes less than a second', () => {
    const { state, out } = screen(false);
    const progress = out.progress('Quick', 'bytes');
    state.now = 900;
    progress.update(10, 10);
    progress.end();
    expect(state.text).toBe('');
  });

  it('rewrites one line on a terminal and clears it before other lines', () => {
    const { state, out } = screen(true);
    const progress = out.progress('Slow', 'steps');
    for (state.now = 1000; state.now <= 1300; state.now += 50) progress.update(state.now, 2000);
    expect(state.text.split('\r')).toHaveLength(5);
    out.say('Done.');
    expect(state.text.endsWith('\r\u001b[2KDone.\n')).toBe(true);
    const before = state.text;
    progress.end();
    progress.update(1999, 2000);
    expect(state.text).toBe(before);
  });

  it('adds a line every few seconds elsewhere', () => {
    const { state, out } = screen(false);
    const progress = out.progress('Slow', 'none');
    for (state.now = 0; state.now <= 12_000; state.now += 500) progress.update(0, null);
    expect(state.text).toBe('Slow: 1 s\nSlow: 6 s\nSlow: 11 s\n');
  });
});
