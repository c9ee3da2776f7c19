import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import type { SwarmInfo } from '../../protocol/peer.ts';
import { emit } from '../events.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { buttonText, healthOf, healthText } from './swarm-words.ts';

/**
 * The way to the swarm, and how it is: how many peers, who leads, all well or not.
 *
 * @fires llambo-panel-open
 */
export class SwarmButton extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
        min-width: 0;
      }
      button {
        display: inline-flex;
        align-items: center;
        gap: 0.375rem;
        max-width: 100%;
        min-height: 2rem;
        padding: 0.25rem 0.5rem;
        border: 0;
        border-radius: var(--wa-border-radius-m);
        background: none;
        color: inherit;
        font: inherit;
        font-size: var(--wa-font-size-xs);
        cursor: pointer;
      }
      button:hover {
        background: var(--wa-color-neutral-fill-quiet);
      }
      .icon {
        position: relative;
        display: inline-flex;
        flex: none;
        font-size: 1.25rem;
      }
      /* On the icon, with a rim: the engines have a dot of their own beside it. */
      .dot {
        position: absolute;
        inset: auto -0.1875rem -0.125rem auto;
        width: 0.5rem;
        height: 0.5rem;
        border-radius: 50%;
        box-shadow: 0 0 0 2px var(--wa-color-surface-default);
      }
      .in {
        background: var(--llambo-petrol);
      }
      .joining {
        border: 2px solid var(--wa-color-text-quiet);
        background: var(--wa-color-surface-default);
      }
      .trouble {
        border-radius: 1px;
        background: var(--llambo-cochineal);
      }
      @media (pointer: coarse) {
        button {
          min-height: 2.5rem;
          min-width: 2.5rem;
          justify-content: center;
        }
      }
    `,
  ];
  static override properties = { swarm: { attribute: false }, narrow: { attribute: false } };

  declare swarm: SwarmInfo | null;
  /** Room for an icon and a number only. */
  declare narrow: boolean;

  constructor() {
    super();
    this.swarm = null;
    this.narrow = false;
  }

  protected override render(): TemplateResult {
    const { swarm, narrow } = this;
    const text = buttonText(swarm);
    const short = swarm?.state === 'in' ? String(swarm.peers.length) : '';
    return html`
      <button type="button" aria-haspopup="dialog" title=${text} @click=${() => emit(this, 'llambo-panel-open', { panel: 'swarm' })}>
        <span class="icon"><wa-icon name="users"></wa-icon>${swarm === null ? nothing : html`<span class="dot ${healthOf(swarm)}" aria-hidden="true"></span>`}</span>
        ${narrow ? html`<span class="figures" aria-hidden="true">${short}</span>` : nothing}
        <span class=${narrow ? 'visually-hidden' : 'truncate figures'}>${text}</span>
        ${swarm === null ? nothing : html`<span class="visually-hidden">, ${healthText(swarm)}</span>`}
      </button>
    `;
  }
}
customElements.define('swarm-button', SwarmButton);

declare global {
  interface HTMLElementTagNameMap {
    'swarm-button': SwarmButton;
  }
}
