import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Mesh } from '../mesh/mesh-types.ts';
import type { GivenTask } from '../mesh/tasks/guest.ts';
import type { NodeInfo } from '../protocol/engine-node.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { LogEvent } from '../protocol/log-event.ts';
import { formatPath, parsePath } from '../protocol/namespace.ts';
import { parseMessage } from '../protocol/parse.ts';
import type { PeerInfo } from '../protocol/peer.ts';
import type { Snapshot } from '../protocol/snapshot.ts';
import { LlamboError } from '../shared/errors.ts';
import { nodeAddress, type DeviceId, type JobId, type PeerId, type TaskId } from '../shared/ids.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createEventLog, type EventLog } from './event-log.ts';
import { createNamespaceReader, type NamespaceReader } from './namespace-reader.ts';
import { logText, tasksText, type TaskShape } from './namespace-text.ts';

const [SELF, BEN] = ['a'.repeat(20) as PeerId, 'b'.repeat(20) as PeerId];
const NODE = nodeAddress(SELF, '1');
const task = (id: string): TaskId => `task-${id}` as TaskId;

const node = (peer: PeerId, name: string, change: Partial<NodeInfo> = {}): NodeInfo => ({
  address: nodeAddress(peer, name), peer, local: peer === SELF, shared: true, state: 'busy', model: { id: 'tiny-1', name: 'Tiny 1', hash: null, tier: 'tiny', contextTokens: 256 }, slots: 4, busy: 2, waiting: 1,
  threads: 2, tokensPerSecond: 23.456, prefillPerSecond: 0, restarts: 0, memoryBytes: 1000, ...change,
});
const peer = (id: PeerId, change: Partial<PeerInfo> = {}): PeerInfo => ({
  id, device: 'd'.repeat(20) as DeviceId, name: id === SELF ? 'Anna' : 'Ben', self: id === SELF, leader: id === BEN, deputy: false, link: 'direct', path: null, rttMs: null, visible: true,
  nodes: [node(id, '1')], sharing: { slots: 4, busy: 1 }, links: [id === SELF ? BEN : SELF], joinedAt: 0, ...change,
});

interface Rig extends NamespaceReader {
  readonly log: EventLog;
  readonly asked: string[];
}
function rig({ peers = [peer(SELF), peer(BEN)] as readonly PeerInfo[] | null, shapes = [] as readonly TaskShape[], given = [] as readonly GivenTask[], own = [node(SELF, '1')] } = {}): Rig {
  const log = createEventLog(createManualClock(1000));
  const asked: string[] = [];
  const remote: Mesh['read'] = (whom, path) => {
    asked.push(`${whom} ${path}`);
    return Promise.resolve({ kind: 'file', text: 'from there\n' });
  };
  const state = { get: () => ({ nodes: own, swarm: peers && { peers }, settings: { name: 'Anna' } }) as unknown as Snapshot };
  return { ...createNamespaceReader({ self: SELF, device: null, state, log, workbook: { tasksOn: () => shapes }, tasks: { given: () => given }, remote }), log, asked };
}
const failure = (code: string, advice: RegExp): unknown => expect.objectContaining({ code, advice: expect.stringMatching(advice) as string });

describe('paths', () => {
  it('are read as they are written', () => {
    const name = fc.stringMatching(/^[a-z0-9-]{1,16}$/).filter((text) => !['name', 'links', 'sharing'].includes(text));
    const file = fc.constantFrom('status' as const, 'model' as const, 'load' as const, 'speed' as const, 'tasks' as const, 'log' as const);
    const path = fc.oneof(
      fc.constant({ at: 'root' as const }), fc.constant({ at: 'peer' as const, peer: BEN }), fc.record({ at: fc.constant('node' as const), peer: fc.constant(BEN), node: name }),
      fc.record({ at: fc.constant('node file' as const), peer: fc.constant(BEN), node: name, file }), fc.record({ at: fc.constant('peer file' as const), peer: fc.constant(BEN), file: fc.constantFrom('name' as const, 'links' as const) }),
    );
    fc.assert(
      fc.property(path, fc.boolean(), (one, slash) => {
        expect(parsePath(`${formatPath(one)}${slash ? '/' : ''}`, SELF)).toEqual(one);
      }),
    );
  });

  it('whatever they are, lead somewhere or are said to lead nowhere', async () => {
    const { read, serve } = rig();
    const part = fc.constantFrom('', '/', 'self', SELF, BEN, '1', 'status', 'tasks', 'name', '..', '/n/llambo', '\u202e');
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.array(part, { maxLength: 6 }).map((parts) => `/n/llambo/${parts.join('/')}`)), async (path) => {
        const found: unknown = await read(path).catch((error: unknown) => error);
        if (found instanceof Error) expect(found).toMatchObject({ code: 'not-found', advice: expect.any(String) as string });
        try {
          expect(['dir', 'file']).toContain(serve(path).kind);
        } catch (error) {
          expect(error).toBeInstanceOf(LlamboError);
        }
      }),
    );
  });
});

