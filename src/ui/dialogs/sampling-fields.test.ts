import { describe, expect, it } from 'vitest';
import { SAMPLING_FIELDS, stopLines, withNumber, withStops } from './sampling-fields.ts';

const field = (name: string): (typeof SAMPLING_FIELDS)[number] => SAMPLING_FIELDS.find((each) => each.name === name)!;

describe('withNumber', () => {
  it.each([
    ['temperature', '0.7', { temperature: 0.7 }],
    ['temperature', '9', { temperature: 2 }],
    ['temperature', '', {}],
    ['temperature', 'warm', {}],
    ['topK', '3.6', { topK: 4 }],
    ['seed', '-1', { seed: 0 }],
    ['seed', '99999999999', { seed: 4294967294 }],
  ])('%s = "%s"', (name, text, expected) => expect(withNumber({}, field(name), text)).toEqual(expected));
  it('removes what is emptied and leaves the rest', () => {
    expect(withNumber({ seed: 1, topK: 2 }, field('seed'), ' ')).toEqual({ topK: 2 });
  });
});

describe('stop texts', () => {
  it('go there and back', () => {
    const sampling = withStops({ seed: 1 }, 'END\n\\n\\nUser:\n\n');
    expect(sampling).toEqual({ seed: 1, stop: ['END', '\n\nUser:'] });
    expect(stopLines(sampling)).toBe('END\n\\n\\nUser:');
    expect(withStops(sampling, '')).toEqual({ seed: 1 });
  });
});
