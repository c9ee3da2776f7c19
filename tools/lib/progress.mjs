/**
 * What a person reads while something takes long: bytes, speed, time left. The text is made by pure functions; {@link Console}
 * decides when to print it. On a terminal one line is rewritten, elsewhere a line is added every few seconds.
 */

/** Nothing that ends sooner is worth a line. */
const QUIET_MS = 1000;
/** Often enough to look alive. */
const TERMINAL_EVERY_MS = 100;
/** Seldom enough not to fill a log. */
const LOG_EVERY_MS = 5000;
/** The speed is that of this long ago until now: steady enough to read, quick enough to show a stall. */
const WINDOW_MS = 5000;

/**
 * @param {number} bytes
 * @returns {string}
 */
export function formatBytes(bytes) {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

/**
 * @param {number} ms
 * @returns {string}
 */
export function formatDuration(ms) {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * @typedef {object} Amount
 * @property {string} label
 * @property {number} done
 * @property {number | null} total null while nobody knows
 * @property {'bytes' | 'steps' | 'none'} unit
 * @property {number} elapsedMs
 * @property {number} perSecond 0 while nobody knows
 */

/**
 * @param {Amount} amount
 * @returns {string}
 */
export function progressLine({ label, done, total, unit, elapsedMs, perSecond }) {
  if (unit === 'none') return `${label}: ${formatDuration(elapsedMs)}`;
  const size = (/** @type {number} */ n) => (unit === 'bytes' ? formatBytes(n) : String(n));
  const parts = [total === null ? size(done) : `${size(done)} of ${size(total)}`];
  if (unit === 'bytes') parts.push(`${formatBytes(perSecond)}/s`);
  if (total !== null && perSecond > 0) parts.push(`${formatDuration(((total - done) / perSecond) * 1000)} left`);
  return `${label}: ${parts.join(', ')}`;
}

/** Speed over the last few seconds. */
export class RateMeter {
  /** @type {{ at: number, done: number }[]} */
  #samples = [];

  /**
   * @param {number} at milliseconds
   * @param {number} done
   * @returns {number} per second
   */
  add(at, done) {
    // Counting starts again when a download does.
    if (done < (this.#samples.at(-1)?.done ?? 0)) this.#samples = [];
    this.#samples.push({ at, done });
    while (this.#samples.length > 2 && at - (this.#samples[1]?.at ?? at) >= WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0];
    return first && at > first.at ? ((done - first.done) * 1000) / (at - first.at) : 0;
  }
}

/** @typedef {{ update(done: number, total: number | null): void, end(): void }} Progress */

/** Prints lines and, between them, the one line that is rewritten. */
export class Console {
  #stream;
  #now;
  #lineIsOpen = false;

  /**
   * @param {{ write(text: string): unknown, isTTY?: boolean, columns?: number }} stream
   * @param {() => number} now milliseconds
   */
  constructor(stream, now) {
    this.#stream = stream;
    this.#now = now;
  }

  /** @param {string} text one or more whole lines */
  say(text) {
    this.#clear();
    this.#stream.write(`${text}\n`);
  }

  /**
   * @param {string} label
   * @param {Amount['unit']} unit
   * @returns {Progress}
   */
  progress(label, unit) {
    const startedAt = this.#now();
    const rate = new RateMeter();
    let ended = false;
    let printedAt = startedAt + QUIET_MS - (this.#stream.isTTY ? TERMINAL_EVERY_MS : LOG_EVERY_MS);
    return {
      update: (done, total) => {
        const now = this.#now();
        const perSecond = rate.add(now, done);
        if (ended || now - printedAt < (this.#stream.isTTY ? TERMINAL_EVERY_MS : LOG_EVERY_MS)) return;
        printedAt = now;
        this.#rewrite(progressLine({ label, done, total, unit, elapsedMs: now - startedAt, perSecond }));
      },
      end: () => {
        ended = true;
        this.#clear();
      },
    };
  }

  /** @param {string} line */
  #rewrite(line) {
    if (!this.#stream.isTTY) return void this.#stream.write(`${line}\n`);
    // A line that wraps can't be rewritten.
    this.#stream.write(`\r\u001b[2K${line.slice(0, (this.#stream.columns ?? 80) - 1)}`);
    this.#lineIsOpen = true;
  }

  #clear() {
    if (this.#lineIsOpen) this.#stream.write('\r\u001b[2K');
    this.#lineIsOpen = false;
  }
}
