import '@awesome.me/webawesome/dist/components/drawer/drawer.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/spinner/spinner.js';
import { ContextProvider } from '@lit/context';
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import type { AppStore } from '../protocol/app-store.ts';
import type { ModelInfo } from '../protocol/models.ts';
import type { PromptTemplate, Snapshot } from '../protocol/snapshot.ts';
import { systemEnv } from '../shared/system-env.ts';
import './app-header.ts';
import { appShellStyles } from './app-shell.styles.ts';
import './chat/chat-view.ts';
import { activeTurn } from './chat/replies.ts';
import { storeContext } from './context.ts';
import { DropController } from './drop-controller.ts';
import { obeyCommandEvents } from './event-commands.ts';
import { emit, type Panel } from './events.ts';
import './live-announcer.ts';
import { MediaController } from './media-controller.ts';
import './notice-stack.ts';
import { renderPanel } from './panels.ts';
import './problem-list.ts';
import './prompt/prompt-box.ts';
import { shortcutOf } from './shortcuts.ts';
import './sidebar/side-bar.ts';
import { StoreController } from './store-controller.ts';
import { sharedStyles } from './styles/shared.styles.ts';
import { createOutline } from './swarm/outline.ts';
import { askedNode, mayBeReadElsewhere } from './swarm/places.ts';
import { createSwarmNews } from './swarm/swarm-news.ts';
import { templateFields } from './template-fields.ts';

const select = (snapshot: Snapshot, outlined: ReturnType<typeof createOutline>) => ({
  demo: snapshot.demo,
  ready: snapshot.ready,
  startup: snapshot.startup,
  problems: snapshot.capabilities.problems,
  nodes: snapshot.nodes,
  swarm: outlined(snapshot.swarm),
  askedNode: snapshot.askedNode,
  settings: snapshot.settings,
  notices: snapshot.notices,
  templates: snapshot.templates,
  conversation: snapshot.conversation.id,
  title: snapshot.conversation.turns.length > 0 ? snapshot.conversation.title : '',
  answering: activeTurn(snapshot.conversation.turns)?.id,
  selected: snapshot.models.find(({ id }) => id === snapshot.selectedModel),
  answeringModel: snapshot.models.find(({ id }) => id === snapshot.answeringModel),
});

/**
 * The page: layout, the store for all below, keys, drops, and what opens. It turns events into commands and decides
 * nothing else. One place is shown, the chat; others will take the same cell.
 */
export class AppShell extends LitElement {
  static override styles = [sharedStyles, appShellStyles];
  static override properties = {
    panel: { state: true },
    sidebarOpen: { state: true },
    filling: { state: true },
    narrow: { type: Boolean, reflect: true },
  };

  protected declare panel: Panel | null;
  protected declare sidebarOpen: boolean;
  /** The template whose fields are being filled in. */
  protected declare filling: PromptTemplate | null;
  declare narrow: boolean;

