/**
 * Answers that are JSON objects of the same fields, counted field by field: three that agree on the city and three others that
 * agree on the date make one answer that nobody has to have given.
 *
 * What a schema says of one field, each winner keeps: some candidate was held to it and gave this value. What it says of several
 * together (a field that is there only if another has a value) can't be seen from here. So fields are put together only if some
 * one candidate has exactly these fields, of these types; else the candidate stands that has most of the winning values.
 */
import type { Confidence, Vote } from '../../protocol/fusion.ts';
import { normaliseAnswer } from '../../shared/normalise-answer.ts';
import { confidenceIn, posteriorOf } from './posterior.ts';
import { tally, votesOf, type Tally, type Weighing } from './tally.ts';
import type { Ballot, Verdict } from './types.ts';

/** A field's value, and what it is compared by. A field that was left out is a value of its own. */
interface FieldValue {
  readonly key: string;
  readonly value: unknown;
}

/** A ballot that is an object. */
interface Row {
  readonly ballot: Ballot;
  readonly values: ReadonlyMap<string, FieldValue>;
}

/** What was counted for one field. */
interface Column {
  readonly field: string;
  readonly counted: Tally;
  readonly winner: FieldValue;
}

const ABSENT: FieldValue = { key: 'absent', value: undefined };

/** @returns null if it holds no object */
function rowOf(ballot: Ballot, fields: readonly string[]): Row | null {
  const { text } = ballot;
  try {
    const object: unknown = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
    if (typeof object !== 'object' || object === null) return null;
    return { ballot, values: new Map(fields.map((field) => [field, valueOf(object, field)])) };
  } catch {
    // Not JSON, or nested deeper than the stack.
    return null;
  }
}

function valueOf(object: object, field: string): FieldValue {
  if (!Object.hasOwn(object, field)) return ABSENT;
  const value: unknown = (object as Record<string, unknown>)[field];
  return { key: normaliseAnswer(JSON.stringify([value]), 'json').slice(1, -1), value };
}

/** @returns null if no ballot is an object */
export function judgeFields(ballots: readonly Ballot[], pending: number, fields: readonly string[], weighing: Weighing): Verdict | null {
  const rows = new Map(ballots.map((ballot) => [ballot, rowOf(ballot, fields)] as const).filter((pair): pair is [Ballot, Row] => pair[1] !== null));
  if (rows.size === 0) return null;
  const objects = ballots.filter((ballot) => rows.has(ballot));
  const columns = fields.map((field): Column => {
    const counted = tally(objects, pending, (ballot) => rows.get(ballot)!.values.get(field)!.key, weighing);
    return { field, counted, winner: rows.get(counted.groups[0]!.ballots[0])!.values.get(field)! };
  });
  return { ...combine([...rows.values()], columns), votes: [...columns.flatMap((column) => fieldVotes(column, rows)), ...spoilt(ballots, rows)] };
}

function combine(rows: readonly Row[], columns: readonly Column[]): Omit<Verdict, 'votes'> {
  const standings = columns.map(({ counted }) => counted.standing);
  const [best, next] = rows.map((row) => ({ ballot: row.ballot, agreed: agreement(row, columns) })).sort(mostAgreedFirst);
  const { ballot } = best!;
  if (best!.agreed === columns.length) return { text: ballot.text, chosen: ballot.index, confidence: confidenceIn(standings) };
  if (rows.some((row) => hasShape(row, columns))) {
    // Not certain before all are heard: if one of them gives just this, its own words will be the answer.
    return { text: JSON.stringify(Object.fromEntries(columns.map(({ field, winner }) => [field, winner.value]))), chosen: null, confidence: posteriorOf(standings) };
  }
  const confidence: Confidence = { value: (best!.agreed - (next?.agreed ?? 0)) / columns.length, meaning: 'score' };
  return { text: ballot.text, chosen: ballot.index, confidence };
}

const agreement = ({ values }: Row, columns: readonly Column[]): number => columns.filter(({ field, winner }) => values.get(field)!.key === winner.key).length;

/** Of those that have all, the first to be done: who comes later does not change it. */
function mostAgreedFirst(one: { ballot: Ballot; agreed: number }, other: { ballot: Ballot; agreed: number }): number {
  return other.agreed - one.agreed || one.ballot.arrival - other.ballot.arrival;
}

const hasShape = ({ values }: Row, columns: readonly Column[]): boolean => columns.every(({ field, winner }) => typeOf(values.get(field)!) === typeOf(winner));

function typeOf({ value }: FieldValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The text of a field's vote is its value as the first who gave it wrote it; strings without their quotes. */
function fieldVotes({ field, counted }: Column, rows: ReadonlyMap<Ballot, Row>): readonly Vote[] {
  return votesOf(counted, field).map((vote, index) => {
    const { value } = rows.get(counted.groups[index]!.ballots[0])!.values.get(field)!;
    return { ...vote, text: typeof value === 'string' ? value : (JSON.stringify(value) ?? '') };
  });
}

/** Those that are no objects are shown, and count for nothing. */
function spoilt(ballots: readonly Ballot[], rows: ReadonlyMap<Ballot, Row>): readonly Vote[] {
  const others = ballots.filter((ballot) => !rows.has(ballot));
  return votesOf(tally(others, 0, ({ answer }) => answer, { weightOf: () => 1, most: 1 })).map((vote) => ({ ...vote, weight: 0 }));
}
