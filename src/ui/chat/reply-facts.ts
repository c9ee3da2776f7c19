import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import type { Answer, FinishReason } from '../../protocol/chat.ts';
import { formatCount, formatDuration, formatSpeed, plural } from '../format.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { summaryStyles } from '../styles/summary.styles.ts';
import { NO_PLACES, otherPeer, placeName, type Places } from '../swarm/places.ts';
import { safeText } from '../swarm/safe-text.ts';

const FINISH: Readonly<Record<FinishReason, string>> = {
  stop: 'finished by itself',
  length: 'reached the length limit',
  cancelled: 'stopped by you',
  error: 'ended by an error',
};

const NOTE_CHARS = 400;

/** The figures under an answer: speed at a glance, everything that is needed to repeat it on request. */
export class ReplyFacts extends LitElement {
  static override styles = [
    sharedStyles,
    summaryStyles,
    css`
      :host {
        display: block;
        min-width: 0;
        font-size: var(--wa-font-size-xs);
        color: var(--wa-color-text-quiet);
      }
      summary {
        flex-wrap: wrap;
        gap: 0 0.75rem;
        min-height: 1.75rem;
        padding: 0 0.375rem;
        margin-inline-start: -0.375rem;
      }
      .warn {
        color: var(--wa-color-warning-on-quiet);
      }
      dl {
        display: grid;
        grid-template-columns: max-content minmax(0, 1fr);
        gap: 0.25rem 1rem;
        margin: 0.25rem 0 0.5rem;
        padding: 0.625rem 0.75rem;
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--wa-border-radius-m);
      }
      dd {
        margin: 0;
        color: var(--wa-color-text-normal);
        overflow-wrap: anywhere;
      }
    `,
  ];
  static override properties = { answer: { attribute: false }, modelName: { attribute: false }, places: { attribute: false } };

  declare answer: Omit<Answer, 'text' | 'logprobs'>;
  declare modelName: string;
  /** Who is who now. */
  declare places: Places;

  constructor() {
    super();
    this.places = NO_PLACES;
  }

  protected override render(): TemplateResult {
    const { timings, usage, finishReason, node, movedFrom } = this.answer;
    const peer = otherPeer(node, this.places);
    return html`
      <details>
        <summary class="figures" title="Show details">
          <span>${formatSpeed(timings.tokensPerSecond)}</span>
          <span>${formatDuration(timings.firstTokenMs)} to first</span>
          <span>${plural(usage.answerTokens, 'token')}</span>
          ${peer === null ? nothing : html`<span>on <bdi>${peer}</bdi></span>`}
          ${movedFrom === undefined || movedFrom.length === 0 ? nothing : html`<span class="warn">${movedFrom.length === 1 ? 'moved once' : `moved ${movedFrom.length} times`}</span>`}
          ${finishReason === 'stop' ? nothing : html`<span class=${finishReason === 'cancelled' ? '' : 'warn'}>${FINISH[finishReason]}</span>`}
          <span class="visually-hidden">Details</span>
        </summary>
        <dl class="figures">
          ${this.#facts().map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}
        </dl>
      </details>
    `;
  }

  #facts(): [string, string][] {
    const { timings, usage, finishReason, seed, profile, node, movedFrom = [], modelHash, note, votes } = this.answer;
    return [
      ['Model', this.modelName],
      ['Model hash', modelHash ?? 'not known'],
      ['Seed', String(seed)],
      ['Profile', profile === 'exact' ? 'exact: the same seed gives the same answer' : 'chat: fast, may differ from run to run'],
      ['Ended', FINISH[finishReason]],
      ['Prompt', `${plural(usage.promptTokens, 'token')}, ${formatCount(usage.cachedTokens)} already read before`],
      ['Waited', formatDuration(timings.queueMs)],
      ['Ran on', placeName(node, this.places)],
      ...(movedFrom.length === 0 ? [] : [['Moved', `from ${movedFrom.map((lost) => (lost === node ? 'itself, restarted' : placeName(lost, this.places))).join(', then ')}`] satisfies [string, string]]),
      ['Node', node],
      // Of several engines the note stands with their votes.
      ...(note === undefined || votes ? [] : [['Asked one', safeText(note, NOTE_CHARS, '')] satisfies [string, string]]),
    ];
  }
}
customElements.define('reply-facts', ReplyFacts);

declare global {
  interface HTMLElementTagNameMap {
    'reply-facts': ReplyFacts;
  }
}
