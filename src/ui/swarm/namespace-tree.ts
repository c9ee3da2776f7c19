import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/tree-item/tree-item.js';
import '@awesome.me/webawesome/dist/components/tree/tree.js';
import { ContextConsumer } from '@lit/context';
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { PeerInfo } from '../../protocol/peer.ts';
import { storeContext } from '../context.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { summaryStyles } from '../styles/summary.styles.ts';
import { namespaceTreeStyles } from './namespace-tree.styles.ts';
import { safeText } from './safe-text.ts';
import { swarmStyles } from './swarm.styles.ts';

const ROOT = '/n/llambo';
/** Longer ones come from nobody who keeps to the rules. */
const LINE_CHARS = 200;

type Shown =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'reading'; readonly path: string }
  | { readonly kind: 'text'; readonly path: string; readonly text: string }
  | { readonly kind: 'failed'; readonly path: string; readonly message: string };

type TreeItem = HTMLElementTagNameMap['wa-tree-item'];

/**
 * The namespace as a tree: who is there, their nodes, and the small texts about them. A directory is read when it is opened
 * first, a text when it is chosen; Refresh reads again what is open. What another tab says is a stranger's, and shown as text.
 */
export class NamespaceTree extends LitElement {
  static override styles = [sharedStyles, summaryStyles, swarmStyles, namespaceTreeStyles];
  static override properties = { peers: { attribute: false }, directories: { state: true }, shown: { state: true }, opened: { state: true } };

  /** For their names. */
  declare peers: readonly PeerInfo[];
  /** What was read, by path. */
  protected declare directories: ReadonlyMap<string, readonly string[]>;
  protected declare shown: Shown;
  protected declare opened: boolean;
  readonly #store = new ContextConsumer(this, { context: storeContext });
  /** Ends the reading of the text that was chosen before. */
  #reading = new AbortController();
  /** Ends every reading. */
  #life = new AbortController();

  constructor() {
    super();
    this.peers = [];
    this.directories = new Map();
    this.shown = { kind: 'nothing' };
    this.opened = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#life = new AbortController();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#life.abort();
    this.#reading.abort();
  }

  protected override render(): TemplateResult {
    return html`
      <details @toggle=${this.#onToggle}>
        <summary>Look inside<wa-icon name="chevron-down"></wa-icon></summary>
        ${this.opened ? this.#renderInside() : nothing}
      </details>
    `;
  }

