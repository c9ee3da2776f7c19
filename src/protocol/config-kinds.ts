/**
 * The kinds of values that `swarm.yaml` has, each as a schema that knows its bounds and its meaning: the parser, the form,
 * the documentation and the JSON Schema read the same. Durations come out in milliseconds, sizes in bytes.
 */
import * as v from 'valibot';

export type FieldKind = 'flag' | 'choice' | 'count' | 'number' | 'share' | 'duration' | 'size' | 'text' | 'texts' | 'list';

/** What a schema of a key carries beside its description. */
export interface FieldFacts {
  readonly kind: FieldKind;
  readonly least?: number;
  readonly most?: number;
  readonly choices?: readonly string[];
  /** Where figures can't say what is allowed. */
  readonly allowed?: string;
}

const SECOND = 1000;
const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: 60 * SECOND, h: 3600 * SECOND };
const SIZE_UNITS: Readonly<Record<string, number>> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

const DURATION = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h)\s*$/;
const SIZE = /^\s*(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|TB)\s*$/;

function measured(text: string, pattern: RegExp, units: Readonly<Record<string, number>>): number | null {
  const [, figure, unit] = pattern.exec(text) ?? [];
  return figure === undefined || unit === undefined ? null : Math.round(Number(figure) * units[unit]!);
}

function written(value: number, units: Readonly<Record<string, number>>): string {
  const [unit, size] = Object.entries(units).findLast(([, one]) => value >= one && value % one === 0) ?? Object.entries(units)[0]!;
  return `${value / size}${unit}`;
}

/** @param text `250ms`, `2s`, `5m`, `1h` @returns milliseconds, whole; null if it is no duration */
export const parseDuration = (text: string): number | null => measured(text, DURATION, DURATION_UNITS);
/** The shortest way to write it without loss. @param ms whole */
export const writeDuration = (ms: number): string => written(ms, DURATION_UNITS);
/** @param text `512MB`, `2GB`; 1 KB = 1024 bytes, as memory is counted @returns bytes; null if it is no size */
export const parseSize = (text: string): number | null => measured(text, SIZE, SIZE_UNITS);
export const writeSize = (bytes: number): string => written(bytes, SIZE_UNITS);

const within = (least: number, most: number) => v.pipe(v.number(), v.minValue(least), v.maxValue(most));

const flag = (description: string) => v.pipe(v.boolean(), v.description(description), v.metadata({ kind: 'flag' } satisfies FieldFacts));

const choice = <const Options extends readonly string[]>(choices: Options, description: string) =>
  v.pipe(v.picklist(choices), v.description(description), v.metadata({ kind: 'choice', choices } satisfies FieldFacts));

const count = (least: number, most: number, description: string) =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most), v.description(description), v.metadata({ kind: 'count', least, most } satisfies FieldFacts));

const number = (least: number, most: number, description: string) =>
  v.pipe(within(least, most), v.description(description), v.metadata({ kind: 'number', least, most } satisfies FieldFacts));

const share = (description: string) => v.pipe(within(0, 1), v.description(description), v.metadata({ kind: 'share', least: 0, most: 1 } satisfies FieldFacts));

interface Unit {
  readonly kind: 'duration' | 'size';
  readonly pattern: RegExp;
  readonly parse: (text: string) => number | null;
}

/** A figure in the base unit, or text with a unit. What comes after a transformation is not said in a JSON Schema: description first. */
const measure = ({ kind, pattern, parse }: Unit) => (least: number, most: number, description: string) =>
  v.pipe(
    v.union([v.pipe(within(least, most), v.safeInteger()), v.pipe(v.string(), v.regex(pattern))]),
    v.description(description),
    v.metadata({ kind, least, most } satisfies FieldFacts),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const value = typeof dataset.value === 'number' ? dataset.value : parse(dataset.value);
      if (value !== null && value >= least && value <= most) return value;
      addIssue({ message: 'out of range' });
      return NEVER;
    }),
  );

/** Bounds in milliseconds. */
const duration = measure({ kind: 'duration', pattern: DURATION, parse: parseDuration });
/** Bounds in bytes. */
const size = measure({ kind: 'size', pattern: SIZE, parse: parseSize });

/** @param most characters @param allowed what it must look like, in words, if there is a pattern */
const text = (most: number, description: string, pattern: RegExp = /^/, allowed?: string) =>
  v.pipe(v.string(), v.maxLength(most), v.regex(pattern), v.description(description), v.metadata({ kind: 'text', most, ...(allowed === undefined ? {} : { allowed }) } satisfies FieldFacts));

const texts = (mostChars: number, most: number, description: string) =>
  v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(mostChars))), v.maxLength(most), v.description(description), v.metadata({ kind: 'texts', most } satisfies FieldFacts));

const list = <Item extends v.GenericSchema>(item: Item, most: number, description: string) =>
  v.pipe(v.array(item), v.maxLength(most), v.description(description), v.metadata({ kind: 'list', most } satisfies FieldFacts));

const section = <Entries extends v.ObjectEntries>(description: string, entries: Entries) => v.pipe(v.strictObject(entries), v.description(description));

/** The words of which the schema of `swarm.yaml` is made. */
export const kinds = { flag, choice, count, number, share, duration, size, text, texts, list, section };
