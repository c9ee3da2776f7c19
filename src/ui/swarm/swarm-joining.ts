import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/callout/callout.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/spinner/spinner.js';
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import type { JoinStep, SwarmInfo } from '../../protocol/peer.ts';
import { emit } from '../events.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { deviceCode, LET_IN } from './swarm-words.ts';
import { swarmStyles } from './swarm.styles.ts';

const STEPS: readonly { readonly step: JoinStep; readonly text: string; readonly detail: string }[] = [
  { step: 'signalling', text: 'Look for the swarm', detail: 'A signalling server, or another tab of this browser, says who is there.' },
  { step: 'dialling', text: 'Call a member', detail: 'The two tabs look for a way to connect directly.' },
  { step: 'handshake', text: 'Show the invitation', detail: 'Each proves that it knows the secret, without sending it.' },
  { step: 'in', text: 'Get to know everybody', detail: 'Who is there, who leads, which engines there are.' },
];

type Progress = 'done' | 'now' | 'failed' | 'to come';

/**
 * The steps of joining: which are done, which one is under way, or which one failed and what to try.
 *
 * @fires llambo-swarm-join to try again
 * @fires llambo-swarm-leave to give up
 */
export class SwarmJoining extends LitElement {
  static override styles = [
    sharedStyles,
    swarmStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1.25rem;
      }
      ol {
        display: grid;
        gap: 0.875rem;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: 1.5rem minmax(0, 1fr);
        gap: 0 0.625rem;
        align-items: start;
      }
      .mark {
        display: grid;
        place-items: center;
        width: 1.375rem;
        height: 1.375rem;
        border-radius: 50%;
        border: 1.5px solid var(--wa-color-neutral-border-normal);
        font-size: 0.8125rem;
      }
      .done .mark {
        border-color: transparent;
        background: var(--wa-color-brand-fill-loud);
        color: var(--wa-color-brand-on-loud);
      }
      .now .mark {
        border-color: transparent;
        font-size: 1.25rem;
      }
      .failed .mark {
        border-color: transparent;
        background: var(--wa-color-danger-fill-loud);
        color: var(--wa-color-danger-on-loud);
      }
      li strong {
        font-weight: var(--wa-font-weight-normal);
      }
      .now strong,
      .failed strong {
        font-weight: var(--wa-font-weight-bold);
      }
    `,
  ];
  static override properties = { swarm: { attribute: false } };

  declare swarm: SwarmInfo;

  protected override render(): TemplateResult {
    const { state, problem, link } = this.swarm;
    const failed = state === 'failed';
    return html`
      <ol>${STEPS.map(({ step }, index) => this.#renderStep(step, index))}</ol>
      ${failed
        ? html`
            <wa-callout variant="danger" size="s" role="group" aria-label="Joining failed">
              <wa-icon slot="icon" name="alert"></wa-icon>
              <strong>${problem?.message ?? 'Joining did not work.'}</strong>
              <p>${problem?.advice ?? 'Try again. If it fails once more, ask for a new link.'}</p>
            </wa-callout>
            <div class="row">
              <wa-button variant="brand" @click=${() => emit(this, 'llambo-swarm-join', { invitation: link })}><wa-icon slot="start" name="refresh"></wa-icon>Try again</wa-button>
              <wa-button appearance="outlined" @click=${this.#leave}>Leave</wa-button>
            </div>
          `
        : html`<div><wa-button appearance="outlined" @click=${this.#leave}>Cancel</wa-button></div>`}
    `;
  }

  #renderStep(step: JoinStep, index: number): TemplateResult {
    const { text, detail } = STEPS[index]!;
    const progress = this.#progressOf(index);
    const device = this.swarm.peers.find(({ self }) => self)?.device;
    const waiting = this.swarm.waiting && progress === 'now';
    const present = progress === 'now' || progress === 'failed';
    return html`
      <li class=${progress} aria-current=${progress === 'now' ? 'step' : nothing} data-step=${step}>
        <span class="mark" aria-hidden="true">
          ${progress === 'done' ? html`<wa-icon name="check"></wa-icon>` : progress === 'failed' ? html`<wa-icon name="xmark"></wa-icon>` : progress === 'now' ? html`<wa-spinner></wa-spinner>` : nothing}
        </span>
        <span><strong>${text}</strong><span class="visually-hidden">: ${progress}</span></span>
        ${present ? html`<span></span><span class="quiet small">${waiting ? `${LET_IN}${device ? ` They see the code ${deviceCode(device)}.` : ''}` : detail}</span>` : nothing}
      </li>
    `;
  }

  #progressOf(index: number): Progress {
    const at = STEPS.findIndex(({ step }) => step === this.swarm.step);
    if (index < at) return 'done';
    if (index > at) return 'to come';
    return this.swarm.state === 'failed' ? 'failed' : 'now';
  }

  readonly #leave = (): void => emit(this, 'llambo-swarm-leave', null);
}
customElements.define('swarm-joining', SwarmJoining);

declare global {
  interface HTMLElementTagNameMap {
    'swarm-joining': SwarmJoining;
  }
}
