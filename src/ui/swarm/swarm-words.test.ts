import { describe, expect, it } from 'vitest';
import type { SwarmInfo } from '../../protocol/peer.ts';
import { swarmOf, swarmPeer } from '../../testing/swarm-fixtures.ts';
import { buttonText, canAsk, enginesText, healthOf, linkText, newsOf, nodeFacts, pictureText, whomItLeads } from './swarm-words.ts';

const three = swarmOf(3);
const failed = (message: string): SwarmInfo => swarmOf(0, { state: 'failed', step: 'dialling', leader: null, problem: { code: 'unreachable', message } });

it('says on the button what matters', () => {
  expect(buttonText(null)).toBe('Start or join a swarm');
  expect(buttonText(swarmOf(0, { state: 'joining', step: 'signalling' }))).toBe('Joining the swarm');
  expect(buttonText(failed('x'))).toBe('Could not join');
  expect(buttonText(swarmOf(1))).toBe('1 peer · you lead');
  expect(buttonText(three)).toBe('3 peers · Workshop PC leads');
  expect(buttonText({ ...three, leader: null })).toBe('3 peers · choosing a leader');
  expect(buttonText({ ...three, peers: three.peers.map((peer) => ({ ...peer, name: `\u202e${'x'.repeat(40)}` })) })).toBe(`3 peers · ${'x'.repeat(23)}… leads`);
});

it.each([
  ['joining', { state: 'joining' }],
  ['trouble', { state: 'failed' }],
  ['in', {}],
  ['joining', { leader: null }],
  ['trouble', { signalling: 'down' }],
  ['trouble', { provisional: true }],
  ['in', { provisional: true, peers: three.peers.slice(0, 1) }],
  ['trouble', { problem: { code: 'unreachable', message: 'x' } }],
] as const)('is %s with %j', (health, change) => expect(healthOf({ ...three, ...change })).toBe(health));

it('says of a leader of a part that it is one, if there is anybody to lead', () => {
  expect(whomItLeads(three)).toBe('');
  expect(whomItLeads({ ...three, provisional: true })).toBe(' for those in reach');
  expect(whomItLeads({ ...three, provisional: true, leader: null })).toBe('');
  expect(whomItLeads({ ...swarmOf(1), provisional: true })).toBe('');
});

it('tells how a peer is linked and what its engines do', () => {
  const peer = swarmPeer(1, 3);
  expect(linkText(three.peers[0]!)).toBe('this tab');
  expect(linkText({ ...peer, rttMs: 12.4 })).toBe('direct, 12 ms');
  expect(linkText({ ...peer, path: 'broadcast', rttMs: null })).toBe('same browser');
  expect(linkText({ ...peer, link: 'none' })).toBe('via others');
  expect(linkText({ ...peer, link: 'suspect' })).toBe('silent for a while');
  expect(enginesText(peer)).toBe('2 engines, 1 writing');
  expect(enginesText({ ...peer, nodes: [] })).toBe('no engines');
  expect(nodeFacts({ ...peer.nodes[0]!, busy: 1, waiting: 2, tokensPerSecond: 41 })).toEqual(['writing', '1 of 2 slots busy', '2 waiting', '41.0 tokens/s']);
});

it('offers only nodes that can answer for us', () => {
  const peer = swarmPeer(2, 3);
  const node = peer.nodes[0]!;
  expect(canAsk(node, peer)).toBe(true);
  expect(canAsk({ ...node, state: 'error' }, peer)).toBe(false);
  expect(canAsk({ ...node, model: null, slots: 0 }, peer)).toBe(false);
  expect(canAsk(node, { ...peer, sharing: { slots: 0, busy: 0 } })).toBe(false);
  expect(canAsk({ ...node, shared: false }, peer)).toBe(false);
  expect(canAsk({ ...node, shared: false }, { ...peer, self: true })).toBe(true);
  expect(canAsk(node, { ...peer, self: true, sharing: { slots: 0, busy: 0 } })).toBe(true);
});

it('puts the picture into words', () => {
  expect(pictureText(three, 3)).toBe('3 peers and 3 links; Workshop PC leads; you are linked with 2 of 2 directly');
  const silent = { ...three, peers: three.peers.map((peer) => (peer.self ? peer : { ...peer, link: 'suspect' as const })) };
  expect(pictureText(silent, 3)).toContain('silent for a while: Workshop PC, Llama k4qz');
});

describe('newsOf', () => {
  it.each<[string, SwarmInfo | null, SwarmInfo | null]>([
    ['You are in the swarm: 3 peers, Workshop PC leads.', null, three],
    ['You are in the swarm: 1 peer, you lead.', swarmOf(0, { state: 'joining', step: 'dialling' }), swarmOf(1)],
    ['', null, swarmOf(0, { state: 'joining', step: 'signalling' })],
    ['Joining the swarm failed. Nobody answers.', swarmOf(0, { state: 'joining', step: 'dialling' }), failed('Nobody answers.')],
    ['', failed('a'), failed('b')],
    ['You left the swarm.', three, null],
    ['', failed('a'), null],
    ['', three, { ...three, term: 4 }],
    ['Llama k4qz joined.', { ...swarmOf(2), leader: three.leader }, three],
    ['9 peers joined.', three, swarmOf(12)],
    ['Llama k4qz and Pablo’s phone left.', swarmOf(4), { ...swarmOf(4), peers: swarmOf(4).peers.slice(0, 2) }],
    ['You lead the swarm now.', three, { ...three, leader: three.self }],
    ['Workshop PC leads now.', { ...three, leader: null }, three],
    ['', three, { ...three, leader: null }],
    ['Newcomers can’t find the swarm at the moment.', three, { ...three, signalling: 'down' }],
  ])('"%s"', (news, before, now) => expect(newsOf(before, now)).toBe(news));
});
