import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/callout/callout.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Notice } from '../protocol/snapshot.ts';
import { emit } from './events.ts';
import { calloutStyles } from './styles/callout.styles.ts';
import { sharedStyles } from './styles/shared.styles.ts';
import { safeText } from './swarm/safe-text.ts';

/** Longer than any of ours. What a notice quotes of another tab or a server is cut there. */
const NOTICE_CHARS = 1500;

const LOOK = { info: { variant: 'brand', icon: 'info' }, warning: { variant: 'warning', icon: 'alert' }, error: { variant: 'danger', icon: 'alert' } } as const;

/**
 * Messages at the upper edge, away from where the person writes. Plain information leaves by itself, with a CSS
 * animation for its clock, which stands still under the pointer and under the focus; warnings and errors stay.
 *
 * @fires llambo-notice-dismiss
 * @fires llambo-notice-act
 */
export class NoticeStack extends LitElement {
  static override styles = [
    sharedStyles,
    calloutStyles,
    css`
      :host {
        position: absolute;
        inset-block-start: calc(var(--llambo-header) + 0.5rem);
        inset-inline-end: 0.75rem;
        z-index: 5;
        width: min(24rem, calc(100% - 1.5rem));
        pointer-events: none;
      }
      :host([inline]) {
        position: sticky;
        inset-block-start: 0;
        inset-inline-end: auto;
        width: auto;
        display: block;
      }
      .stack {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 0.5rem;
      }
      .notice {
        pointer-events: auto;
        animation: enter var(--wa-transition-normal) ease-out;
      }
      .passing {
        animation: enter var(--wa-transition-normal) ease-out, leave 8s linear forwards;
      }
      .passing.offer {
        animation-duration: var(--wa-transition-normal), 15s;
      }
      .passing:hover,
      .passing:focus-within {
        animation-play-state: running, paused;
      }
      wa-callout {
        box-shadow: var(--wa-shadow-l);
        font-size: var(--wa-font-size-s);
      }
      .act {
        margin-top: 0.375rem;
      }
      @keyframes enter {
        from {
          opacity: 0;
          transform: translateY(-0.5rem);
        }
      }
      @keyframes leave {
        0%,
        96% {
          opacity: 1;
        }
        100% {
          opacity: 0;
        }
      }
    `,
  ];
  static override properties = { notices: { attribute: false }, inline: { type: Boolean, reflect: true } };

  declare notices: readonly Notice[];
  /** At the top of a dialog, which covers the page's own place for notices. */
  declare inline: boolean;

  constructor() {
    super();
    this.notices = [];
    this.inline = false;
  }

  protected override render(): TemplateResult {
    return html`<div class="stack" role="log" aria-label="Notices">${repeat(this.notices, ({ id }) => id, (notice) => this.#renderNotice(notice))}</div>`;
  }

  #renderNotice({ id, level, text, advice, action }: Notice): TemplateResult {
    const { variant, icon } = LOOK[level];
    const passing = level === 'info' ? `passing${action ? ' offer' : ''}` : '';
    return html`
      <div class="notice ${passing}" @animationend=${(event: AnimationEvent) => event.animationName === 'leave' && this.#dismiss(id)}>
        <wa-callout variant=${variant} appearance="filled-outlined" size="s">
          <wa-icon slot="icon" name=${icon}></wa-icon>
          <div class="row">
            <div class="text">
              ${safeText(text, NOTICE_CHARS, 'Something happened.')} ${advice === undefined ? nothing : html`<p>${safeText(advice, NOTICE_CHARS, '')}</p>`}
              ${action ? html`<wa-button class="act" size="s" appearance="outlined" variant=${variant} @click=${() => emit(this, 'llambo-notice-act', { id })}>${action.label}</wa-button>` : nothing}
            </div>
            <wa-button class="icon" size="xs" appearance="plain" title="Dismiss" @click=${() => this.#dismiss(id)}><wa-icon name="xmark" label="Dismiss"></wa-icon></wa-button>
          </div>
        </wa-callout>
      </div>
    `;
  }

  #dismiss(id: string): void {
    emit(this, 'llambo-notice-dismiss', { id });
  }
}
customElements.define('notice-stack', NoticeStack);

declare global {
  interface HTMLElementTagNameMap {
    'notice-stack': NoticeStack;
  }
}
