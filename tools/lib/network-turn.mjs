/** A TURN server of our own: coturn, on the hub, as nobody, with a secret that it shares with the site. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HUB_ADDRESS } from './network-hosts.mjs';

const PORT = 3478;
const COTURN = '/usr/bin/turnserver';

/** @returns {string | null} why there is no TURN server; null if there is one */
export const noTurn = () => (existsSync(COTURN) ? null : 'coturn is not installed: apt-get install coturn');

/**
 * @param {import('./network-hosts.mjs').Network} network
 * @param {string} temporary a folder for its files, of which none matters
 * @returns {Promise<{ turn: string, secretFile: string }>} what `npm start` would be told, to mint credentials for it
 */
export async function startTurn(network, temporary) {
  const folder = join(temporary, 'turn');
  const secretFile = join(temporary, 'turn-secret');
  const secret = randomBytes(24).toString('base64url');
  writeFileSync(secretFile, secret, { mode: 0o600 });
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
  return { turn: `turn:${HUB_ADDRESS}:${PORT}?transport=udp`, secretFile };
}
