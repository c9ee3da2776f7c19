/** What it costs when a node dies in mid-answer. Browsers of their own, the built-in engine. */
import { begin, Company, forgetRuns, HOWS, ownNodes, prefillMs, runsOf, stopRuns, until } from './bench-own-tabs.mjs';
import { longestOf, milliseconds as ms } from './bench-report.mjs';
import { median } from './bench-stats.mjs';

/** @typedef {import('./bench-own-tabs.mjs').OwnTab} OwnTab */
/** @typedef {import('./bench-own-tabs.mjs').Run} Run */
/** @typedef {import('./bench-report.mjs').Row} Row */
/** @typedef {import('./bench-own-tabs.mjs').How} How */

/** Silence on a running stream is noticed after this (`failover.silence`). */
const SILENCE_MS = 2000;
const SLACK_MS = 500;
const PREFILL_FACTOR = 1.3;
const REPLAY_FACTOR = 1.2;
/** Answers before each death: one in twenty tasks may be a hedge, and a silent node is found by one. */
const QUESTIONS_BEFORE = 20;
/**
 * @param {string} url
 * @param {number} repeats
 * @returns {Promise<Row[]>}
 */
export async function nodeLost(url, repeats) {
  const company = new Company(url, 3);
  /** @type {Row[]} */
  const rows = [];
  try {
    for (const how of HOWS) {
      /** @type {Moved[]} */
      const chats = [];
      while (chats.length < repeats) chats.push(await moveChat(company, how, 11 + chats.length));
      /** @type {Replayed[]} */
      const replays = [];
      while (replays.length < repeats) replays.push(await replay(company, how, 11 + replays.length));
      rows.push(...nodeRows(how, chats, replays));
    }
  } finally {
    await company.end();
  }
  return rows;
}

/** @typedef {{ nextMs: number, noticedMs: number, prefill: number }} Moved */

/** One answer on one of two nodes, which dies. @param {Company} company @param {How} how @param {number} seed @param {'chat' | 'exact'} profile */
async function lose(company, how, seed, profile) {
  const { leader: asker, others } = await company.gather();
  const nodes = await Promise.all(others.map(({ page }) => ownNodes(page)));
  // Warm: the first answers of a fresh engine are slower.
  for (const [node] of nodes) await undisturbed(asker, seed, /** @type {string} */ (node));
  await asker.page.evaluate(async (count) => {
    for (let index = 0; index < count; index += 1) await llambo.ask('What is 47 + 38?', { profile: 'exact', temperature: 0, maxTokens: 2 }).done;
  }, QUESTIONS_BEFORE);
  await forgetRuns(asker.page);
  await begin(asker.page, { seeds: [seed], profile, nodes: nodes.flat() });
  await until(asker.page, 'spoke', 0);
  const [{ node }] = /** @type {[Run]} */ (await runsOf(asker.page));
  const index = nodes.findIndex((own) => own.includes(node));
  const at = company.lose(/** @type {OwnTab} */ (others[index]), how);
  return { asker, at, survivor: /** @type {string} */ (nodes[1 - index]?.[0]) };
}

/** @param {OwnTab} asker @param {number} seed @param {string} node @returns {Promise<Run>} the same answer on that node, when nobody dies */
async function undisturbed(asker, seed, node) {
  await forgetRuns(asker.page);
  await begin(asker.page, { seeds: [seed], profile: 'exact', nodes: [node] });
  await until(asker.page, 'done', 0);
  const [run] = /** @type {[Run]} */ (await runsOf(asker.page));
  if (run.problem !== '') throw new Error(`An undisturbed answer failed: ${run.problem}`);
  return run;
}

/** @param {Run} run @param {number} at @param {How} how */
function noticeOf({ heard, movedAt }, at, how) {
  const last = heard.filter((word) => word.at < movedAt).at(-1)?.at ?? at;
  // A closed tab says so.
  return how === 'close' ? at : last + SILENCE_MS;
}

/** @param {Company} company @param {How} how @param {number} seed @returns {Promise<Moved>} */
async function moveChat(company, how, seed) {
  const { asker, at, survivor } = await lose(company, how, seed, 'chat');
  await until(asker.page, 'moved on', 0);
  await stopRuns(asker.page, 0);
  const [run] = /** @type {[Run]} */ (await runsOf(asker.page));
  if (run.moves === 0) throw new Error(`The answer ended before its node: ${run.problem || 'too early'}.`);
  const next = /** @type {{ at: number }} */ (run.heard.find((word) => word.at >= run.movedAt)).at;
  const soFar = run.text.slice(0, run.heard.filter((word) => word.at < run.movedAt).at(-1)?.length ?? 0);
  const prefills = [];
  while (prefills.length < 3) prefills.push(await prefillMs(asker.page, survivor, soFar));
  return { nextMs: next - at, noticedMs: next - noticeOf(run, at, how), prefill: median(prefills) };
}

/** @typedef {{ nextMs: number, noticedMs: number, undisturbedMs: number, isSame: boolean }} Replayed */

/** @param {Company} company @param {How} how @param {number} seed @returns {Promise<Replayed>} */
async function replay(company, how, seed) {
  const { asker, at, survivor } = await lose(company, how, seed, 'exact');
  await until(asker.page, 'done', 0);
  const [run] = /** @type {[Run]} */ (await runsOf(asker.page));
  if (run.moves === 0 || run.problem !== '') throw new Error(`The answer did not move: ${run.problem || 'it ended before its node'}.`);
  const next = /** @type {{ at: number }} */ (run.heard.find((word) => word.at >= run.movedAt)).at;
  const alone = await undisturbed(asker, seed, survivor);
  return { nextMs: next - at, noticedMs: run.doneAt - noticeOf(run, at, how), undisturbedMs: alone.doneAt - alone.askedAt, isSame: run.text === alone.text };
}

/**
 * @param {How} how
 * @param {Moved[]} chats
 * @param {Replayed[]} replays
 * @returns {Row[]}
 */
function nodeRows(how, chats, replays) {
  const title = how === 'SIGKILL' ? 'Node killed in mid-answer (SIGKILL)' : 'Node’s tab closed in mid-answer';
  const late = chats.map(({ noticedMs, prefill }) => noticedMs - PREFILL_FACTOR * prefill);
  const ratios = replays.map(({ noticedMs, undisturbedMs }) => noticedMs / undisturbedMs);
  const same = replays.filter(({ isSame }) => isSame).length;
  return [
    {
      what: `${title}, chat: next word`,
      figure: `${longestOf(chats.map(({ nextMs }) => nextMs))} after it; beyond the notice and 1.3 × prefill (${ms(median(chats.map(({ prefill }) => prefill)))}): ${longestOf(late)}`,
      goal: `≤ ${SLACK_MS} ms beyond`,
      met: Math.max(...late) <= SLACK_MS,
    },
    {
      what: `${title}, exact: whole answer, from the notice on`,
      figure: `${median(ratios).toFixed(2)} × undisturbed (${ms(median(replays.map(({ undisturbedMs }) => undisturbedMs)))}), longest ${Math.max(...ratios).toFixed(2)}; next new word ${longestOf(replays.map(({ nextMs }) => nextMs))} after it`,
      goal: `≤ ${REPLAY_FACTOR}`,
      met: median(ratios) <= REPLAY_FACTOR,
    },
    { what: `${title}, exact: words lost, doubled or changed`, figure: `${same} of ${replays.length} answers equal the undisturbed ones`, goal: 'all', met: same === replays.length },
  ];
}
