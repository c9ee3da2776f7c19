/** Accuracy of one or several engines on the same questions, as a table of text. Pure. */

/** @typedef {import('../lib/questions-bundle.mjs').QuestionLab} QuestionLab */
/** @typedef {import('../../src/questions/types.ts').Question} Question */
/** @typedef {{ name: string, answers: readonly string[] }} Answered by one engine, in the order of the questions */

const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(1)}`;

/**
 * @param {QuestionLab} lab
 * @param {readonly Question[]} questions
 * @param {readonly Answered[]} engines the best first: it decides ties
 * @returns {string} with the votes of three and of five (or of all) against the first, where there are as many
 */
export function renderScores({ accuracies, compare, majority }, questions, engines) {
  const votes = [3, 5].filter((size) => size <= engines.length)
    .map((size) => ({ name: `vote of ${size}`, answers: questions.map((question, index) => majority(question, engines.slice(0, size).map(({ answers }) => answers[index] ?? ''))) }));
  const parts = [...engines, ...votes].map(({ name, answers }) => {
    const rows = accuracies(questions, answers).map(({ of, right, count, low, high }) => `  ${of.padEnd(24)} ${percent(right / count).padStart(5)} %  [${percent(low)}, ${percent(high)}]  ${right} of ${count}`);
    return `${name}\n${rows.join('\n')}\n`;
  });
  const exact = questions.flatMap((question, index) => (question.format === 'open' ? [] : [index]));
  const checked = exact.map((index) => /** @type {Question} */ (questions[index]));
  const of = (/** @type {Answered} */ { answers }) => exact.map((index) => answers[index] ?? '');
  const [first] = engines;
  const comparisons = first ? votes.map((vote) => {
    const { difference, low, high, onlyOne, onlyOther, chance } = compare(checked, of(vote), of(first));
    return `${vote.name} against ${first.name}: ${percent(difference)} points [${percent(low)}, ${percent(high)}], ${onlyOne} better and ${onlyOther} worse, p = ${chance.toPrecision(2)}\n`;
  }) : [];
  return [...parts, ...comparisons].join('\n');
}
