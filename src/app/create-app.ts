/**
 * Composition: the only place that knows all modules. It builds them, connects what one tells to what another shows,
 * and starts them in the order in which a visitor needs them.
 */
import { createSharingLedger } from '../mesh/tasks/sharing.ts';
import { createTaskServer } from '../mesh/tasks/task-server.ts';
import type { AppStore } from '../protocol/app-store.ts';
import type { Llambo } from '../protocol/llambo.ts';
import type { CatalogEntry } from '../protocol/models.ts';
import { background, deferred } from '../shared/abort.ts';
import { LlamboError } from '../shared/errors.ts';
import { nodeAddress } from '../shared/ids.ts';
import { openEngines } from './app-engines.ts';
import type { AppOptions } from './app-options.ts';
import { createCandidateChecks } from './candidate-checks.ts';
import { createChat } from './chat.ts';
import { createConfig } from './config/config.ts';
import { createControl } from './control.ts';
import { createConversations } from './conversations.ts';
import { createConversationStorage } from './conversation-storage.ts';
import { createEventLog } from './event-log.ts';
import { createInsight } from './insight.ts';
import { createLibraryCommands } from './library-commands.ts';
import { createLlamboApi } from './llambo-api.ts';
import { createModelCommands } from './model-commands.ts';
import { createNotices } from './notices.ts';
import { openOrchestrator } from './open-orchestrator.ts';
import { sharedNode } from './own-nodes.ts';
import { createMetricsReader } from './metrics-reader.ts';
import { nextTurn } from './next-turn.ts';
import { saveFile } from './save-file.ts';
import { createScaling } from './scaling.ts';
import { selfFacts } from './self-facts.ts';
import { savePreferences } from './settings-storage.ts';
import { createState } from './state.ts';
import { initialSnapshot, mirrorIntoState } from './snapshot.ts';
import { createSwarm, type AppSwarm } from './swarm.ts';
import { createSwarmPolicy } from './swarm-policy.ts';

export interface App {
  readonly store: AppStore;
  readonly llambo: Llambo;
  /** Brings the engines up. Settles when the wanted model is loaded or has failed (the page says why). */
  start(): Promise<void>;
  /** Ends every answer and frees everything. */
  stop(): Promise<void>;
  /** The tab was hidden, and may be gone without another word; or it is seen again. */
  setVisible(visible: boolean): void;
  /** The tab goes now. */
  onGone(): void;
  /** The browser kept the page, and shows it again. */
  onBack(): void;
}

