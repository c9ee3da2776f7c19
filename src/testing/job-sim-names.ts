/** How simulated tabs, devices and nodes are called, by their numbers. */
import type { Address, DeviceId, PeerId } from '../shared/ids.ts';

export const peerName = (number: number): PeerId => `p${number}` as PeerId;
export const deviceName = (number: number): DeviceId => `d${number}` as DeviceId;
export const numberOf = (peer: PeerId): number => Number(peer.slice(1));
export const addressOf = (peer: number, node: number): Address => `/n/llambo/${peerName(peer)}/${node}`;
