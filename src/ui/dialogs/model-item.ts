import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/progress-bar/progress-bar.js';
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import type { HashSource, ModelInfo, ModelState } from '../../protocol/models.ts';
import { emit } from '../events.ts';
import { formatBytes, formatCount, formatTimeLeft, percent } from '../format.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { modelItemStyles } from './model-item.styles.ts';

const KNOWN_BY: Readonly<Record<HashSource, string>> = {
  catalogue: 'named in our catalogue and checked',
  source: 'named by the source and checked',
  'first-use': 'remembered from the first download: nobody vouches for it',
};

/**
 * One model: what it is, where it stands, what can be done with it.
 *
 * @fires llambo-model-select
 * @fires llambo-model-update
 * @fires llambo-model-pause
 * @fires llambo-model-delete
 */
export class ModelItem extends LitElement {
  static override styles = [sharedStyles, modelItemStyles];
  static override properties = { model: { attribute: false }, selected: { type: Boolean }, confirming: { state: true } };

  declare model: ModelInfo;
  declare selected: boolean;
  protected declare confirming: boolean;

  constructor() {
    super();
    this.selected = false;
    this.confirming = false;
  }

  protected override render(): TemplateResult {
    const { name, tier, goodAt, state, loaded, bytes, license, context } = this.model;
    return html`
      <div class="top">
        <h3 dir="auto">${name}</h3>
        ${this.selected ? html`<span class="badge">chosen</span>` : nothing}
        ${loaded ? html`<span class="badge plain">loaded</span>` : nothing}
      </div>
      ${goodAt === '' ? nothing : html`<p class="quiet">${goodAt}</p>`}
      <p class="facts figures">
        <span>${bytes === null ? 'size unknown' : formatBytes(bytes)}</span><span>${tier}</span><span>${license || 'licence unknown'}</span><span>reads ${formatCount(context)} tokens</span>
      </p>
      ${renderProgress(state)}
      <div class="acts">${this.confirming ? this.#renderConfirm() : this.#renderActs()} ${this.#renderDetails()}</div>
    `;
  }

  #renderActs(): TemplateResult {
    const { id, state, origin, loaded } = this.model;
    const stored = state.kind === 'stored' || state.kind === 'outdated';
    const label = actOf(state, this.selected);
    const current = this.selected && stored && loaded;
    return html`
      ${label === '' || current
        ? nothing
        : html`<wa-button size="s" variant=${this.selected && !stored ? 'brand' : 'neutral'} appearance=${this.selected && !stored ? 'accent' : 'outlined'} @click=${() => emit(this, 'llambo-model-select', { id })}>${label}</wa-button>`}
      ${state.kind === 'outdated' ? html`<wa-button size="s" variant="brand" appearance="outlined" @click=${() => emit(this, 'llambo-model-update', { id })}>Update</wa-button>` : nothing}
      ${state.kind === 'downloading' && !state.waiting
        ? html`<wa-button size="s" appearance="outlined" @click=${() => emit(this, 'llambo-model-pause', { id })}><wa-icon slot="start" name="pause"></wa-icon>Pause</wa-button>`
        : nothing}
      ${origin !== 'built-in' && (stored || state.kind === 'paused')
        ? html`<wa-button class="icon" size="s" appearance="plain" title="Delete from this device" @click=${() => (this.confirming = true)}><wa-icon name="trash" label="Delete ${this.model.name} from this device"></wa-icon></wa-button>`
        : nothing}
    `;
  }

  #renderConfirm(): TemplateResult {
    return html`
      <span>Delete it from this device?</span>
      <wa-button size="s" variant="danger" @click=${this.#delete}>Delete</wa-button>
      <wa-button size="s" appearance="plain" @click=${() => (this.confirming = false)}>Keep</wa-button>
    `;
  }

  #renderDetails(): TemplateResult {
    const { sha256, hashSource, id, origin } = this.model;
    return html`
      <details>
        <summary>${sha256 === null ? 'Details' : html`SHA-256 <span class="figures">${sha256.slice(0, 8)}</span>`}</summary>
        <dl>
          <dt>SHA-256</dt>
          <dd>${sha256 ?? 'known after the download'}</dd>
          <dt>How we know</dt>
          <dd>${hashSource === null ? 'not known yet' : KNOWN_BY[hashSource]}</dd>
          <dt>From</dt>
          <dd>${origin}</dd>
          <dt>Id</dt>
          <dd>${id}</dd>
        </dl>
      </details>
    `;
  }

  readonly #delete = (): void => {
    this.confirming = false;
    emit(this, 'llambo-model-delete', { id: this.model.id });
  };
}

/** What using it means now; nothing to offer while it is on its way to this tab. */
function actOf(state: ModelState, selected: boolean): string {
  switch (state.kind) {
    case 'remote':
      return 'Download and use';
    case 'downloading':
      return state.waiting && !selected ? 'Use it when it is here' : '';
    case 'paused':
      return state.done > 0 ? 'Resume' : 'Try again';
    case 'stored':
    case 'outdated':
      return 'Use';
  }
}

function renderProgress(state: ModelState): TemplateResult | typeof nothing {
  if (state.kind !== 'downloading' && state.kind !== 'paused') return nothing;
  const share = percent(state.done, state.total);
  const amount = state.total === null ? formatBytes(state.done) : `${formatBytes(state.done)} of ${formatBytes(state.total)}`;
  return html`
    <div class="progress figures">
      <wa-progress-bar label="Download" .value=${share ?? 0} ?indeterminate=${share === null && state.kind === 'downloading'}></wa-progress-bar>
      <span>${[amount, ...progressWords(state)].filter(Boolean).join(' · ')}</span>
    </div>
  `;
}

function progressWords(state: Extract<ModelState, { kind: 'downloading' | 'paused' }>): string[] {
  if (state.kind === 'paused') return [state.done > 0 ? 'paused' : 'not downloaded', state.reason ?? ''];
  if (state.waiting) return ['another tab downloads it'];
  return [state.bytesPerSecond > 0 ? `${formatBytes(state.bytesPerSecond)}/s` : '', formatTimeLeft(state.done, state.total, state.bytesPerSecond)];
}

customElements.define('model-item', ModelItem);

declare global {
  interface HTMLElementTagNameMap {
    'model-item': ModelItem;
  }
}
