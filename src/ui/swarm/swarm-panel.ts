import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/drawer/drawer.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/input/input.js';
import { css, html, nothing, type TemplateResult } from 'lit';
import { LIMITS } from '../../protocol/limits.ts';
import type { SwarmInfo } from '../../protocol/peer.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { PanelElement } from '../dialogs/panel-base.ts';
import { emit } from '../events.ts';
import '../live-announcer.ts';
import '../notice-stack.ts';
import { StoreController } from '../store-controller.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { askedNode } from './places.ts';
import { safeText } from './safe-text.ts';
import './namespace-tree.ts';
import './sharing-form.ts';
import './swarm-alone.ts';
import './swarm-joining.ts';
import './swarm-members.ts';
import { swarmStyles } from './swarm.styles.ts';

/** The same list each time: nothing is drawn again for it. */
const NOBODY: SwarmInfo['peers'] = [];

const select = ({ swarm, settings, nodes, askedNode: asked, notices }: Snapshot) => ({ swarm, settings, nodes, askedNode: asked, notices });

/**
 * The swarm: alone, on the way in, or in. Whatever view comes next, the focus stays in the panel.
 *
 * @fires llambo-settings-change
 * @fires llambo-swarm-leave
 */
export class SwarmPanel extends PanelElement {
  static override styles = [
    sharedStyles,
    swarmStyles,
    css`
      wa-drawer {
        --size: min(30rem, 100vw);
      }
      wa-drawer::part(body) {
        padding-block-start: 0;
      }
      .view {
        padding-block-start: 0.5rem;
      }
      .view:focus {
        outline: none;
      }
      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 0.875rem;
        margin-top: 1.5rem;
        padding-top: 1.25rem;
        border-top: 1px solid var(--wa-color-surface-border);
      }
    `,
  ];
  protected readonly panel = 'swarm';
  readonly #state = new StoreController(this, select);
  /** The view that was drawn last. */
  #view = '';
  /** The last swarm's link, for the way back. Forgotten with the panel. */
  #lastLink = '';

  /** Says things while the panel is open. */
  get announcer(): HTMLElementTagNameMap['live-announcer'] | null {
    return this.renderRoot.querySelector('live-announcer');
  }

  protected override willUpdate(): void {
    const { swarm } = this.#state.value;
    if (swarm?.state === 'in') this.#lastLink = swarm.link;
  }

  protected override render(): TemplateResult {
    const { swarm, settings, nodes, notices } = this.#state.value;
    const self = swarm?.peers.find((peer) => peer.self);
    return html`
      <wa-drawer label="Swarm" light-dismiss>
        <notice-stack inline .notices=${notices}></notice-stack>
        <div class="view" tabindex="-1" role="group" aria-label=${VIEW_NAMES[viewOf(swarm)]}>${this.#renderView(swarm)}</div>
        ${swarm !== null && swarm.state !== 'in' ? nothing : html`<section><sharing-form .sharing=${settings.sharing} .nodes=${nodes} .shared=${self?.sharing ?? null}></sharing-form></section>`}
        <section>
          <wa-input
            size="s"
            label="Your name"
            hint="What the others call this tab."
            placeholder=${self ? safeText(self.name) : 'a made-up one'}
            maxlength=${LIMITS.nameChars}
            autocomplete="off"
            .value=${settings.name}
            @change=${this.#rename}
          ></wa-input>
        </section>
        <section><namespace-tree .peers=${swarm?.peers ?? NOBODY}></namespace-tree></section>
        ${swarm?.state === 'in'
          ? html`
              <section>
                <div class="row"><wa-button size="s" variant="danger" appearance="outlined" @click=${() => emit(this, 'llambo-swarm-leave', null)}><wa-icon slot="start" name="leave"></wa-icon>Leave the swarm</wa-button></div>
                <p class="quiet small">Nothing is lost: your conversations and models stay here, and the link lets you in again.</p>
              </section>
            `
          : nothing}
        <live-announcer></live-announcer>
      </wa-drawer>
    `;
  }

  protected override updated(): void {
    const view = viewOf(this.#state.value.swarm);
    const changed = this.#view !== '' && view !== this.#view;
    this.#view = view;
    // What had the focus went with the old view.
    if (changed && this.shadowRoot?.activeElement === null) this.renderRoot.querySelector<HTMLElement>('.view')?.focus();
  }

  #renderView(swarm: SwarmInfo | null): TemplateResult {
    if (swarm === null) return html`<swarm-alone .last=${this.#lastLink}></swarm-alone>`;
    if (swarm.state !== 'in') return html`<swarm-joining .swarm=${swarm}></swarm-joining>`;
    return html`<swarm-members .swarm=${swarm} .asked=${this.#state.value.askedNode} .askedName=${askedNode(this.#state.value)} .stayHere=${this.#state.value.settings.stayHere}></swarm-members>`;
  }

  readonly #rename = (event: Event): void => {
    const typed = (event.target as HTMLElementTagNameMap['wa-input']).value ?? '';
    emit(this, 'llambo-settings-change', { settings: { name: safeText(typed, LIMITS.nameChars, '') } });
  };
}

type View = 'alone' | SwarmInfo['state'];
const viewOf = (swarm: SwarmInfo | null): View => swarm?.state ?? 'alone';
const VIEW_NAMES: Readonly<Record<View, string>> = {
  alone: 'Start or join a swarm',
  joining: 'Joining the swarm',
  failed: 'Joining failed',
  in: 'The swarm you are in',
};

customElements.define('swarm-panel', SwarmPanel);

declare global {
  interface HTMLElementTagNameMap {
    'swarm-panel': SwarmPanel;
  }
}
