/**
 * Turns what a person or a script asks into a job, and the orchestrator's answer into what they iterate. It keeps the words:
 * the orchestrator sees a job's shape, and the words go to the node that was granted. It knows no node and no leader.
 */
import type { Answer, AnswerEvent, Answering, AskOptions, ChatRequest, Message, Sampling } from '../protocol/chat.ts';
import type { Task } from '../protocol/engine-node.ts';
import { continued, repeats } from '../protocol/continuing.ts';
import type { JobShape } from '../protocol/job.ts';
import { LIMITS } from '../protocol/limits.ts';
import { parseAsk, taskFor, type ParsedAsk } from '../protocol/request.ts';
import type { JobRun } from '../orchestrator/open-job.ts';
import type { Orchestrator } from '../orchestrator/orchestrator.ts';
import { throwIfAborted } from '../shared/abort.ts';
import type { Channel } from '../shared/channel.ts';
import type { Env } from '../shared/env.ts';
import { asLlamboError } from '../shared/errors.ts';
import { newJobId, type Address, type JobId } from '../shared/ids.ts';
import { createAnswering, type RunningRequest } from './answering.ts';
import { createPacer } from './pacer.ts';

export interface AskerDeps {
  readonly env: Env;
  readonly orchestrator: Pick<Orchestrator, 'ask'>;
  /** The model that answers whoever names none, so that answers do not flip between models; null: the best that has room. */
  chosenModel(): string | null;
  /** What suits a model, for what the asker leaves open. */
  samplingOf(model: string): Sampling;
  /** The nodes of this tab. */
  ownNodes(): readonly Address[];
  /** The longest context, in tokens, of the nodes that this could run on now; 0 if there are none. */
  longestContext(shape: JobShape): number;
  /** Settles in another turn of the event loop. */
  pause(): Promise<void>;
}

/** What the page's own chat knows beyond what a script can say. */
export interface Inside {
  /** The words, as they suit the model that the job was granted. The request's own are for the model that is likely. */
  messagesFor?(model: string): readonly Message[];
  /** Opaque, the same for all turns of a conversation. */
  readonly affinity?: string;
}

export type Ask = (request: string | ChatRequest, options?: AskOptions, inside?: Inside) => Answering;

/** Characters of a token, on average: measured over English text with the catalogue's models. */
const CHARS_PER_TOKEN = 3.5;

/** Room for an answer, however short: nodes with less are no choice. */
const ANSWER_TOKENS = 16;

/**
 * How many asks begin in one turn. One takes about a millisecond until it has its node and is on its way, and a script may ask hundreds at
 * once: together they would hold the page for a third of a second.
 */
const ASKS_PER_TURN = 8;

