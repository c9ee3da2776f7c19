import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvCell, csvRow } from './csv.ts';

type Row = Parameters<typeof csvRow>[0];
const csvTable = (rows: readonly Row[]): string => rows.map(csvRow).join('');

/** A reader of RFC 4180, character by character. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let [row, cell, quoted]: [string[], string, boolean] = [[], '', false];
  for (let index = 0; index < text.length; index += 1) {
    const [character, next] = [text[index]!, text[index + 1]];
    if (quoted && character === '"' && next === '"') [cell, index] = [`${cell}"`, index + 1];
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === ',') [row, cell] = [[...row, cell], ''];
    else if (!quoted && character === '\r' && next === '\n') {
      rows.push([...row, cell]);
      [row, cell, index] = [[], '', index + 1];
    } else cell += character;
  }
  return rows;
}

const unguarded = (cell: string): string => (/^'[=+\-@\t\r\n＝＋－＠]/u.test(cell) ? cell.slice(1) : cell);
const cells = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[=+\-@"', \r\n]{0,6}$/)).filter((text) => unguarded(text) === text);

describe('CSV', () => {
  it('is read back as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.array(cells, { minLength: 1, maxLength: 5 }), { maxLength: 5 }), (rows) => {
        expect(parse(csvTable(rows)).map((row) => row.map(unguarded))).toEqual(rows);
      }),
    );
  });

  it('has no cell that a spreadsheet runs', () => {
    fc.assert(
      fc.property(cells, (text) => {
        expect(parse(csvTable([[text]]))[0]![0]).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/u);
      }),
    );
    expect(csvCell('=HYPERLINK("https://evil.example","x")')).toBe(`"'=HYPERLINK(""https://evil.example"",""x"")"`);
  });

  it('leaves numbers numbers, and says nothing of what is not known', () => {
    expect(csvTable([['a', -1.5, null, 'b c']])).toBe('a,-1.5,,b c\r\n');
  });
});
