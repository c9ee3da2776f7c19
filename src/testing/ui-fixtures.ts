/** Snapshots of every state that the page can be in: for the gallery, for screenshots, for tests. */
import { initialConfig } from '../app/config/config-view.ts';
import type { Answer } from '../protocol/chat.ts';
import type { AppStore } from '../protocol/app-store.ts';
import type { Commands } from '../protocol/commands.ts';
import type { NodeInfo } from '../protocol/engine-node.ts';
import type { ModelInfo } from '../protocol/models.ts';
import type { AssistantTurn, Capabilities, Conversation, Notice, Reply, ReplyState, Snapshot, Turn, UserTurn } from '../protocol/snapshot.ts';
import type { ConversationId, ModelHash, PeerId, TurnId } from '../shared/ids.ts';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 22, 19);
const hash = (letter: string): ModelHash => letter.repeat(64) as ModelHash;

let turns = 0;
const turnId = (): TurnId => `turn-${(turns += 1)}` as TurnId;
export const user = (text: string): UserTurn => ({ id: turnId(), role: 'user', text });
export const assistant = (...replies: Reply[]): AssistantTurn => ({ id: turnId(), role: 'assistant', replies, shown: replies.length - 1 });

export function doneReply(text: string, answer: Partial<Answer> = {}): Reply {
  return {
    text,
    state: {
      kind: 'done',
      answer: {
        finishReason: 'stop',
        usage: { promptTokens: 41, cachedTokens: 17, answerTokens: 128 },
        timings: { queueMs: 3, firstTokenMs: 412, tokensPerSecond: 23.4 },
        model: 'smollm2-135m',
        modelHash: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53' as ModelHash,
        node: '/n/llambo/local/0',
        seed: 2_718_281_828,
        profile: 'chat',
        ...answer,
      },
    },
  };
}
export const failedReply = (message: string, advice?: string): Reply => ({
  text: '',
  state: { kind: 'failed', error: { code: 'engine-crashed', message, ...(advice === undefined ? {} : { advice }) } },
});
const reply = (text: string, state: ReplyState): Reply => ({ text, state });

