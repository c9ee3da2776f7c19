/** HTTP Range requests for one range (RFC 9110, section 14). Pure. */

/** @typedef {{ start: number, end: number }} ByteRange both ends are included */

/**
 * @param {string | undefined} header
 * @param {number} size of the whole file
 * @returns {ByteRange | 'unsatisfiable' | null} null: send the whole file, as for headers that can't be read and for several ranges
 */
export function parseRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const [, from, to] = match;
  if (from === '') {
    const length = Math.min(Number(to), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 };
  }
  const start = Number(from);
  const end = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== '' && Number(to) < start) return null;
  return start >= size ? 'unsatisfiable' : { start, end };
}
