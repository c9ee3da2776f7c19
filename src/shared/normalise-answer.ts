/**
 * Answers made comparable: one canonical text for all ways to write the same number, time, yes or no, letter, list or
 * JSON value. Pure, idempotent, the same everywhere: what is counted as one vote is what is scored as right.
 * It knows neither questions nor right answers.
 */

/** What an answer is, and so how two of them are compared. `open` texts are compared word by word. */
export const ANSWER_FORMATS = ['number', 'time', 'yes-no', 'letter', 'words', 'list', 'json', 'refusal', 'open'] as const;
export type AnswerFormat = (typeof ANSWER_FORMATS)[number];

/**
 * @param text as an engine wrote it
 * @returns the canonical form. A text that does not hold such an answer, or holds two different ones, comes back as plain
 *   words: it equals nothing but itself
 */
export function normaliseAnswer(text: string, format: AnswerFormat): string {
  if (format === 'open') return text.replace(/\s+/g, ' ').trim();
  const plain = words(text);
  // Plain words may read as an answer where the text did not, so both are looked at: what comes back stays as it is.
  return canonicalIn(text, format) ?? canonicalIn(plain, format) ?? plain;
}

function canonicalIn(text: string, format: Exclude<AnswerFormat, 'open'>): string | null {
  switch (format) {
    case 'number': {
      const found = numberIn(text);
      return found && withUnit(found);
    }
    case 'time':
      return timeIn(text);
    case 'yes-no':
      return yesNoIn(text);
    case 'letter':
      return letterIn(text);
    case 'list':
      return list(text);
    case 'json':
      return json(text);
    case 'refusal':
      return REFUSAL.test(text) ? 'refusal' : null;
    case 'words':
      return null;
  }
}

/** An amount, with its unit if it has one that we know. */
export interface Amount {
  readonly value: number;
  readonly unit: string | null;
}

/** Each unit's canonical name, and how people write it. */
const UNITS = new Map(
  Object.entries({
    mm: 'mm millimetre millimeter millimetres millimeters', cm: 'cm centimetre centimeter centimetres centimeters',
    m: 'm metre meter metres meters', km: 'km kilometre kilometer kilometres kilometers',
    g: 'g gram grams', kg: 'kg kilo kilos kilogram kilograms', t: 't tonne tonnes', ml: 'ml millilitre milliliter millilitres milliliters',
    l: 'l litre liter litres liters', s: 's second seconds sec', min: 'min minute minutes mins', h: 'h hour hours',
    days: 'day days', weeks: 'week weeks', months: 'month months', years: 'year years', cents: 'cent cents ¢',
    dollars: 'dollar dollars $', euros: 'euro euros €', pounds: 'pound pounds £', '%': '% percent',
  }).flatMap(([canonical, names]) => names.split(' ').map((name) => [name, canonical] as const)),
);

