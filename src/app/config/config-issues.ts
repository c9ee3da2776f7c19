/** Turns what the schema says about a value into what a person reads: the key, what is wrong, what is allowed. Knows no YAML. */
import * as v from 'valibot';
import { allowedOf, CONFIG_ENTRIES } from '../../protocol/config-fields.ts';
import type { FieldFacts } from '../../protocol/config-kinds.ts';
import { swarmConfigSchema, type SwarmConfig } from '../../protocol/config-schema.ts';
import { nearestWords } from '../../shared/nearest-words.ts';

export type Path = readonly (string | number)[];

export interface Finding {
  readonly path: Path;
  /** Shown is the key itself, not its value. */
  readonly atKey: boolean;
  readonly message: string;
  readonly allowed: string | null;
}

/** Characters of a wrong value that are shown. */
const SHOWN_CHARS = 40;

/** @param value of plain objects, lists and scalars, without nulls in objects */
export function checkShape(value: unknown): { config: SwarmConfig } | { findings: readonly Finding[] } {
  const result = v.safeParse(swarmConfigSchema, value);
  if (result.success) return { config: result.output };
  const findings = result.issues.map(finding);
  const seen = new Set<string>();
  return { findings: findings.filter(({ path }) => !seen.has(path.join('.')) && seen.add(path.join('.'))) };
}

function finding(issue: v.BaseIssue<unknown>): Finding {
  const path = (issue.path ?? []).map(({ key }) => key as string | number);
  const name = String(path.at(-1) ?? '');
  const holder = issue.path?.at(-1)?.input;
  if (issue.type === 'strict_object' && issue.expected === 'never') return Array.isArray(holder) ? noSection(path.slice(0, -1), holder) : unknownKey(path.slice(0, -1), name, path);
  const schema = schemaAt(path);
  const allowed = schema ? allowedAt(schema, path) : null;
  if (issue.type === 'strict_object' && path.length > 0 && issue.received === 'undefined') return { path, atKey: true, message: 'is missing', allowed };
  return { path, atKey: false, message: allowed === null ? issue.message : `must be ${allowed}, not ${shown(issue.path?.at(-1)?.value ?? issue.input)}`, allowed };
}

/** A list is an object to the schema, with keys that it doesn't know. */
function noSection(path: Path, value: unknown): Finding {
  const schema = schemaAt(path);
  const allowed = schema ? allowedAt(schema, path) : null;
  return { path, atKey: false, message: `must be ${allowed ?? 'a section'}, not ${shown(value)}`, allowed };
}

function unknownKey(above: Path, name: string, path: Path): Finding {
  const schema = schemaAt(above);
  const names = schema?.entries ? Object.keys(schema.entries) : [];
  const [near] = nearestWords(name, names);
  const elsewhere = CONFIG_ENTRIES.find(({ key }) => key.split('.').at(-1) === name)?.key;
  const hint = near ? `; did you mean ${near}?` : elsewhere ? `; it belongs at ${elsewhere}` : '';
  return { path, atKey: true, message: `there is no such key${hint}`, allowed: names.length > 0 ? names.join(', ') : null };
}

/** What is looked at of a schema, whatever its kind. */
interface Node {
  readonly type: string;
  readonly wrapped?: Node;
  readonly entries?: Readonly<Record<string, Node>>;
  readonly item?: Node;
}

const unwrapped = (node: Node): Node => (node.wrapped ? unwrapped(node.wrapped) : node);

function schemaAt(path: Path): Node | null {
  let node: Node | undefined = swarmConfigSchema;
  for (const part of path) node = node && (typeof part === 'number' ? unwrapped(node).item : unwrapped(node).entries?.[part]);
  return node ? unwrapped(node) : null;
}

function allowedAt(schema: Node, path: Path): string | null {
  if (schema.entries) return `a section with ${Object.keys(schema.entries).join(', ')}`;
  const facts = v.getMetadata(schema as unknown as v.GenericSchema) as unknown as Partial<FieldFacts>;
  if (facts.kind !== undefined) return allowedOf(facts as FieldFacts);
  const list = schemaAt(path.slice(0, -1));
  return list?.item && typeof path.at(-1) === 'number' ? 'a text' : null;
}

export function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
}
