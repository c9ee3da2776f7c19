/** From navigation to an engine that can answer, and where that time goes. */
import { join } from 'node:path';
import { chromium } from 'playwright';
import { launchOptions, ready } from './bench-page.mjs';
import { median } from './bench-stats.mjs';

/** @typedef {import('playwright').Page} Page */
/** @typedef {Record<string, number>} Phases milliseconds since navigation */

const GOAL_MS = 3000;

/**
 * @param {import('./bench-run.mjs').BenchRun} run
 * @returns {Promise<import('./bench-report.mjs').Section>}
 */
export async function startUp({ site, quick, say }) {
  const rounds = quick ? 3 : 7;
  /** @type {{ first: Phases, second: Phases }[]} */
  const visits = [];
  for (let round = 0; round < rounds; round += 1) visits.push(await visitTwice(site.url, join(site.temporary, `profile-${round}`)));
  const row = (/** @type {string} */ what, /** @type {'first' | 'second'} */ which) => {
    const times = visits.map((visit) => visit[which]['ready'] ?? NaN);
    const range = `${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)}`;
    return { what, figure: `${median(times).toFixed(0)} ms (${range})`, goal: `≤ ${GOAL_MS} ms`, met: median(times) <= GOAL_MS };
  };
  const rows = [row('first visit, fresh profile', 'first'), row('second visit', 'second')];
  say(rows);
  return {
    method: `Navigation to \`llambo.ready\`, built-in model, local server, by the page's own clock: median of ${rounds}, each with a browser and a profile of its own.`,
    rows,
    notes: [phaseTable(visits)],
  };
}

/**
 * @param {string} url
 * @param {string} profile a folder that doesn't exist yet
 */
async function visitTwice(url, profile) {
  const context = await chromium.launchPersistentContext(profile, launchOptions());
  try {
    await context.addInitScript(watchStart);
    const first = await visit(await context.newPage(), url);
    const second = await visit(await context.newPage(), url);
    return { first, second };
  } finally {
    await context.close();
  }
}

/**
 * @param {Page} page
 * @param {string} url
 * @returns {Promise<Phases>}
 */
async function visit(page, url) {
  await page.goto(url);
  await ready(page);
  const phases = await page.evaluate(async () => {
    const entries = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType('resource'));
    const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType('navigation'));
    const main = entries.find(({ name }) => /\/assets\/index-[^/]*\.js$/.test(name));
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    return {
      'HTML here': navigation?.responseEnd ?? NaN,
      'main script here': main?.responseEnd ?? NaN,
      'first paint': paint?.startTime ?? NaN,
      .../** @type {typeof globalThis & { llamboStart: Phases }} */ (globalThis).llamboStart,
    };
  });
  await page.close();
  return phases;
}

/** Runs in the page before its scripts: notes when the app shows what. */
function watchStart() {
  /** @type {Phases} */
  const seen = {};
  const note = (/** @type {string} */ name) => (seen[name] ??= performance.now());
  /** @param {import('../../src/protocol/llambo.ts').Llambo} llambo */
  const watch = async (llambo) => {
    note('app opened');
    void llambo.ready.then(() => note('ready'));
    while (seen['ready'] === undefined) {
      const { models, nodes } = llambo.snapshot();
      if (models.some(({ id, state }) => id === 'tiny-1' && state.kind === 'stored')) note('model stored');
      if (nodes.length > 0) note('worker started');
      if (nodes.some(({ state }) => state === 'idle')) note('model loaded');
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  Object.defineProperty(globalThis, 'llamboStart', { value: seen });
  Object.defineProperty(globalThis, 'llambo', {
    configurable: true,
    /** @param {import('../../src/protocol/llambo.ts').Llambo} value */
    set(value) {
      Object.defineProperty(globalThis, 'llambo', { value, writable: true, configurable: true });
      void watch(value);
    },
  });
}

/** @param {{ first: Phases, second: Phases }[]} visits */
function phaseTable(visits) {
  const names = Object.keys(visits[0]?.first ?? {}).sort((a, b) => at('first', a) - at('first', b));
  const rows = names.map((name) => `| ${name} | ${at('first', name).toFixed(0)} | ${at('second', name).toFixed(0)} |`);
  return ['Where it goes, in ms since navigation (medians):', '', '| | first visit | second visit |', '| --- | --- | --- |', ...rows].join('\n');

  /** @param {'first' | 'second'} which */
  function at(which, /** @type {string} */ name) {
    return median(visits.map((visit) => visit[which][name] ?? NaN));
  }
}
