/** From the text of a `swarm.yaml` to a configuration, or to what is wrong with it: line, key, and what is allowed. */
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type Node, type Pair } from 'yaml';
import type { ConfigProblem } from '../../protocol/config-problem.ts';
import { layConfig } from '../../protocol/config-defaults.ts';
import { brokenRules } from '../../protocol/config-rules.ts';
import type { SwarmConfig } from '../../protocol/config-schema.ts';
import { checkShape, type Finding, type Path } from './config-issues.ts';

/** Characters of a file: the whole reference with every key and comment is some 10 KiB. */
export const CONFIG_CHARS = 64 * 1024;
/** Uses of anchors, those inside of others counted as often as they come: a hundred lines can't become a billion. */
const ALIASES = 100;
/** A file with more mistakes is read again after these are mended. */
const PROBLEMS = 20;
/** YAML's way to write a key that is a list: nothing here has one. */
const QUESTION = /(?:^|[\s{[,])\?(?=\s)/gm;
const QUESTIONS = 32;
/** The library's word for nesting that it does not follow. */
const DEEP = 'RESOURCE_EXHAUSTION';

export type ParsedConfig = { readonly config: SwarmConfig } | { readonly problems: readonly ConfigProblem[] };

/**
 * Pure.
 *
 * @param text of a `swarm.yaml`; an empty one is an empty configuration
 * @param below what it is laid over: keys must suit each other over both
 */
export function parseConfig(text: string, below: SwarmConfig = {}): ParsedConfig {
  if (text.length > CONFIG_CHARS) return { problems: [whole(`the file has ${text.length} characters`, `${CONFIG_CHARS} at the most`)] };
  const lines = new LineCounter();
  const read = readYaml(text, lines);
  if ('problems' in read) return read;
  const { document, value } = read;
  const checked = checkShape(value);
  if ('findings' in checked) return { problems: checked.findings.slice(0, PROBLEMS).map((finding) => located(document, lines, finding)) };
  const broken = brokenRules(layConfig(below, checked.config)).map(({ keys, message, allowed }): Finding => {
    const key = keys.find((one) => document.hasIn(pathOf(one))) ?? keys[0]!;
    return { path: pathOf(key), atKey: false, message, allowed };
  });
  return broken.length > 0 ? { problems: broken.map((finding) => located(document, lines, finding)) } : { config: checked.config };
}

const whole = (message: string, allowed: string | null): ConfigProblem => ({ line: 1, column: 1, key: '', message, allowed });

const pathOf = (key: string): Path => key.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));

function readYaml(text: string, lineCounter: LineCounter): { document: Document; value: unknown } | { problems: readonly ConfigProblem[] } {
  // The library takes a minute for thousands of them, one in the other.
  if ((text.match(QUESTION) ?? []).length > QUESTIONS) return { problems: [whole('it has keys that begin with a question mark', 'plain keys')] };
  try {
    // Its own search for keys that are there twice compares each with each.
    const document = parseDocument(text, { lineCounter, prettyErrors: false, strict: true, uniqueKeys: false });
    const all = [...document.errors, ...document.warnings, ...mistakes(document)];
    // What follows a place that was given up is no mistake of the person's.
    const wrong = (all.some(({ code }) => code === DEEP) ? all.filter(({ code }) => code === DEEP) : all).slice(0, PROBLEMS);
    if (wrong.length > 0) return { problems: wrong.map(({ pos, code, message }) => ({ ...place(lineCounter, pos[0]), key: keyAround(document, pos[0]), ...inWords(code, message) })) };
    return { document, value: withoutNulls(document.toJS({ maxAliasCount: ALIASES }) ?? {}) };
  } catch (error) {
    // Names that stand for names that stand for names.
    if (error instanceof ReferenceError) return { problems: [whole('its anchors are used too often', `at most ${ALIASES} uses`)] };
    throw error;
  }
}

interface Mistake {
  readonly pos: readonly [number, ...unknown[]];
  readonly code: string;
  readonly message: string;
}

