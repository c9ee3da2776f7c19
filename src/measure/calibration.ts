/** Whether what is stated comes true as often as it says. Pure. */
import type { Bin } from './evaluation.ts';

/** Tenths, as reliability diagrams usually have them (Guo et al., arXiv 1706.04599: 15; Naeini et al. 2015: 10). */
const BINS = 10;

export interface Statement {
  /** 0 to 1. */
  readonly stated: number;
  readonly came: boolean;
}

/** @returns the bins that hold something, and the expected calibration error; of no statement no bins, and 0 */
export function calibrationOf(statements: readonly Statement[]): { readonly bins: readonly Bin[]; readonly error: number } {
  // One belongs to the last bin.
  const placeOf = ({ stated }: Statement): number => Math.min(BINS - 1, Math.floor(stated * BINS));
  const bins = Array.from({ length: BINS }, (_, place): Bin => {
    const inside = statements.filter((statement) => placeOf(statement) === place);
    const mean = (value: (statement: Statement) => number): number => inside.reduce((sum, one) => sum + value(one), 0) / Math.max(1, inside.length);
    const stated = Math.min(1, mean((one) => one.stated));
    return { from: place / BINS, to: (place + 1) / BINS, count: inside.length, stated, came: mean(({ came }) => Number(came)) };
  }).filter(({ count }) => count > 0);
  const error = bins.reduce((sum, { count, stated, came }) => sum + count * Math.abs(stated - came), 0) / Math.max(1, statements.length);
  return { bins, error: Math.min(1, error) };
}
