import { describe, expect, it } from 'vitest';
import { fromPlaywright, settle, summarise } from './reports.mjs';

/** @type {import('./reports.mjs').SuiteReport} */
const good = { passed: 2, failed: [], skipped: [{ name: 'asks SmolLM2', reason: 'no source has the file' }] };

describe('the summary', () => {
  it('is the last line, after the reasons', () => {
    const bad = { passed: 1, failed: [{ name: 'adds', reason: 'expected 4' }], skipped: [] };
    expect(summarise([['unit', good], ['e2e', bad]])).toEqual({
      lines: ['skipped unit: asks SmolLM2: no source has the file', 'failed e2e: adds: expected 4', '3 passed, 1 failed, 1 skipped'],
      code: 1,
    });
  });

  it('is good only if something passed', () => {
    expect(summarise([['unit', good]]).code).toBe(0);
    expect(summarise([]).code).toBe(1);
  });
});

describe('a suite', () => {
  it('that left no report has failed', () => expect(settle(null, 0).failed).toHaveLength(1));
  it('that crashed after its tests has failed', () => expect(settle(good, 1).failed).toHaveLength(1));
  it('without tests has failed', () => expect(settle({ passed: 0, failed: [], skipped: [] }, 0).failed).toHaveLength(1));
  it('that ended well is left alone', () => expect(settle(good, 0)).toBe(good));
  it('whose tests failed is not counted twice', () => {
    const bad = { passed: 0, failed: [{ name: 'a', reason: 'b' }], skipped: [] };
    expect(settle(bad, 1)).toBe(bad);
  });
});

it('reads what Playwright wrote', () => {
  /** @param {import('./reports.mjs').PlaywrightTest} test */
  const spec = (test) => ({ title: 'asks', tests: [test] });
  const report = fromPlaywright({
    errors: [{ message: 'Error: no tests found' }],
    suites: [
      {
        title: 'chat.spec.ts',
        specs: [
          spec({ status: 'expected', annotations: [], results: [{}] }),
          spec({ status: 'skipped', annotations: [{ type: 'skip', description: 'no model' }], results: [] }),
        ],
        suites: [{ title: 'stop', specs: [spec({ status: 'unexpected', annotations: [], results: [{ error: { message: '\u001b[31mError: late\u001b[39m\n at' } }] })] }],
      },
    ],
  });
  expect(report).toEqual({
    passed: 1,
    skipped: [{ name: 'chat.spec.ts > asks', reason: 'no model' }],
    failed: [
      { name: 'playwright', reason: 'Error: no tests found' },
      { name: 'chat.spec.ts > stop > asks', reason: 'Error: late' },
    ],
  });
});
