/**
 * The texts of the namespace: one `key value` a line, the key without blanks, the value up to the line's end; `-` for what is
 * not known. Pure. Names, models and reasons may be a stranger's, so each value stays on its line and within its length.
 *
 * - `name`: `name`, `device`, `leads` (`yes` or `no`), `visible`. `links`: of each linked peer its id and its name. `sharing`:
 *   `slots`, `busy`.
 * - `status`: `state`, `problem`, `threads`, `restarts`, `memory-bytes`, `shared`. `model`: `id`, `name`, `hash`, `context-tokens`.
 *   `load`: `slots`, `busy`, `waiting`. `speed`: `tokens-per-second`, `prefill-per-second`.
 * - `tasks`: of each task its id and `waiting` or `running`, `tokens`, `priority`, `model`, `for` (the peer that asked).
 * - `log`: of each event its time (ISO 8601, UTC) and its type, then its fields. Texts of errors are left out: only their codes.
 */
import type { NodeInfo } from '../protocol/engine-node.ts';
import type { Priority } from '../protocol/job.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { LogEvent } from '../protocol/log-event.ts';
import type { NodeFile, PeerFile } from '../protocol/namespace.ts';
import type { PeerInfo } from '../protocol/peer.ts';
import type { Address, DeviceId, PeerId, TaskId } from '../shared/ids.ts';

/** A task, without a word of it. */
export interface TaskShape {
  readonly id: TaskId;
  readonly state: 'waiting' | 'running';
  /** Written so far. */
  readonly tokens: number;
  /** Null: its asker's own affair. */
  readonly priority: Priority | null;
  readonly model: string | null;
  /** Who asked. */
  readonly for: PeerId;
}

/** What is told of a peer. */
export type NamespacePeer = Pick<PeerInfo, 'id' | 'name' | 'leader' | 'visible' | 'links' | 'sharing' | 'nodes'> & {
  /** Null: it has none, because this browser has no keys. */
  readonly device: DeviceId | null;
};

type Value = string | number | boolean | null | undefined;

const LINE_CHARS = 160;
/** Controls and separators of lines, and what turns or hides the text around it. */
const HARMFUL = /[\p{Cc}\p{Cs}\u{2028}\u{2029}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}]+/gu;

function shown(value: Value): string {
  if (value === null || value === undefined || value === '') return '-';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(Math.round(value * 100) / 100);
  return value.slice(0, LINE_CHARS * 2).replace(HARMFUL, ' ').trim().slice(0, LINE_CHARS) || '-';
}

const lines = (pairs: readonly (readonly [key: string, value: Value])[]): string => pairs.map(([key, value]) => `${key} ${shown(value)}\n`).join('');

/** A value among others on one line: without blanks. */
const word = (value: Value): string => shown(value).replaceAll(/\s+/gu, '_');

export function peerText(file: PeerFile, { name, device, leader, visible, links, sharing }: NamespacePeer, nameOf: (peer: PeerId) => string | null): string {
  switch (file) {
    case 'name':
      return lines([['name', name], ['device', device], ['leads', leader], ['visible', visible]]);
    case 'links':
      return lines(links.map((peer) => [peer, nameOf(peer)]));
    case 'sharing':
      return lines([['slots', sharing.slots], ['busy', sharing.busy]]);
  }
}

/** Those that need no more than what a node says of itself. */
export function nodeText(file: Exclude<NodeFile, 'tasks' | 'log'>, node: NodeInfo): string {
  switch (file) {
    case 'status':
      return lines([['state', node.state], ['problem', node.problem], ['threads', node.threads], ['restarts', node.restarts], ['memory-bytes', node.memoryBytes], ['shared', node.shared]]);
    case 'model':
      return lines([['id', node.model?.id], ['name', node.model?.name], ['hash', node.model?.hash], ['context-tokens', node.model?.contextTokens]]);
    case 'load':
      return lines([['slots', node.slots], ['busy', node.busy], ['waiting', node.waiting]]);
    case 'speed':
      return lines([['tokens-per-second', node.tokensPerSecond || null], ['prefill-per-second', node.prefillPerSecond || null]]);
  }
}

/** The first that fit, and how many do not. */
export function tasksText(tasks: readonly TaskShape[]): string {
  const all = tasks.map(({ id, state, tokens, priority, model, for: asker }) => `${id} ${state} tokens ${tokens} priority ${word(priority)} model ${word(model)} for ${asker}\n`);
  const most = Math.floor(LIMITS.readChars / LINE_CHARS / 2);
  return all.slice(0, most).join('') + (all.length > most ? `more ${all.length - most}\n` : '');
}

export const LOG_EVENTS = 100;
/** Said by the place of the file, or not said. */
const LEFT_OUT: ReadonlySet<string> = new Set(['time', 'sequence', 'type', 'message']);

/** The last that fit, the oldest first. */
export function logText(events: readonly LogEvent[], node: Address): string {
  const all = events.slice(-LOG_EVENTS).map((event) => {
    const fields = Object.entries(event as Readonly<Record<string, Value>>).filter(([key, value]) => !LEFT_OUT.has(key) && !(key === 'node' && value === node));
    return `${new Date(event.time).toISOString()} ${event.type.replaceAll(' ', '-')} ${fields.map(([key, value]) => `${key} ${word(value)}`).join(' ')}`.trimEnd().slice(0, LINE_CHARS);
  });
  const room = Math.floor(LIMITS.readChars / (LINE_CHARS + 1));
  return all.slice(-room).map((line) => `${line}\n`).join('');
}
