/** What is tried on each kind of network, and what must come of it. */
import { setTimeout as pause } from 'node:timers/promises';
import { median } from './bench-stats.mjs';
import { noDelay, RULES } from './network-hosts.mjs';
import { agreed, ask, candidatePairs, found, join, leadersOf, leave, nodeOf, QUESTION, shownRoundTrips, swarmOf, until } from './network-pages.mjs';
import { noTurn } from './network-turn.mjs';

/** @typedef {import('playwright').Page} Page */
/** @typedef {import('./bench-report.mjs').Row} Row */
/**
 * @typedef {object} Stage
 * @property {readonly string[]} hosts
 * @property {readonly Page[]} pages one of each host, ready, in no swarm
 * @property {import('./network-hosts.mjs').Network} network
 * @property {AbortSignal} signal
 * @property {(row: Row) => void} say
 */
/**
 * @typedef {object} Scenario
 * @property {readonly string[]} hosts
 * @property {number} [delayMs] on the cable of each host, each way
 * @property {boolean} [turn] `llambo.json` names a TURN server
 * @property {() => string | null} [missing] why it can't be done here
 * @property {string} rules for the switch, from before the pages open
 * @property {(stage: Stage) => Promise<void>} run
 */

const JOINS = 5;
const ANSWERS = 15;
/** Chromium checks a path every two or three seconds, and a page beats each second. */
const TRIPS_MS = 10_000;
/** `goal` of the first remote word: the round trip and this. */
const FIRST_WORD_MS = 10;
const JOIN_GOAL_MS = 2000;

const ms = (/** @type {number} */ value) => `${Math.round(value)} ms`;
const seconds = (/** @type {number} */ value) => `${(value / 1000).toFixed(1)} s`;
const range = (/** @type {readonly number[]} */ values) => `${ms(median(values))} (${Math.round(Math.min(...values))} to ${Math.round(Math.max(...values))})`;

/** @typedef {{ way: 'direct' | 'over TURN', near?: boolean, lossy?: boolean }} Path `near`: as on one machine */

/**
 * Two hosts: one founds, the other joins some times, and asks.
 *
 * @param {Stage} stage
 * @param {Path} path
 */
async function pair({ pages, signal, say }, { way: rightWay, near = false, lossy = false }) {
  const [founder, other] = /** @type {readonly [Page, Page]} */ (pages);
  const link = await found(founder);
  const joins = [];
  for (let count = 0; count < JOINS; count += 1) {
    if (count > 0) await leave(other);
    const { ms: took, problem } = await join(other, link);
    if (problem !== null) return say({ what: 'join', figure: problem, goal: 'in', met: false });
    await agreed(pages, signal);
    joins.push(took);
  }
  say({ what: `join, ${JOINS} times`, figure: range(joins), ...(near ? { goal: `≤ ${JOIN_GOAL_MS / 1000} s`, met: median(joins) <= JOIN_GOAL_MS } : {}) });
  const { value: pairs } = await until(async () => nonEmpty(await candidatePairs(other)), 'connected', signal, TRIPS_MS);
  const ways = pairs.map(({ way }) => way);
  say({ what: 'way of the packets (candidates here/there)', figure: ways.join(', '), goal: rightWay, met: ways.every((way) => way.includes('relay') === (rightWay === 'over TURN')) });
  await pause(TRIPS_MS, undefined, { signal });
  const [path] = await candidatePairs(other);
  const rttMs = path?.rttMs ?? NaN;
  const shown = (await shownRoundTrips(pages)).map((each) => (each === null ? 'none' : ms(each)));
  say({ what: 'round trip', figure: `${ms(rttMs)} (mean of the path’s own checks); the pages show ${shown.join(' and ')}` });
  // A lost packet costs more than a round trip: the other side must notice that it is missing.
  await compareAnswers(founder, other, lossy ? null : rttMs, say);
}

const nonEmpty = (/** @type {readonly { way: string, rttMs: number }[]} */ pairs) => (pairs.length > 0 ? pairs : null);

/**
 * @param {Page} owner of the node
 * @param {Page} asker
 * @param {number | null} rttMs null: no goal
 * @param {(row: Row) => void} say
 */
async function compareAnswers(owner, asker, rttMs, say) {
  const node = await nodeOf(owner);
  const local = [];
  const remote = [];
  for (let count = 0; count < ANSWERS; count += 1) {
    local.push(await ask(owner, node));
    remote.push(await ask(asker, node));
  }
  const same = new Set([...local, ...remote].map(({ text }) => text)).size === 1;
  say({ what: `“${QUESTION}” on the other host's node`, figure: same ? `word for word as there, ${ANSWERS} times` : 'another text than there', goal: 'the same text', met: same });
  const [here, there] = [local, remote].map((answers) => answers.map(({ firstMs }) => firstMs));
  if (!here || !there) return;
  const more = median(there) - median(here);
  say({ what: 'first text, remote − local', figure: `${ms(more)} (remote ${range(there)}, local ${range(here)})`, ...(rttMs === null ? {} : { goal: `≤ round trip + ${FIRST_WORD_MS} ms`, met: more <= rttMs + FIRST_WORD_MS }) });
}

