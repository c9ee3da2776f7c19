/** The orchestrator under load, simulated: what each strategy makes people wait, what a decision costs, and whether it shares alike. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { ROOT } from './paths.mjs';

/** @typedef {import('./bench-report.mjs').Row} Row */

const LEAST_DECISIONS = 50_000;
const LONGEST_RUN_MS = 60_000;
/** ln 10,000 ÷ ln 100. */
const MOST_GROWTH = 2;

/**
 * @param {import('./bench-run.mjs').BenchRun} run
 * @returns {Promise<import('./bench-report.mjs').Section>}
 */
export async function orchestrator({ quick, say }) {
  const figures = await bundled();
  const wallTime = () => performance.now();
  const cpuTime = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  /** @type {Row[]} */
  const rows = [];
  const add = (/** @type {Row[]} */ more) => {
    rows.push(...more);
    say(more);
  };
  add(waits(figures.defaultStrategy, figures.strategyFigures(wallTime, quick ? { nodes: 100, warmMs: 20_000, runMs: 20_000 } : { nodes: 500, runMs: 60_000 })));
  add(decisions((quick ? [100, 1000] : [100, 1000, 10_000]).map((nodes) => figures.decisionFigures(wallTime, nodes, quick ? { runMs: 20_000 } : {}))));
  add(alone((quick ? [100, 1000] : [100, 1000, 10_000]).map((nodes) => figures.leaderFigures(wallTime, cpuTime, nodes, { runMs: Math.min(300_000, 200_000_000 / nodes) / (quick ? 10 : 1) }))));
  const { index, lost } = figures.fairnessFigure(wallTime);
  add([{ what: 'Fairness between ten devices, one of which asks for half (Jain)', figure: `${index.toFixed(3)}; ${lost} jobs lost`, goal: '≥ 0.95', met: index >= 0.95 && lost === 0 }]);
  return {
    method:
      'Simulated on a virtual clock, seeded: the real leader, queue and node table; nodes are phones (40 %, 4 tokens a second), laptops (35 %, 15), desktops (20 %, 40) and servers (5 %, 120), each with its own spread, slots and slowdown by concurrent streams; 30 % of them are replaced in an hour, half of those without a word. Questions come in bursts of three times the calm rate (two-state Markov-modulated Poisson), at 0.4 of what the nodes can do; prompts and answers are log-normal. Wait: from asking to the first word. The oracle knows true speeds, lengths, caches and failures and looks at all nodes. 500 nodes and a minute for the strategies. A decision is a grant, a refusal or a place told, with all that the leader does for it: request, reports, end, nodes’ news, ticks. Its time in the simulation is wall time inside the leader, with what other programs took meanwhile; “alone” is the processor time of a replay: what the leader heard is told to a new leader, without the simulation.',
    rows,
  };
}

/**
 * In one file, as the page has it: between modules that are imported one by one each call takes a detour.
 *
 * @returns {Promise<typeof import('../../src/testing/load-figures.ts')>}
 */
async function bundled() {
  const outDir = mkdtempSync(join(tmpdir(), 'llambo-bench-'));
  try {
    const output = { entryFileNames: 'figures.mjs' };
    await build({ root: ROOT, configFile: false, logLevel: 'error', build: { ssr: join(ROOT, 'src/testing/load-figures.ts'), outDir, copyPublicDir: false, rolldownOptions: { output } } });
    return await import(pathToFileURL(join(outDir, 'figures.mjs')).href);
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

/**
 * @param {string} standard the default strategy
 * @param {readonly import('../../src/testing/load-figures.ts').StrategyFigures[]} all
 * @returns {Row[]}
 */
function waits(standard, all) {
  const p95 = (/** @type {string} */ wanted) => all.find(({ name }) => name === wanted)?.p95 ?? NaN;
  const ours = p95(standard);
  const turns = ours / p95('round-robin');
  const oracle = ours / Math.min(...all.filter(({ name }) => name.startsWith('oracle')).map((entry) => entry.p95));
  const lost = all.reduce((sum, entry) => sum + entry.lost, 0);
  return [
    ...all.map(({ name, p50, p95: late, lastedP50 }) => ({ what: `Wait with ${name}`, figure: `${time(p50)} median, ${time(late)} p95; answered after ${time(lastedP50)} (median)` })),
    { what: `p95 wait, ${standard} (the default) ÷ round-robin`, figure: turns.toFixed(3), goal: '≤ 0.5', met: turns <= 0.5 },
    { what: `p95 wait, ${standard} ÷ the better oracle`, figure: oracle.toFixed(2), goal: '≤ 1.3', met: oracle <= 1.3 },
    { what: 'Jobs lost, all strategies', figure: String(lost), goal: '0', met: lost === 0 },
  ];
}
/**
 * @param {readonly import('../../src/testing/load-figures.ts').DecisionFigures[]} all
 * @returns {Row[]}
 */
function decisions(all) {
  const [least, most] = [all[0], all.at(-1)];
  if (!least || !most) return [];
  const growth = most.microseconds / least.microseconds;
  return [
    ...all.map(({ nodes, microseconds, perSecond, decisions: count, lost }) => ({
      what: `${nodes.toLocaleString('en')} nodes: decisions`,
      figure: `${Math.round(perSecond).toLocaleString('en')} a second (${microseconds.toFixed(1)} µs each, of ${count.toLocaleString('en')}); ${lost} jobs lost`,
      ...(nodes === most.nodes ? { goal: `≥ ${LEAST_DECISIONS.toLocaleString('en')}`, met: perSecond >= LEAST_DECISIONS && lost === 0 } : {}),
    })),
    { what: `Cost of a decision, ${most.nodes.toLocaleString('en')} nodes ÷ ${least.nodes}`, figure: growth.toFixed(2), goal: `≤ ${MOST_GROWTH}`, met: growth <= MOST_GROWTH },
    { what: `Simulation of ${most.nodes.toLocaleString('en')} nodes`, figure: `${(most.runMs / 1000).toFixed(1)} s`, goal: '≤ 60 s', met: most.runMs <= LONGEST_RUN_MS },
  ];
}

/**
 * @param {readonly import('../../src/testing/load-figures.ts').LeaderFigures[]} all
 * @returns {Row[]}
 */
function alone(all) {
  const [least, most] = [all[0], all.at(-1)];
  if (!least || !most) return [];
  const growth = most.cpuMicroseconds / least.cpuMicroseconds;
  return [
    ...all.map(({ nodes, decisions: count, cpuMicroseconds, wallMicroseconds }) => ({
      what: `${nodes.toLocaleString('en')} nodes: decisions, the leader alone`,
      figure: `${Math.round(1e6 / cpuMicroseconds).toLocaleString('en')} a second of processor time (${cpuMicroseconds.toFixed(1)} µs each, ${wallMicroseconds.toFixed(1)} µs of wall time, of ${count.toLocaleString('en')})`,
      ...(nodes === most.nodes ? { goal: `≥ ${LEAST_DECISIONS.toLocaleString('en')}`, met: cpuMicroseconds <= 1e6 / LEAST_DECISIONS } : {}),
    })),
    { what: `Cost of a decision, the leader alone, ${most.nodes.toLocaleString('en')} nodes ÷ ${least.nodes}`, figure: growth.toFixed(2), goal: `≤ ${MOST_GROWTH}`, met: growth <= MOST_GROWTH },
  ];
}

const time = (/** @type {number} */ ms) => (ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
