/** What it costs when the orchestrator dies while answers run between others and jobs wait in its queue. Browsers of their own, the built-in engine. */
import { begin, Company, forgetRuns, HOWS, openOwnTab, ownNodes, runsOf, stopRuns, until } from './bench-own-tabs.mjs';
import { ready } from './bench-page.mjs';
import { longestOf } from './bench-report.mjs';
import { median } from './bench-stats.mjs';

/** @typedef {import('./bench-own-tabs.mjs').OwnTab} OwnTab */
/** @typedef {import('./bench-own-tabs.mjs').Run} Run */
/** @typedef {import('./bench-own-tabs.mjs').How} How */
/** @typedef {import('./bench-report.mjs').Row} Row */

const WAIT_GOAL_MS = { SIGKILL: 20_000, close: 3000 };
/** What one look at a busy machine differs from the next. */
const NOISE_MS = 100;
/** @typedef {{ gapMs: number, startsMs: number[], moves: number }} Change */
/** @typedef {{ prepare(): Promise<void>, strike(leader: OwnTab): void }} Moment what happens while answers run */

const RUNNING = [21, 22, 23, 24, 25, 26, 27, 28];
const WAITING = [31, 32, 33, 34];
/** Of those that run, so many are stopped at the moment of the death, so that those in line have where to go. */
const STOPPED = 4;

/**
 * @param {string} url
 * @param {number} repeats
 * @returns {Promise<Row[]>}
 */
export async function leaderLost(url, repeats) {
  const company = new Company(url, 4);
  /** @type {Row[]} */
  const rows = [];
  try {
    /** @param {Moment} moment */
    const look = async (moment) => {
      /** @type {Change[]} */
      const changes = [];
      while (changes.length < repeats) changes.push(await change(company, moment));
      return changes;
    };
    const calm = await look({ prepare: async () => undefined, strike: () => undefined });
    const stranger = await look(strangerCloses(url));
    for (const how of HOWS) rows.push(...leaderRows(how, await look({ prepare: async () => undefined, strike: (leader) => company.lose(leader, how) }), calm, stranger));
  } finally {
    await company.end();
  }
  return rows;
}

/** The control: a browser ends at that moment too, of a tab that is in no swarm. @param {string} url @returns {Moment} */
function strangerCloses(url) {
  /** @type {OwnTab | null} */
  let stranger = null;
  return {
    async prepare() {
      // One is left of a look that saw nothing.
      if (stranger) return;
      stranger = await openOwnTab();
      await stranger.page.goto(url);
      await ready(stranger.page);
    },
    strike() {
      const closing = stranger;
      stranger = null;
      void closing?.leave().then(() => closing.end());
    },
  };
}

/**
 * Eight answers run on two tabs for a third, four wait in the orchestrator's queue, and it dies, or not.
 *
 * @param {Company} company
 * @param {Moment} moment
 * @returns {Promise<Change>}
 */
async function change(company, moment) {
  await moment.prepare();
  const { leader, others } = await company.gather();
  const [asker, ...workers] = /** @type {[OwnTab, ...OwnTab[]]} */ (others);
  const nodes = (await Promise.all(workers.map(({ page }) => ownNodes(page)))).flat();
  const count = RUNNING.length;
  await forgetRuns(asker.page);
  await begin(asker.page, { seeds: [...RUNNING, ...WAITING], profile: 'exact', nodes });
  await until(asker.page, 'spoke', 0, count);
  const at = Date.now();
  moment.strike(leader);
  await stopRuns(asker.page, 0, STOPPED);
  await until(asker.page, 'began', count);
  await until(asker.page, 'done', STOPPED, count);
  const runs = await runsOf(asker.page);
  await forgetRuns(asker.page);
  const streams = runs.slice(STOPPED, count);
  const problem = runs.find(({ problem: text }, index) => text !== '' && index >= STOPPED)?.problem;
  if (problem !== undefined) throw new Error(`An answer failed: ${problem}`);
  const isMissed = streams.some(({ doneAt }) => doneAt < at) || runs.slice(count).some(({ startedAt }) => startedAt < at);
  // An answer was shorter than it took to get here: nothing was seen.
  if (isMissed) return change(company, moment);
  return {
    gapMs: Math.max(...streams.map((run) => longestGap(run, at - 1000))),
    startsMs: runs.slice(count).map(({ startedAt }) => startedAt - at),
    moves: streams.reduce((sum, { moves }) => sum + moves, 0),
  };
}

/** @param {Run} run @param {number} from @returns {number} between two texts */
const longestGap = ({ heard }, from) => Math.max(0, ...heard.map(({ at }, index) => (at < from ? 0 : at - (heard[index - 1]?.at ?? at))));

/**
 * @param {How} how
 * @param {Change[]} lost
 * @param {Change[]} calm
 * @param {Change[]} stranger
 * @returns {Row[]}
 */
function leaderRows(how, lost, calm, stranger) {
  const title = how === 'SIGKILL' ? 'Orchestrator killed (SIGKILL)' : 'Orchestrator’s tab closed';
  const gaps = lost.map(({ gapMs }) => gapMs);
  // A browser that is closed takes its time of the two cores, whoever it was; one that is killed takes none.
  const usual = (how === 'close' ? stranger : calm).map(({ gapMs }) => gapMs);
  const without = how === 'close' ? `where a tab of no swarm is closed ${longestOf(usual)}` : `without it ${longestOf(usual)}`;
  const starts = lost.flatMap(({ startsMs }) => startsMs);
  const moves = lost.reduce((sum, change) => sum + change.moves, 0);
  return [
    {
      what: `${title}: longest gap in answers that run between others`,
      figure: `${longestOf(gaps)}; ${without}; ${moves} moved`,
      goal: `as without (${NOISE_MS} ms for noise)`,
      met: moves === 0 && median(gaps) <= Math.max(...usual) + NOISE_MS,
    },
    { what: `${title}: jobs of its queue start`, figure: `after ${longestOf(starts)}; without it after ${longestOf(calm.flatMap(({ startsMs }) => startsMs))}`, goal: `≤ ${WAIT_GOAL_MS[how] / 1000} s`, met: Math.max(...starts) <= WAIT_GOAL_MS[how] },
  ];
}
