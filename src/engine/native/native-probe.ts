/** Asks a server what it is and what it has: once before the first task, and again after it was gone. */
import * as v from 'valibot';
import { LIMITS } from '../../protocol/limits.ts';
import { linkedController } from '../../shared/abort.ts';
import type { Clock } from '../../shared/env.ts';
import { LlamboError } from '../../shared/errors.ts';
import { errorOfReply, noSuchInterface, type ErrorContext } from './native-errors.ts';
import { wholeText, type NativeHttp } from './native-http.ts';
import type { ServerKind } from './native-request.ts';

/** What a person may have said of a server; 0 and empty: as the server says. */
export interface ServerWish {
  readonly model: string;
  readonly slots: number;
  readonly contextTokens: number;
}

export interface ServerFacts {
  readonly kind: ServerKind;
  /** The server's name for the model that is asked. */
  readonly model: string;
  readonly contextTokens: number;
  readonly slots: number;
  /** All that it has. */
  readonly models: readonly string[];
}

/** Where neither the person nor the server says: what every server of today can do. */
const USUAL_CONTEXT = 4096;
const USUAL_SLOTS = 4;

/** Browsers open no more connections to a host that does not speak HTTP/2, and they speak that over https only: a task beyond them would wait unseen. */
const HTTP_CONNECTIONS = 6;

const whole = v.fallback(v.pipe(v.number(), v.integer(), v.minValue(0)), 0);

const modelsSchema = v.object({
  data: v.array(
    v.object({
      id: v.pipe(v.string(), v.maxLength(256)),
      owned_by: v.fallback(v.nullish(v.string()), null),
      /** vLLM. */
      max_model_len: whole,
      /** llama-server: of one slot. */
      meta: v.fallback(v.nullish(v.object({ n_ctx: whole })), null),
    }),
  ),
});
type Listed = v.InferOutput<typeof modelsSchema>['data'][number];

const propsSchema = v.object({ default_generation_settings: v.object({ n_ctx: whole }), total_slots: whole });

export interface ProbeDeps {
  readonly clock: Clock;
  readonly http: NativeHttp;
  /** As `serverRoot` gives it. */
  readonly root: string;
  readonly key: string;
  readonly wish: ServerWish;
}

/** @throws LlamboError `unreachable`, `refused` (the key), `not-found` (no such interface, no model), `busy`, `timeout`, `aborted`, … */
export async function probeServer(deps: ProbeDeps, signal?: AbortSignal): Promise<ServerFacts> {
  const { clock, root, wish } = deps;
  const ending = linkedController(signal);
  const late = new LlamboError('timeout', `${new URL(root).host} said nothing for ${LIMITS.nativeProbeMs / 1000} s.`, { advice: 'Look whether the server is well.' });
  const cancel = clock.after(LIMITS.nativeProbeMs, () => ending.abort(late));
  try {
    const listed = await listModels(deps, ending.signal);
    const chosen = listed.find(({ id }) => id === wish.model) ?? (wish.model === '' ? listed[0] : undefined);
    const model = wish.model || chosen?.id;
    if (model === undefined) throw new LlamboError('not-found', 'The server lists no model.', { advice: 'Load a model there, or name one in the settings.' });
    const props = mayBeLlamaServer(listed) ? await propsOf(deps, ending.signal) : null;
    const most = root.startsWith('https:') ? LIMITS.nativeSlots : HTTP_CONNECTIONS;
    return {
      kind: props ? 'llama-server' : listed.some(({ owned_by: owner }) => owner === 'vllm') ? 'vllm' : 'plain',
      model,
      contextTokens: wish.contextTokens || props?.default_generation_settings.n_ctx || chosen?.meta?.n_ctx || chosen?.max_model_len || USUAL_CONTEXT,
      slots: Math.min(most, wish.slots || props?.total_slots || USUAL_SLOTS),
      models: listed.map(({ id }) => id),
    };
  } finally {
    cancel();
    ending.abort();
  }
}

/** Empty if the server has no such list and the person has named a model. */
async function listModels({ clock, http, root, key, wish }: ProbeDeps, signal: AbortSignal): Promise<readonly Listed[]> {
  const response = await http.get('/v1/models', signal);
  const text = await wholeText(clock, response, signal);
  const context: ErrorContext = { clock, key, model: wish.model, contextTokens: 0, promptTokens: 0, isConstrained: false };
  if (response.status === 404) {
    if (wish.model !== '') return [];
    throw noSuchInterface(root);
  }
  if (!response.ok) throw errorOfReply(response.status, text, response.headers.get('Retry-After'), context);
  const result = v.safeParse(modelsSchema, parseJson(text));
  if (!result.success) throw noSuchInterface(root);
  return result.output.data;
}

/** Others would answer with an error, which the browser shows in its console. */
const mayBeLlamaServer = (listed: readonly Listed[]): boolean => listed.some(({ owned_by: owner }) => owner === 'llamacpp');

async function propsOf({ clock, http }: ProbeDeps, signal: AbortSignal): Promise<v.InferOutput<typeof propsSchema> | null> {
  const response = await http.get('/props', signal);
  const text = await wholeText(clock, response, signal);
  const result = v.safeParse(propsSchema, response.ok ? parseJson(text) : null);
  return result.success ? result.output : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
