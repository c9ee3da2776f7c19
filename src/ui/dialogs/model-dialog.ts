import '@awesome.me/webawesome/dist/components/dialog/dialog.js';
import '@awesome.me/webawesome/dist/components/progress-bar/progress-bar.js';
import { css, html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Snapshot, StorageInfo } from '../../protocol/snapshot.ts';
import { formatBytes, percent } from '../format.ts';
import { StoreController } from '../store-controller.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import './model-add.ts';
import './model-item.ts';
import '../notice-stack.ts';
import { PanelElement } from './panel-base.ts';

/** The models: choose, download, delete, bring one's own; and what they take of this device. */
export class ModelDialog extends PanelElement {
  static override styles = [
    sharedStyles,
    css`
      wa-dialog {
        --width: 42rem;
      }
      wa-dialog::part(body) {
        padding-block-start: 0;
      }
      .storage {
        display: grid;
        gap: 0.25rem;
        padding-top: 1.25rem;
        font-size: var(--wa-font-size-xs);
        color: var(--wa-color-text-quiet);
      }
      wa-progress-bar {
        --track-height: 0.375rem;
      }
    `,
  ];
  protected readonly panel = 'models';
  readonly #state = new StoreController(this, ({ models, selectedModel, storage, notices }: Snapshot) => ({ models, selectedModel, storage, notices }));

  protected override render(): TemplateResult {
    const { models, selectedModel, storage, notices } = this.#state.value;
    return html`
      <wa-dialog label="Models" light-dismiss>
        <notice-stack inline .notices=${notices}></notice-stack>
        ${repeat(models, ({ id }) => id, (model) => html`<model-item .model=${model} ?selected=${model.id === selectedModel}></model-item>`)}
        <model-add></model-add>
        ${storage === null ? nothing : renderStorage(storage)}
      </wa-dialog>
    `;
  }
}

function renderStorage({ usedBytes, quotaBytes, persisted }: StorageInfo): TemplateResult {
  const promise = persisted ? 'The browser keeps it until you delete it.' : 'The browser may clear it when space runs out.';
  return html`
    <div class="storage figures">
      <wa-progress-bar label="Storage used" .value=${percent(usedBytes, quotaBytes) ?? 0}></wa-progress-bar>
      <span>${formatBytes(usedBytes)} of ${formatBytes(quotaBytes)} that this browser allows. ${promise}</span>
    </div>
  `;
}

customElements.define('model-dialog', ModelDialog);

declare global {
  interface HTMLElementTagNameMap {
    'model-dialog': ModelDialog;
  }
}
