/** What the benchmark adds to the real page: `globalThis.llamboBench`, beside `globalThis.llambo`. */
import type { Llambo } from '../src/protocol/llambo.ts';
import { askFor, askOurs } from './ours.ts';
import { openRaw, type RawEngine } from './raw.ts';
import type { Question, Timed } from './question.ts';

export interface Pair {
  readonly ours: Timed;
  readonly raw: Timed;
  /** The raw engine once more: what two runs of the same thing differ by. */
  readonly again?: Timed;
}

declare global {
  var llambo: Llambo;
  var llamboBench: typeof bench;
}

let raw: RawEngine | null = null;

const bench = {
  /** Loads the same model beside ours, with the same parameters. */
  async openRaw(model: string): Promise<void> {
    await raw?.close();
    raw = await openRaw(model, llambo.snapshot().nodes.find((node) => node.model?.id === model)?.threads ?? 1);
  },
  /** The same question to both, one after the other. @param control and once more to the raw engine */
  async pair(question: Question, oursFirst: boolean, control: boolean): Promise<Pair> {
    if (!raw) throw new Error('Open the raw engine first.');
    const again = control && !oursFirst ? await raw.ask(question) : null;
    const before = oursFirst ? await askOurs(question) : null;
    const other = await raw.ask(question);
    const ours = before ?? (await askOurs(question));
    if (!control) return { ours, raw: other };
    // Always beside the other raw run, never with ours between them.
    return { ours, raw: other, again: again ?? (await raw.ask(question)) };
  },
  askFor,
};

globalThis.llamboBench = bench;
