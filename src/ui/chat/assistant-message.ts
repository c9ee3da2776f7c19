import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/callout/callout.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/progress-bar/progress-bar.js';
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import type { AssistantTurn, Reply, ReplyState } from '../../protocol/snapshot.ts';
import { emit } from '../events.ts';
import { formatCount, percent } from '../format.ts';
import { logo } from '../logo.ts';
import '../fusion/fused-answer.ts';
import { fusedOf, votingWords } from '../fusion/fusion-words.ts';
import '../markdown/markdown-view.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { NO_PLACES, type Places } from '../swarm/places.ts';
import { assistantStyles } from './assistant-message.styles.ts';
import './copy-button.ts';
import { messageStyles } from './message.styles.ts';
import './reply-facts.ts';
import { canContinue, failureWords, isActive, modelOf, moveWords, shownReply, waitingWords, type ModelNames } from './replies.ts';

/**
 * A model's replies to one question, one of them shown, in whatever state it is.
 *
 * @fires llambo-regenerate
 * @fires llambo-continue
 * @fires llambo-show-reply
 */
export class AssistantMessage extends LitElement {
  static override styles = [sharedStyles, messageStyles, assistantStyles];
  static override properties = { turn: { attribute: false }, names: { attribute: false }, places: { attribute: false }, locked: { type: Boolean } };

  declare turn: AssistantTurn;
  declare names: ModelNames;
  declare places: Places;
  /** Some answer is being written: no second one meanwhile. */
  declare locked: boolean;

  constructor() {
    super();
    this.places = NO_PLACES;
    this.locked = false;
  }

  protected override render(): TemplateResult {
    const reply = shownReply(this.turn);
    const { state } = reply;
    const model = modelOf(state);
    return html`
      <h2><span class="mark" aria-hidden="true">${logo()}</span>${model === undefined ? 'Llambo' : this.#name(model)}</h2>
      ${reply.text === '' && !isActive(state) ? nothing : html`<markdown-view .text=${reply.text} ?writing=${state.kind === 'writing'}></markdown-view>`}
      ${(reply.moved ?? []).map((move) => html`<p class="quiet moved">${moveWords(move, this.places)}</p>`)}
      ${this.#renderState(reply, state)}
      ${this.#renderFused(reply)}
      ${isActive(state) ? nothing : this.#renderActions(reply)}
    `;
  }

  #name(model: string): string {
    return this.names.get(model) ?? model;
  }

  #renderState(reply: Reply, state: ReplyState): TemplateResult | typeof nothing {
    switch (state.kind) {
      case 'waiting':
        return html`<p class="progress quiet">${waitingWords(state)}</p>`;
      case 'prefill':
        return html`
          <div class="progress quiet figures">
            <span>Reading your prompt, ${formatCount(state.done)} of ${formatCount(state.total)} tokens</span>
            <wa-progress-bar label="Reading your prompt" .value=${percent(state.done, state.total) ?? 0}></wa-progress-bar>
          </div>
        `;
      case 'interrupted':
        return html`
          <wa-callout variant="warning" size="s">
            <wa-icon slot="icon" name="pause"></wa-icon>
            The tab was closed while this was being written. ${reply.text === '' ? 'Ask again to get an answer.' : 'What was written is kept.'}
          </wa-callout>
        `;
      case 'failed': {
        const { message, advice } = failureWords(state.error);
        return html`
          <wa-callout variant="danger" size="s" role="group" aria-label="This answer failed">
            <wa-icon slot="icon" name="alert"></wa-icon>
            <strong>${message}</strong>
            ${advice === '' ? nothing : html`<p>${advice}</p>`}
          </wa-callout>
        `;
      }
      case 'done':
        return reply.text === '' ? html`<p class="quiet">The model ended its answer without a word.</p>` : nothing;
      case 'writing':
      case 'imported':
        return nothing;
    }
  }

  #renderFused({ state, text, checks, voting }: Reply): TemplateResult | typeof nothing {
    if (isActive(state) && voting) return html`<p class="quiet moved figures">${votingWords(voting)}</p>`;
    const fused = state.kind === 'done' ? fusedOf(state.answer) : null;
    if (fused === null) return nothing;
    return html`<fused-answer .turn=${this.turn.id} .answer=${fused} .text=${text} .names=${this.names} .places=${this.places} .checks=${checks ?? []}></fused-answer>`;
  }

  #renderActions(reply: Reply): TemplateResult {
    const { state } = reply;
    const failed = state.kind === 'failed' || (state.kind === 'interrupted' && reply.text === '');
    return html`
      <div class="actions">
        ${canContinue(reply)
          ? html`<wa-button appearance="filled" size="s" ?disabled=${this.locked} @click=${this.#continue}><wa-icon slot="start" name="forward"></wa-icon>Continue</wa-button>`
          : nothing}
        ${failed
          ? html`<wa-button appearance="filled" size="s" ?disabled=${this.locked} @click=${this.#regenerate}><wa-icon slot="start" name="refresh"></wa-icon>Try again</wa-button>`
          : html`
              <copy-button label="Copy answer" .text=${reply.text}></copy-button>
              <wa-button class="icon" appearance="plain" size="s" title="Answer again" ?disabled=${this.locked} @click=${this.#regenerate}>
                <wa-icon name="refresh" label="Answer again"></wa-icon>
              </wa-button>
            `}
        ${this.turn.replies.length > 1 ? this.#renderSwitcher() : nothing}
        ${state.kind === 'done' ? html`<reply-facts .answer=${state.answer} .modelName=${this.#name(state.answer.model)} .places=${this.places}></reply-facts>` : nothing}
      </div>
    `;
  }

  #renderSwitcher(): TemplateResult {
    const { replies, shown } = this.turn;
    const button = (label: string, icon: string, index: number): TemplateResult => html`
      <wa-button class="icon" appearance="plain" size="s" title=${label} ?disabled=${index < 0 || index >= replies.length} @click=${() => this.#show(index)}>
        <wa-icon name=${icon} label=${label}></wa-icon>
      </wa-button>
    `;
    return html`
      <span class="switcher" role="group" aria-label="Replies">
        ${button('Earlier reply', 'chevron-left', shown - 1)}
        <span class="figures"><span class="visually-hidden">Reply </span>${shown + 1}/${replies.length}</span>
        ${button('Later reply', 'chevron-right', shown + 1)}
      </span>
    `;
  }

  #show(index: number): void {
    emit(this, 'llambo-show-reply', { turn: this.turn.id, index });
  }

  readonly #regenerate = (): void => emit(this, 'llambo-regenerate', { turn: this.turn.id });
  readonly #continue = (): void => emit(this, 'llambo-continue', { turn: this.turn.id });
}
customElements.define('assistant-message', AssistantMessage);

declare global {
  interface HTMLElementTagNameMap {
    'assistant-message': AssistantMessage;
  }
}
