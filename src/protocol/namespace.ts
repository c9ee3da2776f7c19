/**
 * The namespace: what is known of the swarm as a tree of small texts, after Plan 9, where everything is a file. Paths and
 * names are here; what the texts say is in `app/namespace-text.ts`.
 *
 * ```
 * /n/llambo/                    every peer that this tab knows; `self` is this tab
 * /n/llambo/<peer>/             name  links  sharing  <node>/ …
 * /n/llambo/<peer>/<node>/      status  model  load  speed  tasks  log
 * ```
 *
 * A text has one `key value` a line. Keys stay; later versions add some. No text has a word of a prompt or an answer.
 */
import { LlamboError } from '../shared/errors.ts';
import type { PeerId } from '../shared/ids.ts';

export const NAMESPACE_ROOT = '/n/llambo';
export const PEER_FILES = ['name', 'links', 'sharing'] as const;
export type PeerFile = (typeof PEER_FILES)[number];
export const NODE_FILES = ['status', 'model', 'load', 'speed', 'tasks', 'log'] as const;
export type NodeFile = (typeof NODE_FILES)[number];

/** What a path leads to. */
export type NamespacePath =
  | { readonly at: 'root' }
  | { readonly at: 'peer'; readonly peer: PeerId }
  /** A node that has the name of a file can't be read: the file can. */
  | { readonly at: 'peer file'; readonly peer: PeerId; readonly file: PeerFile }
  | { readonly at: 'node'; readonly peer: PeerId; readonly node: string }
  | { readonly at: 'node file'; readonly peer: PeerId; readonly node: string; readonly file: NodeFile };

/** What reading gives. Of the entries of a directory, those that are directories end in `/`. */
export type NamespaceReading = { readonly kind: 'dir'; readonly entries: readonly string[] } | { readonly kind: 'file'; readonly text: string };

const isPeerFile = (name: string): name is PeerFile => (PEER_FILES as readonly string[]).includes(name);
const isNodeFile = (name: string): name is NodeFile => (NODE_FILES as readonly string[]).includes(name);

/** @param advice what to read instead */
export const noSuchPath = (path: string, advice = `Read ${NAMESPACE_ROOT} to see who is there.`): LlamboError =>
  new LlamboError('not-found', `There is nothing at ${path.slice(0, 256)}.`, { advice });

/**
 * @param path with or without a slash at its end
 * @param self the peer that `self` stands for
 * @throws LlamboError `not-found` for what no peer can have; whether this peer or node is there, it does not know
 */
export function parsePath(path: string, self: PeerId): NamespacePath {
  if (path !== NAMESPACE_ROOT && !path.startsWith(`${NAMESPACE_ROOT}/`)) throw noSuchPath(path, `Paths begin with ${NAMESPACE_ROOT}.`);
  const [first, second, third, ...rest] = path.slice(NAMESPACE_ROOT.length + 1).replace(/\/$/, '').split('/');
  if (!first) {
    if (second !== undefined) throw noSuchPath(path);
    return { at: 'root' };
  }
  const peer = first === 'self' ? self : (first as PeerId);
  if (second === undefined) return { at: 'peer', peer };
  if (isPeerFile(second) && third === undefined) return { at: 'peer file', peer, file: second };
  if (third === undefined) return { at: 'node', peer, node: second };
  if (!isNodeFile(third) || rest.length > 0) throw noSuchPath(path, `A node has ${NODE_FILES.join(', ')}.`);
  return { at: 'node file', peer, node: second, file: third };
}

/** The one way to write a path, for `parsePath` to read. */
export function formatPath(path: NamespacePath): string {
  if (path.at === 'root') return NAMESPACE_ROOT;
  const parts = [NAMESPACE_ROOT, path.peer];
  if (path.at === 'node' || path.at === 'node file') parts.push(path.node);
  if (path.at === 'peer file' || path.at === 'node file') parts.push(path.file);
  return parts.join('/');
}
