import { describe, expect, it } from 'vitest';
import * as lab from '../../src/questions/lab.ts';
import { renderScores, rowsOfScores, votesOf } from './scores.mjs';

const questions = lab.questionsOf({ seed: 3, split: 'test', count: 120 });
const engine = (/** @type {number} */ number) => ({ name: `e${number}`, answers: questions.map(({ answer }, index) => (index % 5 === number ? 'wrong' : answer)) });

describe('scores', () => {
  it('have no vote of fewer than three', () => {
    expect(votesOf(lab, questions, [engine(0), engine(1)])).toEqual([]);
    expect(votesOf(lab, questions, [0, 1, 2, 3].map(engine)).map(({ name }) => name)).toEqual(['vote of 3']);
  });

  it('show that engines which err differently are right together', () => {
    const engines = [0, 1, 2, 3, 4].map(engine);
    const exact = questions.filter(({ format }) => format !== 'open').length;
    const rows = rowsOfScores(lab, questions, engines);
    expect(rows.find(({ what }) => what === 'all')?.figure).toContain('vote of 5 100.0');
    const against = rows.find(({ what }) => what.startsWith('vote of 5 against'));
    expect(against?.figure).toMatch(/ \d+ better and 0 worse/);
    expect(renderScores(lab, questions, engines)).toContain(`${exact} of ${exact}`);
  });
});
