/**
 * Splits Markdown into blocks that can be rendered one by one, and does so again cheaply when text was appended: an
 * answer that streams re-reads its last blocks only. Pure: no DOM, nothing is sanitised here.
 *
 * Two things of Markdown are left out on purpose. Reference definitions (`[name]: url`) would let a later block change
 * an earlier one. Raw HTML is text: a model has no business with our DOM.
 */
import { Lexer, Marked, type Token } from 'marked';

export interface Block {
  /** The source of the block. All blocks together are the whole text, but for white space that the lexer tidies at ends of lists. */
  readonly raw: string;
  readonly content:
    | { readonly kind: 'space' }
    | { readonly kind: 'code'; readonly code: string; readonly language: string }
    | { readonly kind: 'markdown' }
    /** Too long to parse and sanitise within a frame. */
    | { readonly kind: 'plain' };
}

/** Characters. A paragraph or list of more takes over 50 ms to sanitise on a slow machine, and nobody reads it as one. */
const LONGEST_MARKDOWN_BLOCK = 24 * 1024;

export const markdown = new Marked({
  gfm: true,
  tokenizer: {
    html: () => undefined,
    def: () => undefined,
    // `<br>` is how models break lines inside table cells: the one tag that means something.
    tag: (source) => {
      const raw = /^<br\s*\/?>/i.exec(source)?.[0];
      return raw === undefined ? undefined : ({ type: 'br', raw } as never);
    },
  },
});

const toBlock = (token: Token): Block => {
  const { raw } = token;
  if (token.type === 'space') return { raw, content: { kind: 'space' } };
  if (token.type === 'code') {
    const { text, lang } = token as Token & { text: string; lang?: string };
    return { raw, content: { kind: 'code', code: text, language: /^\S*/.exec(lang ?? '')![0].slice(0, 40) } };
  }
  return { raw, content: { kind: raw.length > LONGEST_MARKDOWN_BLOCK ? 'plain' : 'markdown' } };
};

const lex = (text: string): Block[] => new Lexer(markdown.defaults).blockTokens(text).map(toBlock);

/** The lexer counts in `\n` only. */
const normalise = (text: string): string => text.replace(/\r\n?/g, '\n');

export const splitBlocks = (text: string): Block[] => lex(normalise(text));

/** Remembers the last split. Blocks that did not change keep their identity, so that their DOM can be kept too. */
export class BlockSplitter {
  #text = '';
  #blocks: readonly Block[] = [];

  update(markdownText: string): readonly Block[] {
    const text = normalise(markdownText);
    if (text === this.#text) return this.#blocks;
    const settled = this.#blocks.slice(0, settledCount(this.#blocks));
    const source = settled.map((block) => block.raw).join('');
    const next = text.startsWith(source) ? [...settled, ...lex(text.slice(source.length))] : lex(text);
    // Re-read but unchanged: the old object stays.
    this.#blocks = next.map((block, index) => {
      const before = this.#blocks[index];
      return before && sameBlock(before, block) ? before : block;
    });
    this.#text = text;
    return this.#blocks;
  }
}

function sameBlock(a: Block, b: Block): boolean {
  return a === b || (a.raw === b.raw && a.content.kind === b.content.kind);
}

/**
 * How many leading blocks no appended text can change. The last two with content are open: a `2` that stands alone
 * becomes the next item of the list before it as soon as its dot arrives. A cut must follow a blank line, because without
 * one the lexer may join neighbours.
 */
function settledCount(blocks: readonly Block[]): number {
  let open = 0;
  let count = blocks.length;
  while (count > 0 && open < 2) {
    count -= 1;
    if (blocks[count]!.content.kind !== 'space') open += 1;
  }
  while (count > 0 && blocks[count - 1]!.content.kind !== 'space') count -= 1;
  return count;
}
