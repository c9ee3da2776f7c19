/** The files that are made from the schema of `swarm.yaml`: its documentation, the JSON Schema for editors, and the file that is served beside the page. */
import { toJsonSchema } from '@valibot/to-json-schema';
import { runnerImport } from 'vite';

/**
 * @typedef {object} Sources
 * @property {import('valibot').GenericSchema} swarmConfigSchema
 * @property {readonly import('../../src/protocol/config-fields.ts').ConfigEntry[]} CONFIG_ENTRIES
 * @property {(config: object) => string} writeConfig
 * @property {(field: object, value: unknown) => string} writeValue
 */

/** @typedef {{ properties: Record<string, { description: string }>, required: string[] }} Item */
/** @typedef {{ type: string, metadata: object, requirement: RegExp }} Action */

const INTRODUCTION = `# \`swarm.yaml\`

<!-- Made by \`npm run docs\` from src/protocol/config-schema.ts. Change the schema, not this file. -->

How a swarm is run, and what this device gives to it. The file lies beside the page, where whoever serves the page may change it; in the page it is under *Settings*, *Swarm configuration*: as a form, and as text, to be imported and exported. Changes take effect at once, without a reload; only servers for finding each other are taken when a swarm is joined.

\`\`\`yaml
swarm:
  strategy: least-loaded
  queue:
    mostPerDevice: 32
  tiers:
    tiny: { model: tiny-1, least: 2, most: 16 }
device:
  nodes: 2
  sharing:
    tokensPerHour: 50000
\`\`\`

- Every key may be left out. What the person set in this browser counts first, then the file beside the page, then the default. A list counts as a whole.
- \`swarm\` counts for all in a swarm once its founder, or a steward, has decided it: what a founder has set counts from the founding on, and what either changes then in the settings counts for all at once, also after both have left. Others see it and can't change it; their own counts again when they are alone.
- As long as nobody has decided, and in a swarm whose founder nobody knows, the \`swarm\` part of the tab that leads counts, and a change of leader is a change of configuration, unless both have the same; \`swarm.failover\` is then each tab's own for what it asks, and \`swarm.topology\` is the protocol's. The file beside the page is what all who open that page have in common; it is not laid under what was decided.
- \`device\` is always the person's own. What the file beside the page says there is taken at the first visit.
- Durations are written \`250ms\`, \`2s\`, \`5m\`, \`1h\`, or as milliseconds; sizes \`512MB\`, \`2GB\` (1 KB is 1024 bytes), or as bytes; shares from 0 to 1. Anchors and aliases may be used, tags may not.
- A mistake is told with its line, its key and what is allowed, and nothing of that file is taken.
- Editors that know JSON Schema complete and check the file by [swarm.schema.json](../public/swarm.schema.json), which is served beside it.

Not configured here: how many deputies there are (exactly one: who leads names one successor, and the one that stands first for election must be one), in how many rooms a swarm is divided (one: an invitation is a room), and how answers are fused.
`;

/**
 * @param {string} root of the project
 * @returns {Promise<[path: string, text: string][]>}
 */
export async function configDocuments(root) {
  const { CONFIG_ENTRIES, swarmConfigSchema, writeConfig, writeValue } = await sources(root);
  const sections = CONFIG_ENTRIES.filter((entry) => !('kind' in entry));
  const chapters = sections.map(({ key, description }) => {
    const fields = CONFIG_ENTRIES.filter((entry) => 'kind' in entry && entry.key.split('.').slice(0, -1).join('.') === key);
    const rows = fields.map((field) => row(/** @type {import('../../src/protocol/config-fields.ts').ConfigField} */ (field), writeValue));
    const table = rows.length === 0 ? [] : ['', '| key | type | allowed | default | whose | meaning |', '| --- | --- | --- | --- | --- | --- |', ...rows];
    return [`${'#'.repeat(key.split('.').length + 1)} \`${key}\``, '', description, ...table].join('\n');
  });
  return [
    ['docs/configuration.md', `${[INTRODUCTION.trim(), ...chapters, models(swarmConfigSchema)].join('\n\n')}\n`],
    ['public/swarm.schema.json', `${JSON.stringify(jsonSchema(swarmConfigSchema), null, 2)}\n`],
    ['public/swarm.yaml', writeConfig({})],
  ];
}

/**
 * @param {string} root
 * @returns {Promise<Sources>}
 */
async function sources(root) {
  /** @type {(path: string) => Promise<object>} */
  const load = async (path) => (await runnerImport(`${root}/${path}`, { root, configFile: false, logLevel: 'error' })).module;
  const modules = await Promise.all(['src/protocol/config-schema.ts', 'src/protocol/config-fields.ts', 'src/app/config/config-write.ts'].map(load));
  return /** @type {Sources} */ (Object.assign({}, ...modules));
}

const KINDS = { flag: 'yes or no', choice: 'choice', count: 'number', number: 'number', share: 'share', duration: 'duration', size: 'size', text: 'text', texts: 'list of texts', list: 'list' };

/**
 * @param {import('../../src/protocol/config-fields.ts').ConfigField} field
 * @param {Sources['writeValue']} writeValue
 */
function row(field, writeValue) {
  const value = field.fallback === null ? '' : `\`${writeValue(field, field.fallback)}\``;
  const cells = [`\`${field.key.split('.').at(-1)}\``, KINDS[field.kind], field.allowed, value, field.whose, field.description];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** @param {import('valibot').GenericSchema} schema */
function models(schema) {
  const { items } = /** @type {{ properties: { swarm: { properties: { models: { items: Item } } } } }} */ (jsonSchema(schema)).properties.swarm.properties.models;
  const rows = Object.entries(items.properties).map(([key, { description }]) => `| \`${key}\` | ${items.required.includes(key) ? 'yes' : ''} | ${description} |`);
  return ['## An entry of `swarm.models`', '', '| key | needed | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

/**
 * @param {import('valibot').GenericSchema} schema
 * @returns {object}
 */
function jsonSchema(schema) {
  return {
    ...toJsonSchema(schema, { typeMode: 'input', ignoreActions: ['raw_transform'], overrideAction: forEditors }),
    title: 'swarm.yaml',
  };
}

/**
 * JSON Schema has no flags, and a pattern that everything fits says nothing. What the form needs is not an editor's.
 *
 * @param {{ valibotAction: unknown, jsonSchema: import('@valibot/to-json-schema').JsonSchema }} context
 * @returns {import('@valibot/to-json-schema').JsonSchema | undefined}
 */
function forEditors({ valibotAction, jsonSchema: made }) {
  const action = /** @type {Action} */ (valibotAction);
  if (action.type === 'safe_integer') return { ...made, type: 'integer' };
  if (action.type === 'metadata') return Object.fromEntries(Object.entries(made).filter(([key]) => !(key in action.metadata)));
  if (action.type !== 'regex') return undefined;
  const { source, flags } = action.requirement;
  const { pattern: _, ...rest } = made;
  return source === '^' ? rest : { ...rest, pattern: flags === 'i' ? source.replaceAll('a-z', 'A-Za-z').replaceAll('a-f', 'A-Fa-f') : source };
}
