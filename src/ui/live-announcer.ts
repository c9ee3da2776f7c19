import { LitElement, html, type TemplateResult } from 'lit';
import { sharedStyles } from './styles/shared.styles.ts';

/** Characters. Nobody listens to a book that can't be stopped; the text is on the page. */
const LONGEST = 4000;

/** Says things to people who listen instead of look, politely: after what their reader is saying now. */
export class LiveAnnouncer extends LitElement {
  static override styles = sharedStyles;
  static override properties = { text: { state: true } };

  protected declare text: string;
  #again = false;

  constructor() {
    super();
    this.text = '';
  }

  announce(text: string): void {
    const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}… The rest is on the page.` : text;
    // The same words twice would be no change, and no change is not read.
    this.#again = short === this.text ? !this.#again : false;
    this.text = this.#again ? `${short}\u00a0` : short;
  }

  protected override render(): TemplateResult {
    return html`<div class="visually-hidden" role="status" aria-live="polite">${this.text}</div>`;
  }
}
customElements.define('live-announcer', LiveAnnouncer);

declare global {
  interface HTMLElementTagNameMap {
    'live-announcer': LiveAnnouncer;
  }
}
