/**
 * Where newcomers and members find each other, and how WebRTC finds its way, as `llambo.json` may say it. What is not said
 * is decided in `mesh/transport/signalling-servers.ts`.
 */
import * as v from 'valibot';

/** A PeerServer, ready to be called. */
export interface SignallingServer {
  readonly host: string;
  readonly port: number;
  /** Starts and ends with a slash. */
  readonly path: string;
  readonly secure: boolean;
  /** Not a secret: it stands in the address. */
  readonly key: string;
}

/** Servers of one list, and addresses of one ICE server: each costs a newcomer time. */
const SERVERS = 8;
const URLS = 4;
const HOST = 253;
const TEXT = 512;

const text = (most: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(most));

/** As it is configured. Without a host it is the page's own, and so are port and `secure`; a path without a leading slash is
 *  relative to the page. */
export const signallingEntrySchema = v.strictObject({
  host: v.exactOptional(v.pipe(text(HOST), v.regex(/^([a-z0-9.-]+|\[[0-9a-f:.]+\])$/i, 'must be a host name without scheme, port and path'))),
  port: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))),
  path: v.exactOptional(v.pipe(text(TEXT), v.regex(/^[A-Za-z0-9._~/-]+$/, 'must be a path'))),
  secure: v.exactOptional(v.boolean()),
  key: v.exactOptional(v.pipe(text(64), v.regex(/^[A-Za-z0-9]+$/))),
});
export type SignallingEntry = v.InferOutput<typeof signallingEntrySchema>;

const iceUrl = v.pipe(text(TEXT), v.regex(/^(stun|stuns|turn|turns):[^\s]+$/, 'must start with stun:, stuns:, turn: or turns:'));

/** What `RTCConfiguration.iceServers` takes. Credentials of TURN servers should be short-lived: everybody who opens the page has them. */
export const iceServerSchema = v.strictObject({
  urls: v.pipe(v.array(iceUrl), v.minLength(1), v.maxLength(URLS)),
  username: v.exactOptional(text(TEXT)),
  credential: v.exactOptional(text(TEXT)),
});
export type IceServer = v.InferOutput<typeof iceServerSchema>;

/** What the page's own server answers at `turn`: servers whose credentials it has minted, and seconds for which they are good. */
export const mintedIceSchema = v.strictObject({
  iceServers: v.pipe(v.array(iceServerSchema), v.maxLength(SERVERS)),
  seconds: v.pipe(v.number(), v.integer(), v.minValue(60), v.maxValue(7 * 24 * 3600)),
});
export type MintedIce = v.InferOutput<typeof mintedIceSchema>;

/** The fields of `llambo.json` that are about finding each other. */
export const signallingFields = {
  signalling: v.exactOptional(v.pipe(v.array(signallingEntrySchema), v.maxLength(SERVERS))),
  iceServers: v.exactOptional(v.pipe(v.array(iceServerSchema), v.maxLength(SERVERS))),
  turn: v.exactOptional(v.pipe(text(TEXT), v.regex(/^[A-Za-z0-9_-][A-Za-z0-9._/-]*$/, 'must be a path relative to the page'))),
};

export interface SignallingConfig {
  /** Tried in this order. Absent: the public PeerJS server. */
  readonly signalling?: readonly SignallingEntry[];
  /** Absent: public STUN servers, unless everything is on this machine or in this house. */
  readonly iceServers?: readonly IceServer[];
  /** Where the page's own server mints credentials of a TURN server, relative to the page; its servers are added to the others. */
  readonly turn?: string;
}
