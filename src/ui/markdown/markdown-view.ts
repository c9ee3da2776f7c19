import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { sharedStyles } from '../styles/shared.styles.ts';
import { BlockSplitter, type Block } from './blocks.ts';
import './code-block.ts';
import { markdownStyles } from './markdown-view.styles.ts';
import { renderSafely } from './sanitise.ts';

/**
 * Source characters that become nodes in one frame. Parsing, sanitising and layout take some 7 ms for 1,000 characters on a
 * slow machine, so a stored answer of 100 KB appears over some forty frames instead of freezing one.
 */
const CHARACTERS_PER_FRAME = 3 * 1024;

/**
 * Markdown from a model, shown safely and drawn incrementally: when text is appended, only the blocks at its end are
 * made anew, so the reader's selection and the copy buttons above stay.
 */
export class MarkdownView extends LitElement {
  static override styles = [sharedStyles, markdownStyles];

  static override properties = { text: { attribute: false }, writing: { type: Boolean } };

  declare text: string;
  /** More text is coming: shows the cursor. */
  declare writing: boolean;

  readonly #splitter = new BlockSplitter();
  #drawn: { readonly block: Block; readonly node: HTMLElement | null }[] = [];
  #frame = 0;

  constructor() {
    super();
    this.text = '';
    this.writing = false;
  }

  /** All of the text is on screen. */
  get complete(): boolean {
    return this.#frame === 0;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // What a disconnect may have cut short.
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const blocks = this.#splitter.update(this.text);
    this.#draw(blocks);
    return html`${this.#drawn.map(({ node }) => node ?? nothing)}${this.writing ? html`<span class="cursor" aria-hidden="true"></span>` : nothing}`;
  }

  #draw(blocks: readonly Block[]): void {
    let budget = CHARACTERS_PER_FRAME;
    const before = this.#drawn;
    this.#drawn = [];
    for (const [index, block] of blocks.entries()) {
      const old = before[index];
      if (old?.block === block) {
        this.#drawn.push(old);
        continue;
      }
      if (budget <= 0) break;
      budget -= cost(block);
      this.#drawn.push({ block, node: toNode(block, old?.node ?? null) });
    }
    cancelAnimationFrame(this.#frame);
    const unfinished = this.#drawn.length < blocks.length;
    this.#frame = unfinished ? requestAnimationFrame(() => this.#drawMore()) : 0;
  }

  #drawMore(): void {
    this.#frame = 0;
    this.requestUpdate();
  }
}

/** In source characters of Markdown. Code and plain text are not parsed, but a code block is an element of its own. */
function cost({ raw, content }: Block): number {
  if (content.kind === 'space') return 0;
  return content.kind === 'markdown' ? 64 + raw.length : 512 + raw.length / 16;
}

/** @param old what stood in its place: growing code keeps its element, and with it focus and scroll position. */
function toNode(block: Block, old: HTMLElement | null): HTMLElement | null {
  switch (block.content.kind) {
    case 'space':
      return null;
    case 'code': {
      const element = old?.localName === 'code-block' ? (old as HTMLElementTagNameMap['code-block']) : document.createElement('code-block');
      element.code = block.content.code;
      element.language = block.content.language;
      return element;
    }
    case 'plain': {
      const element = blockElement();
      element.classList.add('plain');
      element.textContent = block.raw;
      return element;
    }
    case 'markdown': {
      const element = blockElement();
      element.append(renderSafely(block.raw));
      upgrade(element);
      return element;
    }
  }
}

function blockElement(): HTMLElement {
  const element = document.createElement('div');
  element.className = 'block';
  element.dir = 'auto';
  return element;
}

/** Code inside lists and quotes gets its copy button too; wide tables scroll on their own. */
function upgrade(root: HTMLElement): void {
  for (const pre of root.querySelectorAll('pre')) {
    const code = document.createElement('code-block');
    code.code = (pre.textContent ?? '').replace(/\n$/, '');
    code.language = pre.querySelector('code')?.className.replace(/^language-/, '') ?? '';
    pre.replaceWith(code);
  }
  for (const table of root.querySelectorAll('table')) {
    const box = document.createElement('div');
    box.className = 'table';
    box.tabIndex = 0;
    box.setAttribute('role', 'group');
    box.setAttribute('aria-label', 'Table');
    table.replaceWith(box);
    box.append(table);
  }
}

customElements.define('markdown-view', MarkdownView);

declare global {
  interface HTMLElementTagNameMap {
    'markdown-view': MarkdownView;
  }
}
