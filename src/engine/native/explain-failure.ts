/**
 * Why a page may get no answer from a server that runs. A browser does not tell the page which wall it was, so each wall
 * that stands between these two addresses is named, and none that does not. Pure.
 */
import { isKnownLocal, reachOf, type Reach } from './server-url.ts';

export interface FailureHint {
  readonly wall: 'not-running' | 'mixed-content' | 'local-network' | 'cors';
  /** What to do, for a person. */
  readonly text: string;
}

const DISTANCE: Readonly<Record<Reach, number>> = { public: 0, local: 1, loopback: 2 };

/**
 * @param pageUrl absolute address of the page
 * @param serverUrl absolute address of the server
 */
export function explainFailure(pageUrl: string, serverUrl: string): readonly FailureHint[] {
  const [page, server] = [new URL(pageUrl), new URL(serverUrl)];
  const hints: FailureHint[] = [{ wall: 'not-running', text: `Check that the server runs and that the address is right: ${server.origin} must open in a tab of its own, on this device.` }];
  const mixed = mixedContent(page, server);
  if (mixed !== null) hints.push({ wall: 'mixed-content', text: mixed });
  const asks = localNetwork(page, server);
  if (asks !== null) hints.push({ wall: 'local-network', text: asks });
  if (page.origin !== server.origin) hints.push({ wall: 'cors', text: allowOrigin(page.origin) });
  return hints;
}

/** A page that came encrypted may not fetch what does not. This machine is exempt, but not in Safari. */
function mixedContent(page: URL, server: URL): string | null {
  if (page.protocol !== 'https:' || server.protocol !== 'http:') return null;
  if (reachOf(server) === 'loopback') return 'This page came over https and the server speaks http. Chrome, Edge and Firefox allow that on this machine; Safari does not.';
  const instead = 'Put the server behind https, reach it as http://localhost (an SSH tunnel does that), or open this page over http with “npm start”.';
  if (isKnownLocal(server)) return `This page came over https and the server speaks http. Only Chrome and Edge, from 142 on, allow that, after asking you. ${instead}`;
  return `This page came over https, so the browser blocks a server that speaks http. ${instead}`;
}

/** Chrome and Edge ask the person before a page reaches deeper into the network than where it came from; only for pages that came safely. */
function localNetwork(page: URL, server: URL): string | null {
  if (DISTANCE[reachOf(server)] <= DISTANCE[reachOf(page)]) return null;
  if (page.protocol !== 'https:') return 'Chrome and Edge let a page reach the local network only if the page came over https, or from this very machine.';
  return 'Chrome and Edge ask whether this page may look for devices on your local network: allow it. If you refused before, allow it in the site settings, left of the address.';
}

const allowOrigin = (origin: string): string =>
  `The server must allow this page’s origin (CORS). Ollama: start it with OLLAMA_ORIGINS=${origin}. vLLM: --allowed-origins '["${origin}"]'. llama-server allows every page unless --cors-origins says otherwise.`;
