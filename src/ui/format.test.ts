import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration, formatSpeed, formatTimeLeft, percent, plural } from './format.ts';

describe('formatBytes', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1.00 kB'],
    [98_362_432, '98.4 MB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [9_996, '10.0 kB'],
    [2_147_483_647, '2.15 GB'],
    [-1, 'unknown'],
    [Number.NaN, 'unknown'],
  ])('%d is %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe('formatDuration', () => {
  it.each([
    [3.21, '3.2 ms'],
    [412, '412 ms'],
    [999.6, '1.0 s'],
    [1234, '1.2 s'],
    [9_960, '10 s'],
    [59_600, '1 min'],
    [61_000, '1 min 1 s'],
    [3_599_900, '1 h'],
    [7_800_000, '2 h 10 min'],
    [Infinity, 'unknown'],
  ])('%d ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});

describe('the rest', () => {
  it('says nothing about time left that it cannot know', () => {
    expect(formatTimeLeft(1, null, 10)).toBe('');
    expect(formatTimeLeft(1, 10, 0)).toBe('');
    expect(formatTimeLeft(5_000_000, 10_000_000, 1_000_000)).toBe('5.0 s left');
  });
  it('counts', () => {
    expect(plural(1, 'token')).toBe('1 token');
    expect(plural(1234, 'token')).toBe('1,234 tokens');
    expect(formatSpeed(12.34)).toBe('12.3 tokens/s');
    expect(formatSpeed(199.7)).toBe('200 tokens/s');
    expect(percent(1, 3)).toBe(33);
    expect(percent(1, null)).toBeNull();
  });
});
