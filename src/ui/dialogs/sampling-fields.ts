/** The sampling settings as a form shows them: bounds, steps, and what they do in one plain sentence. Pure. */
import type { Sampling } from '../../protocol/chat.ts';
import { LIMITS } from '../../protocol/limits.ts';

export type NumberField = Exclude<keyof Sampling, 'stop'>;

export interface SamplingField {
  readonly name: NumberField;
  readonly label: string;
  readonly hint: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

export const SAMPLING_FIELDS: readonly SamplingField[] = [
  { name: 'temperature', label: 'Temperature', hint: '0 always takes the likeliest word. Higher is more varied, and more often wrong.', min: 0, max: 2, step: 0.05 },
  { name: 'maxTokens', label: 'Longest answer', hint: 'Tokens, about three quarters of a word each. The answer is cut there.', min: 1, max: LIMITS.maxTokens, step: 1 },
  { name: 'topP', label: 'Top-p', hint: 'Only the likeliest words that together reach this share.', min: 0, max: 1, step: 0.05 },
  { name: 'topK', label: 'Top-k', hint: 'Only this many of the likeliest words. 0 is all.', min: 0, max: 1000, step: 1 },
  { name: 'minP', label: 'Min-p', hint: 'Only words at least this likely, compared with the likeliest.', min: 0, max: 1, step: 0.01 },
  { name: 'repeatPenalty', label: 'Repeat penalty', hint: 'Above 1, words that were said become less likely.', min: 0.5, max: 2, step: 0.05 },
  { name: 'seed', label: 'Seed', hint: 'The same seed draws the same dice. Empty: new ones each time.', min: 0, max: LIMITS.seed - 1, step: 1 },
];

/** @returns the settings with one field changed; an empty or unusable value removes it, which means the model's default. */
export function withNumber(sampling: Sampling, { name, min, max, step }: SamplingField, text: string): Sampling {
  const { [name]: _old, ...rest } = sampling;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) return rest;
  const bounded = Math.min(max, Math.max(min, step === 1 ? Math.round(value) : value));
  return { ...rest, [name]: bounded };
}

/** @param lines one stop text a line; `\n` is a line break. */
export function withStops(sampling: Sampling, lines: string): Sampling {
  const { stop: _old, ...rest } = sampling;
  const stop = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replaceAll('\\n', '\n').slice(0, LIMITS.stopChars))
    .slice(0, LIMITS.stops);
  return stop.length === 0 ? rest : { ...rest, stop };
}

export const stopLines = (sampling: Sampling): string => (sampling.stop ?? []).map((stop) => stop.replaceAll('\n', '\\n')).join('\n');