const NUMBER = /([$€£]\s?)?(?<![\w.])([-−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?![\d.]*\d)\s*([a-z%¢$€£]+)?/giu;
/** What comes after these is the result; what comes before is how it was found. */
const RESULT = /^.*(?:=|\banswer is\b|\banswer:|\bso\b)/isu;

/**
 * The one number that a text arrives at: the only one after the last "=", "so" or "answer is", else the only one at all.
 *
 * @returns null if there is none, or if there are different ones
 */
export function numberIn(text: string): Amount | null {
  const [first, ...others] = [...text.replace(RESULT, '').matchAll(NUMBER)].map(amountOf);
  if (!first) return null;
  const unit = [first, ...others].find((amount) => amount.unit !== null)?.unit ?? null;
  const agrees = (amount: Amount): boolean => amount.value === first.value && (amount.unit === null || amount.unit === unit);
  return Number.isFinite(first.value) && others.every(agrees) ? { value: first.value, unit } : null;
}

function amountOf([, before, digits, after]: RegExpExecArray): Amount {
  // Adding zero makes one of −0 and 0.
  return { value: Number(digits!.replace('−', '-').replaceAll(',', '')) + 0, unit: UNITS.get((before?.trim() ?? after ?? '').toLowerCase()) ?? null };
}

/** Digits in full: a large number must not come back as `1e+21`, which would read as another one. Made once: each costs more than all the rest. */
const DIGITS = new Intl.NumberFormat('en', { useGrouping: false, maximumFractionDigits: 20 });

/** Without groups and without an exponent, as answers are written. */
export const inFull = (value: number): string => DIGITS.format(value);

const withUnit = ({ value, unit }: Amount): string => (unit ? `${inFull(value)} ${unit}` : inFull(value));

function timeIn(text: string): string | null {
  const [, hour, minute, half, ...more] = /^[^\d]*(\d{1,2})[:.](\d{2})(?!\d)\s*([ap]\.?m\b\.?)?([^\d]*)$/iu.exec(text) ?? [];
  if (hour === undefined || minute === undefined || more.length === 0) return null;
  const afternoon = half?.toLowerCase().startsWith('p');
  const hours = half ? (Number(hour) % 12) + (afternoon ? 12 : 0) : Number(hour);
  return hours < 24 && Number(minute) < 60 ? `${String(hours).padStart(2, '0')}:${minute}` : null;
}

const YES = /\b(?:yes|yeah|yep|true|correct)\b/iu;
const NO = /\b(?:no|nope|false|wrong|incorrect|not)\b/iu;

function yesNoIn(text: string): string | null {
  const yes = YES.test(text);
  return yes === NO.test(text) ? null : yes ? 'yes' : 'no';
}

/** "B", "b)", "(B) Paris", "The answer is B." A small letter counts only where it can't be the article. */
function letterIn(text: string): string | null {
  const [, letter] = /^[\s("'*]*(?:the\s+)?(?:right\s+)?(?:answer|option|letter)?(?:\s+is)?[\s:("'*]*(?:([a-h])(?=["'*]*(?:[).:]|\s*$))|$)/iu.exec(text)
    ?? /^\s*(?:the answer is\s+)?([A-H])\b/u.exec(text) ?? [];
  return letter?.toUpperCase() ?? null;
}

/** Until nothing changes: what is within brackets may be in brackets again. */
function list(text: string): string {
  let before = text;
  let now = listed(text);
  while (before !== now) [before, now] = [now, listed(now)];
  return now;
}

function listed(text: string): string {
  const cleaned = words(text).replace(/^[[(]|[\])]$/gu, '');
  const parts = /^[-\d\s]+$/u.test(cleaned) ? cleaned.split(/\s+/u) : cleaned.split(/\s*[,;]\s*(?:and\b\s*)?|\s+and\s+/u);
  return parts.map((part) => words(part)).filter((part) => part !== '').join(', ');
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

function json(text: string): string | null {
  const from = text.search(/[{[]/u);
  const to = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'));
  if (from < 0 || to < from) return null;
  try {
    return canonical(JSON.parse(text.slice(from, to + 1)) as Json);
  } catch {
    return null;
  }
}

/** Keys in order, words as words: `{"city": "Oslo."}` and `{ "city":"oslo" }` are one answer. */
function canonical(value: Json): string {
  if (typeof value === 'string') return JSON.stringify(words(value));
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonical(item)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}

/** What an engine says that knows its limits. */
const REFUSAL = /^refusal$|\btoo (?:small|hard|large|difficult)\b|\b(?:larger|bigger) model\b|\b(?:do not|don't|can't|cannot) (?:know|answer|tell)\b/iu;

/** Small letters, single spaces, no article in front, no punctuation around. */
function words(text: string): string {
  let before = '';
  let now = text.normalize('NFKC').toLowerCase();
  while (before !== now) {
    before = now;
    now = now
      .replace(/(?<=\p{L})-(?=\p{L})/gu, ' ')
      .replace(/\s+/gu, ' ')
      .replace(/^[\s"'“”‘’*.,;:!?]+|[\s"'“”‘’*.,;:!?]+$/gu, '')
      .replace(/^(?:the answer is|answer:|it is|it's|the|an|a)(?= )/u, '')
      .normalize('NFKC');
  }
  return now;
}
