import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/divider/divider.js';
import '@awesome.me/webawesome/dist/components/dropdown/dropdown.js';
import '@awesome.me/webawesome/dist/components/dropdown-item/dropdown-item.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import type { FusionOptions, FusionPolicyName } from '../../protocol/fusion.ts';
import { emit } from '../events.ts';
import { DEFAULT_COUNT, POLICY_WORDS, fusionLabel } from '../fusion/fusion-words.ts';
import { sharedStyles } from '../styles/shared.styles.ts';

const COUNTS = [3, 5, 9, 15] as const;
/** How several answers become one, as a person chooses it; `auto` chooses for itself. */
const POLICIES = ['vote', 'weighted', 'select', 'first', 'ensemble', 'synthesise'] as const satisfies readonly FusionPolicyName[];

/**
 * How many engines are asked, and how their answers become one: beside the prompt, where it is decided.
 *
 * @fires llambo-settings-change
 */
export class EnginesPicker extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      wa-dropdown::part(menu) {
        max-height: 70vh;
        overflow-y: auto;
      }
      wa-button::part(base) {
        padding-inline: 0.5rem;
        font-weight: var(--wa-font-weight-normal);
        color: var(--wa-color-text-quiet);
      }
      h3 {
        margin: 0;
        padding: 0.375rem 0.75rem 0.125rem;
        font-size: var(--wa-font-size-xs);
        font-weight: var(--wa-font-weight-bold);
        color: var(--wa-color-text-quiet);
      }
      small {
        display: block;
        max-width: min(20rem, 72vw);
        font-size: var(--wa-font-size-xs);
        color: var(--wa-color-text-quiet);
        white-space: normal;
      }
    `,
  ];
  static override properties = { fusion: { attribute: false } };

  /** Null: one engine. */
  declare fusion: FusionOptions | null;

  constructor() {
    super();
    this.fusion = null;
  }

  protected override render(): TemplateResult {
    const { fusion } = this;
    const isMany = fusion !== null && fusion.policy !== 'auto';
    return html`
      <wa-dropdown placement="top-start" size="s" @wa-select=${this.#onSelect}>
        <wa-button slot="trigger" appearance="plain" size="s" with-caret title="How many engines answer">${fusionLabel(fusion)}</wa-button>
        <h3>Engines asked</h3>
        ${this.#item('auto', 'Auto', POLICY_WORDS.auto.hint, fusion?.policy === 'auto')}
        ${this.#item('one', 'One engine', 'The quickest, with the whole conversation', fusion === null)}
        ${COUNTS.map((count) => this.#item(`n:${count}`, `Ask ${count}`, null, isMany && (fusion.n ?? DEFAULT_COUNT) === count))}
        <wa-divider></wa-divider>
        <h3>One answer of several</h3>
        ${POLICIES.map((name) => this.#item(`p:${name}`, POLICY_WORDS[name].name, POLICY_WORDS[name].hint, isMany && fusion.policy === name))}
      </wa-dropdown>
    `;
  }

  #item(value: string, name: string, hint: string | null, checked: boolean): TemplateResult {
    return html`<wa-dropdown-item type="checkbox" value=${value} ?checked=${checked}>${name}${hint === null ? nothing : html`<small>${hint}</small>`}</wa-dropdown-item>`;
  }

  readonly #onSelect = (event: CustomEvent<{ item: HTMLElementTagNameMap['wa-dropdown-item'] }>): void => {
    const { item } = event.detail;
    emit(this, 'llambo-settings-change', { settings: { fusion: chosen(item.value ?? '', this.fusion) } });
    // It ticks itself; what is ticked is what the app says.
    item.checked = false;
    this.requestUpdate();
  };
}

/** What choosing an item makes of the present choice. */
function chosen(value: string, before: FusionOptions | null): FusionOptions | null {
  if (value === 'one') return null;
  if (value === 'auto') return { policy: 'auto' };
  const [kind, choice = ''] = value.split(':');
  const many: FusionOptions = before !== null && before.policy !== 'auto' ? before : { policy: 'vote', n: DEFAULT_COUNT };
  return kind === 'n' ? { ...many, n: Number(choice) } : { ...many, policy: choice as FusionPolicyName };
}
customElements.define('engines-picker', EnginesPicker);

declare global {
  interface HTMLElementTagNameMap {
    'engines-picker': EnginesPicker;
  }
}
