/** A loaded engine node with answers from a script: the real client, the real host, no worker and no weights. */
import { createEngineClient, type LocalEngineNode } from '../engine/engine-client.ts';
import type { LoadSpec } from '../protocol/engine-api.ts';
import type { Env } from '../shared/env.ts';
import { nodeAddress } from '../shared/ids.ts';
import type { Script } from './scripted-runtime.ts';
import { createScriptedWorker, type ScriptedWorker } from './scripted-worker.ts';

export interface ScriptedNodeOptions {
  readonly name?: string;
  readonly model?: string;
  readonly slots?: number;
  readonly script?: Script;
}

export interface ScriptedNode {
  readonly node: LocalEngineNode;
  /** Each worker that it has had, the living one last. */
  readonly workers: readonly ScriptedWorker[];
}

export async function createScriptedNode(env: Env, { name = 'a', model = 'scripted', slots = 2, script }: ScriptedNodeOptions = {}): Promise<ScriptedNode> {
  const spec: LoadSpec = {
    model: { id: model, name: model, tier: 'tiny', hash: null },
    files: [new Blob(['GGUF'])],
    context: 256, slots, ubatch: 8, threads: 1, memoryBytes: 1, wasmUrl: 'none',
  };
  const workers: ScriptedWorker[] = [];
  const createWorker = (): ScriptedWorker => {
    const worker = createScriptedWorker(env, script);
    workers.push(worker);
    return worker;
  };
  const node = createEngineClient({ env, address: nodeAddress('worker', name), createWorker });
  await node.load(spec);
  return { node, workers };
}
