import '@awesome.me/webawesome/dist/components/button/button.js';
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import type { ConfigInfo } from '../../protocol/config-info.ts';
import type { ConfigProblem } from '../../protocol/config-problem.ts';
import { emit } from '../events.ts';
import { plural } from '../format.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { offsetOf, problemText } from './config-words.ts';
import { configStyles } from './config.styles.ts';

/**
 * The configuration as the text of a `swarm.yaml`. Nothing of it counts before it is taken as a whole; what is wrong is
 * listed with its lines.
 *
 * @fires llambo-config-set
 */
export class ConfigText extends LitElement {
  static override styles = [
    sharedStyles,
    configStyles,
    css`
      textarea {
        height: min(24rem, 60vh);
        font-family: var(--wa-font-family-code);
        font-size: var(--wa-font-size-xs);
        line-height: 1.5;
        white-space: pre;
        overflow: auto;
        tab-size: 2;
        resize: vertical;
      }
      ul {
        display: grid;
        gap: 0.375rem;
        padding: 0;
        list-style: none;
      }
      li button {
        padding: 0;
        border: 0;
        background: none;
        color: inherit;
        font: inherit;
        text-align: start;
        text-decoration: underline;
        cursor: pointer;
      }
    `,
  ];
  static override properties = { info: { attribute: false }, draft: { state: true } };

  declare info: ConfigInfo;
  /** What is being written; null: nothing was changed since it was taken. */
  protected declare draft: string | null;

  constructor() {
    super();
    this.draft = null;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('info')) return;
    const before = changed.get('info') as ConfigInfo | undefined;
    // Taken, or replaced from elsewhere: what stands here now is what counts. What was refused stays.
    if (before && before.text !== this.info.text) this.draft = null;
    if (this.info.refused !== null && this.info.refused !== before?.refused) this.draft = this.info.refused;
  }

  protected override render(): TemplateResult {
    // They are of what was refused: gone when that was discarded.
    const problems = this.info.refused === null || this.draft === null ? [] : this.info.problems;
    return html`
      <label for="text">swarm.yaml</label>
      <textarea
        id="text"
        spellcheck="false"
        autocomplete="off"
        autocapitalize="off"
        aria-describedby="about problems"
        aria-invalid=${problems.length > 0 ? 'true' : 'false'}
        .value=${this.draft ?? this.info.text}
        @input=${this.#onInput}
      ></textarea>
      <span class="hint quiet" id="about">Keys with a # before them are not set, and show what counts instead.</span>
      <div class="wrong" id="problems" role="alert">${problems.length === 0 ? nothing : this.#renderProblems(problems)}</div>
      <div class="row">
        <wa-button size="s" variant="brand" ?disabled=${this.draft === null} @click=${this.#take}>Use this</wa-button>
        <wa-button size="s" appearance="plain" ?disabled=${this.draft === null} @click=${() => (this.draft = null)}>Discard changes</wa-button>
      </div>
    `;
  }

  #renderProblems(problems: readonly ConfigProblem[]): TemplateResult {
    return html`
      <p>Not taken: ${plural(problems.length, 'mistake')}. What counted before still does.</p>
      <ul>${problems.map((problem) => html`<li><button type="button" title="Go to line ${problem.line}" @click=${() => this.#goTo(problem)}>${problemText(problem)}</button></li>`)}</ul>
    `;
  }

  #goTo({ line, column }: ConfigProblem): void {
    const field = this.renderRoot.querySelector('textarea')!;
    const at = offsetOf(field.value, line, column);
    const end = field.value.indexOf('\n', at);
    field.focus();
    field.setSelectionRange(at, end < 0 ? field.value.length : end);
    // Browsers bring the caret into view only when it moves by keys.
    field.scrollTop = (field.scrollHeight / Math.max(1, field.value.split('\n').length)) * Math.max(0, line - 4);
  }

  readonly #onInput = (event: Event): void => {
    const { value } = event.target as HTMLTextAreaElement;
    this.draft = value === this.info.text ? null : value;
  };

  readonly #take = (): void => {
    if (this.draft !== null) emit(this, 'llambo-config-set', { text: this.draft });
  };
}
customElements.define('config-text', ConfigText);

declare global {
  interface HTMLElementTagNameMap {
    'config-text': ConfigText;
  }
}