/** What the library does not say, or only by a throw that names no place. */
function mistakes(document: Document): Mistake[] {
  const found: Mistake[] = [];
  const anchors = new Set<string>();
  visit(document, {
    Node(_, node) {
      if ('anchor' in node && node.anchor) anchors.add(node.anchor);
    },
    Alias(_, alias, above) {
      // It would be endless.
      if (above.some((node) => isNode(node) && 'anchor' in node && node.anchor === alias.source)) found.push({ pos: [startOf(alias) ?? 0], code: 'OWN_ALIAS', message: alias.source });
      if (!anchors.has(alias.source)) found.push({ pos: [startOf(alias) ?? 0], code: 'UNKNOWN_ALIAS', message: alias.source });
    },
    Map(_, map) {
      if (map.anchor) anchors.add(map.anchor);
      const names = new Set<string>();
      for (const { key } of map.items) {
        const name = String(isScalar(key) ? key.value : key);
        if (names.has(name)) found.push({ pos: [startOf(key) ?? 0], code: 'DUPLICATE_KEY', message: '' });
        names.add(name);
      }
    },
  });
  return found;
}

const lowered = (message: string): string => `${message.charAt(0).toLowerCase()}${message.slice(1).replace(/\.$/, '')}`;

const place = (lines: LineCounter, offset: number): { line: number; column: number } => {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
};

/** The messages of the library, where they don't say it to somebody who never heard of YAML. */
function inWords(code: string, message: string): { message: string; allowed: string | null } {
  switch (code) {
    case 'DUPLICATE_KEY': return { message: 'this key is here twice', allowed: 'each key once' };
    case 'TAB_AS_INDENT': return { message: 'a tab stands at the start of the line', allowed: 'spaces' };
    case 'MULTIPLE_DOCS': return { message: 'a second document begins here', allowed: 'one document' };
    case 'TAG_RESOLVE_FAILED': return { message: 'a tag (!…) stands here', allowed: 'no tags' };
    case 'UNKNOWN_ALIAS': return { message: `nothing before it is called &${message}`, allowed: null };
    case 'OWN_ALIAS': return { message: `*${message} stands within what is called &${message}`, allowed: null };
    case DEEP: return { message: 'it is nested too deeply', allowed: null };
    default: return { message: `this is not YAML: ${lowered(message)}`, allowed: null };
  }
}

/** A key without a value is one that was left out. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, inside]) => inside !== null).map(([key, inside]) => [key, withoutNulls(inside)]));
}

function located(document: Document, lines: LineCounter, { path, atKey, message, allowed }: Finding): ConfigProblem {
  return { ...place(lines, offsetAt(document, path, atKey)), key: path.join('.'), message, allowed };
}

/** Where a value begins, or its key; where neither is in the file, what is above it. */
function offsetAt(document: Document, path: Path, atKey: boolean): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, part] of path.entries()) {
    if (isAlias(node)) return offset;
    const pair: Pair | undefined = isMap(node) ? node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(part)) : undefined;
    const last = depth === path.length - 1;
    const next: unknown = pair ? pair.value : isSeq(node) ? node.items[Number(part)] : undefined;
    if (!pair && next === undefined) return offset;
    offset = (last && !atKey ? startOf(next) : null) ?? startOf(pair?.key) ?? startOf(next) ?? offset;
    node = next;
  }
  return offset;
}

const startOf = (node: unknown): number | null => (isNode(node) ? ((node as Node).range?.[0] ?? null) : null);

/** The key in whose value an offset lies, as far as the file could be read. */
function keyAround(document: Document, offset: number): string {
  const names: string[] = [];
  let node: unknown = document.contents;
  while (isMap(node)) {
    const pair: Pair | undefined = node.items.findLast(({ key }) => (startOf(key) ?? Infinity) <= offset);
    if (!pair || !isScalar(pair.key)) break;
    names.push(String(pair.key.value));
    node = pair.value;
  }
  return names.join('.').slice(0, 200);
}

