/**
 * The two files that a configuration is made of: the one beside the page, and the person's own. Read once, at the start.
 * The parser is large and comes only if one of them says anything.
 */
import type { ConfigProblem } from '../../protocol/config-problem.ts';
import type { SwarmConfig } from '../../protocol/config-schema.ts';
import type { ConfigStorage } from './config-storage.ts';

/** A host that is so slow with a small file has none. */
const SITE_FILE_MS = 3000;

export interface ConfigFile {
  readonly text: string;
  /** Empty if there are problems. */
  readonly config: SwarmConfig;
  readonly problems: readonly ConfigProblem[];
}

export interface ConfigFiles {
  /** Null: there is none. */
  readonly site: ConfigFile | null;
  /** Null: the person changed nothing. */
  readonly own: ConfigFile | null;
  /** The browser has not been here, as far as can be told. */
  readonly isFirstVisit: boolean;
}

export async function readConfigFile(text: string, below: SwarmConfig = {}): Promise<ConfigFile> {
  // Blank lines and comments.
  if (text.split('\n').every((line) => /^\s*(#.*)?$/.test(line))) return { text, config: {}, problems: [] };
  const { parseConfig } = await import('./config-yaml.ts');
  const parsed = parseConfig(text, below);
  return 'config' in parsed ? { text, config: parsed.config, problems: [] } : { text, config: {}, problems: parsed.problems };
}

/**
 * @param baseUrl absolute address of the page, with a trailing slash
 * @param get tests take another `fetch`
 * @param patience ends the wait for the file beside the page: the app opens after it
 */
export async function readConfigFiles(baseUrl: string, storage: ConfigStorage, get: typeof fetch = fetch, patience = AbortSignal.timeout(SITE_FILE_MS)): Promise<ConfigFiles> {
  const [siteText, kept] = await Promise.all([siteFile(new URL('swarm.yaml', baseUrl), get, patience), storage.load()]);
  const site = siteText === null ? null : await readConfigFile(siteText);
  const text = kept?.text ?? null;
  const own = text === null ? null : await readConfigFile(text, site?.config);
  return { site, own, isFirstVisit: kept === null };
}

/** A site without the file, or one that can't be reached, has nothing to say: the page works by the defaults. */
async function siteFile(address: URL, get: typeof fetch, signal: AbortSignal): Promise<string | null> {
  try {
    const response = await get(address, { cache: 'no-cache', signal });
    // A host for single-page apps answers a missing file with its front page.
    if (!response.ok || response.headers.get('content-type')?.startsWith('text/html')) return null;
    return await response.text();
  } catch {
    return null;
  }
}
