/** A question, and what a caller sees of its answer with a clock of its own. */
export interface Question {
  readonly model: string;
  readonly text: string;
  readonly maxTokens: number;
}

export interface Timed {
  /** From asking to the first text. */
  readonly firstMs: number;
  /** From the first text to the last. */
  readonly spanMs: number;
  readonly text: string;
  readonly tokens: number;
}

/** Notes when text comes in. */
export class Stopwatch {
  readonly startedAt = performance.now();
  #firstAt = 0;
  #lastAt = 0;
  #text = '';

  text(delta: string): void {
    this.#lastAt = performance.now();
    this.#firstAt ||= this.#lastAt;
    this.#text += delta;
  }

  stop(tokens: number): Timed {
    return { firstMs: this.#firstAt - this.startedAt, spanMs: this.#lastAt - this.#firstAt, text: this.#text, tokens };
  }
}
