/** Whether a task of another peer may come in. The checks in their order, and what each says. Pure. */
import type { EngineNode } from '../../protocol/engine-node.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import { parseAsk } from '../../protocol/request.ts';
import { LlamboError, asLlamboError } from '../../shared/errors.ts';
import type { DeviceId } from '../../shared/ids.ts';
import { isWanted } from './node-desk.ts';
import type { SharingLedger } from './sharing.ts';

export interface Situation {
  /** The node that is asked for; null if this tab has none of that name. */
  readonly node: EngineNode | null;
  readonly ledger: SharingLedger;
  /** Whose peer asks. */
  readonly device: DeviceId;
  /** Tasks of that peer that run or wait here. */
  readonly tasks: number;
  /** Tasks of that device, over all its peers and our nodes, that no leader granted. */
  readonly ungranted: number;
  /** Tasks of others in line for that node. */
  readonly line: number;
}

/** When to ask again, if nobody knows better: an answer takes some seconds. */
const RETRY_MS = 1000;

/** @returns `refused`, `bad-request` or `busy` (with `details.retryMs`); null if it may come in */
export function refusalOf(message: MessageOf<'task'>, { node, ledger, device, tasks, ungranted, line }: Situation): LlamboError | null {
  const forbidden = ledger.forbids(node?.info().model?.id ?? null);
  if (forbidden) return forbidden;
  if (!node) return new LlamboError('refused', 'That tab has no such node.', { advice: 'Ask another one.' });
  const wrong = wrongWith(message);
  if (wrong) return wrong;
  if (tasks >= LIMITS.peerTasks) return busy(`That tab has ${tasks} tasks of yours already.`);
  if (!message.grant && ungranted >= LIMITS.ungrantedTasks) return busy(`That tab has ${ungranted} tasks of yours that no orchestrator sent.`);
  const exhausted = ledger.exhausted(device);
  if (exhausted) return exhausted;
  if (isWanted(node.info())) return busy('That tab needs this node for itself now.');
  return lineRefusal(line);
}

/** @param line tasks of others in line for a node */
export const lineRefusal = (line: number): LlamboError | null => (line < LIMITS.nodeQueue ? null : busy(`${line} tasks wait for that node.`));

export const takenBack = (): LlamboError => new LlamboError('refused', 'The person at that tab keeps this node for itself.', { advice: 'Ask another node.' });

/** To whom it has begun to answer. */
export const unshared = (): LlamboError => new LlamboError('stopped', 'The person at that tab stopped sharing.', { advice: 'Ask another node.' });

/** The same door as for requests of this tab: what passed the schema may still make no sense. */
function wrongWith({ task: { messages, sampling, schema, grammar, profile, deadlineMs, logprobs } }: MessageOf<'task'>): LlamboError | null {
  const given = <T>(field: string, value: T | undefined): object => (value === undefined ? {} : { [field]: value });
  try {
    parseAsk({ messages, sampling, ...given('schema', schema), ...given('grammar', grammar) }, { profile, deadlineMs, ...given('logprobs', logprobs) });
    return null;
  } catch (error) {
    return asLlamboError(error);
  }
}

const busy = (message: string): LlamboError => new LlamboError('busy', message, { advice: 'Ask another node, or this one in a moment.', details: { retryMs: RETRY_MS } });
