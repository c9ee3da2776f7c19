/** Decides which signalling and ICE servers are asked. Pure: configuration and the page's address in, lists out. */
import type { IceServer, SignallingConfig, SignallingEntry, SignallingServer } from '../../protocol/signalling.ts';

/** What a static host falls back to. It is free and run by volunteers, and at times full: whoever serves the page may name an own one. */
export const PEERJS_CLOUD: SignallingServer = { host: '0.peerjs.com', port: 443, path: '/', secure: true, key: 'peerjs' };

/** They tell a browser its public address and see nothing else. Two, because either may be blocked. No TURN: it carries
 *  traffic, so somebody must own it. */
export const DEFAULT_ICE_SERVERS: readonly IceServer[] = [
  { urls: ['stun:stun.l.google.com:19302'] },
  { urls: ['stun:stun.cloudflare.com:3478'] },
];

export interface SignallingPlan {
  /** In the order in which they are tried. */
  readonly servers: readonly SignallingServer[];
  readonly iceServers: readonly IceServer[];
  /** Where the page's own server mints credentials of a TURN server; null if it does not. */
  readonly turnUrl: URL | null;
}

/**
 * @param config of `llambo.json`; a list that is there counts as it is, an empty one too
 * @param pageUrl absolute address of the page, with a trailing slash
 */
export function planSignalling(config: SignallingConfig, pageUrl: string): SignallingPlan {
  const page = new URL(pageUrl);
  const servers = config.signalling?.map((entry) => resolve(entry, page)) ?? [PEERJS_CLOUD];
  const atHome = isPrivateHost(page.hostname) && servers.every(({ host }) => host === page.hostname);
  // At home every browser sees the others' own addresses, and nobody outside needs to hear of them.
  const turnUrl = config.turn === undefined ? null : new URL(config.turn, page);
  return { servers, iceServers: config.iceServers ?? (atHome ? [] : DEFAULT_ICE_SERVERS), turnUrl: turnUrl && isSameOrigin(turnUrl, page) ? turnUrl : null };
}

const isSameOrigin = (one: URL, other: URL): boolean => one.protocol === other.protocol && one.hostname === other.hostname && one.port === other.port;

function resolve({ host, port, path = '/', secure, key = 'peerjs' }: SignallingEntry, page: URL): SignallingServer {
  const own = host === undefined;
  // A page that came over https may open no insecure socket, except to its own machine.
  const isSecure = secure ?? (page.protocol === 'https:' || !(own || isPrivateHost(host)));
  const standard = isSecure ? 443 : 80;
  const ownPort = page.port === '' ? standard : Number(page.port);
  const folder = new URL(path, own ? page : 'https://server/').pathname;
  return {
    host: host ?? page.hostname,
    port: port ?? (own ? ownPort : standard),
    path: folder.endsWith('/') ? folder : `${folder}/`,
    secure: isSecure,
    key,
  };
}

/** This machine, or one that only its neighbours can reach (RFC 1918, RFC 4193, RFC 3927, RFC 6762). */
function isPrivateHost(host: string): boolean {
  if (/(^|\.)(localhost|local|lan|internal)$/.test(host)) return true;
  if (host.startsWith('[')) return host === '[::1]' || /^\[f[cd]|^\[fe80:/.test(host);
  return /^(127|10)(\.\d{1,3}){3}$|^192\.168(\.\d{1,3}){2}$|^169\.254(\.\d{1,3}){2}$|^172\.(1[6-9]|2\d|3[01])(\.\d{1,3}){2}$/.test(host);
}
