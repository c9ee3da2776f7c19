import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import type { Candidate } from '../../protocol/fusion.ts';
import type { CandidateCheck } from '../../protocol/snapshot.ts';
import type { TurnId } from '../../shared/ids.ts';
import { emit } from '../events.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { safeText, unturned } from '../swarm/safe-text.ts';
import { candidateFacts } from './fusion-words.ts';
import { differences } from './text-difference.ts';

/** Characters that are laid out; a candidate may be as long as an answer. */
const SHOWN_CHARS = 4000;

/**
 * One candidate: who said it, its text with what differs from the answer marked, and whether it can be had again here.
 *
 * @fires llambo-candidate-rerun
 */
export class CandidateCard extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        align-content: start;
        gap: 0.25rem;
        min-width: 0;
        padding: 0.625rem 0.75rem;
        border-radius: var(--wa-border-radius-m);
        background: var(--wa-color-neutral-fill-quiet);
      }
      .who {
        font-weight: var(--wa-font-weight-semibold);
        color: var(--wa-color-text-normal);
        overflow-wrap: anywhere;
      }
      .text {
        max-height: 12rem;
        margin: 0;
        overflow: auto;
        font-size: var(--wa-font-size-s);
        color: var(--wa-color-text-normal);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      ins {
        text-decoration: underline 2px var(--llambo-petrol);
        text-underline-offset: 0.2em;
      }
      del {
        color: var(--wa-color-text-quiet);
      }
      .check {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.25rem 1.25rem;
        min-height: var(--llambo-target);
      }
      .check wa-button {
        flex: none;
      }
      .same {
        color: var(--wa-color-success-on-quiet);
      }
      .differs {
        color: var(--wa-color-warning-on-quiet);
      }
      p {
        margin: 0;
      }
    `,
  ];
  static override properties = {
    turn: { attribute: false },
    candidate: { attribute: false },
    index: { attribute: false },
    compared: { attribute: false },
    model: { attribute: false },
    where: { attribute: false },
    check: { attribute: false },
  };

  declare turn: TurnId;
  declare candidate: Candidate;
  declare index: number;
  /** The answer that it is compared with; null: it is the answer. */
  declare compared: string | null;
  declare model: string;
  declare where: string;
  /** What came of running it again here; null: nobody tried. */
  declare check: CandidateCheck | null;

  protected override render(): TemplateResult {
    const { text } = this.candidate;
    return html`
      <span class="who"><bdi>${this.model}</bdi> on <bdi>${this.where}</bdi>${this.compared === null ? ' · the answer' : ''}</span>
      <p class="text" dir="auto" tabindex="0" role="group" aria-label="What candidate ${this.index + 1} said">${this.#renderText(this.compared ?? text, text)}</p>
      <span class="figures">${candidateFacts(this.candidate).join(' · ')}</span>
      ${this.#renderCheck()}
    `;
  }

  #renderText(from: string, to: string): TemplateResult | string {
    if (to === '') return 'No words.';
    const parts = differences(unturned(from.slice(0, SHOWN_CHARS)), unturned(to.slice(0, SHOWN_CHARS)));
    return html`${parts.map(({ text, kind }) => (kind === 'same' ? text : kind === 'added' ? html`<ins>${text}</ins>` : html`<del>${text}</del>`))}${to.length > SHOWN_CHARS ? '…' : ''}`;
  }

  #renderCheck(): TemplateResult | typeof nothing {
    const { replayable, finishReason } = this.candidate;
    if (!replayable || (finishReason !== 'stop' && finishReason !== 'length')) return nothing;
    const { check } = this;
    return html`
      <div class="check" role="status">
        ${check?.state === 'running'
          ? html`<span>Running again here…</span>`
          : html`<wa-button size="xs" appearance="outlined" @click=${this.#rerun}><wa-icon slot="start" name="refresh"></wa-icon>Run again here</wa-button>`}
        ${check?.state === 'identical' ? html`<span class="same">Identical, to the letter</span>` : nothing}
        ${check?.state === 'failed' ? html`<span class="differs">${safeText(check.problem, 300, 'It could not be run.')}</span>` : nothing}
      </div>
      ${check?.state === 'different'
        ? html`<p class="differs">It said something else here:</p><p class="text" dir="auto">${this.#renderText(this.candidate.text, check.text)}</p>`
        : nothing}
    `;
  }

  readonly #rerun = (): void => emit(this, 'llambo-candidate-rerun', { turn: this.turn, candidate: this.index });
}
customElements.define('candidate-card', CandidateCard);

declare global {
  interface HTMLElementTagNameMap {
    'candidate-card': CandidateCard;
  }
}
