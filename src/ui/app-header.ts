import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import type { NodeInfo } from '../protocol/engine-node.ts';
import type { ModelInfo } from '../protocol/models.ts';
import type { SwarmInfo } from '../protocol/peer.ts';
import { appHeaderStyles } from './app-header.styles.ts';
import { emit, type Panel } from './events.ts';
import { formatBytes, formatTimeLeft, percent, plural } from './format.ts';
import { sharedStyles } from './styles/shared.styles.ts';
import './swarm/swarm-button.ts';

/**
 * Which model is wanted, which one answers, how the engines and the swarm are, and the ways to the dialogs.
 *
 * @fires llambo-panel-open
 * @fires llambo-sidebar-toggle
 */
export class AppHeader extends LitElement {
  static override styles = [sharedStyles, appHeaderStyles];
  static override properties = {
    selected: { attribute: false },
    answering: { attribute: false },
    nodes: { attribute: false },
    swarm: { attribute: false },
    narrow: { attribute: false },
  };

  /** The model that the person wants. */
  declare selected: ModelInfo | undefined;
  /** The model that would answer now. */
  declare answering: ModelInfo | undefined;
  declare nodes: readonly NodeInfo[];
  declare swarm: SwarmInfo | null;
  /** The sidebar is a drawer. */
  declare narrow: boolean;

  constructor() {
    super();
    this.nodes = [];
    this.swarm = null;
    this.narrow = false;
  }

  protected override render(): TemplateResult {
    const note = modelNote(this.selected, this.answering);
    const health = nodeHealth(this.nodes);
    return html`
      ${this.narrow
        ? html`<wa-button class="icon" appearance="plain" title="Conversations" @click=${() => emit(this, 'llambo-sidebar-toggle', null)}><wa-icon name="bars" label="Conversations"></wa-icon></wa-button>`
        : nothing}
      <button class="model" type="button" aria-haspopup="dialog" @click=${() => this.#open('models')}>
        <span class="chosen"><span class="name truncate"><span class="visually-hidden">Model: </span>${this.selected?.name ?? 'Choose a model'}</span><wa-icon name="chevron-down"></wa-icon></span>
        ${note === '' ? nothing : html`<span class="note truncate figures">${note}</span>`}
      </button>
      <span class="space"></span>
      <swarm-button .swarm=${this.swarm} .narrow=${this.narrow}></swarm-button>
      <span class="health ${health.level}" title=${health.detail}>
        <span class="dot" aria-hidden="true"></span><span class="words">${health.text}</span>
      </span>
      <wa-button class="icon" appearance="plain" title="Settings" @click=${() => this.#open('settings')}><wa-icon name="sliders" label="Settings"></wa-icon></wa-button>
      ${this.narrow
        ? nothing
        : html`<wa-button class="icon" appearance="plain" title="Keyboard shortcuts" @click=${() => this.#open('shortcuts')}><wa-icon name="question" label="Keyboard shortcuts"></wa-icon></wa-button>`}
    `;
  }

  #open(panel: Panel): void {
    emit(this, 'llambo-panel-open', { panel });
  }
}

/** What is going on with the model that was chosen; empty if it simply answers. */
function modelNote(selected: ModelInfo | undefined, answering: ModelInfo | undefined): string {
  const meanwhile = answering && answering.id !== selected?.id ? `${answering.name} answers meanwhile` : '';
  if (!selected) return meanwhile;
  const { state } = selected;
  if (state.kind === 'downloading') {
    const share = percent(state.done, state.total);
    const arrived = share === null ? formatBytes(state.done) : `${share}%`;
    const speed = state.waiting ? 'another tab downloads it' : formatTimeLeft(state.done, state.total, state.bytesPerSecond);
    return [`Downloading, ${arrived}`, speed, meanwhile].filter(Boolean).join(' · ');
  }
  if (state.kind === 'paused') return ['Download paused', meanwhile].filter(Boolean).join(' · ');
  return meanwhile;
}

interface Health {
  readonly level: 'idle' | 'busy' | 'loading' | 'error';
  readonly text: string;
  readonly detail: string;
}

function nodeHealth(nodes: readonly NodeInfo[]): Health {
  const count = (state: NodeInfo['state']): number => nodes.filter((node) => node.state === state).length;
  const running = nodes.filter((node) => node.state !== 'stopped');
  const waiting = nodes.reduce((sum, node) => sum + node.waiting, 0);
  const threads = running.reduce((sum, node) => sum + node.threads, 0);
  const detail = [plural(running.length, 'engine'), plural(threads, 'thread'), waiting > 0 ? `${waiting} waiting` : ''].filter(Boolean).join(', ');
  if (running.length === 0) return { level: 'loading', text: 'No engine yet', detail: 'No engine runs yet' };
  if (count('error') === running.length) return { level: 'error', text: 'Engine failed', detail: nodes.find((node) => node.problem)?.problem ?? detail };
  if (count('busy') > 0) return { level: 'busy', text: `${count('busy')} of ${running.length} writing`, detail };
  if (count('idle') > 0) return { level: 'idle', text: `${plural(count('idle'), 'engine')} ready`, detail };
  return { level: 'loading', text: 'Loading', detail };
}

customElements.define('app-header', AppHeader);

declare global {
  interface HTMLElementTagNameMap {
    'app-header': AppHeader;
  }
}