  readonly #store: AppStore;
  readonly #state: StoreController<ReturnType<typeof select>>;
  readonly #phone = new MediaController(this, '(max-width: 52rem)');
  readonly #drop = new DropController(this, (files) => this.#takeFiles(files));
  readonly #news = createSwarmNews({
    clock: systemEnv.clock,
    say: (text) => emit(this, 'llambo-announce', { text }),
    joining: () => {
      if (this.panel === null) this.#openPanel('swarm');
    },
  });
  #returnFocus: HTMLElement | null = null;

  constructor(store: AppStore) {
    super();
    this.panel = null;
    this.sidebarOpen = false;
    this.filling = null;
    this.narrow = false;
    this.#store = store;
    new ContextProvider(this, { context: storeContext, initialValue: store });
    const outlined = createOutline();
    this.#state = new StoreController(this, (snapshot) => select(snapshot, outlined), () => store);
    obeyCommandEvents(this, () => this.#store.commands);
    this.#listen();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('keydown', this.#onKeydown);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('keydown', this.#onKeydown);
    this.#news.close();
  }

  protected override willUpdate(): void {
    this.narrow = this.#phone.matches;
    const { title, swarm } = this.#state.value;
    this.#news.see(swarm);
    document.title = title === '' ? 'Llambo' : `${title} · Llambo`;
  }

  protected override render(): TemplateResult {
    const state = this.#state.value;
    const fatal = state.problems.some((problem) => problem.fatal);
    return html`
      ${this.narrow ? this.#renderDrawer() : html`<div class="side"><button class="skip" type="button" @click=${() => this.#prompt?.focus()}>Skip to the message field</button><side-bar></side-bar></div>`}
      <main class="main">
        <h1 class="visually-hidden">${state.title === '' ? 'New chat' : state.title}</h1>
        <app-header .selected=${state.selected} .answering=${state.answeringModel} .nodes=${state.nodes} .swarm=${state.swarm} .narrow=${this.narrow}></app-header>
        <div>
          ${state.demo ? html`<span class="banner" role="note">Demo: scripted engines answer on this page, no model does.</span>` : nothing}
          ${fatal ? nothing : html`<problem-list .problems=${state.problems}></problem-list>`}
        </div>
        ${fatal ? html`<problem-list .problems=${state.problems}></problem-list>` : html`<chat-view></chat-view>`}
        <div class="foot">${fatal ? nothing : this.#renderFoot()}</div>
        ${this.panel === 'models' || this.panel === 'swarm' ? nothing : html`<notice-stack .notices=${state.notices}></notice-stack>`}
        ${this.#drop.hovering ? html`<div class="drop"><strong>Drop a GGUF model here</strong><span class="quiet">or a file with exported conversations</span></div>` : nothing}
      </main>
      ${this.panel === null ? nothing : renderPanel(this.panel)}
      ${this.filling === null ? nothing : html`<template-form .template=${this.filling} @llambo-panel-close=${() => (this.filling = null)}></template-form>`}
      <live-announcer></live-announcer>
    `;
  }

  #renderFoot(): TemplateResult {
    const { ready, startup, conversation, answering, answeringModel, templates, settings } = this.#state.value;
    const asked = askedNode(this.#state.value);
    return html`
      ${ready || startup === null ? nothing : html`<div class="startup" role="status"><wa-spinner></wa-spinner>${startup}</div>`}
      <prompt-box id="prompt" .conversation=${conversation} .answering=${answering} .templates=${templates} .ready=${ready} .asked=${asked?.label ?? ''} .askedGone=${asked?.gone ?? false} .open=${mayBeReadElsewhere(this.#state.value)} .fusion=${settings.fusion} .placeholder=${placeholder(answeringModel)}></prompt-box>
    `;
  }

  #renderDrawer(): TemplateResult {
    const close = (event: Event): void => {
      if (event.target === event.currentTarget) this.sidebarOpen = false;
    };
    return html`
      <wa-drawer label="Conversations" placement="start" without-header light-dismiss ?open=${this.sidebarOpen} @wa-hide=${close}>
        ${this.sidebarOpen ? html`<side-bar></side-bar>` : nothing}
      </wa-drawer>
    `;
  }

  /** Everything that concerns the page alone; wishes to the app are obeyed by `obeyCommandEvents`. */
  #listen(): void {
    this.addEventListener('llambo-panel-open', ({ detail }) => this.#openPanel(detail.panel));
    this.addEventListener('llambo-panel-close', () => this.#closePanel());
    this.addEventListener('llambo-sidebar-toggle', () => (this.sidebarOpen = !this.sidebarOpen));
    this.addEventListener('llambo-announce', ({ detail }) => this.#announcer?.announce(detail.text));
    this.addEventListener('llambo-prompt-fill', ({ detail }) => this.#prompt?.fill(detail.text));
    this.addEventListener('llambo-prompt-edit-last', () => this.renderRoot.querySelector('chat-view')?.editLast());
    this.addEventListener('llambo-template-use', ({ detail }) => this.#useTemplate(detail.template));
    for (const asked of ['llambo-ask', 'llambo-edit-and-ask', 'llambo-regenerate', 'llambo-continue'] as const) {
      this.addEventListener(asked, () => {
        this.renderRoot.querySelector('chat-view')?.showLatest();
        this.#prompt?.focus();
      });
    }
    for (const moved of ['llambo-conversation-new', 'llambo-conversation-open'] as const) {
      this.addEventListener(moved, () => {
        this.sidebarOpen = false;
        this.#prompt?.focus();
      });
    }
  }

  get #prompt(): HTMLElementTagNameMap['prompt-box'] | null {
    return this.renderRoot.querySelector('prompt-box');
  }

  /** What stands outside of an open panel is not read aloud: one that tells of things while it is open has its own. */
  get #announcer(): HTMLElementTagNameMap['live-announcer'] | null {
    return this.renderRoot.querySelector('swarm-panel')?.announcer ?? this.renderRoot.querySelector('live-announcer');
  }

  #openPanel(panel: Panel): void {
    this.#returnFocus = deepActiveElement();
    this.sidebarOpen = false;
    this.panel = panel;
  }

  #closePanel(): void {
    this.panel = null;
    // The opener may be gone with its drawer or menu: then to where people write.
    if (this.#returnFocus?.isConnected && this.#returnFocus.checkVisibility()) this.#returnFocus.focus();
    else this.#prompt?.focus();
  }

  #useTemplate(template: PromptTemplate): void {
    if (this.panel !== null) this.panel = null;
    if (templateFields(template.text).length === 0) this.#prompt?.fill(template.text);
    else void import('./dialogs/template-form.ts').then(() => (this.filling = template));
  }

  #takeFiles(files: readonly File[]): void {
    const models = files.filter(({ name }) => !name.toLowerCase().endsWith('.json'));
    if (models.length > 0) emit(this, 'llambo-model-add-files', { files: models });
    for (const file of files) if (!models.includes(file)) emit(this, 'llambo-conversations-import', { file });
  }

  readonly #onKeydown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || this.panel !== null || this.filling !== null) return;
    const shortcut = shortcutOf(event, isField(event.composedPath()[0]));
    const { answering } = this.#state.value;
    if (shortcut === undefined || (shortcut === 'stop' && answering === undefined)) return;
    event.preventDefault();
    if (shortcut === 'stop' && answering !== undefined) emit(this, 'llambo-stop', { turn: answering });
    if (shortcut === 'new chat') emit(this, 'llambo-conversation-new', null);
    if (shortcut === 'choose model') this.#openPanel('models');
    if (shortcut === 'help') this.#openPanel('shortcuts');
    if (shortcut === 'focus prompt') this.#prompt?.focus();
  };
}

const placeholder = (model: ModelInfo | undefined): string =>
  model?.singleTurn ? 'Ask one question at a time' : 'Ask anything';

const isField = (target: EventTarget | undefined): boolean =>
  target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement || target instanceof HTMLSelectElement;

function deepActiveElement(): HTMLElement | null {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active instanceof HTMLElement && active !== document.body ? active : null;
}

customElements.define('app-shell', AppShell);

declare global {
  interface HTMLElementTagNameMap {
    'app-shell': AppShell;
  }
}
