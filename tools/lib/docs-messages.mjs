/**
 * The messages between peers as Markdown: types and bounds from the very schemas that check them, descriptions from the
 * comments above them. A schema of a kind that is not known here is an error, and not left out.
 */

/** @typedef {import('typescript').Expression} Expression */
/** @typedef {import('./docs-source.mjs').Source} Source */
/** @typedef {{ type: string, requirement?: unknown, pipe?: Piece[], wrapped?: Piece, item?: Piece, key?: Piece | string, value?: Piece, entries?: Record<string, Piece>, options?: unknown[], literal?: unknown }} Piece of a valibot schema */

/** What a browser's numbers count up to without a gap. */
const MOST = Number.MAX_SAFE_INTEGER;

/**
 * @param {Record<string, Piece>} messages by tag
 * @param {Record<string, unknown>} exported names of schemas that are described once and linked to, as modules export them: `peerIdSchema`
 * @param {Source} source where messages and schemas are declared, the messages as `MESSAGES`
 * @returns {string} Markdown, headings from the third level
 */
export function messagesChapter(messages, exported, source) {
  const writer = createWriter(exported, source);
  const declared = source.fields(source.declared('MESSAGES')?.value);
  const chapter = Object.entries(messages).map(([tag, schema]) => {
    const { comment = '', headings = [], value } = declared.get(tag) ?? {};
    if (comment === '') throw new Error(`The message "${tag}" has no doc comment.`);
    const titles = headings.map(titled);
    return [...titles, `#### \`${tag}\``, comment, writer.table(schema, value, ['t'])].join('\n\n');
  });
  // What is linked to may link to more.
  const objects = [];
  for (const name of writer.objects) objects.push(writer.describe(name));
  return [...chapter, '### Parts of messages', ...objects, '### Values', writer.values()].join('\n\n');
}

/** @param {string} heading `Membership: who is in.` */
function titled(heading) {
  const [, title = heading, rest = ''] = /^(.*?)[.:](?: (.*))?$/.exec(heading) ?? [];
  return `### ${title}${rest === '' ? '' : `\n\n${rest.charAt(0).toUpperCase()}${rest.slice(1)}`}`;
}

/**
 * @param {Record<string, unknown>} exported
 * @param {Source} source
 */
