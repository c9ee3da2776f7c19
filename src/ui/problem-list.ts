import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/callout/callout.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import type { Problem } from '../protocol/snapshot.ts';
import { calloutStyles } from './styles/callout.styles.ts';
import { sharedStyles } from './styles/shared.styles.ts';

/** What this browser lacks and what to do about it. Lesser problems fold into one line that can be closed; fatal ones stand alone. */
export class ProblemList extends LitElement {
  static override styles = [
    sharedStyles,
    calloutStyles,
    css`
      :host {
        display: block;
        max-width: var(--llambo-column);
        width: 100%;
        margin: 0 auto;
      }
      wa-callout {
        margin: 0.5rem 0.75rem 0;
        font-size: var(--wa-font-size-s);
      }
      .fatal {
        padding: 12vh 1.25rem 0;
      }
      .fatal h2 {
        margin: 0 0 0.5rem;
        font-size: 1.375rem;
        line-height: 1.25;
      }
    `,
  ];
  static override properties = { problems: { attribute: false }, closed: { state: true } };

  declare problems: readonly Problem[];
  protected declare closed: ReadonlySet<string>;

  constructor() {
    super();
    this.problems = [];
    this.closed = new Set();
  }

  protected override render(): TemplateResult {
    const fatal = this.problems.filter((problem) => problem.fatal);
    if (fatal.length > 0) return this.#renderFatal(fatal);
    return html`${this.problems.filter(({ code }) => !this.closed.has(code)).map((problem) => this.#renderProblem(problem))}`;
  }

  #renderProblem({ code, message, advice }: Problem): TemplateResult {
    return html`
      <wa-callout variant="warning" size="s">
        <wa-icon slot="icon" name="alert"></wa-icon>
        <div class="row">
          <div class="text"><strong>${message}</strong><p>${advice}</p></div>
          <wa-button class="icon" size="xs" appearance="plain" title="Close" @click=${() => this.#close(code)}><wa-icon name="xmark" label="Close"></wa-icon></wa-button>
        </div>
      </wa-callout>
    `;
  }

  #renderFatal(problems: readonly Problem[]): TemplateResult {
    return html`
      <div class="fatal">
        <h2>This browser can't run models</h2>
        ${problems.map(({ message, advice }) => html`<p><strong>${message}</strong> ${advice === '' ? nothing : advice}</p>`)}
        <p class="quiet">Your conversations are still here and can be exported from the list.</p>
      </div>
    `;
  }

  #close(code: string): void {
    this.closed = new Set([...this.closed, code]);
  }
}
customElements.define('problem-list', ProblemList);

declare global {
  interface HTMLElementTagNameMap {
    'problem-list': ProblemList;
  }
}
