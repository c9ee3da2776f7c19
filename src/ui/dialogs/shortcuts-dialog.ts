import '@awesome.me/webawesome/dist/components/dialog/dialog.js';
import { css, html, type TemplateResult } from 'lit';
import { PROMPT_KEYS, SHORTCUTS } from '../shortcuts.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { PanelElement } from './panel-base.ts';

const APPLE = /mac|iphone|ipad/i.test(navigator.userAgent);

/** The keys of the page. */
export class ShortcutsDialog extends PanelElement {
  static override styles = [
    sharedStyles,
    css`
      wa-dialog {
        --width: 26rem;
      }
      dl {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 0.5rem 1rem;
        align-items: center;
        margin: 0;
      }
      dd {
        margin: 0;
        display: flex;
        gap: 0.25rem;
      }
      kbd {
        min-width: 1.625rem;
        padding: 0.125rem 0.375rem;
        border: 1px solid var(--wa-color-neutral-border-normal);
        border-bottom-width: 2px;
        border-radius: var(--wa-border-radius-m);
        background: var(--wa-color-surface-lowered);
        font: inherit;
        font-size: var(--wa-font-size-xs);
        text-align: center;
      }
    `,
  ];
  protected readonly panel = 'shortcuts';

  protected override render(): TemplateResult {
    return html`
      <wa-dialog label="Keyboard shortcuts" light-dismiss>
        <dl>
          ${[...SHORTCUTS, ...PROMPT_KEYS].map(({ keys, text }) => html`<dt>${text}</dt><dd>${keys.map((key) => html`<kbd>${key === 'Mod' ? (APPLE ? '⌘' : 'Ctrl') : key}</kbd>`)}</dd>`)}
        </dl>
      </wa-dialog>
    `;
  }
}
customElements.define('shortcuts-dialog', ShortcutsDialog);

declare global {
  interface HTMLElementTagNameMap {
    'shortcuts-dialog': ShortcutsDialog;
  }
}
