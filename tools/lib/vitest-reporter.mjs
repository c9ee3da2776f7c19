/** Writes the outcome of a vitest run, with the reasons of skips (its own JSON reporter leaves them out), to the file named by LLAMBO_REPORT. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { firstLine } from './reports.mjs';

/** @typedef {import('vitest/node').TestModule} TestModule */

/**
 * @param {readonly TestModule[]} modules
 * @param {readonly { message: string }[]} unhandled
 * @returns {import('./reports.mjs').SuiteReport}
 */
export function reportOf(modules, unhandled) {
  const tests = modules.flatMap((module) => [...module.children.allTests()].map((test) => ({ test, result: test.result() })));
  const name = (/** @type {import('vitest/node').TestCase} */ test) => `${test.module.relativeModuleId} > ${test.fullName}`;
  const broken = modules.flatMap((module) =>
    [module, ...module.children.allSuites()].flatMap((part) => part.errors().map(({ message }) => ({ name: module.relativeModuleId, reason: firstLine(message) }))),
  );
  return {
    passed: tests.filter(({ result }) => result.state === 'passed').length,
    failed: [
      ...tests.flatMap(({ test, result }) => {
        if (result.state === 'failed') return [{ name: name(test), reason: firstLine(result.errors[0]?.message ?? 'no message') }];
        return result.state === 'pending' ? [{ name: name(test), reason: 'it did not end' }] : [];
      }),
      ...broken,
      ...unhandled.map(({ message }) => ({ name: 'unhandled error', reason: firstLine(message) })),
    ],
    skipped: tests.flatMap(({ test, result }) => (result.state === 'skipped' ? [{ name: name(test), reason: result.note ?? 'no reason given' }] : [])),
  };
}

export default class ReportWriter {
  /**
   * @param {readonly TestModule[]} modules
   * @param {readonly { message: string }[]} unhandled
   */
  onTestRunEnd(modules, unhandled) {
    const path = process.env['LLAMBO_REPORT'];
    if (!path) return;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify(reportOf(modules, unhandled)));
  }
}