function createWriter(exported, source) {
  const names = new Map(Object.entries(exported).flatMap(([name, value]) => (name.endsWith('Schema') ? [[value, name]] : [])));
  /** @type {Set<string>} */
  const objects = new Set();
  /** @type {Set<string>} */
  const values = new Set();
  const pieceOf = (/** @type {string} */ name) => /** @type {Piece} */ (exported[name]);

  /** @param {Piece} piece @returns {string | null} a link, if it is described elsewhere */
  function link(piece) {
    const name = names.get(piece);
    if (name === undefined) return null;
    const spoken = spokenName(name);
    const isObject = piece.entries !== undefined || piece.type === 'variant';
    (isObject ? objects : values).add(name);
    return isObject ? `[${spoken}](#${spoken.replaceAll(' ', '-')})` : `[${spoken}](#values)`;
  }

  /** @param {Piece} piece @returns {string} */
  function words(piece) {
    const linked = link(piece);
    if (linked !== null) return linked;
    const requirement = bounds(piece);
    switch (piece.type) {
      case 'nullable':
        return `${words(inner(piece))}, or null`;
      case 'exact_optional':
      case 'optional':
        return `${words(inner(piece))}; may be absent`;
      case 'literal':
        return `\`${JSON.stringify(piece.literal)}\``;
      case 'picklist':
        return `one of ${(piece.options ?? []).map((option) => `\`${String(option)}\``).join(', ')}`;
      case 'boolean':
        return 'true or false';
      case 'unknown':
        return 'anything';
      case 'string':
        return ['text', range(requirement('min_length'), requirement('max_length'), 'characters'), pattern(requirement('regex'))].filter((part) => part !== '').join(', ');
      case 'number':
        return [requirement('integer') ? 'whole number' : 'number', span(requirement('min_value'), requirement('max_value'))].filter((part) => part !== '').join(', ');
      case 'array':
        return `list of ${range(requirement('min_length'), requirement('max_length'), '')}: ${words(/** @type {Piece} */ (piece.item))}`;
      case 'record':
        return `object${requirement('max_entries') === undefined ? '' : ` with at most ${figure(requirement('max_entries'))} fields`}; names: ${words(/** @type {Piece} */ (piece.key))}; values: ${words(/** @type {Piece} */ (piece.value))}`;
      case 'union':
        return (piece.options ?? []).map((option) => words(/** @type {Piece} */ (option))).join(' or ');
      case 'strict_object':
        return 'object';
      default:
        throw new Error(`tools/lib/docs-messages.mjs does not know what a schema of type "${piece.type}" allows.`);
    }
  }

  /**
   * @param {Piece} schema
   * @param {Expression | undefined} value its source
   * @param {string} prefix of the fields' names
   * @param {string[]} known fields that the reader knows already
   * @returns {string[]} lines of a table
   */
  function rows(schema, value, prefix, known) {
    const described = source.fields(value);
    return Object.entries(schema.entries ?? {}).flatMap(([name, piece]) => {
      if (known.includes(name)) return [];
      const { comment = '', value: inside } = described.get(name) ?? {};
      const row = `| \`${prefix}${name}\` | ${cell(words(piece))} | ${cell(comment)} |`;
      const nested = inlineObject(piece);
      return nested ? [row, ...rows(nested.object, inside, `${prefix}${name}${nested.suffix}.`, [])] : [row];
    });
  }

  /** @param {Piece} piece @returns {{ object: Piece, suffix: string } | null} an object that is described with the field that has it */
  function inlineObject(piece) {
    if (names.has(piece)) return null;
    if (piece.entries) return { object: piece, suffix: '' };
    if (piece.wrapped) return inlineObject(piece.wrapped);
    const item = piece.item && inlineObject(piece.item);
    return item ? { object: item.object, suffix: `[]${item.suffix}` } : null;
  }

  /** @param {Piece} schema @param {Expression | undefined} value @param {string[]} known */
  function table(schema, value, known) {
    const lines = rows(schema, value, '', known);
    return lines.length === 0 ? 'It has no fields.' : ['| field | what | |', '| --- | --- | --- |', ...lines].join('\n');
  }

  /** @param {string} name of a schema */
  function describe(name) {
    const { comment = '', value } = source.declared(name) ?? {};
    const title = spokenName(name);
    const piece = pieceOf(name);
    const body = piece.type === 'variant' ? variants(piece, value) : table(piece, value, []);
    return [`#### ${title.charAt(0).toUpperCase()}${title.slice(1)}`, comment, body].filter((part) => part !== '').join('\n\n');
  }

  /** @param {Piece} piece @param {Expression | undefined} value */
  function variants(piece, value) {
    const described = source.options(value);
    const key = /** @type {string} */ (piece.key);
    return (piece.options ?? []).map((each, index) => {
      const option = /** @type {Piece} */ (each);
      const { comment = '', value: inside } = described[index] ?? {};
      const title = `With \`${key}\` ${words(/** @type {Piece} */ (option.entries?.[key]))}${comment === '' ? '.' : `: ${comment}`}`;
      return `${title}\n\n${table(option, inside, [key])}`;
    }).join('\n\n');
  }

  return {
    objects,
    table,
    describe,
    values() {
      const lines = [...values].sort().map((name) => {
        const unnamed = { ...pieceOf(name) };
        return `| ${spokenName(name)} | ${cell(words(unnamed))} | ${cell(source.declared(name)?.comment ?? '')} |`;
      });
      return ['| value | what | |', '| --- | --- | --- |', ...lines].join('\n');
    },
  };
}

/** @param {Piece} piece */
const inner = (piece) => /** @type {Piece} */ (piece.wrapped);

/** @param {string} name `peerEntrySchema` @returns {string} `peer entry` */
const spokenName = (name) => name.replace(/Schema$/, '').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** @param {Piece} piece @returns {(type: string) => unknown} what a check of that type asks for; true for one that asks for nothing */
function bounds(piece) {
  const checks = flat(piece);
  return (type) => {
    const check = checks.find((each) => each.type === type);
    return check && (type === 'integer' ? true : check.requirement);
  };
}

/** @param {Piece} piece @returns {Piece[]} */
const flat = (piece) => (piece.pipe ?? []).flatMap((each) => (each.pipe ? flat(each) : [each]));

/** @param {unknown} least @param {unknown} most @param {string} unit */
function range(least, most, unit) {
  if (most === undefined) return least === undefined ? '' : `at least ${figure(least)} ${unit}`.trim();
  return `${least === undefined ? 'at most' : `${figure(least)} to`} ${figure(most)} ${unit}`.trim();
}

/** @param {unknown} least @param {unknown} most */
function span(least, most) {
  if (most === undefined) return least === undefined ? '' : `at least ${figure(least)}`;
  return `${figure(least ?? -Infinity)} to ${figure(most)}`;
}

/** @param {unknown} regex */
const pattern = (regex) => (regex instanceof RegExp ? `matches \`${regex.source}\`` : '');

/** @param {unknown} value */
const figure = (value) => (value === MOST ? '2^53 − 1' : Number(value).toLocaleString('en'));

/** @param {string} text */
export const cell = (text) => text.replaceAll('|', '\\|');
