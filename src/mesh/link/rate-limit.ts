/**
 * How much a link may carry: messages and bytes a second, with a burst. A leaky allowance (token bucket) each. Pure: the
 * time is an argument.
 */

export interface Rate {
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  /** How much may come at once after silence, as seconds of the above. */
  readonly burstSeconds: number;
}

export interface RateLimit {
  /** Takes one message off the allowance. False, and nothing taken, if it is too much. */
  take(bytes: number, now: number): boolean;
  /** Milliseconds until `take` would say yes; 0 for now. */
  waitMs(bytes: number, now: number): number;
}

/** @param now milliseconds of a clock that never goes back */
export function createRateLimit({ messagesPerSecond, bytesPerSecond, burstSeconds }: Rate, now: number): RateLimit {
  const mostMessages = messagesPerSecond * burstSeconds;
  const mostBytes = bytesPerSecond * burstSeconds;
  let messagesLeft = mostMessages;
  let bytesLeft = mostBytes;
  let filledAt = now;

  function fill(at: number): void {
    const seconds = Math.max(0, at - filledAt) / 1000;
    filledAt = Math.max(filledAt, at);
    messagesLeft = Math.min(mostMessages, messagesLeft + seconds * messagesPerSecond);
    bytesLeft = Math.min(mostBytes, bytesLeft + seconds * bytesPerSecond);
  }

  function waitMs(bytes: number, at: number): number {
    fill(at);
    const seconds = Math.max((1 - messagesLeft) / messagesPerSecond, (bytes - bytesLeft) / bytesPerSecond, 0);
    return Math.ceil(seconds * 1000);
  }

  return {
    waitMs,
    take(bytes, at) {
      if (waitMs(bytes, at) > 0) return false;
      messagesLeft -= 1;
      bytesLeft -= bytes;
      return true;
    },
  };
}
