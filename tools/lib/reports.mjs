/** What the test suites report, in one shape, and the summary that ends `npm test`. Pure. */

/** @typedef {{ name: string, reason: string }} Finding */
/** @typedef {{ passed: number, failed: Finding[], skipped: Finding[] }} SuiteReport */

/**
 * @typedef {object} PlaywrightTest
 * @property {'expected' | 'unexpected' | 'flaky' | 'skipped'} status
 * @property {{ type: string, description?: string }[]} annotations
 * @property {{ error?: { message?: string } }[]} results
 */
/** @typedef {{ title: string, specs?: { title: string, tests: PlaywrightTest[] }[], suites?: PlaywrightSuite[] }} PlaywrightSuite */
/** @typedef {{ suites: PlaywrightSuite[], errors?: { message?: string }[] }} PlaywrightReport */

/**
 * @param {PlaywrightReport} report the JSON reporter's
 * @returns {SuiteReport}
 */
export function fromPlaywright({ suites, errors = [] }) {
  /** @type {SuiteReport} */
  const result = { passed: 0, failed: errors.map(({ message = 'no message' }) => ({ name: 'playwright', reason: firstLine(message) })), skipped: [] };
  const visit = (/** @type {PlaywrightSuite} */ suite, /** @type {string} */ prefix) => {
    for (const spec of suite.specs ?? []) for (const test of spec.tests) count(result, `${prefix} > ${spec.title}`, test);
    for (const child of suite.suites ?? []) visit(child, `${prefix} > ${child.title}`);
  };
  for (const suite of suites) visit(suite, suite.title);
  return result;
}

/**
 * @param {SuiteReport} result
 * @param {string} name
 * @param {PlaywrightTest} test
 */
function count(result, name, { status, annotations, results }) {
  if (status === 'expected') result.passed += 1;
  else if (status === 'skipped') {
    const note = annotations.find(({ type, description }) => /^(skip|fixme)$/.test(type) && description);
    result.skipped.push({ name, reason: note?.description ?? 'no reason given' });
  } else {
    const message = results.find(({ error }) => error?.message)?.error?.message ?? status;
    result.failed.push({ name, reason: firstLine(message) });
  }
}

/**
 * @param {string} text
 * @returns {string} without colours
 */
export function firstLine(text) {
  return text.replace(/\u001b\[\d+(;\d+)*m/g, '').trim().split('\n')[0] ?? '';
}

/**
 * @param {SuiteReport | null} report null if the suite left none
 * @param {number} code its exit code
 * @returns {SuiteReport} with a failure that stands for a crash: a suite that ends badly or without a test never counts as good
 */
export function settle(report, code) {
  if (!report) return { passed: 0, failed: [{ name: 'suite', reason: `it ended with exit code ${code} and without a report` }], skipped: [] };
  const failure = (/** @type {string} */ reason) => ({ ...report, failed: [...report.failed, { name: 'suite', reason }] });
  if (code !== 0 && report.failed.length === 0) return failure(`it ended with exit code ${code}, though no test failed`);
  if (report.passed + report.failed.length + report.skipped.length === 0) return failure('it found no tests');
  return report;
}

/**
 * @param {[suite: string, report: SuiteReport][]} suites
 * @returns {{ lines: string[], code: number }} what to print, the summary last; the exit code
 */
export function summarise(suites) {
  const lines = (/** @type {'failed' | 'skipped'} */ kind) =>
    suites.flatMap(([suite, report]) => report[kind].map(({ name, reason }) => `${kind} ${suite}: ${name}: ${reason}`));
  const passed = suites.reduce((sum, [, report]) => sum + report.passed, 0);
  const [failed, skipped] = [lines('failed'), lines('skipped')];
  return {
    lines: [...skipped, ...failed, `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`],
    code: failed.length > 0 || passed === 0 ? 1 : 0,
  };
}
