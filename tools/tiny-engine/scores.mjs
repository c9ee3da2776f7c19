/** Accuracy of one or several engines on the same questions: as text, and as rows of a table. Pure. */

/** @typedef {import('../lib/questions-bundle.mjs').QuestionLab} QuestionLab */
/** @typedef {import('../../src/questions/types.ts').Question} Question */
/** @typedef {{ name: string, answers: readonly string[] }} Answered by one engine, in the order of the questions */
/** @typedef {Pick<QuestionLab, 'accuracies' | 'compare' | 'majority'>} Judge */

const percent = (/** @type {number} */ share) => (100 * share).toFixed(1);

/**
 * @param {Judge} judge
 * @param {readonly Question[]} questions
 * @param {readonly Answered[]} engines the preferred one first: it decides ties
 * @returns {Answered[]} the votes of the first three and of the first five, where there are as many
 */
export function votesOf({ majority }, questions, engines) {
  return [3, 5].filter((size) => size <= engines.length).map((size) => ({
    name: `vote of ${size}`,
    answers: questions.map((question, index) => majority(question, engines.slice(0, size).map(({ answers }) => answers[index] ?? ''))),
  }));
}

/**
 * @param {Judge} judge
 * @param {readonly Question[]} questions
 * @param {readonly Answered[]} engines
 * @returns {{ what: string, figure: string }[]} each vote against the engine that has most right
 */
function comparisons(judge, questions, engines) {
  const exact = questions.flatMap((question, index) => (question.format === 'open' ? [] : [index]));
  const checked = questions.filter(({ format }) => format !== 'open');
  const only = (/** @type {Answered} */ { answers }) => exact.map((index) => answers[index] ?? '');
  const rightOf = (/** @type {Answered} */ { answers }) => judge.accuracies(questions, answers).find(({ of }) => of === 'all')?.right ?? 0;
  const best = engines.reduce((one, other) => (rightOf(other) > rightOf(one) ? other : one));
  return votesOf(judge, questions, engines).map((vote) => {
    const { difference, low, high, onlyOne, onlyOther, chance } = judge.compare(checked, only(vote), only(best));
    return {
      what: `${vote.name} against ${best.name}, the best single one`,
      figure: `${percent(difference)} points [${percent(low)}, ${percent(high)}], ${onlyOne} better and ${onlyOther} worse, p = ${chance.toPrecision(2)}`,
    };
  });
}

/**
 * @param {Judge} judge
 * @param {readonly Question[]} questions
 * @param {readonly Answered[]} engines at least one
 * @returns {string} a table for each engine and each vote, and the votes against the best engine
 */
export function renderScores(judge, questions, engines) {
  const tables = [...engines, ...votesOf(judge, questions, engines)].map(({ name, answers }) => {
    const rows = judge.accuracies(questions, answers).map(({ of, right, count, low, high }) =>
      `  ${of.padEnd(24)} ${percent(right / count).padStart(5)} %  [${percent(low)}, ${percent(high)}]  ${right} of ${count}`);
    return `${name}\n${rows.join('\n')}\n`;
  });
  return [...tables, ...comparisons(judge, questions, engines).map(({ what, figure }) => `${what}: ${figure}\n`)].join('\n');
}

/**
 * @param {Judge} judge
 * @param {readonly Question[]} questions
 * @param {readonly Answered[]} engines at least one
 * @returns {{ what: string, figure: string }[]} one row for each kind and each group, with all engines and votes side by side
 */
export function rowsOfScores(judge, questions, engines) {
  const all = [...engines, ...votesOf(judge, questions, engines)].map(({ name, answers }) => ({ name, of: new Map(judge.accuracies(questions, answers).map((entry) => [entry.of, entry])) }));
  const groups = [...(all[0]?.of.keys() ?? [])];
  const rows = groups.map((group) => ({
    what: group,
    figure: all.map(({ name, of }) => {
      const { right = 0, count = 1, low = 0, high = 1 } = of.get(group) ?? {};
      return `${name} ${percent(right / count)} [${percent(low)}, ${percent(high)}]`;
    }).join('; '),
  }));
  return [...rows, ...comparisons(judge, questions, engines)];
}
