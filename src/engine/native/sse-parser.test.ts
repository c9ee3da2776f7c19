import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LlamboError } from '../../shared/errors.ts';
import { createSseParser } from './sse-parser.ts';

function parse(pieces: readonly string[], most = 1000): string[] {
  const events: string[] = [];
  const parser = createSseParser(most, (data) => events.push(data));
  for (const piece of pieces) parser.feed(piece);
  return events;
}

/** The text in pieces that end at these places. */
function cut(text: string, places: readonly number[]): string[] {
  const ends = [...places.map((place) => place % (text.length + 1)), 0, text.length].toSorted((a, b) => a - b);
  return ends.slice(1).map((end, index) => text.slice(ends[index], end));
}

describe('server-sent events', () => {
  it.each([
    ['data: one\n\ndata: two\n\n', ['one', 'two']],
    ['data:one\r\n\r\ndata:  two\r\r', ['one', ' two']],
    ['\uFEFFdata: one\n\n', ['one']],
    ['data: one\ndata: two\ndata\n\n', ['one\ntwo\n']],
    [': a comment\nevent: message\nid: 7\nretry: 5\ndata: one\n\n', ['one']],
    ['event: nothing\n\n\n\n', []],
    ['datum: no\ndata : no\n\n', []],
    ['data: without an end\n', []],
    ['data: {"a":"b: c"}\n\n', ['{"a":"b: c"}']],
  ])('are read: %j', (text, events) => {
    expect(parse([text])).toEqual(events);
  });

  it('are the same however the text is cut', () => {
    const line = fc.oneof(fc.constant(''), fc.constantFrom(': ping', 'event: x', 'id', 'data', 'data:'), fc.string({ maxLength: 8 }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, '')}`));
    const stream = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 30 }).map((lines) => lines.flat().join(''));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 40 }), (text, places) => {
        expect(parse(cut(text, places))).toEqual(parse([text]));
      }),
    );
  });

  it.each([
    ['a line', ['data: ', ...Array.from({ length: 20 }, () => 'x'.repeat(10))]],
    ['many lines', Array.from({ length: 20 }, () => 'data: 1234567890\n')],
    ['a line of another field', ['z'.repeat(101)]],
  ])('that have no end are given up: %s', (_, pieces) => {
    const failed = (): unknown => parse(pieces, 100);
    expect(failed).toThrow(expect.objectContaining({ code: 'engine-crashed' } satisfies Partial<LlamboError>));
  });

  it('may be many, and each nearly as long as allowed', () => {
    expect(parse(Array.from({ length: 50 }, () => `data: ${'x'.repeat(90)}\n\n`), 100)).toHaveLength(50);
  });
});
