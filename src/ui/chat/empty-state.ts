import { LitElement, css, html, type TemplateResult } from 'lit';
import { emit } from '../events.ts';
import { logo } from '../logo.ts';
import { sharedStyles } from '../styles/shared.styles.ts';

/** What the built-in tiny engine is good at; larger models are good at these too. */
const EXAMPLES: readonly { readonly kind: string; readonly text: string }[] = [
  { kind: 'Sum', text: 'What is 47 + 38?' },
  { kind: 'Sequence', text: 'What comes next: 3, 6, 9, 12?' },
  { kind: 'Word problem', text: 'Ana has 12 apples and gives 5 to Ben. How many are left?' },
  { kind: 'Fact', text: 'What is the capital of Peru?' },
];

/**
 * The first thing a newcomer sees: what this is, where it runs, and something to try.
 *
 * @fires llambo-ask when an engine is ready
 * @fires llambo-prompt-fill before
 */
export class EmptyState extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        flex: 1;
        align-content: center;
        gap: 0.625rem;
        max-width: 38rem;
        width: 100%;
        margin: 0 auto;
        padding-block: 1rem 3vh;
      }
      .mark {
        font-size: 2.75rem;
        line-height: 1;
      }
      h2 {
        margin: 0.5rem 0 0;
        font-size: 1.625rem;
        font-weight: var(--wa-font-weight-heading);
        letter-spacing: -0.015em;
        line-height: 1.2;
      }
      p {
        margin: 0 0 1rem;
        max-width: 32rem;
        color: var(--wa-color-text-quiet);
      }
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr));
        gap: 0.5rem;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      button {
        width: 100%;
        height: 100%;
        display: flex;
        flex-direction: column;
        padding: 0.625rem 0.875rem 0.75rem;
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--wa-border-radius-l);
        background: none;
        color: inherit;
        font: inherit;
        text-align: start;
        cursor: pointer;
        transition: border-color var(--wa-transition-fast), background var(--wa-transition-fast);
      }
      button:hover {
        border-color: var(--wa-color-brand-border-loud);
        background: var(--wa-color-brand-fill-quiet);
      }
      button span {
        display: block;
        font-size: var(--wa-font-size-xs);
        color: var(--wa-color-text-quiet);
      }
    `,
  ];
  static override properties = { ready: { attribute: false }, swarm: { attribute: false } };

  declare ready: boolean;
  /** This tab is in a swarm, whose engines can be asked too. */
  declare swarm: boolean;

  constructor() {
    super();
    this.ready = false;
    this.swarm = false;
  }

  protected override render(): TemplateResult {
    return html`
      <span class="mark">${logo()}</span>
      <h2>${this.swarm ? 'Ask a model that lives in a tab' : 'Ask a model that lives in this tab'}</h2>
      <p>
        ${this.swarm
          ? 'Everything runs in the browsers of your swarm. Whoever’s engine answers sees your question; your own are among them.'
          : 'Everything runs here: the model is loaded into your browser, and nothing you write leaves this device.'}
      </p>
      <ul aria-label="Examples">
        ${EXAMPLES.map(({ kind, text }) => html`<li><button type="button" @click=${() => this.#take(text)}><span>${kind}</span>${text}</button></li>`)}
      </ul>
    `;
  }

  #take(text: string): void {
    emit(this, this.ready ? 'llambo-ask' : 'llambo-prompt-fill', { text });
  }
}
customElements.define('empty-state', EmptyState);

declare global {
  interface HTMLElementTagNameMap {
    'empty-state': EmptyState;
  }
}
