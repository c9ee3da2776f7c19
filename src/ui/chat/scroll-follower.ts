/**
 * Keeps a scrolling box at its end while content grows, but only if the person is there: who scrolls up to read stays.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Pixels from the end that still count as being there: less than a line, more than rounding. */
const NEAR = 48;

/** How a person scrolls: wheel, finger, keys, the scroll bar. */
const REACHING = ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const;

export class ScrollFollower implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  /** Null while there is nothing to follow. */
  readonly #parts: () => { box: HTMLElement; content: HTMLElement } | null;
  #observer: ResizeObserver | undefined;
  #box: HTMLElement | undefined;
  #top = 0;
  /** The person reached for the box since it last was at its end. */
  #touched = false;
  /** The box shows the end, and is to go on showing it. */
  following = true;

  constructor(host: ReactiveControllerHost, parts: () => { box: HTMLElement; content: HTMLElement } | null) {
    this.#host = host;
    this.#parts = parts;
    host.addController(this);
  }

  hostUpdated(): void {
    const parts = this.#parts();
    if (parts?.box === this.#box) return;
    this.#release();
    if (parts === null) return;
    this.#box = parts.box;
    this.#observer = new ResizeObserver(() => this.#keep());
    this.#observer.observe(parts.content);
    this.#observer.observe(parts.box);
    parts.box.addEventListener('scroll', this.#onScroll, { passive: true });
    for (const type of REACHING) parts.box.addEventListener(type, this.#onTouch, { passive: true });
  }

  hostDisconnected(): void {
    this.#release();
  }

  /** Goes to the end and stays there. */
  toEnd(): void {
    this.#setFollowing(true);
    this.#keep();
  }

  #keep(): void {
    if (this.following && this.#box) this.#box.scrollTop = this.#box.scrollHeight;
  }

  #setFollowing(following: boolean): void {
    if (following) this.#touched = false;
    if (following === this.following) return;
    this.following = following;
    this.#host.requestUpdate();
  }

  #release(): void {
    this.#observer?.disconnect();
    this.#box?.removeEventListener('scroll', this.#onScroll);
    for (const type of REACHING) this.#box?.removeEventListener(type, this.#onTouch);
    this.#box = undefined;
  }

  readonly #onScroll = (): void => {
    const box = this.#box;
    if (!box) return;
    const up = box.scrollTop < this.#top;
    this.#top = box.scrollTop;
    // Content that grows moves the end away, content that shrinks moves the box up: only what the person does counts.
    if (box.scrollHeight - box.scrollTop - box.clientHeight <= NEAR) this.#setFollowing(true);
    else if (up && this.#touched) this.#setFollowing(false);
  };

  readonly #onTouch = (): void => {
    this.#touched = true;
  };
}
