/**
 * `--turn`: short-lived credentials for a TURN server that shares a secret with us, minted for each page that asks. The scheme is
 * the "TURN REST API" (draft-uberti-behave-turn-rest-00, section 2.2), coturn's `use-auth-secret`: the user's name is the time
 * at which it ends, the password its HMAC-SHA-1 under the secret. Owns the options and who may ask how often; the secret leaves
 * this module as credentials only.
 */
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { UsageError } from './options.mjs';

/** @typedef {import('../../src/protocol/signalling.ts').IceServer} IceServer */
/** @typedef {import('../../src/protocol/signalling.ts').MintedIce} MintedIce */
/** @typedef {{ urls: readonly string[], secret: string }} TurnServer */

/** Relative to the page; `llambo.json` says it. */
export const TURN_PATH = 'turn.json';
/** How long credentials are good to begin something with. A page renews them at half of it; coturn lets what has begun go on. */
export const TURN_SECONDS = 3600;
const URLS = 4;
/** As `src/protocol/signalling.ts` has it. */
const TEXT = 512;
/** Shorter ones can be guessed from a credential, which everybody gets, with as many tries as one likes (RFC 4226 asks for 128 bits). */
const SECRET_CHARS = 16;

/** What one address may ask for: a classroom behind one address opens the page at once; a page renews every half hour. */
export const TURN_LIMITS = { burst: 256, perSecond: 1, addresses: 4096 };

/**
 * @param {string} secret
 * @param {string} username
 * @returns {string} the password of that user
 */
export const credentialOf = (secret, username) => createHmac('sha1', secret).update(username).digest('base64');

/**
 * @param {TurnServer} turn
 * @param {number} now milliseconds since 1970
 * @returns {MintedIce}
 */
export function mint({ urls, secret }, now) {
  const username = `${Math.floor(now / 1000) + TURN_SECONDS}:llambo`;
  return { iceServers: [{ urls: [...urls], username, credential: credentialOf(secret, username) }], seconds: TURN_SECONDS };
}

/**
 * @param {{ turn: string | null, secretFile: string | null }} options `turn`: addresses with commas
 * @param {NodeJS.ProcessEnv} env `LLAMBO_TURN_SECRET` in place of a file: a command line is seen by everybody on the machine
 * @returns {Promise<TurnServer | null>} null without `turn`
 */
export async function turnServer({ turn, secretFile }, env) {
  const inEnv = env['LLAMBO_TURN_SECRET'] || null;
  if (turn === null) return secretFile === null ? null : refuse('--turn-secret-file needs --turn turn:host:3478.');
  const urls = turn.split(',');
  const isUrl = (/** @type {string} */ url) => url.length <= TEXT && /^turns?:[^\s]+$/.test(url);
  if (urls.length > URLS || !urls.every(isUrl)) return refuse(`--turn takes 1 to ${URLS} addresses with commas between them, each like turn:host:3478 or turns:host:5349?transport=tcp.`);
  if (secretFile === null && inEnv === null) return refuse('--turn needs the secret that the TURN server has: in a file (--turn-secret-file) or in LLAMBO_TURN_SECRET.');
  const secret = secretFile === null ? inEnv : (await readFile(secretFile, 'utf8').catch(() => refuse(`There is no file ${secretFile} that can be read.`))).trim();
  if (secret === null || secret.length < SECRET_CHARS) return refuse(`The TURN secret is shorter than ${SECRET_CHARS} characters. Make one: openssl rand -hex 32`);
  return { urls, secret };
}

/** @param {string} sentence @returns {never} */
function refuse(sentence) {
  throw new UsageError(sentence);
}

/**
 * @param {TurnServer} turn
 * @param {{ now?: () => number, limits?: typeof TURN_LIMITS }} [options] `now`: milliseconds since 1970
 * @returns {import('node:http').RequestListener} answers requests for {@link TURN_PATH}
 */
export function createTurnDesk(turn, { now = () => Date.now(), limits = TURN_LIMITS } = {}) {
  const mayAsk = createAllowances(limits);
  return (request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    // Browsers say where a request comes from. Other programs may say anything, and get what every visitor gets.
    if (request.headers['sec-fetch-site'] !== undefined && request.headers['sec-fetch-site'] !== 'same-origin') return void response.writeHead(403).end();
    const time = now();
    if (!mayAsk(request.socket.remoteAddress ?? '', time)) return void response.writeHead(429, { 'Retry-After': String(Math.ceil(1 / limits.perSecond)) }).end();
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(mint(turn, time)));
  };
}

/**
 * @param {typeof TURN_LIMITS} limits
 * @returns {(address: string, now: number) => boolean} whether that address may ask once more now
 */
function createAllowances({ burst, perSecond, addresses }) {
  /** @type {Map<string, { left: number, at: number }>} the one that asked last comes last */
  const known = new Map();
  return (address, now) => {
    const { left, at } = known.get(address) ?? { left: burst, at: now };
    const filled = Math.min(burst, left + (Math.max(0, now - at) / 1000) * perSecond);
    known.delete(address);
    known.set(address, { left: Math.max(0, filled - 1), at: now });
    if (known.size > addresses) known.delete(/** @type {string} */ (known.keys().next().value));
    return filled >= 1;
  };
}

/** @typedef {{ part: { turn?: string }, desk: import('node:http').RequestListener | null }} TurnSite `part` of `llambo.json` */

/** @param {TurnServer | null} turn @returns {TurnSite} */
export const turnSite = (turn) => (turn ? { part: { turn: TURN_PATH }, desk: createTurnDesk(turn) } : { part: {}, desk: null });

/** For Vite's own servers, which have no options of ours: `LLAMBO_TURN`, `LLAMBO_TURN_SECRET` or `LLAMBO_TURN_SECRET_FILE`. @param {NodeJS.ProcessEnv} env */
export const turnSiteOfEnv = async (env) => turnSite(await turnServer({ turn: env['LLAMBO_TURN'] || null, secretFile: env['LLAMBO_TURN_SECRET_FILE'] || null }, env));
