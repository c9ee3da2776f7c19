/** Tables as text that spreadsheets read (RFC 4180: commas, quotes doubled, lines end in CR LF), and never run. Pure. */

/** What a spreadsheet takes for the start of a formula, also in its full-width form, or skips to find one (OWASP, "CSV Injection"). */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/u;
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/u;

/** Null is an empty cell. A text that would be run as a formula gets an apostrophe before it; numbers stay numbers. */
export function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const csvRow = (row: readonly (string | number | null)[]): string => `${row.map(csvCell).join(',')}\r\n`;
