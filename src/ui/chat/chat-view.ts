import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { LitElement, css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ModelInfo } from '../../protocol/models.ts';
import type { Reply, Snapshot, Turn } from '../../protocol/snapshot.ts';
import { emit } from '../events.ts';
import { StoreController } from '../store-controller.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { createPlaces, type Places } from '../swarm/places.ts';
import './assistant-message.ts';
import './empty-state.ts';
import { activeTurn, announcement, shownReply, type ModelNames } from './replies.ts';
import { ScrollFollower } from './scroll-follower.ts';
import './user-message.ts';

const selectWith = (placesOf: ReturnType<typeof createPlaces>) => (snapshot: Snapshot) => {
  const { conversation, models, ready } = snapshot;
  return { conversation, models, ready, places: placesOf(snapshot), swarm: snapshot.swarm?.state === 'in' };
};

/**
 * The turns of the open conversation. Announces when an answer begins, and all of it when it has ended.
 *
 * @fires llambo-announce
 */
export class ChatView extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        position: relative;
        display: block;
        min-height: 0;
      }
      .box {
        height: 100%;
        overflow-y: auto;
        overscroll-behavior: contain;
        scrollbar-gutter: stable both-edges;
      }
      .following {
        overflow-anchor: none;
      }
      .box:focus-visible {
        outline-offset: -3px;
      }
      .content {
        display: flex;
        flex-direction: column;
        gap: 0.75rem;
        max-width: var(--llambo-column);
        min-height: 100%;
        margin: 0 auto;
        padding: 1.25rem 1rem 1.5rem;
      }
      .dropped {
        margin: 0;
        padding-block-start: 0.5rem;
        border-block-start: 1px dashed var(--wa-color-surface-border);
        text-align: center;
      }
      .latest {
        position: absolute;
        inset-block-end: 0.75rem;
        inset-inline: 0;
        margin-inline: auto;
        width: max-content;
      }
      .latest::part(base) {
        box-shadow: var(--wa-shadow-m);
        background: var(--wa-color-surface-raised);
      }
    `,
  ];

  readonly #state = new StoreController(this, selectWith(createPlaces()));
  readonly #follower = new ScrollFollower(this, () => {
    const box = this.renderRoot.querySelector<HTMLElement>('.box');
    const content = this.renderRoot.querySelector<HTMLElement>('.content');
    return box && content && this.#state.value.conversation.turns.length > 0 ? { box, content } : null;
  });
  #names: { models: readonly ModelInfo[]; names: ModelNames } | null = null;
  #conversation = '';
  #last: Reply | undefined;

  /** Shows the end, as after asking. */
  showLatest(): void {
    this.#follower.toEnd();
  }

  /** Opens the person's last message for editing. */
  editLast(): void {
    [...this.renderRoot.querySelectorAll('user-message')].at(-1)?.edit();
  }

  protected override render(): TemplateResult {
    const { conversation, models, ready, places, swarm } = this.#state.value;
    const { turns, contextStart } = conversation;
    const names = this.#namesOf(models);
    const locked = activeTurn(turns) !== undefined;
    return html`
      <div class="box ${this.#follower.following ? 'following' : ''}" tabindex="0" role="group" aria-label="Conversation">
        <div class="content">
          ${turns.length === 0
            ? html`<empty-state .ready=${ready} .swarm=${swarm}></empty-state>`
            : repeat(turns, (turn) => turn.id, (turn) => guard([turn, names, places, locked, contextStart], () => renderTurn(turn, { names, places, locked, startsContext: contextStart === turn.id })))}
        </div>
      </div>
      ${this.#follower.following || turns.length === 0
        ? nothing
        : html`<wa-button class="latest" size="s" appearance="outlined" pill @click=${this.showLatest}><wa-icon slot="start" name="down"></wa-icon>Latest</wa-button>`}
    `;
  }

  protected override updated(_changed: PropertyValues): void {
    const { conversation } = this.#state.value;
    const turn = conversation.turns.at(-1);
    const reply = turn?.role === 'assistant' ? shownReply(turn) : undefined;
    if (conversation.id !== this.#conversation) {
      this.#conversation = conversation.id;
      this.showLatest();
    } else if (reply) {
      const text = announcement(this.#last, reply);
      if (text !== undefined) emit(this, 'llambo-announce', { text });
    }
    this.#last = reply;
  }

  #namesOf(models: readonly ModelInfo[]): ModelNames {
    if (this.#names?.models !== models) this.#names = { models, names: new Map(models.map(({ id, name }) => [id, name])) };
    return this.#names.names;
  }
}

interface Around {
  readonly names: ModelNames;
  readonly places: Places;
  readonly locked: boolean;
  readonly startsContext: boolean;
}

function renderTurn(turn: Turn, { names, places, locked, startsContext }: Around): TemplateResult {
  const message =
    turn.role === 'user'
      ? html`<user-message .turn=${turn} ?locked=${locked}></user-message>`
      : html`<assistant-message .turn=${turn} .names=${names} .places=${places} ?locked=${locked}></assistant-message>`;
  return startsContext ? html`<p class="dropped quiet">What stands above is no longer sent to the model.</p>${message}` : message;
}

customElements.define('chat-view', ChatView);

declare global {
  interface HTMLElementTagNameMap {
    'chat-view': ChatView;
  }
}