/** @param {Stage} stage nobody reaches anybody, and there is no TURN server */
async function blocked({ pages: [founder, other], say }) {
  if (!founder || !other) return;
  const link = await found(founder);
  const { ms: took, problem } = await join(other, link);
  const info = await swarmOf(other);
  const end = problem ?? `state “${info?.state}”, alone in a swarm of ${info?.peers.length}, problem: ${info?.problem?.message ?? 'none'}`;
  say({ what: 'join', figure: `ends after ${seconds(took)}: ${end}`, goal: 'a reason within 20 s', met: took <= 20_000 && (problem ?? info?.problem ?? null) !== null });
}

/** @param {Stage} stage three hosts in a row: the first and the last never reach each other */
async function row({ pages, signal, say }) {
  const [first, middle, last] = /** @type {readonly [Page, Page, Page]} */ (pages);
  const link = await found(first);
  say({ what: 'the middle joins', figure: outcomeOf(await join(middle, link)) });
  await agreed([first, middle], signal);
  // From then on the last can meet it at its door.
  await until(async () => ((await swarmOf(middle))?.signalling === 'up' ? true : null), 'at a signalling server', signal);
  say({ what: 'the last joins', figure: outcomeOf(await join(last, link)) });
  const { ms: took } = await agreed(pages, signal);
  say({ what: 'until all three agree', figure: seconds(took) });
  const self = (await swarmOf(last))?.self;
  const look = async () => (await swarmOf(first))?.peers.find(({ id }) => id === self)?.path ?? null;
  const { value: path, ms: linked } = await until(look, 'linked from end to end', signal);
  say({ what: 'link from end to end', figure: `${path} after ${seconds(linked)} more`, goal: 'relayed by the middle', met: path === 'relayed' });
  const [rttMs] = (await shownRoundTrips([first, last])).filter((each) => each !== null);
  say({ what: 'round trip from end to end', figure: rttMs === undefined ? 'not known' : `the pages show ${ms(rttMs)}` });
  await compareAnswers(first, last, null, say);
}

/** @param {{ ms: number, problem: string | null }} result */
const outcomeOf = ({ ms: took, problem }) => (problem === null ? ms(took) : `after ${ms(took)}: ${problem}`);

/** @param {Stage} stage */
async function partition({ hosts, pages, network, signal, say }) {
  const [founder, ...others] = /** @type {readonly [Page, ...Page[]]} */ (pages);
  const link = await found(founder);
  for (const page of others) {
    const { problem } = await join(page, link);
    if (problem !== null) throw new Error(problem);
  }
  for (const length of [12_000, 40_000]) {
    for (const role of /** @type {const} */ (['a member', 'the leader'])) {
      const { value: before } = await agreed(pages, signal);
      const infos = await Promise.all(pages.map(swarmOf));
      const index = infos.findIndex((info) => (info?.self === before.leader) === (role === 'the leader'));
      network.setRules(RULES.cut(hosts[index] ?? ''));
      await pause(length, undefined, { signal });
      const sizes = (await Promise.all(pages.map(swarmOf))).map((info) => info?.peers.length);
      network.setRules(RULES.none);
      const { value: after, ms: took } = await agreed(pages, signal);
      say({
        what: `${role} is cut off for ${length / 1000} s`,
        figure: `all agree again ${seconds(took)} after it is back (it saw ${sizes[index]} of ${pages.length}, the others ${sizes.filter((_, other) => other !== index).join(' and ')}; term ${before.term} → ${after.term}${before.leader === after.leader ? ', same leader' : ', another leader'})`,
        goal: '≤ 15 s', met: took <= 15_000,
      });
    }
  }
  /** @type {Map<number, Set<string>>} */
  const seen = new Map();
  for (const page of pages) for (const [term, leader] of await leadersOf(page)) seen.set(term, (seen.get(term) ?? new Set()).add(leader));
  const most = Math.max(...[...seen.values()].map(({ size }) => size));
  say({ what: 'leaders that anybody accepted in one term', figure: `${most} at most, in ${seen.size} terms`, goal: '1', met: most === 1 });
}

const LOSS = RULES.loss(5);
const APART = RULES.apart([['a', 'b']]);
const TWO = ['a', 'b'];
const THREE = ['a', 'b', 'c'];

/** @type {Record<string, Scenario & { title: string }>} */
export const SCENARIOS = {
  direct: { title: 'Direct', hosts: TWO, rules: RULES.none, run: (stage) => pair(stage, { way: 'direct', near: true }) },
  loss: { title: '5 % of packets lost', hosts: TWO, rules: LOSS, run: (stage) => pair(stage, { way: 'direct', lossy: true }) },
  delay: { title: '100 ms from host to host', hosts: TWO, delayMs: 50, rules: RULES.none, missing: noDelay, run: (stage) => pair(stage, { way: 'direct' }) },
  'lossy-delay': { title: '100 ms from host to host, 5 % lost', hosts: TWO, delayMs: 50, rules: LOSS, missing: noDelay, run: (stage) => pair(stage, { way: 'direct', lossy: true }) },
  turn: { title: 'No direct way, TURN server', hosts: TWO, turn: true, missing: noTurn, rules: APART, run: (stage) => pair(stage, { way: 'over TURN' }) },
  blocked: { title: 'No direct way, no TURN server', hosts: TWO, rules: APART, run: blocked },
  row: { title: 'No direct way between the first and the last of three', hosts: THREE, rules: RULES.apart([['a', 'c']]), run: row },
  partition: { title: 'A host of three is cut off', hosts: THREE, rules: RULES.none, run: partition },
};
