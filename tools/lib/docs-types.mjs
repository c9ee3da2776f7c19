/**
 * Which types belong to the public surface: those of `src/protocol/llambo.ts` and, from there, every type of ours that one
 * of them names. Read with the compiler, so that a new type is documented without being listed anywhere.
 */
import ts from 'typescript';

/** @typedef {{ name: string, path: string, alias: string | null }} NamedType `alias` is the source of a type alias, with its comments */

/**
 * @param {string} configPath of the project that compiles the types
 * @param {string[]} roots files whose exports are all public
 * @returns {NamedType[]} in the order in which a reader meets them
 */
export function publicTypes(configPath, roots) {
  const { config } = ts.readConfigFile(configPath, (path) => ts.sys.readFile(path));
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, ts.sys.getCurrentDirectory());
  const program = ts.createProgram({ rootNames: [...fileNames, ...roots], options });
  const checker = program.getTypeChecker();
  /** @type {Map<ts.Symbol, NamedType>} */
  const found = new Map();
  /** @type {ts.Node[]} what is left to read: nearest to the roots first */
  const queue = [];

  /** @param {ts.Symbol} named */
  function add(named) {
    const symbol = named.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(named) : named;
    const declarations = (symbol.declarations ?? []).filter((node) => isPublic(node));
    const [first] = declarations;
    if (!first || found.has(symbol)) return;
    found.set(symbol, { name: symbol.name, path: first.getSourceFile().fileName, alias: ts.isTypeAliasDeclaration(first) ? first.getText().replace(/^export /, '') : null });
    queue.push(...declarations);
  }

  /** @param {ts.Node} node */
  function visit(node) {
    const name = ts.isTypeReferenceNode(node) ? node.typeName : ts.isExpressionWithTypeArguments(node) ? node.expression : null;
    const symbol = name && checker.getSymbolAtLocation(name);
    if (symbol) add(symbol);
    ts.forEachChild(node, visit);
  }

  for (const root of roots) {
    const file = program.getSourceFile(root);
    const module = file && checker.getSymbolAtLocation(file);
    if (!module) throw new Error(`${root} exports nothing.`);
    // A file ends with what it is about; what that needs stands above.
    for (const symbol of inOrder(checker.getExportsOfModule(module)).toReversed()) add(symbol);
  }
  for (let next = queue.shift(); next; next = queue.shift()) visit(next);
  return [...found.values()];
}

/** @param {ts.Symbol[]} symbols */
const inOrder = (symbols) => symbols.toSorted((a, b) => (a.declarations?.[0]?.pos ?? 0) - (b.declarations?.[0]?.pos ?? 0));

/**
 * Ours, and exported: a type parameter or a helper inside a file is no name that a reader could use.
 *
 * @param {ts.Declaration} node
 */
function isPublic(node) {
  const isType = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isClassDeclaration(node);
  const exported = ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export;
  return isType && exported !== 0 && /\/src\/(protocol|shared)\//.test(node.getSourceFile().fileName);
}
