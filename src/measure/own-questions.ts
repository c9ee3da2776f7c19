/** A person's own questions: CSV with headings, or a JSON object on each line, with `question`, `answer` and maybe `kind` and `format`. Pure. */
import papa from 'papaparse';
import * as v from 'valibot';
import { LIMITS } from '../protocol/limits.ts';
import { isRight } from '../questions/scoring.ts';
import { LlamboError } from '../shared/errors.ts';
import { ANSWER_FORMATS, type AnswerFormat } from '../shared/normalise-answer.ts';
import { keyOf } from './asked-questions.ts';
import type { MeasuredQuestion } from './types.ts';

/** A file of more is a benchmark for a cluster: at ten answers a second, 5 each would take 14 hours. */
const MOST_QUESTIONS = 100_000;
/** What kind a question is of if nobody said. */
const OWN = 'own';

const said = v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform((value) => String(value).trim()));
const given = v.pipe(said, v.minLength(1, 'is empty'), v.maxLength(LIMITS.requestChars, 'is too long'));
const formats = ANSWER_FORMATS.filter((format) => format !== 'open');
const rowSchema = v.object({
  question: given,
  answer: given,
  kind: v.optional(v.pipe(said, v.maxLength(100, 'is too long')), ''),
  format: v.optional(v.pipe(said, v.picklist(['', ...formats], `is one of ${formats.join(', ')}, or left out`)), ''),
});

/**
 * @param name of the file: `.csv`, or `.jsonl` and `.ndjson`
 * @returns different ones, in the order of the file
 * @throws LlamboError `bad-request` that says which line is wrong
 */
export function readOwnQuestions(name: string, content: string): MeasuredQuestion[] {
  const rows = /\.csv$/iu.test(name) ? csvRows(content) : jsonRows(content);
  if (rows.length === 0) throw bad(`${name} has no questions.`);
  if (rows.length > MOST_QUESTIONS) throw bad(`${name} has ${rows.length} questions; ${MOST_QUESTIONS} are the most.`);
  const questions = rows.map(({ value, where }): MeasuredQuestion => {
    const result = v.safeParse(rowSchema, value);
    if (!result.success) throw bad(`${name}, ${where}: "${v.getDotPath(result.issues[0]) ?? 'the line'}" ${result.issues[0].message}.`);
    const { question, answer, kind, format } = result.output;
    const messages = [{ role: 'user' as const, content: question }];
    const asked = { key: keyOf(messages), kind: kind || OWN, difficulty: '', messages, answer, format: format || formatOf(answer) };
    if (!isRight(asked, answer)) throw bad(`${name}, ${where}: "answer" is no ${asked.format}.`);
    return asked;
  });
  return [...new Map(questions.map((question) => [question.key, question])).values()];
}

/** What an answer looks like. Of several that it may be, the one that forgives most in how it is written. */
export function formatOf(answer: string): AnswerFormat {
  if (/^\d{1,2}:\d{2}(\s*[ap]\.?m\.?)?$/iu.test(answer)) return 'time';
  if (/^[$€£]?\s?[-−]?[\d,]*\.?\d+\s*[a-z%¢$€£]*$/iu.test(answer) && isRight({ answer, format: 'number' }, answer)) return 'number';
  if (/^(yes|no|true|false)\.?$/iu.test(answer)) return 'yes-no';
  if (/^\(?[A-H][).]?$/u.test(answer)) return 'letter';
  if (/^[[{]/u.test(answer) && isJson(answer)) return 'json';
  return /[,;]/u.test(answer) ? 'list' : 'words';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

interface Row {
  readonly value: unknown;
  /** For a person: "line 3". */
  readonly where: string;
}

function csvRows(content: string): Row[] {
  // Spreadsheets write a byte order mark, and headings with capitals.
  const text = content.replace(/^\uFEFF/u, '');
  const { data, errors, meta } = papa.parse(text, { header: true, skipEmptyLines: 'greedy', transformHeader: (heading) => heading.trim().toLowerCase() });
  const missing = ['question', 'answer'].filter((heading) => !meta.fields?.includes(heading));
  if (missing.length > 0) throw bad(`The first line must name the columns; there is no ${missing.map((heading) => `"${heading}"`).join(' and no ')}.`);
  // A file of one column has no delimiter to find; that is no error.
  const [broken] = errors.filter(({ row }) => row !== undefined);
  if (broken) throw bad(`Row ${(broken.row ?? 0) + 1}: ${broken.message}.`);
  return data.map((value, place) => ({ value, where: `row ${place + 1}` }));
}

function jsonRows(content: string): Row[] {
  return content.split('\n').flatMap((written, place): Row[] => {
    if (written.trim() === '') return [];
    try {
      return [{ value: JSON.parse(written) as unknown, where: `line ${place + 1}` }];
    } catch {
      throw bad(`Line ${place + 1} is not JSON.`);
    }
  });
}

const bad = (message: string): LlamboError =>
  new LlamboError('bad-request', message, { advice: 'A CSV file begins with a line "question,answer"; of JSONL each line is {"question": "…", "answer": "…"}.' });
