/** A swarm in every state that the page can show: for the gallery, for screenshots, for tests. Made up, but for the shapes. */
import type { NodeInfo } from '../protocol/engine-node.ts';
import type { GateInfo, PeerInfo, SwarmInfo } from '../protocol/peer.ts';
import type { Snapshot } from '../protocol/snapshot.ts';
import { nodeAddress, type DeviceId, type PeerId, type RoomId } from '../shared/ids.ts';
import { assistant, base, doneReply, user } from './ui-fixtures.ts';

const NAMES = ['Anna’s laptop', 'Workshop PC', 'Llama k4qz', 'Pablo’s phone', 'Library 3', 'Mika', 'A very long name that somebody chose', 'חדר מחשבים', 'evil\u202egnp.exe', 'Kitchen tablet', 'Desk', 'Lab 12'];
const MODELS = ['SmolLM2 135M Instruct', 'Llambo Tiny 1', 'Qwen2.5 0.5B Instruct'];
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** @returns 20 characters, as of a real one, different for each index. */
export const peerId = (index: number): PeerId => `${ALPHABET[index % 32]!}${ALPHABET[(index * 7 + 3) % 32]!}${ALPHABET[Math.floor(index / 32)]!}`.padEnd(20, 'q3x7m') as PeerId;

function swarmNode(peer: PeerId, index: number, change: Partial<NodeInfo> = {}): NodeInfo {
  return {
    address: nodeAddress(peer, `n${index}`), peer, local: false, shared: true, state: 'idle',
    model: { id: `model-${index}`, name: MODELS[index % MODELS.length]!, tier: 'tiny', hash: null, contextTokens: 2048 },
    slots: 2, busy: 0, waiting: 0, threads: 2, tokensPerSecond: 12 + ((peer.charCodeAt(1) * 7) % 40), prefillPerSecond: 200, restarts: 0, memoryBytes: 320_000_000, ...change,
  };
}

function nodesOf(peer: PeerId, index: number): readonly NodeInfo[] {
  const count = index === 3 ? 0 : 1 + (index % 3);
  return Array.from({ length: count }, (_, node) => {
    if (index % 5 === 1 && node === 0) return swarmNode(peer, node, { state: 'busy', busy: 1, waiting: index % 4 });
    if (index % 11 === 7) return swarmNode(peer, node, { state: 'loading', model: null, slots: 0, tokensPerSecond: 0 });
    if (index % 13 === 4 && node === 0) return swarmNode(peer, node, { state: 'error', problem: 'The engine stopped.' });
    return swarmNode(peer, node);
  });
}

/** Every peer linked with every other up to twelve; beyond, with the leader, its deputy and one more. */
function linksOf(index: number, count: number): readonly PeerId[] {
  const all = Array.from({ length: count }, (_, other) => other).filter((other) => other !== index);
  const hub = (one: number): boolean => one === 1 || one === 2;
  const few = all.filter((other) => hub(other) || hub(index) || (index + other) % count === 5);
  return (count <= 12 ? all : few).map(peerId);
}

/** @param index 0 is this tab, 1 leads, 2 is its deputy. */
export function swarmPeer(index: number, count: number, change: Partial<PeerInfo> = {}): PeerInfo {
  const id = peerId(index);
  const links = linksOf(index, count);
  const linked = links.includes(peerId(0));
  const name = NAMES[index % NAMES.length]!;
  return {
    id, device: id as string as DeviceId, name: index < NAMES.length ? name : `Desk ${index}`, self: index === 0, leader: index === Math.min(1, count - 1), deputy: index === 2,
    link: index === 0 ? 'self' : linked ? 'direct' : 'none', path: index === 0 || !linked ? null : index === 2 ? 'broadcast' : 'webrtc',
    rttMs: index === 0 || !linked ? null : 4 + ((index * 13) % 90), visible: index % 6 !== 5, nodes: index === 0 ? base.nodes.map((node) => ({ ...node, address: nodeAddress(id, 'n0'), peer: id })) : nodesOf(id, index),
    sharing: { slots: index === 9 || index === 3 ? 0 : 2, busy: index % 5 === 1 ? 1 : 0 }, links, joinedAt: Date.UTC(2026, 10, 22, 19, index), ...change,
  };
}

export function swarmOf(count: number, change: Partial<SwarmInfo> = {}): SwarmInfo {
  return {
    state: 'in', step: 'in', problem: null, room: 'h7b3kzq4' as RoomId,
    link: 'https://llambo.example/#/swarm/h7b3kzq4m2xw?k=3vYk0uQmRr7cUeS1l9oZtA', code: 'orbit velvet canyon mule ribbon harvest',
    self: peerId(0), leader: peerId(Math.min(1, count - 1)), term: 3, provisional: false,
    peers: Array.from({ length: count }, (_, index) => swarmPeer(index, count)), signalling: 'up', waiting: false, gate: null, ...change,
  };
}

