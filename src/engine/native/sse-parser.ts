/**
 * Server-sent events out of pieces of text that end anywhere: the part of the WHATWG specification that streams of answers
 * use. Comments and fields other than `data` are skipped. It holds no more than it is allowed to, whatever comes.
 */
import { LlamboError } from '../../shared/errors.ts';

export interface SseParser {
  /** @throws LlamboError `engine-crashed` if an event is longer than allowed; the parser is of no use then */
  feed(text: string): void;
}

const LINE_END = /\r\n|\n|\r/g;

/**
 * @param most characters of one event, its unfinished line included
 * @param onData the data of each event, its lines joined
 */
export function createSseParser(most: number, onData: (data: string) => void): SseParser {
  /** The line that has not ended. */
  let rest = '';
  let data: string[] = [];
  let size = 0;
  let begun = false;
  /** A line feed now belongs to the carriage return before it. */
  let afterReturn = false;

  function endLine(line: string): void {
    if (line === '') return dispatch();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    if (field !== 'data') return;
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    data.push(value);
    size += value.length + 1;
  }

  function dispatch(): void {
    const lines = data;
    data = [];
    size = 0;
    if (lines.length > 0) onData(lines.join('\n'));
  }

  return {
    feed(text) {
      if (text === '') return;
      const from = (!begun && text.startsWith('\uFEFF')) || (afterReturn && text.startsWith('\n')) ? 1 : 0;
      begun = true;
      let start = from;
      for (const end of text.slice(from).matchAll(LINE_END)) {
        const line = rest + text.slice(start, from + end.index);
        rest = '';
        start = from + end.index + end[0].length;
        endLine(line);
      }
      afterReturn = text.endsWith('\r');
      rest += text.slice(start);
      if (rest.length + size > most) throw new LlamboError('engine-crashed', 'The server sent an event that is too long.', { advice: 'Ask again, or ask another node.' });
    },
  };
}