export function createApp(options: AppOptions): App {
  const { env, capabilities } = options;
  const builtIn = options.catalog.find((entry) => entry.builtIn)?.id ?? options.catalog[0]?.id ?? '';
  const state = createState(initialSnapshot(options, builtIn));
  const log = createEventLog(env.clock);
  const notices = createNotices(state, env.random);
  const config = createConfig({ ...options.config, state, notices, setSettings: (change) => appStore.commands.setSettings(change), download: saveFile });
  const locks = capabilities.locks ? navigator.locks : null;
  const ready = deferred<void>();

  const { peer, device } = options;
  const control = createControl({ peer, device });
  const swarmPolicy = createSwarmPolicy({ config, log, notices });
  const { pool, store, engines, natives, nativeCommands, own, offered, stop: stopEngines } = openEngines({ options, state, log, notices, config, locks, builtIn });
  const catalogued = (id: string): CatalogEntry | null => engines.entry(id) ?? offered(id);
  let visible = true;
  const sharing = createSharingLedger(env.clock, state.get().settings.sharing);
  const tasks = createTaskServer({ env, ledger: sharing, node: (name) => sharedNode(own, nodeAddress(peer, name)) });
  const given = (): number => tasks.given().filter((task) => task.state === 'running').length;
  const insight = createInsight({ clock: env.clock, self: peer, device, state, log, tasks, remote: (...question) => swarm.read(...question) });
  const swarm: AppSwarm = createSwarm({
    state, log, notices,
    facts: () =>
      selfFacts({ visible, mobile: options.mobile, peer, nodes: own.nodes(), lineOf: tasks.line, settings: state.get().settings, cores: capabilities.cores, busy: given() }),
    onMesh(mesh, founds) {
      control.attach(mesh);
      swarmPolicy.attach(mesh, founds);
    },
    createMesh: (invitation, facts, gated) => options.createMesh(invitation, { facts, tasks, serve: insight.serve, gated, signalling: config.signalling() }),
    showAddress: options.showAddress,
  });
  const { orchestrator, ask } = openOrchestrator({
    env, control, own, state, log, insight, config,
    remote: swarm.node,
    chosenModel: () => (engines.answering() === builtIn ? null : engines.answering()),
    samplingOf: (id) => catalogued(id)?.sampling ?? {},
  });
  const scaling = createScaling({ clock: env.clock, pool, engines, store, orchestrator, control, config, state, log, cores: capabilities.cores, entry: offered });
  const conversations = createConversations({
    env,
    state,
    storage: createConversationStorage(),
    channel: new BroadcastChannel('llambo:conversations'),
    locks,
    onError: (error) => notices.report(error, 'This conversation can\'t be stored'),
  });
  const chat = createChat({
    env, conversations, notices, ask,
    open: () => state.get().conversation.id,
    entry: catalogued,
    model() {
      const asked = state.get().askedNode;
      const remote = asked === null ? undefined : swarm.remoteNodes().find(({ address }) => address === asked);
      return remote?.model?.id ?? engines.answering();
    },
    askedNode: () => state.get().askedNode,
    staysHere: () => state.get().settings.stayHere,
    fusion: () => state.get().settings.fusion,
    forgetAskedNode: () => state.set({ askedNode: null }),
    ready: ready.promise,
  });

  let model = options.preferences.model;
  const remember = (): void => {
    const { settings, templates } = state.get();
    background(savePreferences({ settings, templates, model }), (error) => notices.report(error, 'Your settings can\'t be stored'));
  };
  const rememberModel = (id: string): void => {
    model = id;
    remember();
  };

  const appStore: AppStore = {
    snapshot: () => state.get(),
    subscribe: (listener) => state.subscribe(listener),
    read: insight.read,
    commands: {
      ...chat,
      ...createCandidateChecks({ conversations, ask, open: () => state.get().conversation.id, entry: catalogued }),
      ...createModelCommands({ store, engines, notices, log, builtIn, remember: rememberModel }),
      ...createLibraryCommands({ env, state, conversations, notices, remember, download: saveFile }),
      ...config.commands,
      ...nativeCommands,
      joinSwarm: swarm.joinSwarm,
      leaveSwarm: swarm.leaveSwarm,
      askOn: swarm.askOn,
      setGate: swarm.setGate,
      admit: swarm.admitDevice,
      mark: swarm.mark,
      setSettings(change) {
        state.set({ settings: { ...state.get().settings, ...change } });
        remember();
        sharing.set(state.get().settings.sharing);
        swarm.refresh();
        background(engines.applySettings(), (error) => notices.report(error, 'The engines could not be changed'));
      },
      dismiss: (id) => notices.dismiss(id),
      act: (id) => notices.act(id),
    },
  };

  async function start(): Promise<void> {
    config.start();
    background(conversations.start(), (error) => notices.report(error, 'Your conversations can\'t be read'));
    background(natives.start(), (error) => notices.report(error, 'Your servers can\'t be read'));
    const fatal = capabilities.problems.find((problem) => problem.fatal);
    if (fatal) {
      ready.reject(new LlamboError('unsupported', fatal.message, { advice: fatal.advice }));
      state.set({ startup: null });
      return;
    }
    try {
      await engines.start();
      ready.resolve();
    } catch (error) {
      notices.report(error, 'The built-in engine does not start');
      if (!options.model || options.model === builtIn) ready.reject(error);
    }
    state.set({ startup: null });
    if (!options.model || options.model === builtIn) return;
    await engines.select(options.model).then(
      () => ready.resolve(),
      (error: unknown) => {
        ready.reject(error);
        notices.report(error, 'The chosen model is not available');
      },
    );
  }

  mirrorIntoState({ state, pool, natives, store, engines, notices });
  own.onChange(swarm.refresh);
  tasks.onChange(swarm.refresh);
  tasks.onNews((news) => {
    if (news.type !== 'ended') return;
    const { peer: from, node, tokens } = news.task;
    log.add({ type: 'task for others', peer: from, node, tokens, code: news.error });
  });

  return {
    store: appStore,
    llambo: createLlamboApi({ version: options.version, ready: ready.promise, store, engines, state, log, ask, swarm, metrics: createMetricsReader(insight.metrics, nextTurn), read: insight.read }),
    start,
    async stop() {
      insight.close();
      scaling.close();
      orchestrator.close();
      await swarm.leave();
      await conversations.flush();
      await stopEngines();
    },
    setVisible(now) {
      visible = now;
      if (!now) conversations.noteLastWords();
      swarm.refresh();
    },
    onGone() {
      conversations.noteLastWords();
      swarm.sayGoodbye();
    },
    onBack: swarm.comeBack,
  };
}