  #renderInside(): TemplateResult {
    return html`
      <div class="inside">
        <div class="head">
          <p class="quiet small">What tabs tell of themselves. Never a word of a question or an answer.</p>
          <wa-button size="s" appearance="outlined" @click=${this.#refresh}><wa-icon slot="start" name="refresh"></wa-icon>Refresh</wa-button>
        </div>
        <wa-tree selection="leaf" aria-label="Peers, nodes and what is known of them" @wa-selection-change=${this.#onSelect}>${this.#renderEntries(ROOT)}</wa-tree>
        ${this.#renderShown()}
      </div>
    `;
  }

  #renderEntries(path: string): TemplateResult {
    const entries = this.directories.get(path) ?? [];
    return html`${repeat(entries, (entry) => entry, (entry) => (entry.endsWith('/') ? this.#renderDirectory(`${path}/${entry.slice(0, -1)}`) : html`<wa-tree-item data-path=${`${path}/${entry}`}>${safeText(entry)}</wa-tree-item>`))}`;
  }

  #renderDirectory(path: string): TemplateResult {
    return html`<wa-tree-item data-path=${path} ?lazy=${!this.directories.has(path)} @wa-lazy-load=${this.#onOpen}>${this.#label(path)}${this.#renderEntries(path)}</wa-tree-item>`;
  }

  #renderShown(): TemplateResult {
    const { shown } = this;
    const text = shown.kind === 'text' ? shown.text.split('\n').map((line) => safeText(line, LINE_CHARS, '')).join('\n').trimEnd() : '';
    return html`
      <p class="small ${shown.kind === 'failed' ? 'wrong' : 'quiet'}" role="status">${wordsFor(shown)}</p>
      ${shown.kind === 'text' ? html`<pre tabindex="0" role="region" aria-label=${`Text of ${shown.path}`}>${text || 'Nothing.'}</pre>` : nothing}
    `;
  }

  /** A peer by its name, a node by its own. */
  #label(path: string): string {
    const [id = '', node] = path.slice(ROOT.length + 1).split('/');
    if (node !== undefined) return safeText(node);
    const peer = this.peers.find((one) => one.id === id);
    if (!peer) return this.peers.length === 0 ? 'This tab' : safeText(id);
    return peer.self ? `${safeText(peer.name)} (this tab)` : safeText(peer.name);
  }

  async #read(path: string, signal: AbortSignal): Promise<string | string[]> {
    const store = this.#store.value;
    if (!store) throw new Error('There is nothing to read here.');
    return store.read(path, { signal });
  }

  /** @returns whether it could be read */
  async #readDirectory(path: string): Promise<boolean> {
    const { signal } = this.#life;
    try {
      const entries = await this.#read(path, signal);
      if (signal.aborted || typeof entries === 'string') return false;
      this.directories = new Map([...this.directories, [path, entries]]);
      return true;
    } catch (error) {
      if (!signal.aborted) this.shown = { kind: 'failed', path, message: messageOf(error) };
      return false;
    }
  }

  async #readText(path: string): Promise<void> {
    this.#reading.abort();
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    this.shown = { kind: 'reading', path };
    try {
      const text = await this.#read(path, signal);
      if (!signal.aborted) this.shown = { kind: 'text', path, text: typeof text === 'string' ? text : text.join('\n') };
    } catch (error) {
      if (!signal.aborted) this.shown = { kind: 'failed', path, message: messageOf(error) };
    }
  }

  readonly #onToggle = (event: Event): void => {
    const isOpen = (event.target as HTMLDetailsElement).open;
    if (isOpen && !this.opened) void this.#readDirectory(ROOT);
    this.opened = isOpen;
  };

  readonly #onOpen = (event: Event): void => {
    const item = event.currentTarget as TreeItem;
    // One inside it bubbles through.
    if (event.target !== item) return;
    void this.#readDirectory(item.dataset['path']!).then((done) => {
      if (done) return;
      item.expanded = false;
      item.loading = false;
    });
  };

  readonly #onSelect = (event: CustomEvent<{ selection: readonly TreeItem[] }>): void => {
    const path = event.detail.selection[0]?.dataset['path'];
    // An empty directory is a leaf too.
    if (path !== undefined && !this.directories.has(path)) void this.#readText(path);
  };

  readonly #refresh = (): void => {
    for (const path of this.directories.keys()) void this.#refreshDirectory(path);
    if (this.shown.kind !== 'nothing') void this.#readText(this.shown.path);
  };

  /** One that is gone is no longer listed above it, and is forgotten in silence. */
  async #refreshDirectory(path: string): Promise<void> {
    const { signal } = this.#life;
    const entries = await this.#read(path, signal).catch(() => null);
    if (signal.aborted || typeof entries === 'string') return;
    const others = [...this.directories].filter(([known]) => known !== path);
    this.directories = new Map(entries === null ? others : [...others, [path, entries]]);
  }
}

function wordsFor(shown: Shown): string {
  switch (shown.kind) {
    case 'nothing':
      return 'Open a peer and a node, and choose what to read.';
    case 'reading':
      return `Reading ${safeText(shown.path, LINE_CHARS)} …`;
    case 'text':
      return safeText(shown.path, LINE_CHARS);
    case 'failed':
      return shown.message;
  }
}

/** Ours say what to do. */
function messageOf(error: unknown): string {
  const { message = 'It can’t be read.', advice } = error as { message?: string; advice?: string };
  return safeText(advice === undefined ? message : `${message} ${advice}`, LINE_CHARS);
}

customElements.define('namespace-tree', NamespaceTree);

declare global {
  interface HTMLElementTagNameMap {
    'namespace-tree': NamespaceTree;
  }
}
