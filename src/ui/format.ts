/** Figures as a person reads them. English, like the rest of the page. */

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal units, three significant digits: "98.4 MB". */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return 'unknown';
  let unit = 0;
  let value = bytes;
  // 999.5 would print as 1000: it belongs to the next unit already.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  if (unit === 0) return bytes === 1 ? '1 byte' : `${Math.round(bytes)} bytes`;
  return `${value >= 99.95 ? Math.round(value) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2)} ${UNITS[unit]}`;
}

/** "0.4 s", "12 s", "3 min 5 s", "2 h 10 min". */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return 'unknown';
  if (ms < 999.5) return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  const roundMinutes = Math.round(whole / 60);
  return roundMinutes % 60 === 0 ? `${roundMinutes / 60} h` : `${Math.floor(roundMinutes / 60)} h ${roundMinutes % 60} min`;
}

/** What is left of a transfer: "12 s left"; empty while nobody can know. */
export function formatTimeLeft(done: number, total: number | null, bytesPerSecond: number): string {
  if (total === null || bytesPerSecond <= 0 || done >= total) return '';
  return `${formatDuration(Math.max(1000, ((total - done) / bytesPerSecond) * 1000))} left`;
}

export function formatSpeed(tokensPerSecond: number): string {
  return `${tokensPerSecond >= 99.5 ? Math.round(tokensPerSecond) : tokensPerSecond.toFixed(1)} tokens/s`;
}

const grouped = new Intl.NumberFormat('en');
export const formatCount = (value: number): string => grouped.format(value);

/** "1 token", "12 tokens". */
export const plural = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;

export function percent(done: number, total: number | null): number | null {
  if (total === null || total <= 0) return null;
  return Math.min(100, Math.floor((done / total) * 100));
}
