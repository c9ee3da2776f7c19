/** Peers for tests of links: their keys, what they say of themselves, and a handshake from end to end over a loopback. */
import type { OpenLinkDeps } from '../mesh/link/open-link.ts';
import { openLink } from '../mesh/link/open-link.ts';
import type { PeerLink } from '../mesh/link/peer-link.ts';
import type { Identity } from '../mesh/identity.ts';
import type { PeerEntry } from '../protocol/peer.ts';
import type { Clock } from '../shared/env.ts';
import { createFakeCrypto, createFakeRoom } from './fake-crypto.ts';
import { createLoopback, type LoopbackConnection } from './loopback.ts';

export function entryOf({ peer, device }: Identity, change: Partial<PeerEntry> = {}): PeerEntry {
  return {
    peer, device, incarnation: 0, revision: 0, name: 'Ada', endpoints: [], joinedAt: 0, visible: true, rank: 100, doors: [], links: [], nodes: [],
    sharing: { slots: 2, busy: 0 }, ...change,
  };
}

/** Everything that {@link openLink} needs, for a peer of its own; change what the test is about. */
export function linkDeps(clock: Clock, change: Partial<OpenLinkDeps> & { seed?: number } = {}): OpenLinkDeps {
  const { seed = 1, ...rest } = change;
  const crypto = createFakeCrypto(seed);
  const identity = change.identity ?? crypto.newIdentity();
  return {
    identity, crypto, clock, room: createFakeRoom(), build: 'test', introduce: () => ({ entry: entryOf(identity), claim: null }), admit: () => null, ...rest,
  };
}

export interface LinkedPair {
  readonly links: readonly [PeerLink, PeerLink];
  readonly ends: readonly [LoopbackConnection, LoopbackConnection];
}

/** Two peers of one room after their handshake, the dialler first. */
export async function linkedPair(clock: Clock, dialler: Partial<OpenLinkDeps> = {}, acceptor: Partial<OpenLinkDeps> = {}): Promise<LinkedPair> {
  const ends = createLoopback();
  const links = await Promise.all([openLink(ends[0], linkDeps(clock, { seed: 2, ...dialler })), openLink(ends[1], linkDeps(clock, { seed: 3, ...acceptor }))]);
  return { links, ends };
}
