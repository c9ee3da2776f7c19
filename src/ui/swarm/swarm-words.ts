/** A swarm in words: for the button, the list, the picture's text and the announcements. Pure. */
import type { NodeInfo } from '../../protocol/engine-node.ts';
import type { PeerInfo, SwarmInfo } from '../../protocol/peer.ts';
import type { DeviceId } from '../../shared/ids.ts';
import { formatDuration, formatSpeed, plural } from '../format.ts';
import { safeText } from './safe-text.ts';

export type Health = 'joining' | 'in' | 'trouble';

/** A dot's worth: what an eye should catch. */
export function healthOf({ state, leader, problem, provisional, signalling, peers }: SwarmInfo): Health {
  if (state === 'failed') return 'trouble';
  if (state === 'joining') return 'joining';
  // Whoever is left alone by one that died without a word stays provisional: alone is no trouble, cut off in company may be.
  if (problem !== null || (provisional && peers.length > 1) || signalling === 'down') return 'trouble';
  return leader === null ? 'joining' : 'in';
}

export const leaderOf = (swarm: SwarmInfo): PeerInfo | undefined => swarm.peers.find(({ id }) => id === swarm.leader);

/** "Anna leads", "you lead", "choosing a leader". */
export function whoLeads(swarm: SwarmInfo, longest?: number): string {
  const leader = leaderOf(swarm);
  if (!leader) return 'choosing a leader';
  return leader.self ? 'you lead' : `${safeText(leader.name, longest)} leads`;
}

/** Whom it leads if that may not be all of them: " for those in reach", else nothing. */
export const whomItLeads = ({ leader, provisional, peers }: SwarmInfo): string =>
  leader !== null && provisional && peers.length > 1 ? ' for those in reach' : '';

/** What a newcomer hears whom a person must let in. */
export const LET_IN = 'Somebody in the swarm must let you in.';

/** The start of a device's id, to be read aloud: enough that nobody finds another key with the same in a lifetime of one door. */
export const deviceCode = (device: DeviceId): string => `${device.slice(0, 4)} ${device.slice(4, 8)}`;

export function buttonText(swarm: SwarmInfo | null): string {
  if (swarm === null) return 'Start or join a swarm';
  if (swarm.state === 'joining') return 'Joining the swarm';
  if (swarm.state === 'failed') return 'Could not join';
  const knocking = swarm.gate?.knocking.length ?? 0;
  return `${plural(swarm.peers.length, 'peer')} · ${knocking > 0 ? `${knocking} at the door` : whoLeads(swarm, 24)}`;
}

/** What the button's dot means, in words. */
export function healthText(swarm: SwarmInfo): string {
  const health = healthOf(swarm);
  if (health === 'joining') return swarm.state === 'joining' ? 'joining' : 'choosing a leader';
  return health === 'in' ? 'all is well' : 'something is not as it should be';
}

/** How this tab and that peer are linked. */
export function linkText({ link, path, rttMs }: PeerInfo): string {
  switch (link) {
    case 'self':
      return 'this tab';
    case 'none':
      return 'via others';
    case 'suspect':
      return 'silent for a while';
    case 'direct':
      return [path === null ? 'direct' : PATHS[path], rttMs === null ? '' : formatDuration(rttMs)].filter(Boolean).join(', ');
  }
}

const PATHS: Readonly<Record<NonNullable<PeerInfo['path']>, string>> = {
  webrtc: 'direct',
  broadcast: 'same browser',
  relayed: 'over another tab',
  simulated: 'simulated',
};

/** Its engines at a glance: "2 engines, 1 writing". */
export function enginesText({ nodes }: PeerInfo): string {
  if (nodes.length === 0) return 'no engines';
  const writing = nodes.filter(({ state }) => state === 'busy').length;
  const failed = nodes.filter(({ state }) => state === 'error').length;
  return [plural(nodes.length, 'engine'), writing > 0 ? `${writing} writing` : '', failed > 0 ? `${failed} failed` : ''].filter(Boolean).join(', ');
}