export const models: readonly ModelInfo[] = [
  { id: 'llambo-tiny-1', name: 'Llambo Tiny 1', license: 'MIT', origin: 'built-in', bytes: 1_048_576, sha256: hash('7c'.slice(0, 1)), hashSource: 'catalogue', tier: 'tiny', context: 256, singleTurn: true, goodAt: 'Sums, sorting and short facts, in an instant. Ships with the page.', state: { kind: 'stored' }, loaded: true },
  { id: 'smollm2-135m', name: 'SmolLM2 135M Instruct', license: 'Apache-2.0', origin: 'catalogue', bytes: 98_362_432, sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53' as ModelHash, hashSource: 'catalogue', tier: 'tiny', context: 2048, singleTurn: false, goodAt: 'Small talk, rewriting and simple questions in English.', state: { kind: 'downloading', done: 41_312_221, total: 98_362_432, bytesPerSecond: 3_140_000, waiting: false }, loaded: false },
  { id: 'qwen2.5-0.5b', name: 'Qwen2.5 0.5B Instruct', license: 'Apache-2.0', origin: 'catalogue', bytes: 491_400_032, sha256: hash('e'), hashSource: 'source', tier: 'medium', context: 4096, singleTurn: false, goodAt: 'Better at following instructions; needs about 700 MB of memory.', state: { kind: 'paused', done: 120_000_000, total: 491_400_032, reason: 'the connection was lost' }, loaded: false },
  { id: 'llama-3.2-1b', name: 'Llama 3.2 1B Instruct', license: 'Llama 3.2 Community', origin: 'catalogue', bytes: 807_694_464, sha256: null, hashSource: null, tier: 'large', context: 4096, singleTurn: false, goodAt: 'The best answers here, slowly.', state: { kind: 'remote' }, loaded: false },
  { id: 'smollm2-360m', name: 'SmolLM2 360M Instruct', license: 'Apache-2.0', origin: 'catalogue', bytes: 270_590_880, sha256: hash('4'), hashSource: 'catalogue', tier: 'medium', context: 2048, singleTurn: false, goodAt: 'A middle way between speed and sense.', state: { kind: 'outdated' }, loaded: false },
  { id: 'file-mine', name: 'my-finetune-q8_0.gguf', license: '', origin: 'file', bytes: 144_811_008, sha256: hash('a'), hashSource: 'first-use', tier: 'tiny', context: 2048, singleTurn: false, goodAt: '', state: { kind: 'stored' }, loaded: false },
];
const storedModels = models.map((model): ModelInfo => (model.id === 'smollm2-135m' ? { ...model, state: { kind: 'stored' }, loaded: true } : model));

const node: NodeInfo = {
  address: '/n/llambo/local/0', peer: 'local' as PeerId, local: true, shared: true, state: 'idle', model: { id: 'smollm2-135m', name: 'SmolLM2 135M Instruct', tier: 'tiny', hash: null, contextTokens: 2048 },
  slots: 2, busy: 0, waiting: 0, threads: 2, tokensPerSecond: 23.4, prefillPerSecond: 190, restarts: 0, memoryBytes: 320_000_000,
};
const capabilities: Capabilities = { isolated: true, simd: true, memory64: true, opfs: true, locks: true, cores: 8, problems: [] };

const conversationOf = (id: string, title: string, list: readonly Turn[]): Conversation => ({
  id: `chat-${id}` as ConversationId, title, createdAt: NOW - 60 * MINUTE, updatedAt: NOW, systemPrompt: '', sampling: {}, turns: list,
});

const titles = ['Packing list for Cusco', 'Why is the sky blue?', 'A very long title of a conversation that does not fit into the list', 'Regular expressions', 'שלום עולם', 'Sorting numbers'];
const conversations: Snapshot['conversations'] = titles.map((title, index) => ({ id: `chat-${index}` as ConversationId, title, updatedAt: NOW - index * 90 * MINUTE }));

const CODE_ANSWER = `Use a **generator**: it gives one value at a time and never builds the whole list.

\`\`\`python
def fibonacci(limit: int):
    """Yields the numbers below \`limit\`, in order."""
    a, b = 0, 1
    while a < limit:
        yield a
        a, b = b, a + b

print(list(fibonacci(100)))
\`\`\`

### How much it takes

| Numbers below | How many | Largest | Sum of all of them | Memory as a list |
|--------------:|---------:|--------:|-------------------:|:-----------------|
| 100           | 12       | 89      | 232                | 184 bytes        |
| 1,000,000     | 31       | 832,040 | 2,178,308          | 376 bytes        |

1. \`a\` is the number that comes next.
2. \`b\` is the one after it.
   - Both move on together, so no third variable is needed.

> A generator that is left early is closed for you.

See [the documentation](https://docs.python.org/3/) for more.`;

export const base: Snapshot = {
  version: '0.1.0', demo: false, ready: true, startup: null, capabilities, nodes: [node], models: storedModels,
  selectedModel: 'smollm2-135m', answeringModel: 'smollm2-135m',
  storage: { usedBytes: 514_220_032, quotaBytes: 10_000_000_000, persisted: true },
  conversations, conversation: conversationOf('0', 'New chat', []),
  templates: [
    { id: 'translate', name: 'Translate', text: 'Translate this to {{language}}:\n\n{{text}}' },
    { id: 'simple', name: 'Explain simply', text: 'Explain {{topic}} to a ten-year-old in three sentences.' },
    { id: 'proofread', name: 'Proofread', text: 'Correct the spelling of the following text and change nothing else.' },
  ],
  settings: { nodes: 0, threads: 0, name: '', fusion: { policy: 'auto' }, stayHere: false, sharing: { on: true, slots: 0, tokensPerHour: 0, keptModels: [] } }, native: { servers: [], test: null }, swarm: null, askedNode: null, config: initialConfig, notices: [],
};

const notices: readonly Notice[] = [
  { id: 'n1', level: 'info', text: 'Deleted “Regular expressions”.', action: { label: 'Undo', command: 'undo-delete' } },
  { id: 'n2', level: 'error', text: 'The file from models.example.org is not the one that was promised.', advice: 'It was removed. Try another source, or ask its owner.' },
  { id: 'n3', level: 'warning', text: 'This conversation is longer than the model can read (2,410 of 2,048 tokens).', action: { label: 'Drop the oldest turns and ask again', command: 'drop-oldest-and-retry' } },
];

const codeTurns = [user('How do I list the Fibonacci numbers below 100 in Python?'), assistant(doneReply('An older try.'), doneReply(CODE_ANSWER))];
const talk = (...list: Turn[]): Partial<Snapshot> => ({ conversation: conversationOf('0', titles[0]!, list) });
const busy: Partial<Snapshot> = { nodes: [{ ...node, state: 'busy', busy: 1 }] };

/** By name, as the gallery's address has it. */
export const scenes: Readonly<Record<string, Snapshot>> = {
  empty: { ...base, conversations: [] },
  loading: { ...base, ready: false, startup: 'Loading Llambo Tiny 1', nodes: [{ ...node, state: 'loading', model: null }], answeringModel: null },
  downloading: { ...base, models, answeringModel: 'llambo-tiny-1', ...talk(user('What is 47 + 38?'), assistant(doneReply('47 + 38 = 85.', { model: 'llambo-tiny-1', timings: { queueMs: 1, firstTokenMs: 18, tokensPerSecond: 412 }, usage: { promptTokens: 12, cachedTokens: 0, answerTokens: 9 } }))) },
  waiting: { ...base, ...busy, ...talk(user('What should I pack for Cusco in July?'), assistant(reply('', { kind: 'waiting', place: 2 }))) },
  prefill: { ...base, ...busy, ...talk(user('What should I pack for Cusco in July?'), assistant(reply('', { kind: 'prefill', done: 120, total: 900, model: 'smollm2-135m' }))) },
  streaming: { ...base, ...busy, ...talk(...codeTurns, user('And in Rust?'), assistant(reply('In Rust it is an **iterator**. The shortest way is `std::iter::successors`:\n\n```rust\nfn fibonacci(limit: u64) -> impl Iterator<Item = u64> {\n    std::iter::successors(Some((0, 1)), |', { kind: 'writing', model: 'smollm2-135m' }))) },
  long: { ...base, ...talk(...codeTurns, user('Thanks! What does “yield” mean here?\n\nShort, please.'), assistant(doneReply('It hands out one value and waits there until the next is asked for.', { finishReason: 'length' })), user('¿Y en español?'), assistant(doneReply('Entrega un valor y espera hasta que se pida el siguiente.'))) },
  huge: { ...base, ...talk(user('Write a book'), assistant(doneReply(`${CODE_ANSWER}\n\n`.repeat(120)))) },
  errors: {
    ...base, notices, capabilities: { ...capabilities, isolated: false, problems: [{ code: 'not-isolated', message: 'This page is not isolated, so each engine runs on one thread.', advice: 'Answers take longer. Serve it with the COOP and COEP headers that the README lists.', fatal: false }] },
    ...talk(user('Tell me a story'), assistant(reply('Once upon a time, high in the Andes, there was a llama who', { kind: 'interrupted', model: 'smollm2-135m' })), user('Go on'), assistant(failedReply('The engine stopped in mid-answer.', 'It was started again. Try once more; if it happens again, choose a smaller model.'))),
  },
  fatal: { ...base, ready: false, nodes: [], answeringModel: null, capabilities: { ...capabilities, simd: false, problems: [{ code: 'no-simd', message: 'It has no WebAssembly SIMD, which every engine needs.', advice: 'Use Chrome or Edge 91, Firefox 89, Safari 16.4, or anything newer.', fatal: true }] } },
  demo: { ...base, demo: true, ...talk(...codeTurns) },
  hostile: { ...base, ...talk(user('<script>alert(1)</script> ‮ evil'), assistant(doneReply('<img src=x onerror=alert(1)> and [a link](javascript:alert(1)) and ![pixel](https://tracker.example/p.png)\n\nمرحبا بالعالم، هذا نص من اليمين إلى اليسار.\n\n' + 'unbreakable'.repeat(40)))) },
};

/** A store that shows `snapshot` until it is given another, and hands each command to `onCommand`. There is nothing to read, unless `read` says so. */
export function fixtureStore(snapshot: Snapshot, onCommand: (name: string, args: readonly unknown[]) => void = () => undefined, read: AppStore['read'] = () => Promise.resolve([])): AppStore & { set(next: Snapshot): void } {
  let current = snapshot;
  const listeners = new Set<() => void>();
  const commands = new Proxy({} as Commands, { get: (_target, name) => (...args: unknown[]) => onCommand(String(name), args) });
  return {
    snapshot: () => current,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    commands,
    read,
    set(next) {
      current = next;
      for (const listener of listeners) listener();
    },
  };
}
