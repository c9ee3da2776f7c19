import fc from 'fast-check';
import { expect, it } from 'vitest';
import { madeRun } from '../testing/measure-fixtures.ts';
import { answerLine, readRun, resumed, writeRun } from './run-lines.ts';

const run = madeRun([['1', '2', '1'], ['3', '1', '"\n']]);

it('comes back as it was', () => {
  expect(readRun(writeRun(run))).toEqual(run);
});

it('may be cut off anywhere after its head: at the most the last line is lost', () => {
  const written = writeRun(run);
  const head = written.indexOf('\n') + 1;
  fc.assert(
    fc.property(fc.integer({ min: head, max: written.length }), (at) => {
      const { questions, answers, plan } = readRun(written.slice(0, at));
      expect(plan).toEqual(run.plan);
      expect(questions).toEqual(run.questions.slice(0, questions.length));
      expect(answers).toEqual(run.answers.slice(0, answers.length));
      expect(1 + questions.length + answers.length).toBe(written.slice(0, at).split('\n').length - 1);
    }),
  );
});

it('takes the later of what is there twice: an answer that was asked for again', () => {
  const again = { ...run.answers[1]!, text: '7' };
  expect(readRun(writeRun(run) + answerLine(again)).answers).toEqual(run.answers.map((answer, place) => (place === 1 ? again : answer)));
});

it('says what is wrong with a file that is none', () => {
  expect(() => readRun('')).toThrow('no line says how it was asked');
  expect(() => readRun(`${writeRun(run)}{"type":"answer"\n`)).toThrow('Line 10 of the run: it is not JSON');
  expect(() => readRun(writeRun(run).replace('"seed":101', '"seed":-1'))).toThrow('Line 1 of the run: "plan.1.seed"');
  expect(() => readRun(writeRun(run).replace('"version":1', '"version":2'))).toThrow('"version" is 1 at most');
  expect(() => readRun('{"type":"poem"}\n')).toThrow('Line 1');
});

it('goes on with other questions and candidates, but not with other lengths', () => {
  const wanted = { ...run, questions: run.questions.slice(1), answers: [] };
  expect(resumed(wanted, run).answers).toEqual(run.answers.slice(3));
  expect(() => resumed({ ...wanted, maxTokens: 99 }, run)).toThrow('at most 50 tokens, not 99');
});
