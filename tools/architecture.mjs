/**
 * The architecture as rules that a machine checks: who may import whom, which file may use which package, where time and
 * chance come from, how long a file may be. Pure functions over file contents; `tools/check.mjs` reads the files.
 */
import { posix } from 'node:path';
import ts from 'typescript';

/** A file that does not fit on a few screens holds more than one thing. */
const MAX_LINES = 250;
/** A test repeats itself where a story needs it. */
const MAX_TEST_LINES = 400;

/**
 * What each part of `src` may import besides itself; `types` means `import type` only. `main` is `src/main.ts`.
 * @type {Record<string, Record<string, 'all' | 'types'>>}
 */
const LAYERS = {
  shared: {},
  protocol: { shared: 'all' },
  engine: { shared: 'all', protocol: 'all' },
  mesh: { shared: 'all', protocol: 'all' },
  orchestrator: { shared: 'all', protocol: 'all' },
  questions: { shared: 'all' },
  measure: { shared: 'all', protocol: 'all', questions: 'all' },
  ui: { shared: 'all', protocol: 'types' },
  app: { shared: 'all', protocol: 'all', engine: 'all', mesh: 'all', orchestrator: 'all', questions: 'all', measure: 'all' },
  main: { app: 'all', ui: 'all', shared: 'all', protocol: 'all' },
};

/** Bounds are values that a form must know. All else that the page takes from the protocol is types. */
const BOUNDS = 'src/protocol/limits.ts';

/** The one shipped file that may hand scripted doubles to the page: the demonstration without a model. */
const DEMO = 'src/app/demo.ts';

/**
 * Where each package may be imported. A package that is not named here may not be used in `src`: name it in one place first.
 * @type {[packages: RegExp, files: RegExp, where: string][]}
 */
