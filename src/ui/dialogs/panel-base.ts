/** What dialogs and drawers have in common: they open when they are drawn first, and say when they are gone. */
import { LitElement } from 'lit';
import { emit, type Panel } from '../events.ts';

interface Opening extends HTMLElement {
  open: boolean;
}

/** @fires llambo-panel-close after the closing animation */
export abstract class PanelElement extends LitElement {
  protected abstract readonly panel: Panel;

  protected override firstUpdated(): void {
    const box = this.#box();
    box.addEventListener('wa-after-hide', (event) => {
      // Menus and details inside hide too.
      if (event.target !== box) return;
      emit(this, 'llambo-panel-close', { panel: this.panel });
      this.afterClose();
    });
    void customElements.whenDefined(box.localName).then(() => (box.open = true));
  }

  /** For what must come after the focus went back to where it was. */
  protected afterClose(): void {}

  protected close(): void {
    this.#box().open = false;
  }

  #box(): Opening {
    return this.renderRoot.querySelector<Opening>('wa-dialog, wa-drawer')!;
  }
}
