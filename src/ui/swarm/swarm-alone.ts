import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/input/input.js';
import '@awesome.me/webawesome/dist/components/switch/switch.js';
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { emit } from '../events.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { checkInvitation } from './invitation-check.ts';
import { swarmStyles } from './swarm.styles.ts';

/**
 * What a swarm is, and the two ways into one.
 *
 * @fires llambo-swarm-join
 */
export class SwarmAlone extends LitElement {
  static override styles = [
    sharedStyles,
    swarmStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1.25rem;
      }
      .facts {
        display: grid;
        gap: 0.375rem;
        margin: 0;
        padding: 0 0 0 1.125rem;
        color: var(--wa-color-text-quiet);
      }
      .join {
        display: grid;
        gap: 0.5rem;
        padding-top: 1.25rem;
        border-top: 1px solid var(--wa-color-surface-border);
      }
      form {
        display: flex;
        align-items: flex-end;
        gap: 0.5rem;
      }
      wa-input {
        flex: 1;
        min-width: 0;
      }
    `,
  ];
  static override properties = { last: { attribute: false }, wrong: { state: true }, gated: { state: true } };

  /** The link of the swarm that was just left: the way back. Empty if there is none. */
  declare last: string;
  /** What is wrong with the invitation. */
  protected declare wrong: string;
  /** Newcomers to a new swarm are to be let in by hand. */
  protected declare gated: boolean;

  constructor() {
    super();
    this.last = '';
    this.wrong = '';
    this.gated = false;
  }

  protected override render(): TemplateResult {
    return html`
      <p>A swarm joins tabs, on this device or on others, so that each can ask the engines of all.</p>
      <ul class="facts">
        <li>The tab whose engine answers sees your prompt. Ask your own engines what nobody else should read.</li>
        <li>Tabs connect directly, so the others can see your IP address.</li>
        <li>They may use your engines, as far as you let them.</li>
      </ul>
      <wa-switch size="s" .checked=${this.gated} @change=${this.#onGate}>Ask me before anybody comes in</wa-switch>
      <div class="row">
        <wa-button variant="brand" @click=${() => emit(this, 'llambo-swarm-join', this.gated ? { gate: true } : {})}><wa-icon slot="start" name="users"></wa-icon>Start a swarm</wa-button>
        ${this.last === '' ? nothing : html`<wa-button appearance="outlined" @click=${() => emit(this, 'llambo-swarm-join', { invitation: this.last })}>Back into the last one</wa-button>`}
      </div>
      <div class="join">
        <form @submit=${this.#onSubmit}>
          <wa-input
            label="Join with a link or six words"
            placeholder="https://… or six words"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            @keydown=${this.#onKeydown}
            @input=${() => (this.wrong = '')}
          ></wa-input>
          <wa-button appearance="outlined" @click=${this.#join}>Join</wa-button>
        </form>
        <span class="wrong" role="alert">${this.wrong === '' ? nothing : this.wrong}</span>
      </div>
    `;
  }

  readonly #onGate = (event: Event): void => {
    this.gated = (event.target as HTMLInputElement).checked;
  };

  readonly #onKeydown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    this.#join();
  };

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault();
    this.#join();
  };

  readonly #join = (): void => {
    const field = this.renderRoot.querySelector('wa-input')!;
    const checked = checkInvitation(field.value ?? '');
    this.wrong = 'wrong' in checked ? checked.wrong : '';
    if ('wrong' in checked) return field.focus();
    emit(this, 'llambo-swarm-join', { invitation: checked.invitation });
  };
}
customElements.define('swarm-alone', SwarmAlone);

declare global {
  interface HTMLElementTagNameMap {
    'swarm-alone': SwarmAlone;
  }
}
