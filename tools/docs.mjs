/**
 * `npm run docs`: writes `docs/api.md` from the types of `globalThis.llambo`, and the tables of `docs/protocol.md` from the
 * schemas of the messages, and all that is made from the schema of `swarm.yaml`. `npm run docs -- --check` writes nothing
 * and fails if a file is not what it would write. The same sources give the same bytes: no dates, no revisions, no paths.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { Application } from 'typedoc';
import { boundsTable } from './lib/docs-bounds.mjs';
import { configDocuments } from './lib/docs-config.mjs';
import { protocolDocument } from './lib/docs-protocol.mjs';
import { publicTypes } from './lib/docs-types.mjs';
import { ROOT } from './lib/paths.mjs';

const CONFIG = join(ROOT, 'tsconfig.pure.json');
const WORK = join(ROOT, '.cache/docs');
const SURFACE = join(ROOT, 'src/protocol/llambo.ts');
/** Thrown by all of it, and so named by no type. */
const ERRORS = { name: 'LlamboError', path: join(ROOT, 'src/shared/errors.ts'), alias: null };

const INTRODUCTION = `# \`globalThis.llambo\`

<!-- Made by \`npm run docs\` from src/protocol/llambo.ts. Change the types, not this file. -->

The app that the page shows, for the console, for scripts and for embedding. Later versions add to it.

\`\`\`js
await llambo.ready;
const { text } = await llambo.ask('What is 47 + 38?').done;

for await (const event of llambo.ask('Tell me a story.')) {
  if (event.type === 'text') console.log(event.delta);
}

// Five engines answer, and what most agree on is the answer; it says who said what.
const { votes, dissent, cost } = await llambo.ask('What is 47 + 38?', { fusion: { policy: 'vote', n: 5 } }).done;

await llambo.load('tiny-2'); // a catalogue id, the URL of a GGUF, or a File

const { link } = await llambo.swarm.join(); // founds a swarm; join(link) or join('six words …') joins one
const other = llambo.nodes().find(({ local, state }) => !local && state === 'idle');
if (other) console.log((await llambo.ask('What is 47 + 38?', { node: other.address }).done).text);

for await (const event of llambo.events({ types: ['node started', 'task done'] })) console.log(event);
\`\`\`

Failures are \`LlamboError\`s: \`code\` is for programs, \`message\` says what happened, \`advice\` what to do.`;

/** @returns {Promise<string>} the reference in Markdown, without a heading of its own */
async function reference() {
  const folder = relative(WORK, ROOT).split(sep).join('/');
  const types = [...publicTypes(CONFIG, [SURFACE]), ERRORS];
  const lines = types.map(({ name, path }) => `export type { ${name} } from '${folder}/${relative(ROOT, path).split(sep).join('/')}';`);
  rmSync(WORK, { recursive: true, force: true });
  mkdirSync(WORK, { recursive: true });
  writeFileSync(join(WORK, 'index.ts'), `${lines.join('\n')}\n`);
  writeFileSync(join(WORK, 'tsconfig.json'), JSON.stringify({ extends: `${folder}/tsconfig.pure.json`, include: [], files: ['index.ts', `${folder}/src/shared/ambient.d.ts`] }));
  const app = await Application.bootstrapWithPlugins(
    /** @type {import('typedoc').TypeDocOptions} */ ({
      entryPoints: [join(WORK, 'index.ts')],
      tsconfig: join(WORK, 'tsconfig.json'),
      plugin: [createRequire(import.meta.url).resolve('typedoc-plugin-markdown')],
      name: 'llambo',
      // `npm run check` reports type errors; here they would be reported twice.
      skipErrorChecking: true,
      readme: 'none',
      disableSources: true,
      disableGit: true,
      hideGenerator: true,
      excludeExternals: true,
      sort: ['source-order'],
      membersWithOwnFile: [],
      hidePageHeader: true,
      hideBreadcrumbs: true,
      hidePageTitle: true,
      hideGroupHeadings: true,
      useCodeBlocks: true,
      interfacePropertiesFormat: 'table',
      classPropertiesFormat: 'table',
      typeAliasPropertiesFormat: 'table',
      typeDeclarationFormat: 'table',
      parametersFormat: 'table',
      typeDeclarationVisibility: 'compact',
      tableColumnSettings: { hideInherited: true, hideOverrides: true, hideModifiers: true, hideSources: true, leftAlignHeaders: true },
      outputs: [{ name: 'markdown', path: join(WORK, 'out') }],
      logLevel: 'Warn',
    }),
  );
  const project = await app.convert();
  if (!project) throw new Error('typedoc can not read the types.');
  await app.generateOutputs(project);
  return arranged(readFileSync(join(WORK, 'out/README.md'), 'utf8'), types);
}

/**
 * typedoc groups by kind; a reader comes from `Llambo` and follows names. Of unions it drops the comments, so these are
 * shown as they stand in the source.
 *
 * @param {string} markdown
 * @param {import('./lib/docs-types.mjs').NamedType[]} types in the order that is wanted
 * @returns {string}
 */
function arranged(markdown, types) {
  const sections = new Map(markdown.split(/\n\*\*\*\n+/).map((section) => [/^## (\w+)/m.exec(section)?.[1] ?? '', section.trim()]));
  const missing = types.filter(({ name }) => !sections.has(name)).map(({ name }) => name);
  if (missing.length > 0) throw new Error(`typedoc says nothing about ${missing.join(', ')}.`);
  return types.map(({ name, alias }) => asWritten(sections.get(name) ?? '', alias)).join('\n\n');
}

/**
 * @param {string} section
 * @param {string | null} alias
 */
function asWritten(section, alias) {
  if (!alias) return section;
  const [words = ''] = section.split(/\n### (?:Union Members|Type Declaration|Index Signature)/);
  return words.replace(/```ts\n[^]*?\n```/, () => `\`\`\`ts\n${alias}\n\`\`\``).trim();
}

const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values;
/** @type {[path: string, text: string][]} */
const documents = [
  ['docs/api.md', `${INTRODUCTION}\n\n## What is allowed\n\n${await boundsTable(ROOT)}\n\n${(await reference()).trim()}\n`],
  ['docs/protocol.md', await protocolDocument(ROOT)],
  ...(await configDocuments(ROOT)),
];
for (const [path, text] of documents) {
  const file = join(ROOT, path);
  if (!check) {
    writeFileSync(file, text);
    console.log(`${path} is written.`);
  } else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    console.error(`${path} is not what the sources say. Write it anew: npm run docs`);
    process.exitCode = 1;
  } else console.log(`${path} is what the sources say.`);
}
