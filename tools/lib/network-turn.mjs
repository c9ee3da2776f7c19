/** A TURN server of our own: coturn, on the hub, as nobody, with credentials that end. */
import { execFileSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HUB_ADDRESS } from './network-hosts.mjs';

const PORT = 3478;
/** Longer than any run. */
const CREDENTIAL_SECONDS = 3600;
const COTURN = '/usr/bin/turnserver';

/** @returns {string | null} why there is no TURN server; null if there is one */
export const noTurn = () => (existsSync(COTURN) ? null : 'coturn is not installed: apt-get install coturn');

/**
 * @param {string} secret that the server has too
 * @param {number} now milliseconds since 1970
 * @returns {import('../../src/protocol/signalling.ts').IceServer} as whoever serves the page would mint it (draft-uberti-behave-turn-rest)
 */
export function turnEntry(secret, now) {
  const username = `${Math.floor(now / 1000) + CREDENTIAL_SECONDS}:llambo`;
  return { urls: [`turn:${HUB_ADDRESS}:${PORT}?transport=udp`], username, credential: createHmac('sha1', secret).update(username).digest('base64') };
}

/** @returns {string} */
export const newSecret = () => randomBytes(24).toString('base64url');

/**
 * @param {import('./network-hosts.mjs').Network} network
 * @param {string} secret
 * @param {string} temporary a folder for its files, of which none matters
 */
export async function startTurn(network, secret, temporary) {
  const folder = join(temporary, 'turn');
  execFileSync('install', ['-d', '-o', 'nobody', '-g', 'nogroup', folder]);
  const options = {
    'listening-ip': HUB_ADDRESS,
    'relay-ip': HUB_ADDRESS,
    'listening-port': String(PORT),
    realm: 'llambo',
    'static-auth-secret': secret,
    'log-file': 'stdout',
    pidfile: join(folder, 'turn.pid'),
    userdb: join(folder, 'turn.db'),
  };
  const flags = ['-n', '--use-auth-secret', '--fingerprint', '--no-cli', '--no-tls', '--no-dtls', '--no-tcp', '--simple-log', '--verbose'];
  const asNobody = ['--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups', '--'];
  await network.start('hub', 'setpriv', [...asNobody, COTURN, ...flags, ...Object.entries(options).map(([name, value]) => `--${name}=${value}`)], 'UDP listener opened');
}
