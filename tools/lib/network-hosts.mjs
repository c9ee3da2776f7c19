/**
 * Several hosts on one machine: network namespaces, each with a cable to a switch, and what goes wrong on the way between
 * them. Everything is in namespaces, the switch and its rules too, so that they take everything with them when they go.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastLine, run } from './processes.mjs';

/** Seen inside the namespaces only, so that it may be anybody's outside. */
const SUBNET = '10.99.0';
export const HUB_ADDRESS = `${SUBNET}.1`;
const PREFIX = 'llambo-net-';
const WIRE = join(import.meta.dirname, 'network-wire.py');
/** A tool that starts says so sooner. */
const START_MS = 10_000;

/**
 * @typedef {object} Network
 * @property {(name: string, command: string, args: string[], isReady: string) => Promise<void>} start runs it on a host, or on the `hub`
 *   with the site; resolves when it says `isReady`, and ends it with the network
 * @property {(host: string, command: string) => string} wrapper a script that runs the command on that host
 * @property {(rules: string) => void} setRules for the switch, in place of those that were there: lines of an nft table of family `bridge`
 * @property {() => Promise<void>} close
 */

const ip = (/** @type {string[]} */ ...args) => execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** @returns {string[]} */
const namespaces = () => ip('netns', 'list').split('\n').flatMap((line) => line.split(' ').slice(0, 1)).filter((name) => name.startsWith(PREFIX));

/** @returns {string | null} why a cable can't be long here; null if it can */
export function noDelay() {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'Python 3 is missing: apt-get install python3';
  }
}

/** What a run left that was ended before it could clean up. */
export function removeLeftovers() {
  for (const name of namespaces()) {
    const [owner = ''] = name.slice(PREFIX.length).split('-');
    if (!existsSync(`/proc/${owner}`)) removeNamespace(name);
  }
}

/** @param {string} name */
function removeNamespace(name) {
  // Whoever is in there was started by us.
  for (const pid of ip('netns', 'pids', name).split('\n').filter(Boolean)) kill(Number(pid));
  ip('netns', 'del', name);
}

/** @param {number} pid */
function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}

/**
 * @param {readonly string[]} hosts names of one letter
 * @param {{ folder: string, delayMs?: number, signal: AbortSignal }} options `delayMs`: what each host's cable takes, each way
 * @returns {Promise<Network>}
 */
export async function createNetwork(hosts, { folder, delayMs = 0, signal }) {
  const life = new AbortController();
  const both = AbortSignal.any([signal, life.signal]);
  /** @type {Promise<unknown>[]} */
  const running = [];
  const spaceOf = (/** @type {string} */ name) => `${PREFIX}${process.pid}-${name}`;
  const hub = spaceOf('hub');

  /** @type {Network['start']} */
  async function start(name, command, args, isReady) {
    let said = '';
    const ready = new Promise((/** @type {(value?: void) => void} */ resolve, reject) => {
      const onData = (/** @type {Buffer} */ chunk) => {
        said += chunk.toString();
        if (said.includes(isReady)) resolve();
      };
      const ending = run('ip', ['netns', 'exec', spaceOf(name), command, ...args], { signal: both, onData });
      running.push(ending.catch(() => undefined));
      ending.then(({ output }) => reject(new Error(`${command} ended: ${lastLine(output || said)}`)), reject);
    });
    const late = AbortSignal.timeout(START_MS);
    await Promise.race([
      ready,
      new Promise((_, reject) => late.addEventListener('abort', () => reject(new Error(`${command} did not say "${isReady}", but: ${lastLine(said)}`)))),
    ]);
  }

  /** @param {string} host */
  const plugOf = (host) => `p${host}`;

  /** @param {string} host @param {string} address */
  async function plugIn(host, address) {
    const space = spaceOf(host);
    const onHost = (/** @type {string} */ line) => ip('-n', space, ...line.split(' '));
    const onHub = (/** @type {string} */ line) => ip('-n', hub, ...line.split(' '));
    ip('netns', 'add', space);
    onHost('link set lo up');
    // With delay the cable has two parts, and a program between them.
    const plug = delayMs > 0 ? `q${host}` : plugOf(host);
    onHub(`link add ${plug} type veth peer name eth0 netns ${space}`);
    if (delayMs > 0) onHub(`link add r${host} type veth peer name ${plugOf(host)}`);
    onHub(`link set ${plugOf(host)} master br0`);
    for (const each of delayMs > 0 ? [plug, `r${host}`, plugOf(host)] : [plug]) onHub(`link set ${each} up`);
    onHost(`addr add ${address}/24 dev eth0`);
    onHost('link set eth0 up');
    // Chromium takes no interface for WebRTC that has none.
    onHost(`route add default via ${HUB_ADDRESS}`);
    if (delayMs === 0) return;
    for (const [name, device] of /** @type {const} */ ([[host, 'eth0'], ['hub', plugOf(host)]])) await finish(name, 'python3', [WIRE, 'plain', device]);
    await start('hub', 'python3', [WIRE, 'cable', String(delayMs), plug, `r${host}`], 'ready');
  }

  /** @param {string} name @param {string} command @param {string[]} args */
  async function finish(name, command, args) {
    const { code, output } = await run('ip', ['netns', 'exec', spaceOf(name), command, ...args], { signal: both });
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${lastLine(output)}`);
  }

  async function close() {
    life.abort(new Error('The network is closed.'));
    await Promise.all(running);
    for (const name of namespaces()) if (name.startsWith(spaceOf(''))) removeNamespace(name);
  }

  try {
    ip('netns', 'add', hub);
    for (const line of ['link set lo up', 'link add br0 type bridge', `addr add ${HUB_ADDRESS}/24 dev br0`, 'link set br0 up']) ip('-n', hub, ...line.split(' '));
    for (const [index, host] of hosts.entries()) await plugIn(host, `${SUBNET}.${index + 11}`);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    start,
    wrapper(host, command) {
      const path = join(folder, `on-${host}`);
      writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${spaceOf(host)} ${command} "$@"\n`);
      chmodSync(path, 0o755);
      return path;
    },
    setRules(rules) {
      const input = `table bridge faults\ndelete table bridge faults\ntable bridge faults {\n${rules}\n}\n`;
      execFileSync('ip', ['netns', 'exec', hub, 'nft', '-f', '-'], { input, stdio: ['pipe', 'pipe', 'pipe'] });
    },
    close,
  };
}

/** What can go wrong between hosts, as rules for the switch. */
export const RULES = {
  none: '',
  /** Of all that hosts send, to each other and to the site. @param {number} percent */
  loss: (percent) => chain('prerouting', `numgen random mod 100 < ${percent} drop`),
  /** Hosts reach the hub, but not each other. @param {readonly (readonly [string, string])[]} pairs */
  apart: (pairs) => chain('forward', ...pairs.flatMap(([one, other]) => [`iifname "p${one}" oifname "p${other}" drop`, `iifname "p${other}" oifname "p${one}" drop`])),
  /** A host that reaches nobody. @param {string} host */
  cut: (host) => [chain('prerouting', `iifname "p${host}" drop`), chain('postrouting', `oifname "p${host}" drop`)].join('\n'),
};

/** @param {'prerouting' | 'forward' | 'postrouting'} hook @param {string[]} rules */
const chain = (hook, ...rules) => `chain ${hook} {\ntype filter hook ${hook} priority 0\n${rules.join('\n')}\n}`;
