/** How long the page's main thread is held while an answer streams into the chat. */
import { chat, openSite, SMOLLM2, TINY, withBrowser } from './bench-page.mjs';

/** @typedef {{ name: string, cat: string, ph: string, pid: number, tid: number, ts: number, dur?: number, tdur?: number, args?: Record<string, unknown> }} TraceEvent */

export const GOAL_MS = 50;
export const MARK = 'llambo-bench';
export const CATEGORIES = ['toplevel', 'devtools.timeline', 'blink.user_timing', 'v8.execute'];
const LONGEST = 3;

/**
 * @param {import('./bench-run.mjs').BenchRun} run
 * @returns {Promise<import('./bench-report.mjs').Section>}
 */
export async function mainThread({ site, quick, smollm2, say }) {
  /** @type {import('./bench-report.mjs').Row[]} */
  const rows = [];
  /** @type {string[]} */
  const notes = smollm2 === null ? [] : [`SmolLM2 was not measured: ${smollm2}`];
  for (const model of smollm2 === null ? [TINY, SMOLLM2] : [TINY]) {
    const events = await traceChat(site.url, model, quick);
    const tasks = mainTasks(events);
    const longest = tasks[0]?.cpuMs ?? NaN;
    const total = tasks.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
    rows.push({
      what: `${model}: longest task by its own CPU time`,
      figure: `${longest.toFixed(1)} ms (${tasks.length} tasks, ${total.toFixed(0)} ms in all)`,
      goal: `≤ ${GOAL_MS} ms`,
      met: longest <= GOAL_MS,
    });
    notes.push(`${model}, the longest tasks: ${tasks.slice(0, LONGEST).map((task) => describe(task, events)).join('; ')}.`);
    say(rows.slice(-1));
  }
  return { method: 'A trace of the real page while a person asks in the chat and answers stream in (the tiny engine: several; SmolLM2: one). CPU time, since wall time lies on a busy machine.', rows, notes };
}

/**
 * @param {string} url
 * @param {string} model
 * @param {boolean} quick
 * @returns {Promise<TraceEvent[]>}
 */
const traceChat = (url, model, quick) =>
  withBrowser(async (browser) => {
    const page = await openSite(await browser.newPage(), url, model);
    await browser.startTracing(page, { categories: CATEGORIES });
    await page.evaluate((name) => performance.mark(name), MARK);
    if (model === TINY) for (let index = 0; index < (quick ? 2 : 6); index += 1) await chat(page, `Tell me a long story about llama ${index}.`);
    else await chat(page, 'Write a list of ten animals, each with a sentence about it.', quick ? 150 : 800);
    return stopTrace(browser);
  });

/** @param {import('playwright').Browser} browser that is traced @returns {Promise<TraceEvent[]>} */
export async function stopTrace(browser) {
  const trace = await browser.stopTracing();
  /** @type {{ traceEvents: TraceEvent[] }} */
  const { traceEvents } = JSON.parse(trace.toString('utf8'));
  return traceEvents;
}

/** @typedef {{ cpuMs: number, event: TraceEvent }} Task */

/**
 * @param {TraceEvent[]} events
 * @returns {Task[]} of the page's main thread from its mark on, the longest first
 */
export function mainTasks(events) {
  const mark = events.find(({ name }) => name === MARK);
  if (!mark) throw new Error('The trace has no mark of the page.');
  const tasks = events.filter(({ name, ph, pid, tid, ts }) => isTask(name) && ph === 'X' && pid === mark.pid && tid === mark.tid && ts >= mark.ts);
  if (tasks.length === 0) throw new Error('The trace has no tasks.');
  return tasks.map((event) => ({ cpuMs: (event.tdur ?? event.dur ?? 0) / 1000, event })).sort((a, b) => b.cpuMs - a.cpuMs);
}

/** @param {string} name */
const isTask = (name) => name === 'RunTask' || name === 'ThreadControllerImpl::RunTask';

/**
 * @param {Task} task
 * @param {TraceEvent[]} events
 * @returns {string} with the largest thing that it did
 */
export function describe({ cpuMs, event }, events) {
  const end = event.ts + (event.dur ?? 0);
  const [inside] = events
    .filter((other) => other.tid === event.tid && other.pid === event.pid && other.ph === 'X' && !isTask(other.name) && other.ts >= event.ts && other.ts + (other.dur ?? 0) <= end && (other.cat.includes('devtools.timeline')))
    .sort((a, b) => (b.dur ?? 0) - (a.dur ?? 0));
  return `${cpuMs.toFixed(1)} ms${inside ? ` (${inside.name})` : ''}`;
}
