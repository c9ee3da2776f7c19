/** What an evaluation of fusion comes to, as rows and tables of docs/benchmarks.md. Pure. */

/** @typedef {import('../../src/measure/evaluation.ts').Evaluation} Evaluation */
/** @typedef {import('../../src/measure/evaluation.ts').ContenderResult} ContenderResult */
/** @typedef {import('../../src/measure/evaluation.ts').Score} Score */
/** @typedef {import('../../src/measure/goals.ts').Goal} Goal */
/** @typedef {import('./bench-report.mjs').Row} Row */

const percent = (/** @type {number} */ share) => (100 * share).toFixed(1);
const signed = (/** @type {number} */ share) => `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;
const rightText = (/** @type {Pick<Score, 'right' | 'count'>} */ { right, count }) => percent(right / count);
const scoreText = (/** @type {Score} */ { low, high, ...score }) => `${rightText(score)} [${percent(low)}, ${percent(high)}]`;
/** @typedef {import('../../src/measure/evaluation.ts').Lead} Lead */
const leadText = (/** @type {Lead} */ { difference, low, high }) => `${signed(difference)} [${signed(low)}, ${signed(high)}]`;
const chanceText = (/** @type {number} */ chance) => (chance < 0.001 ? '< 0.001' : chance.toFixed(3));

/**
 * @param {readonly string[]} headings
 * @param {readonly (readonly string[])[]} lines
 */
const table = (headings, lines) => [headings, ['---', ...headings.slice(1).map(() => '--:')], ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/**
 * @template {{ group: string }} Group
 * @param {readonly Group[]} groups
 * @param {string} name
 * @returns {Group}
 */
function groupOf(groups, name) {
  const found = groups.find(({ group }) => group === name);
  if (!found) throw new Error(`There is no group "${name}".`);
  return found;
}

/** @param {ContenderResult} result */
const ofAll = ({ groups }) => groupOf(groups, 'all');

/** @param {Evaluation} evaluation */
const mostOf = ({ results }) => Math.max(...results.map(({ n }) => n));

/** @param {Evaluation} evaluation each contender with each number of candidates, in all */
function accuracyTable({ results }) {
  const sizes = [...new Set(results.map(({ n }) => n))];
  const names = [...new Set(results.map(({ contender }) => contender))];
  const lines = names.map((name) => [name, ...sizes.map((size) => {
    const result = results.find(({ contender, n }) => contender === name && n === size);
    return result ? `${rightText(ofAll(result).score)}, ${leadText(ofAll(result).lead)}` : '';
  })]);
  return table(['Right, %, and lead in points', ...sizes.map((size) => `n = ${size}`)], lines);
}

/** @param {Evaluation} evaluation */
function costTable({ results }) {
  const lines = results.filter(({ n }) => n > 1).map(({ contender, n, cost, early }) => [
    `${contender}, n = ${n}`, cost.calls.toFixed(1), cost.promptTokens.toFixed(0), cost.tokens.toFixed(0), cost.seconds.toFixed(1),
    early.cost.calls.toFixed(1), early.cost.tokens.toFixed(0), early.cost.seconds.toFixed(1), `${percent(early.saved)} %`,
    rightText(early.score), leadText(early.lead), `${percent(early.changed)} %`,
  ]);
  const stopped = ['with early stop: calls', 'written', 's', 'saved', 'right, %', 'lead over no early stop', 'other answer'];
  return table(['For a question', 'calls', 'tokens read', 'written', 's', ...stopped], lines);
}

/** @param {Evaluation} evaluation */
function groupsTable(evaluation) {
  const { singles, results } = evaluation;
  const largest = results.filter(({ n }) => n === mostOf(evaluation));
  const groups = largest[0]?.groups.map(({ group }) => group) ?? [];
  const lines = groups.map((group) => [
    group,
    String(groupOf(singles[0]?.groups ?? [], group).score.count),
    ...singles.map(({ groups: own }) => scoreText(groupOf(own, group).score)),
    ...largest.map(({ groups: own }) => {
      const { score, lead, adjusted } = groupOf(own, group);
      return `${rightText(score)}, ${signed(lead.difference)} (${lead.gained}/${lead.lost}), p ${chanceText(adjusted)}`;
    }),
  ]);
  const names = [...singles.map(({ model }) => `${model}, greedy`), ...largest.map(({ contender }) => contender)];
  return table([`Right, %; n = ${mostOf(evaluation)}: lead (gained/lost)`, 'questions', ...names], lines);
}

/** @param {Evaluation} evaluation */
function calibrationTable(evaluation) {
  const bins = Array.from({ length: 10 }, (_, place) => place / 10);
  const lines = evaluation.calibrations.filter(({ n }) => n === mostOf(evaluation)).map(({ contender, of, bins: own, error }) => [
    of === 'holds' ? `${contender}: "the lead holds", held` : `${contender}: share of votes, right`,
    ...bins.map((from) => {
      const bin = own.find((one) => one.from === from);
      return bin ? `${percent(bin.came)} (${bin.count})` : '';
    }),
    percent(error),
  ]);
  return table(['Stated, came true in %', ...bins.map((from) => `${(100 * from).toFixed(0)}–${(100 * from + 10).toFixed(0)}`), 'error'], lines);
}

/**
 * @param {Evaluation} evaluation
 * @returns {string[]} tables
 */
export const evaluationTables = (evaluation) => [accuracyTable(evaluation), groupsTable(evaluation), costTable(evaluation), calibrationTable(evaluation)];

/**
 * @param {Evaluation} evaluation
 * @param {readonly Goal[]} goals
 * @param {readonly string[]} gaining kinds on which the vote gains
 * @returns {Row[]}
 */
export function summaryRows(evaluation, goals, gaining) {
  const singles = evaluation.singles.map(({ model, groups }) => ({ what: `${model}, greedy`, figure: `${scoreText(groupOf(groups, 'all').score)} % right` }));
  return [...singles, ...goals.map((goal) => goalRow(evaluation, goal, gaining))];
}

/**
 * @param {Evaluation} evaluation
 * @param {Goal} goal
 * @param {readonly string[]} gaining
 * @returns {Row}
 */
function goalRow({ kinds, nodes, questions }, { goal, met, result }, gaining) {
  if (!result) return { what: goal, figure: 'not measured', met };
  const n = `n = ${result.n}`;
  switch (goal) {
    case 'gain of vote':
      return {
        what: `Kinds on which the vote beats the best single engine, ${n}`,
        figure: [`${gaining.length} of ${kinds.length}`, ...gaining].join(', '),
        goal: '≥ 3, p < 0.05 after Holm', met,
      };
    case 'early stop':
      return {
        what: `Tokens saved by early stop of the vote, ${n}, ${nodes} nodes in parallel`,
        figure: `${percent(result.early.saved)} %; ${leadText(result.early.lead)} points against all ${result.n}, another answer for ${percent(result.early.changed)} %`,
        goal: '≥ 50 %, interval above −1 point', met,
      };
    case 'auto does no harm':
      return {
        what: `auto against one greedy engine, at most ${n}`,
        figure: `${leadText(ofAll(result).lead)} points over ${questions} questions`,
        goal: 'interval above −2 points, ≥ 1000 questions', met,
      };
  }
}

/**
 * @param {readonly Row[]} rows
 * @returns {string}
 */
export const rowsText = (rows) => rows.map(({ what, figure, goal, met }) => `${what}: ${figure}${goal ? ` (goal ${goal}: ${met ? 'met' : 'missed'})` : ''}`).join('\n');
