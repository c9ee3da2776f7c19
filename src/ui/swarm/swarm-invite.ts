import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/qr-code/qr-code.js';
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import '../chat/copy-button.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { swarmStyles } from './swarm.styles.ts';

/** Pixels. A link of 100 characters makes some 41 modules: four pixels each are read from a metre away. */
const QR_SIZE = 164;

/** The ways to bring others in: link, QR code, six words, and the device's own way to share. */
export class SwarmInvite extends LitElement {
  static override styles = [
    sharedStyles,
    swarmStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: max-content minmax(0, 1fr);
        gap: 0.75rem 1rem;
        align-items: start;
      }
      /* Dark on light in both themes: many readers can't do it the other way round. The rim is part of the code. */
      .code {
        display: inline-flex;
        padding: 0.75rem;
        border-radius: var(--wa-border-radius-m);
        border: 1px solid var(--wa-color-surface-border);
        background: white;
      }
      wa-qr-code {
        color: black;
        background: white;
        border-radius: 0;
      }
      .ways {
        display: grid;
        gap: 0.75rem;
        min-width: 0;
      }
      .way {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: 0 0.25rem;
        padding: 0.25rem 0.25rem 0.25rem 0.625rem;
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--wa-border-radius-m);
        background: var(--wa-color-surface-lowered);
      }
      .words {
        overflow-wrap: anywhere;
        line-height: 1.35;
      }
      .note {
        grid-column: 1 / -1;
      }
      @media (max-width: 26rem) {
        :host {
          grid-template-columns: minmax(0, 1fr);
        }
        .code {
          justify-self: center;
        }
      }
    `,
  ];
  static override properties = { link: {}, code: {}, gated: { attribute: false } };

  declare link: string;
  /** The secret as six words. */
  declare code: string;
  /** Newcomers are let in by hand. */
  declare gated: boolean;

  constructor() {
    super();
    this.link = '';
    this.code = '';
    this.gated = false;
  }

  protected override render(): TemplateResult {
    return html`
      <div class="code"><wa-qr-code .value=${this.link} label="QR code of the link" .size=${QR_SIZE} error-correction="M"></wa-qr-code></div>
      <div class="ways">
        <div>
          <span class="quiet small" id="link-label">Link</span>
          <div class="way" role="group" aria-labelledby="link-label"><span class="truncate">${this.link}</span><copy-button label="Copy link" .text=${this.link}></copy-button></div>
        </div>
        <div>
          <span class="quiet small" id="code-label">Six words, to say aloud</span>
          <div class="way" role="group" aria-labelledby="code-label"><span class="words">${this.code}</span><copy-button label="Copy the six words" .text=${this.code}></copy-button></div>
        </div>
        ${'share' in navigator ? html`<div><wa-button size="s" appearance="outlined" @click=${this.#share}><wa-icon slot="start" name="share"></wa-icon>Share</wa-button></div>` : nothing}
      </div>
      <p class="note quiet small">${this.gated ? 'Whoever has one of them can knock, and is in when somebody lets them in.' : 'Whoever has one of them can come in and see who is there. Give them to people you trust.'}</p>
    `;
  }

  readonly #share = async (): Promise<void> => {
    try {
      await navigator.share({ title: 'Join my Llambo swarm', url: this.link });
    } catch {
      // The person closed it again, or no app took it: the link can still be copied.
    }
  };
}
customElements.define('swarm-invite', SwarmInvite);

declare global {
  interface HTMLElementTagNameMap {
    'swarm-invite': SwarmInvite;
  }
}