const PACKAGES = [
  // Only the address of a file: Vite copies it and gives its URL.
  [/^@wllama\/wllama\/.*\.wasm\?url$/, /^src\/engine\/start-worker\.ts$/, 'src/engine/start-worker.ts'],
  [/^@wllama\/wllama(\/|$)/, /^src\/engine\/worker\/wllama-adapter\.ts$/, 'src/engine/worker/wllama-adapter.ts'],
  [/^comlink$/, /^src\/engine\/(worker-link|model-files|worker\/model-serve|[^/]+\.worker)\.ts$/, 'the two ends of each worker in src/engine'],
  [/^heroicons\//, /^src\/ui\/icons\.ts$/, 'src/ui/icons.ts'],
  [/^(lit|lit-[^/]+|@lit\/[^/]+|@awesome\.me\/[^/]+)(\/|$)/, /^src\/ui\//, 'src/ui'],
  [/^diff$/, /^src\/ui\/fusion\//, 'src/ui/fusion'],
  [/^(marked|dompurify)$/, /^src\/ui\//, 'src/ui'],
  [/^idb-keyval$/, /(-storage\.ts|^src\/engine\/model-index\.ts)$/, 'files named *-storage.ts and src/engine/model-index.ts'],
  [/^@noble\/hashes(\/|$)/, /^src\/engine\//, 'src/engine'],
  [/^peerjs$/, /^src\/mesh\/platform\/peerjs-[^/]+\.ts$/, 'src/mesh/platform/peerjs-*.ts'],
  [/^@scure\/bip39\//, /^src\/mesh\/invitation\.ts$/, 'src/mesh/invitation.ts'],
  [/^yaml$/, /^src\/app\/config\/config-yaml[^/]*\.ts$/, 'src/app/config/config-yaml*.ts'],
  [/^valibot$/, /^src\/(protocol|engine|app|mesh|measure)\//, 'protocol, engine, mesh, measure and app'],
  [/^papaparse$/, /^src\/measure\//, 'src/measure'],
];

/**
 * Time and chance come as arguments, so that tests can hold them still. What is forbidden, and what to take instead.
 * @type {Record<string, string>}
 */
const CLOCKS_AND_DICE = {
  'Date.now': 'Clock',
  'performance.now': 'Clock',
  'new Date()': 'Clock',
  setTimeout: 'Clock',
  setInterval: 'Clock',
  'Math.random': 'Random',
};

/** Where the system's own clock and dice are handed out, and who may hold them in a test. */
const HOLDS_CLOCKS = /^src\/(shared\/system-env\.ts$|testing\/)|\.test\.ts$/;

/** @typedef {{ specifier: string, typeOnly: boolean, line: number }} Import */
/** @typedef {{ path: string, text: string }} SourceFile path from the project's root, with `/` */

/**
 * @param {SourceFile} file
 * @param {(node: ts.Node, lineOf: (part: ts.Node) => number) => void} look at each part of the file
 */
function eachNode({ path, text }, look) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const lineOf = (/** @type {ts.Node} */ part) => source.getLineAndCharacterOfPosition(part.getStart(source)).line + 1;
  const visit = (/** @type {ts.Node} */ node) => {
    look(node, lineOf);
    ts.forEachChild(node, visit);
  };
  visit(source);
}

/**
 * @param {SourceFile} file
 * @returns {Import[]} static, dynamic and type imports, and exports from elsewhere
 */
export function importsOf(file) {
  /** @type {Import[]} */
  const found = [];
  eachNode(file, (node, lineOf) => {
    const add = (/** @type {ts.Node | undefined} */ name, /** @type {boolean} */ typeOnly) => {
      if (name && ts.isStringLiteralLike(name)) found.push({ specifier: name.text, typeOnly, line: lineOf(name) });
    };
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, bringsTypesOnly(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false);
  });
  return found;
}

/** @param {ts.ImportClause | undefined} clause */
function bringsTypesOnly(clause) {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  return !clause.name && !!names && ts.isNamedImports(names) && names.elements.length > 0 && names.elements.every(({ isTypeOnly }) => isTypeOnly);
}

/**
 * @param {string} path
 * @returns {string} the part of `src` that it belongs to
 */
function layerOf(path) {
  const [, layer = '', ...rest] = path.split('/');
  return rest.length > 0 ? layer : 'main';
}

/** Tests, and the workers that only tests start. */
const isTest = (/** @type {string} */ path) => /(\.test\.(ts|mjs)|-scripted\.worker\.ts)$/.test(path);

/**
 * @param {string} from a file of `src`
 * @param {Import} imported
 * @returns {string | null} what is wrong
 */
export function violation(from, { specifier, typeOnly }) {
  const own = layerOf(from);
  const free = own === 'testing' || isTest(from);
  if (!specifier.startsWith('.')) {
    if (free || specifier.startsWith('virtual:')) return null;
    const rule = PACKAGES.find(([packages]) => packages.test(specifier));
    if (!rule) return `imports ${specifier}, which tools/architecture.mjs does not name`;
    return rule[1].test(from) ? null : `imports ${specifier}; only ${rule[2]} may`;
  }
  const target = posix.normalize(posix.join(posix.dirname(from), specifier)).replace(/\?.*$/, '');
  const to = layerOf(target);
  if (own === 'testing' || to === own) return null;
  if (to === 'testing') return isTest(from) || from === DEMO ? null : `imports testing; only tests and ${DEMO} may`;
  const allowed = LAYERS[own]?.[to];
  if (!allowed) return `imports ${to}; ${own} may import ${Object.keys(LAYERS[own] ?? {}).join(', ') || 'nothing else'}`;
  return allowed === 'types' && !typeOnly && target !== BOUNDS ? `imports values of ${to}; ${own} may import its types only` : null;
}

/**
 * @param {SourceFile[]} files
 * @returns {string[]} one line for each import that breaks a rule
 */
export function importViolations(files) {
  return files
    .filter(({ path }) => /^src\/.*\.ts$/.test(path))
    .flatMap((file) =>
      importsOf(file).flatMap((imported) => {
        const wrong = violation(file.path, imported);
        return wrong ? [`${file.path}:${imported.line} ${wrong}`] : [];
      }),
    );
}

/**
 * @param {ts.Node} node
 * @returns {string} the clock or the dice that it asks, by its name above; anything else may come out for other nodes
 */
function asked(node) {
  const nameOf = (/** @type {ts.Node} */ part) => (ts.isIdentifier(part) ? part.text : '');
  if (ts.isPropertyAccessExpression(node)) return `${nameOf(node.expression)}.${nameOf(node.name)}`;
  if (ts.isCallExpression(node)) return nameOf(node.expression);
  return ts.isNewExpression(node) && !node.arguments?.length ? `new ${nameOf(node.expression)}()` : '';
}

/**
 * @param {SourceFile[]} files
 * @returns {string[]} one line for each use of the system's own clock or dice
 */
export function clockViolations(files) {
  /** @type {string[]} */
  const found = [];
  for (const file of files.filter(({ path }) => /^src\/.*\.ts$/.test(path) && !HOLDS_CLOCKS.test(path))) {
    eachNode(file, (node, lineOf) => {
      const name = asked(node);
      if (Object.hasOwn(CLOCKS_AND_DICE, name)) found.push(`${file.path}:${lineOf(node)} uses ${name}; take a ${CLOCKS_AND_DICE[name]} (shared/env.ts)`);
    });
  }
  return found;
}

/**
 * @param {SourceFile[]} files
 * @returns {string[]} one line for each file that is too long
 */
export function sizeViolations(files) {
  return files.flatMap(({ path, text }) => {
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    const most = isTest(path) || path.startsWith('e2e/') ? MAX_TEST_LINES : MAX_LINES;
    return lines > most ? [`${path} has ${lines} lines; ${most} are allowed`] : [];
  });
}
