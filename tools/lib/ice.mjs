/**
 * What `--ice` means: the `iceServers` of `llambo.json`, as JSON or as a file with it. Knows their shape as
 * `src/protocol/signalling.ts` has it, which a tool can't import; a test compares them.
 */
import { readFile } from 'node:fs/promises';
import { UsageError } from './options.mjs';

/** @typedef {import('../../src/protocol/signalling.ts').IceServer} IceServer */

const KEYS = ['urls', 'username', 'credential'];
const SERVERS = 8;
const URLS = 4;
const TEXT = 512;

/**
 * @param {string | null} choice JSON, or a path
 * @returns {Promise<{ iceServers?: readonly IceServer[] }>} a part of `llambo.json`
 */
export async function iceConfig(choice) {
  if (choice === null) return {};
  const isJson = choice.trimStart().startsWith('[');
  const text = isJson ? choice : await readFile(choice, 'utf8').catch(() => refuse(`There is no file ${choice} that can be read.`));
  return { iceServers: parse(text) };
}

/** @param {string} text @returns {readonly IceServer[]} */
function parse(text) {
  /** @type {unknown} */
  let servers;
  try {
    servers = JSON.parse(text);
  } catch (error) {
    return refuse(`It is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!Array.isArray(servers) || servers.length > SERVERS) return refuse(`It takes a list of at most ${SERVERS} servers.`);
  for (const server of servers) {
    const wrong = whatIsWrong(server);
    if (wrong !== null) refuse(wrong);
  }
  return servers;
}

/** @param {unknown} server @returns {string | null} */
function whatIsWrong(server) {
  if (typeof server !== 'object' || server === null) return 'Each server is an object with "urls".';
  const unknown = Object.keys(server).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) return `A server has "${KEYS.join('", "')}", and no "${unknown}".`;
  const { urls, username, credential } = /** @type {Record<string, unknown>} */ (server);
  const isUrl = (/** @type {unknown} */ url) => typeof url === 'string' && url.length <= TEXT && /^(stun|stuns|turn|turns):[^\s]+$/.test(url);
  if (!Array.isArray(urls) || urls.length === 0 || urls.length > URLS || !urls.every(isUrl)) return `"urls" is a list of 1 to ${URLS} addresses that start with stun:, stuns:, turn: or turns:.`;
  if (![username, credential].every((each) => each === undefined || (typeof each === 'string' && each !== '' && each.length <= TEXT))) return `"username" and "credential" are texts of at most ${TEXT} characters.`;
  return null;
}

/** @param {string} sentence @returns {never} */
function refuse(sentence) {
  throw new UsageError(`--ice: ${sentence}`);
}
