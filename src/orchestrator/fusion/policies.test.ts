import { nodeAddress } from '../../shared/ids.ts';
import { fusionSuite, type SuiteOptions } from '../../testing/fusion-suite.ts';
import { createFirst } from './first.ts';
import { createSelect } from './select.ts';
import { createSynthesise } from './synthesise.ts';
import type { Matter } from './types.ts';
import { createVote } from './vote.ts';
import { createWeighted } from './weighted.ts';
import type { AccuracyOf } from './weights.ts';

const matter: Matter = { format: 'words', promptClass: 'word' };
const words: SuiteOptions = { matter, texts: ['Paris.', 'Rome', 'Oslo', 'Lima'] };
const numbers: SuiteOptions = { matter: { format: 'number', promptClass: 'number' }, texts: ['85', '86.5 cm', '7', '1,000'] };
const objects: SuiteOptions = {
  matter: { format: 'json', promptClass: 'json', fields: ['city', 'age'] },
  texts: ['{"city": "Paris", "age": 5}', '{"city": "Rome", "age": 6}', '{"city": "Oslo", "age": null}', '{"city": "Lima"}'],
};
const open: SuiteOptions = { matter: { format: 'open', promptClass: 'open' }, texts: ['A fox ran home.', 'Once there lived one queen', 'Two boats sank', 'Nobody came'] };

const accuracyOf: AccuracyOf = ({ node }) => {
  if (node === nodeAddress('peer', 'good')) return { right: 45, asked: 50 };
  return node === nodeAddress('peer', 'liar') ? { right: 0, asked: 50 } : null;
};

fusionSuite('first', () => createFirst(words.matter), { ...words, tie: 'earlier' });
fusionSuite('first, of numbers', () => createFirst(numbers.matter), { ...numbers, tie: 'earlier' });
fusionSuite('vote', () => createVote(words.matter), words);
fusionSuite('vote, of numbers', () => createVote(numbers.matter), numbers);
fusionSuite('vote, of fields', () => createVote(objects.matter), objects);
fusionSuite('weighted', () => createWeighted(words.matter, { accuracyOf }), words);
fusionSuite('weighted, of fields', () => createWeighted(objects.matter, { accuracyOf }), objects);
fusionSuite('weighted, median', () => createWeighted(numbers.matter, { accuracyOf, average: 'median' }), { ...numbers, chooses: false });
for (const average of ['mean', 'trimmed'] as const) {
  // One who is sure counts more than a fifth, and so is not all cut off.
  fusionSuite(`weighted, ${average}`, () => createWeighted(numbers.matter, { accuracyOf, average }), { ...numbers, chooses: false, resistsLiar: false });
}
fusionSuite('select, by agreement', () => createSelect(), open);
fusionSuite('select, by likelihood', () => createSelect({ score: 'likelihood' }), { ...open, resistsLiar: false });
fusionSuite('select, by a judge', () => createSelect({ score: 'judge', markOf: () => 0.5 }), { ...open, resistsLiar: false });
fusionSuite('select, by a judge who is silent', () => createSelect({ score: 'judge' }), open);
fusionSuite('synthesise, before it is written', createSynthesise, open);
