/** Files dragged anywhere onto the page: says whether one hovers, and hands on what was dropped. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

export class DropController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #onFiles: (files: readonly File[]) => void;
  #depth = 0;
  #listening: AbortController | undefined;

  constructor(host: ReactiveControllerHost, onFiles: (files: readonly File[]) => void) {
    this.#host = host;
    this.#onFiles = onFiles;
    host.addController(this);
  }

  get hovering(): boolean {
    return this.#depth > 0;
  }

  hostConnected(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    const listen = (type: 'dragenter' | 'dragleave' | 'dragover' | 'drop', act: (event: DragEvent) => void): void =>
      addEventListener(type, (event) => {
        if (!event.dataTransfer?.types.includes('Files')) return;
        // Without this the browser would leave the page to show the file.
        event.preventDefault();
        act(event);
      }, { signal });
    listen('dragenter', () => this.#setDepth(this.#depth + 1));
    listen('dragleave', () => this.#setDepth(Math.max(0, this.#depth - 1)));
    listen('dragover', () => undefined);
    listen('drop', (event) => {
      this.#setDepth(0);
      this.#onFiles([...(event.dataTransfer?.files ?? [])]);
    });
  }

  hostDisconnected(): void {
    this.#listening?.abort();
    this.#depth = 0;
  }

  #setDepth(depth: number): void {
    const changed = depth > 0 !== this.hovering;
    this.#depth = depth;
    if (changed) this.#host.requestUpdate();
  }
}