const STATES: Readonly<Record<NodeInfo['state'], string>> = {
  loading: 'loading',
  idle: 'ready',
  busy: 'writing',
  error: 'failed',
  stopped: 'stopped',
};

export function nodeFacts({ state, shared, slots, busy, waiting, tokensPerSecond }: NodeInfo): readonly string[] {
  return [
    STATES[state],
    slots > 0 ? `${busy} of ${plural(slots, 'slot')} busy` : '',
    waiting > 0 ? `${waiting} waiting` : '',
    tokensPerSecond > 0 ? formatSpeed(tokensPerSecond) : '',
    shared ? '' : 'not shared',
  ].filter(Boolean);
}

/** It can be asked: it has a model and lives, and its peer works for others with it. */
export const canAsk = (node: NodeInfo, { self, sharing }: PeerInfo): boolean =>
  node.model !== null && node.slots > 0 && (node.state === 'idle' || node.state === 'busy') && (self || (node.shared && sharing.slots > 0));

/** The essentials of the picture, for those who can't see it. The list under it has the rest. */
export function pictureText(swarm: SwarmInfo, links: number): string {
  const { peers } = swarm;
  const others = peers.filter(({ self }) => !self);
  const direct = others.filter(({ link }) => link === 'direct' || link === 'suspect').length;
  const silent = others.filter(({ link }) => link === 'suspect').map(({ name }) => safeText(name));
  return [
    `${plural(peers.length, 'peer')} and ${plural(links, 'link')}`,
    whoLeads(swarm),
    others.length === 0 ? '' : `you are linked with ${direct} of ${others.length} directly`,
    silent.length === 0 ? '' : `silent for a while: ${silent.slice(0, 3).join(', ')}${silent.length > 3 ? ' and others' : ''}`,
  ].filter(Boolean).join('; ');
}

/** @param names "Anna", "Anna and Ben", "5 peers" */
const gathered = (names: readonly string[]): string => (names.length > 2 ? `${names.length} peers` : names.join(' and '));

/** What a person who listens should hear when the swarm went from one value to another; empty: nothing. */
export function newsOf(before: SwarmInfo | null, now: SwarmInfo | null): string {
  if (now === null) return before?.state === 'in' ? 'You left the swarm.' : '';
  if (now.state === 'failed') return before?.state === 'failed' ? '' : `Joining the swarm failed. ${now.problem?.message ?? ''}`.trim();
  if (now.state === 'joining') return now.waiting && !before?.waiting ? LET_IN : '';
  if (before?.state !== 'in' || before.room !== now.room) return `You are in the swarm: ${plural(now.peers.length, 'peer')}, ${whoLeads(now)}.`;
  return [...changes(before, now)].join(' ');
}

function* changes(before: SwarmInfo, now: SwarmInfo): Iterable<string> {
  const missing = (from: SwarmInfo, of: SwarmInfo): string[] => {
    const here = new Set(from.peers.map(({ id }) => id));
    return of.peers.filter(({ id }) => !here.has(id)).map(({ name }) => safeText(name));
  };
  const known = new Set(before.gate?.knocking.map(({ device }) => device));
  const knocking = (now.gate?.knocking ?? []).filter(({ device }) => !known.has(device)).map(({ name }) => safeText(name));
  if (knocking.length > 0) yield `${knocking.length > 2 ? `${knocking.length} devices` : knocking.join(' and ')} ${knocking.length === 1 ? 'wants' : 'want'} to come in.`;
  const joined = missing(before, now);
  const left = missing(now, before);
  if (joined.length > 0) yield `${gathered(joined)} joined.`;
  if (left.length > 0) yield `${gathered(left)} left.`;
  if (now.leader !== null && now.leader !== before.leader) yield leaderOf(now)?.self ? 'You lead the swarm now.' : `${whoLeads(now)} now.`;
  if (now.signalling === 'down' && before.signalling === 'up') yield 'Newcomers can’t find the swarm at the moment.';
}