describe('reading', () => {
  it('goes from the peers to the files of a node', async () => {
    const { read } = rig();
    expect(await read('/n/llambo')).toEqual([`${SELF}/`, `${BEN}/`]);
    expect(await read('/n/llambo/self/')).toEqual(['name', 'links', 'sharing', '1/']);
    expect(await read(`/n/llambo/${BEN}/name`)).toBe(`name Ben\ndevice ${'d'.repeat(20)}\nleads yes\nvisible yes\n`);
    expect(await read('/n/llambo/self/links')).toBe(`${BEN} Ben\n`);
    expect(await read('/n/llambo/self/sharing')).toBe('slots 4\nbusy 1\n');
    expect(await read('/n/llambo/self/1')).toEqual(['status', 'model', 'load', 'speed', 'tasks', 'log']);
    expect(await read(`${NODE}/status`)).toBe('state busy\nproblem -\nthreads 2\nrestarts 0\nmemory-bytes 1000\nshared yes\n');
    expect(await read(`${NODE}/model`)).toBe('id tiny-1\nname Tiny 1\nhash -\ncontext-tokens 256\n');
    expect(await read(`${NODE}/load`)).toBe('slots 4\nbusy 2\nwaiting 1\n');
    expect(await read(`${NODE}/speed`)).toBe('tokens-per-second 23.46\nprefill-per-second -\n');
  });

  it('works in a tab that is alone', async () => {
    const { read } = rig({ peers: null });
    expect(await read('/n/llambo')).toEqual([`${SELF}/`]);
    expect(await read('/n/llambo/self/name')).toBe('name Anna\ndevice -\nleads no\nvisible yes\n');
  });

  it('shows tasks as shapes: its own, and those of others', async () => {
    const { read } = rig({
      shapes: [{ id: task('1'), state: 'running', tokens: 12, priority: 'batch', model: 'tiny-1', for: SELF }],
      given: [{ id: task('2'), peer: BEN, device: 'd' as DeviceId, node: NODE, state: 'waiting', tokens: 0 }, { id: task('3'), peer: BEN, device: 'd' as DeviceId, node: nodeAddress(SELF, '2'), state: 'waiting', tokens: 0 }],
    });
    expect(await read(`${NODE}/tasks`)).toBe(`task-1 running tokens 12 priority batch model tiny-1 for ${SELF}\ntask-2 waiting tokens 0 priority - model tiny-1 for ${BEN}\n`);
  });

  it('shows what the log has of that node, without the texts of errors', async () => {
    const { read, log } = rig();
    log.add({ type: 'task granted', task: task('1'), job: 'job-1' as JobId, node: NODE, model: 'tiny-1' });
    log.add({ type: 'task granted', task: task('2'), job: 'job-1' as JobId, node: nodeAddress(SELF, '2'), model: 'tiny-1' });
    log.add({ type: 'node failed', node: NODE, code: 'engine-crashed', message: 'could not read "my secret prompt"' });
    log.add({ type: 'moved', job: 'job-1' as JobId, from: NODE, to: nodeAddress(BEN, '1'), reason: 'engine-crashed' });
    expect(await read(`${NODE}/log`)).toBe(
      `1970-01-01T00:00:01.000Z task-granted task task-1 job job-1 model tiny-1\n1970-01-01T00:00:01.000Z node-failed code engine-crashed\n1970-01-01T00:00:01.000Z moved job job-1 from ${NODE} to ${nodeAddress(BEN, '1')} reason engine-crashed\n`,
    );
  });

  it('asks another tab for what only that one knows, by its own path', async () => {
    const { read, asked } = rig();
    expect(await read(`/n/llambo/${BEN}/1/load`)).toContain('slots 4');
    expect(asked).toEqual([]);
    expect(await read(`/n/llambo/${BEN}/1/tasks/`)).toBe('from there\n');
    expect(asked).toEqual([`${BEN} /n/llambo/${BEN}/1/tasks`]);
  });

  it('says what to read instead of what is not there', async () => {
    const { read } = rig();
    await expect(read('/etc/passwd')).rejects.toEqual(failure('not-found', /begin with \/n\/llambo/));
    await expect(read('/n/llambo/zoe')).rejects.toEqual(failure('not-found', /see who is there/));
    await expect(read('/n/llambo/self/7/load')).rejects.toEqual(failure('not-found', new RegExp(`Read /n/llambo/${SELF} `)));
    await expect(read('/n/llambo/self/1/prompts')).rejects.toEqual(failure('not-found', /status, model, load/));
  });
});