const joining = (step: SwarmInfo['step'], change: Partial<SwarmInfo> = {}): Snapshot => ({ ...base, swarm: swarmOf(0, { state: 'joining', step, leader: null, ...change }) });
export const inSwarm = (swarm: SwarmInfo, change: Partial<Snapshot> = {}): Snapshot => ({ ...base, nodes: swarm.peers[0]!.nodes, swarm, ...change });
/** @param mine what this tab's person may do; peer 1 founded, 2 may let others in, or is this tab */
function gateOf(mine: GateInfo['mine'], change: Partial<GateInfo> = {}): GateInfo {
  const device = (index: number): DeviceId => peerId(index) as string as DeviceId;
  return { on: true, mine, founder: device(mine === 'founder' ? 0 : 1), stewards: [device(mine === 'steward' ? 0 : 2)], knocking: [], barred: [], ...change };
}
const AT_THE_DOOR = [{ device: peerId(20) as string as DeviceId, name: 'Zoë' }, { device: peerId(21) as string as DeviceId, name: '\u202eevil name that goes on and on and on' }];
const BARRED = [{ device: peerId(22) as string as DeviceId, name: 'Tablet' }, { device: peerId(23) as string as DeviceId, name: '' }];
const askedPeer = swarmPeer(2, 3);

/** By name, as the gallery's address has it. The panel is open in all but `swarm-chat`. */
export const swarmScenes: Readonly<Record<string, Snapshot>> = {
  'swarm-alone': base,
  'swarm-signalling': joining('signalling'),
  'swarm-dialling': joining('dialling'),
  'swarm-handshake': joining('handshake'),
  'swarm-waiting': joining('handshake', { waiting: true, peers: [swarmPeer(0, 1)] }),
  'swarm-barred': joining('handshake', { state: 'failed', problem: { code: 'refused', message: 'This device was barred from the swarm.', advice: 'Ask the person who founded it.' } }),
  'swarm-gate': inSwarm(swarmOf(3, { gate: gateOf('founder', { knocking: AT_THE_DOOR, barred: BARRED }) })),
  'swarm-steward': inSwarm(swarmOf(4, { gate: gateOf('steward', { knocking: AT_THE_DOOR.slice(0, 1) }) })),
  'swarm-gated': inSwarm(swarmOf(3, { gate: gateOf(null) })),
  'swarm-entering': joining('in'),
  'swarm-wrong-secret': joining('handshake', { state: 'failed', problem: { code: 'refused', message: 'The swarm does not know this secret.', advice: 'The link may be old or cut off. Ask for a new one.' } }),
  'swarm-unreachable': joining('signalling', {
    state: 'failed',
    problem: { code: 'unreachable', message: 'No signalling server answers: llambo.example and 0.peerjs.com were tried.', advice: 'Look at your connection and try again. Tabs of this browser find each other without a server.' },
  }),
  'swarm-1': inSwarm(swarmOf(1)),
  'swarm-3': inSwarm(swarmOf(3)),
  'swarm-12': inSwarm(swarmOf(12)),
  'swarm-64': inSwarm(swarmOf(64)),
  'swarm-suspect': inSwarm(swarmOf(4, { peers: [0, 1, 2, 3].map((index) => swarmPeer(index, 4, index === 1 ? { link: 'suspect', rttMs: 5210 } : {})) })),
  'swarm-signalling-down': inSwarm(swarmOf(3, { signalling: 'down' })),
  'swarm-provisional': inSwarm(swarmOf(2, { provisional: true, problem: { code: 'unreachable', message: 'Some of the swarm can’t be reached.', advice: 'What you can reach goes on. It comes together again by itself.' } })),
  'swarm-sharing-off': inSwarm(swarmOf(3, { peers: [0, 1, 2].map((index) => swarmPeer(index, 3, index === 0 ? { sharing: { slots: 0, busy: 0 } } : {})) }), {
    settings: { ...base.settings, name: 'Mika', sharing: { on: false, slots: 1, tokensPerHour: 5000, keptModels: [] } },
  }),
  'swarm-asked': inSwarm(swarmOf(3), { askedNode: askedPeer.nodes[1]!.address }),
  'swarm-chat': inSwarm(swarmOf(3), {
    askedNode: askedPeer.nodes[1]!.address,
    conversation: {
      ...base.conversation, title: 'Packing list for Cusco',
      turns: [
        user('What should I pack for Cusco in July?'), assistant(doneReply('Warm layers: the nights are near freezing, the days mild and dry.', { node: askedPeer.nodes[0]!.address })),
        user('And for the rain?'), assistant(doneReply('July is the dry season. A light jacket is enough.', { node: swarmPeer(0, 3).nodes[0]!.address, movedFrom: [askedPeer.nodes[0]!.address] })),
        user('Thanks!'), assistant(doneReply('Have a good trip.', { node: nodeAddress(peerId(40), 'n0') })),
      ],
    },
  }),
};
