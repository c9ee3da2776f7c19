/** An evaluation as a table for a spreadsheet: one line for each contender, size and group of questions. Pure. */
import papa from 'papaparse';
import type { EarlyResult, Evaluation } from './evaluation.ts';

const HEADINGS = [
  'contender', 'n', 'group', 'right', 'questions', 'accuracy', 'low', 'high', 'lead', 'lead_low', 'lead_high', 'gained', 'lost', 'chance', 'chance_adjusted',
  'calls', 'prompt_tokens', 'tokens', 'seconds', 'early_accuracy', 'early_calls', 'early_tokens', 'early_seconds', 'early_saved', 'early_changed',
];

const earlyColumns = ({ score, cost, saved, changed }: EarlyResult): number[] => [score.right / score.count, cost.calls, cost.tokens, cost.seconds, saved, changed];

/** Shares are 0 to 1. What is the same for all groups stands in the line of `all`. */
export function evaluationCsv({ singles, results }: Evaluation): string {
  const lines = results.flatMap(({ contender, n, groups, cost, early }) =>
    groups.map(({ group, score: { right, count, low, high }, lead, adjusted }) => [
      contender, n, group, right, count, right / count, low, high, lead.difference, lead.low, lead.high, lead.gained, lead.lost, lead.chance, adjusted,
      ...(group === 'all'
        ? [cost.calls, cost.promptTokens, cost.tokens, cost.seconds, ...earlyColumns(early)]
        : []),
    ]),
  );
  const single = singles.flatMap(({ model, groups }) =>
    groups.map(({ group, score: { right, count, low, high } }) => [`greedy ${model}`, 1, group, right, count, right / count, low, high]),
  );
  // A model may be named like a formula.
  return papa.unparse([HEADINGS, ...single, ...lines], { newline: '\n', escapeFormulae: true });
}
