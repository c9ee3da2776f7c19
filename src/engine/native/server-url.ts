/** Addresses of servers: what a person may type, and where a host lies. Pure. */

/** Where a host is, as browsers tell it: this machine, its network, or anywhere. */
export type Reach = 'loopback' | 'local' | 'public';

/**
 * The address of a server without the part that names the API, so that it may be typed with or without it.
 * @returns null if it is no http or https address, or has a name and password in it
 */
export function serverRoot(text: string): string | null {
  const trimmed = text.trim();
  if (!URL.canParse(trimmed)) return null;
  const url = new URL(trimmed);
  if ((url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== '' || url.password !== '') return null;
  const path = url.pathname.replace(/\/+$/, '').replace(/\/(chat\/completions|models)$/, '').replace(/\/v1$/, '').replace(/\/+$/, '');
  return `${url.origin}${path}`;
}

const LOCAL_NAMES = /(\.local|\.lan|\.internal|\.home\.arpa)$/;

export function reachOf({ hostname }: Pick<URL, 'hostname'>): Reach {
  const host = hostname.toLowerCase();
  if (host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)) return 'loopback';
  return isPrivateAddress(host) || LOCAL_NAMES.test(host) || !/[.:]/.test(host) ? 'local' : 'public';
}

/** Hosts that a browser knows to be on this network before it looks the name up. */
export const isKnownLocal = ({ hostname }: Pick<URL, 'hostname'>): boolean => isPrivateAddress(hostname.toLowerCase()) || hostname.toLowerCase().endsWith('.local');

function isPrivateAddress(host: string): boolean {
  const [, first, second] = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(host) ?? [];
  if (first === undefined) return /^\[(f[cd]|fe[89ab])/.test(host);
  const [a, b] = [Number(first), Number(second)];
  return a === 10 || (a === 192 && b === 168) || (a === 172 && b >= 16 && b <= 31) || (a === 169 && b === 254);
}