export function createAsker({ env, orchestrator, chosenModel, samplingOf, ownNodes, longestContext, pause }: AskerDeps): Ask {
  const pacer = createPacer(pause, ASKS_PER_TURN);
  return (request, { signal, ...options } = {}, inside = {}) =>
    createAnswering(env.random, signal, () => parseAsk(request, options), async (asked, running) => {
      const turn = pacer();
      if (turn) await turn;
      throwIfAborted(running.signal);
      return work(asked, inside, running);
    });

  async function work(asked: ParsedAsk, inside: Inside, { id, events, signal }: RunningRequest): Promise<Answer> {
    const task = taskFor(asked, env.random);
    const until = env.clock.now() + jobMs(asked);
    const teller = createTeller(events);
    const shape = shapeOf(asked, inside);
    const run: JobRun = {
      signal,
      emit: teller.emit,
      taskFor({ task: granted, node, model }, text, tokens) {
        teller.granted(node, model);
        const messages = inside.messagesFor?.(model) ?? task.messages;
        const sampling = { ...samplingOf(model), ...asked.sampling };
        const deadlineMs = Math.max(1, Math.min(task.deadlineMs, until - env.clock.now()));
        return continued({ ...task, id: granted, messages, sampling, deadlineMs } satisfies Task, text, tokens);
      },
    };
    const start = (job: JobId, wanted: JobShape): Promise<Answer> =>
      orchestrator.ask({ id: job, shape: wanted, seed: task.seed, deadlineMs: Math.max(1, until - env.clock.now()), pinned: isPinned(asked), repeats: repeats(task) }, run);
    const answer = await start(id, { ...shape, promptTokens: possible(shape) }).catch((error: unknown) => {
      const other = teller.hasText() ? null : otherShape(error, shape, asked);
      if (!other) throw error;
      return start(newJobId(env.random), other);
    });
    return asked.options.logprobs === undefined ? answer : { ...answer, logprobs: answer.logprobs ?? [] };
  }

  /** A guess is no reason to refuse: what seems too long goes where there is most room, and is counted there. */
  function possible(shape: JobShape): number {
    const longest = longestContext(shape);
    return longest === 0 ? shape.promptTokens : Math.min(shape.promptTokens, Math.max(0, longest - ANSWER_TOKENS));
  }

  /** @returns what may yet be done where this could not, as long as nobody has read a word; else null */
  function otherShape(error: unknown, shape: JobShape, { request }: ParsedAsk): JobShape | null {
    const { code, details } = asLlamboError(error);
    const counted = details?.['promptTokens'];
    // It is longer than it seemed, and another node has room for it.
    if (code === 'context-overflow' && typeof counted === 'number' && counted > possible(shape)) {
      return counted + ANSWER_TOKENS <= longestContext(shape) ? { ...shape, promptTokens: counted } : null;
    }
    // The chosen model went while this waited, and whoever asked had not named it.
    if (code !== 'not-ready' || request.model !== undefined || shape.model === undefined) return null;
    const { model: _, ...open } = shape;
    return open;
  }

  function shapeOf({ request: { messages, model: named, tier }, options, sampling }: ParsedAsk, { affinity }: Inside): JobShape {
    const nodes = nodesOf(options);
    const isOpen = tier === undefined && options.node === undefined && !Array.isArray(options.where);
    const model = named ?? (isOpen ? (chosenModel() ?? undefined) : undefined);
    const length = messages.reduce((sum, { content }) => sum + content.length, 0);
    return {
      promptTokens: Math.ceil(length / CHARS_PER_TOKEN),
      maxTokens: sampling.maxTokens ?? (model === undefined ? undefined : samplingOf(model).maxTokens) ?? LIMITS.defaultMaxTokens,
      profile: options.profile ?? 'chat',
      priority: options.priority ?? 'interactive',
      ...(model === undefined ? {} : { model }),
      ...(tier === undefined ? {} : { tier }),
      ...(nodes === undefined ? {} : { nodes }),
      ...(affinity === undefined ? {} : { affinity }),
    };
  }

  function nodesOf({ node, where = 'anywhere' }: ParsedAsk['options']): readonly Address[] | undefined {
    if (node !== undefined) return [node];
    if (where === 'anywhere') return undefined;
    return where === 'this tab' ? ownNodes() : where;
  }
}

interface Teller {
  emit(event: AnswerEvent): void;
  granted(node: Address, model: string): void;
  /** The reader has words already. */
  hasText(): boolean;
}

/** The reader hears of each node which model it has: of the first, and of those to which an answer moved. */
function createTeller({ push }: Pick<Channel<AnswerEvent>, 'push'>): Teller {
  const models = new Map<Address, string>();
  let hasText = false;
  let awaited: Address | null = null;

  function start(node: Address): void {
    const model = models.get(node);
    awaited = model === undefined ? node : null;
    if (model !== undefined) push({ type: 'started', node, model });
  }

  return {
    hasText: () => hasText,
    emit(event) {
      push(event);
      if (event.type === 'text') hasText = true;
      if (event.type === 'moved') start(event.to);
    },
    granted(node, model) {
      models.set(node, model);
      if (awaited === node) start(node);
    },
  };
}

/** One node was chosen by its address. An only engine of "this tab" is waited for, when it starts again. */
const isPinned = ({ options: { node, where } }: ParsedAsk): boolean => node !== undefined || (Array.isArray(where) && where.length === 1);

/** A job's time: a batch may wait over night, somebody who reads does not. */
function jobMs({ options: { deadlineMs, priority } }: ParsedAsk): number {
  return deadlineMs ?? (priority === 'batch' ? LIMITS.jobMs : LIMITS.taskMs);
}
