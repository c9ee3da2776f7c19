/**
 * The suite against a real llama-server with the built-in model, where this machine has one: the path in LLAMA_SERVER, or
 * `llama-server` in the PATH. Skipped otherwise: there is no package to get one from (docs/native-nodes.md).
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { nodeAddress } from '../../shared/ids.ts';
import { systemEnv } from '../../shared/system-env.ts';
import { engineNodeSuite, makeTask, runToEnd } from '../../testing/engine-node-suite.ts';
import { createNativeNode, type NativeNode } from './native-node.ts';

const program = process.env['LLAMA_SERVER'] ?? 'llama-server';
const found = spawnSync(program, ['--version']).status === 0;
const model = fileURLToPath(new URL('../../../public/models/tiny-1.gguf', import.meta.url));
const SLOTS = 4;
const CONTEXT = 256;

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Settles when it says that it listens. */
async function startServer(): Promise<{ process: ChildProcess; root: string }> {
  const port = await freePort();
  const child = spawn(program, ['-m', model, '--port', `${port}`, '-np', `${SLOTS}`, '-c', `${CONTEXT * SLOTS}`, '-t', '1', '--no-webui'], { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`llama-server ended with ${code}`)));
    child.stderr.on('data', (text: Buffer) => /listening/.test(text.toString()) && resolve());
  });
  return { process: child, root: `http://127.0.0.1:${port}` };
}

// One skip with its reason, instead of one without for each test.
if (!found) it('a real llama-server passes the suite of engine nodes', ({ skip }) => skip('there is no llama-server here; name one in LLAMA_SERVER'));
else describeReal();

function describeReal(): void {
  const started: ChildProcess[] = [];
  afterAll(() => started.forEach((server) => server.kill()));

  async function create(): Promise<NativeNode> {
    const { process: server, root } = await startServer();
    started.push(server);
    const node = createNativeNode({
      env: systemEnv, address: nodeAddress('test', 'native-1'), fetch: globalThis.fetch, pageUrl: 'http://localhost/',
      server: { root, key: '', model: '', slots: 0, contextTokens: 0, tier: 'tiny', share: false },
    });
    await node.start();
    return node;
  }

  engineNodeSuite('a real llama-server', async () => ({ node: await create(), longQuestion: 'Tell me a story about a fox.' }), { exact: false });

  it('a real llama-server says its slots and context, and counts tokens', async () => {
    const node = await create();
    expect(node.info()).toMatchObject({ slots: SLOTS, model: { contextTokens: CONTEXT } });
    const { result } = await runToEnd(node, makeTask('What is 47 + 38?', { profile: 'chat', logprobs: 2 }));
    expect(result.usage.promptTokens).toBeGreaterThan(5);
    expect(result.timings.tokensPerSecond).toBeGreaterThan(0);
    await node.stop();
  }, 60_000);
}