describe('others', () => {
  it('read this tab and nobody else through it', () => {
    const { serve } = rig();
    expect(serve(`${NODE}/load`)).toEqual({ kind: 'file', text: 'slots 4\nbusy 2\nwaiting 1\n' });
    expect(serve('/n/llambo/self/1')).toMatchObject({ kind: 'dir' });
    for (const path of ['/n/llambo', `/n/llambo/${BEN}`, `/n/llambo/${BEN}/1/load`, `/n/llambo/${BEN}/1/log`]) expect(() => serve(path)).toThrow(failure('not-found', /./));
  });
});

it('why a node is down is read here, and told to nobody else', async () => {
  const problem = 'No answer came from 192.168.1.5:8080.';
  const { read, serve } = rig({ own: [node(SELF, '1', { state: 'error', problem })] });
  expect(await read(`${NODE}/status`)).toContain(`problem ${problem}\n`);
  expect(serve(`${NODE}/status`)).toMatchObject({ text: expect.stringContaining('state error\nproblem -\n') as string });
});

describe('texts', () => {
  const hostile = fc.string({ unit: 'binary', maxLength: 400 });

  it('keep one value on one line, whatever a stranger is called', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (name) => {
        const { read } = rig({ peers: [peer(SELF), peer(BEN, { name, nodes: [node(BEN, '1', { model: { id: name, name, hash: null, tier: 'tiny', contextTokens: 1 }, problem: name })] })] });
        for (const [path, count] of [[`/n/llambo/${BEN}/name`, 4], [`/n/llambo/${BEN}/1/model`, 4], [`/n/llambo/${BEN}/1/status`, 6], ['/n/llambo/self/links', 1]] as const) {
          const text = (await read(path)) as string;
          expect(text.split(/[\n\r\u2028\u2029\u0085]/u)).toHaveLength(count + 1);
          expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/u);
        }
      }),
    );
  });

  it('fit into one message, however much there is to say', () => {
    const shape: TaskShape = { id: task('x'.repeat(32)), state: 'running', tokens: 32_768, priority: 'interactive', model: 'm'.repeat(256), for: BEN };
    const event = { time: 0, sequence: 0, type: 'task done', task: shape.id, node: BEN as never, tokens: 1e9, tokensPerSecond: 1 / 3 } as unknown as LogEvent;
    const texts = [tasksText(Array.from({ length: 2000 }, () => shape)), logText(Array.from({ length: 500 }, () => ({ ...event, job: 'j'.repeat(500) }) as LogEvent), NODE)];
    for (const text of texts) expect(parseMessage({ t: 'read-answer', id: 1, found: { kind: 'file', text } })).toMatchObject({ kind: 'message' });
    expect(texts[0]).toMatch(/more \d+\n$/);
    expect(texts[1]!.split('\n')).toHaveLength(101);
    expect(texts[1]!.length).toBeLessThanOrEqual(LIMITS.readChars);
  });
});
