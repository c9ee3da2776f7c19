/** Reads doc comments beside the code that they describe, with the compiler's own parser, so that documents need not say them again. */
import ts from 'typescript';

/** @typedef {{ comment: string, headings: string[], value: ts.Expression }} Described `headings`: comments that begin with three dashes, above it */

/**
 * @typedef {object} Source
 * @property {(name: string) => Described | undefined} declared a constant at the top of a file
 * @property {(value: ts.Expression | undefined) => Map<string, Described>} fields of the object literal in it: itself, or the first among the arguments of calls; names are followed
 * @property {(value: ts.Expression | undefined) => Described[]} options elements of the first list in it
 * @property {() => Map<string, Described>} all constants, in order
 */

/**
 * @param {{ path: string, text: string }[]} files; of two constants of one name the later counts
 * @returns {Source}
 */
export function readSource(files) {
  /** @type {Map<string, Described>} */
  const constants = new Map();
  for (const { path, text } of files) {
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    for (const statement of file.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (initializer && ts.isIdentifier(name)) constants.set(name.text, described(statement, initializer));
      }
    }
  }

  /**
   * @template Found
   * @param {ts.Expression | undefined} value
   * @param {(node: ts.Expression) => Found | undefined} want
   * @returns {Found | undefined}
   */
  function find(value, want) {
    if (!value) return undefined;
    const found = want(value);
    if (found !== undefined) return found;
    if (ts.isAsExpression(value)) return find(value.expression, want);
    if (ts.isIdentifier(value)) return find(constants.get(value.text)?.value, want);
    if (!ts.isCallExpression(value)) return undefined;
    for (const argument of value.arguments) {
      const inside = find(argument, want);
      if (inside !== undefined) return inside;
    }
    return undefined;
  }

  return {
    declared: (name) => constants.get(name),
    all: () => constants,
    fields(value) {
      const literal = find(value, (node) => (ts.isObjectLiteralExpression(node) ? node : undefined));
      return new Map((literal?.properties ?? []).flatMap((node) => (ts.isPropertyAssignment(node) ? [[nameOf(node.name), described(node, node.initializer)]] : spread(node, this))));
    },
    options: (value) => (find(value, (node) => (ts.isArrayLiteralExpression(node) ? node : undefined))?.elements ?? []).map((node) => described(node, node)),
  };
}

/**
 * What `...others` in an object stands for; a heading above it is that of the first.
 *
 * @param {ts.ObjectLiteralElementLike} node
 * @param {Source} source
 * @returns {[string, Described][]}
 */
function spread(node, source) {
  if (!ts.isSpreadAssignment(node)) return [];
  const { headings } = described(node, node.expression);
  return [...source.fields(node.expression)].map(([name, field], index) => [name, index === 0 ? { ...field, headings: [...headings, ...field.headings] } : field]);
}

/** @param {ts.PropertyName} name */
const nameOf = (name) => (ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : name.getText());

/**
 * @param {ts.Node} node that the comment stands above
 * @param {ts.Expression} value
 * @returns {Described}
 */
function described(node, value) {
  const text = node.getSourceFile().text;
  const above = (ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []).map(({ pos, end }) => text.slice(pos, end));
  const headings = above.flatMap((comment) => (comment.startsWith('// --- ') ? [comment.slice('// --- '.length)] : []));
  return { comment: plain(above.findLast((comment) => comment.startsWith('/**')) ?? ''), headings, value };
}

/** @param {string} comment */
const plain = (comment) =>
  comment
    .replace(/^\/\*\*|\*\/$/g, '')
    .replace(/^\s*\* ?/gm, '')
    .replace(/\{@link (\w+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .trim();

/**
 * The number that an expression gives: figures, names of constants, fields of `LIMITS`, and sums of these.
 *
 * @param {ts.Expression} value
 * @param {Source} source of the names
 * @param {Record<string, number>} limits
 * @returns {number | null} null if it is none
 */
export function numberOf(value, source, limits) {
  if (ts.isNumericLiteral(value)) return Number(value.text.replaceAll('_', ''));
  if (ts.isParenthesizedExpression(value)) return numberOf(value.expression, source, limits);
  if (ts.isPropertyAccessExpression(value)) return value.expression.getText() === 'LIMITS' ? (limits[value.name.text] ?? null) : null;
  if (ts.isIdentifier(value)) {
    const named = source.declared(value.text);
    return named ? numberOf(named.value, source, limits) : null;
  }
  if (!ts.isBinaryExpression(value)) return null;
  const [left, right] = [numberOf(value.left, source, limits), numberOf(value.right, source, limits)];
  return left === null || right === null ? null : (CALCULATIONS[value.operatorToken.getText()]?.(left, right) ?? null);
}

/** @type {Record<string, (left: number, right: number) => number>} */
const CALCULATIONS = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
};
