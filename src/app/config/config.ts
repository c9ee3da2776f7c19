/**
 * The configuration that counts in this tab: the person's own file over the one beside the page over the defaults, and for
 * the swarm's part what the swarm decided, if it did. It tells whom it concerns when that changes. The device's part and
 * the person's settings are the same thing in two places: a change of one is a change of the other.
 */
import type { Commands } from '../../protocol/commands.ts';
import { DEFAULT_CONFIG, layConfig, toDevice, toPolicy } from '../../protocol/config-defaults.ts';
import { CONFIG_FIELDS, valueAt, type ConfigValue } from '../../protocol/config-fields.ts';
import type { ConfigInfo } from '../../protocol/config-info.ts';
import type { SwarmConfig, SwarmPart } from '../../protocol/config-schema.ts';
import type { SwarmPolicy } from '../../protocol/policy.ts';
import type { SignallingConfig } from '../../protocol/signalling.ts';
import type { Settings } from '../../protocol/snapshot.ts';
import { background } from '../../shared/abort.ts';
import { Emitter, type Unsubscribe } from '../../shared/emitter.ts';
import type { Notices } from '../notices.ts';
import type { State } from '../state.ts';
import { readConfigFile, type ConfigFile, type ConfigFiles } from './config-files.ts';
import type { ConfigStorage } from './config-storage.ts';
import { withKey } from './config-part.ts';
import { configView, firstOf } from './config-view.ts';
import { writeConfig } from './config-write.ts';

export type ConfigCommands = Pick<Commands, 'showConfig' | 'setConfig' | 'setConfigValue' | 'importConfig' | 'exportConfig' | 'resetConfig'>;

export interface ConfigDeps {
  readonly files: ConfigFiles;
  readonly storage: ConfigStorage;
  readonly state: State;
  readonly notices: Notices;
  /** As the settings drawer does it: stored and acted on. */
  setSettings(change: Partial<Settings>): void;
  /** Hands a file to the person. */
  download(name: string, content: string): void;
}

export interface Config {
  /** What counts, without the defaults. */
  current(): SwarmConfig;
  policy(): SwarmPolicy;
  /** Of a swarm that is joined from now on. */
  signalling(): SignallingConfig;
  /** What counts has changed. */
  onChange(listener: () => void): Unsubscribe;
  /** What the person here decided of the swarm's part, with all that the site says; null: nothing. */
  ownSwarmPart(): SwarmPart | null;
  /**
   * The person changed the swarm's part here, and may want others to have it: what all should have then. That is the
   * person's own with all that the site says; of a single key, what the swarm has with this one changed.
   */
  onOwnSwarmPart(listener: (part: SwarmPart) => void): Unsubscribe;
  /** What the swarm decided for all; null: nothing, or this tab is alone again. */
  setSwarmPart(part: SwarmPart | null): void;
  /** Tells what is wrong with the files, and at a first visit takes what the site says of devices. */
  start(): void;
  readonly commands: ConfigCommands;
}

/** A whole file, comments too; the parser says the bound in characters. */
const FILE_BYTES = 256 * 1024;

export function createConfig(deps: ConfigDeps): Config {
  const { files, storage, state, notices } = deps;
  const changes = new Emitter<void>();
  const ownChanges = new Emitter<SwarmPart>();
  const site = files.site?.config ?? {};
  /** The device's part of the site is taken once; after that it is the person's. */
  const below: SwarmConfig = site.swarm ? { swarm: site.swarm } : {};
  let own: ConfigFile | null = files.own;
  /** The person's file of an earlier visit, if it has mistakes: nothing is written in its place but by the person. */
  let broken: ConfigFile | null = null;
  let fromSwarm: SwarmPart | null = null;
  let said: Pick<ConfigInfo, 'problems' | 'refused'> = { problems: [], refused: null };
  let isShown = false;
  let settings = state.get().settings;
  let work: Promise<unknown> = Promise.resolve();

  const laid = (): SwarmConfig => layConfig(site, own?.config ?? {});
  function current(): SwarmConfig {
    const { swarm: _, ...device } = laid();
    const swarm = fromSwarm ?? laid().swarm;
    return { ...device, ...(swarm ? { swarm } : {}) };
  }
  const text = (): string => own?.text ?? writeConfig({}, below);
  /** One change after the other: each is made to the text that the last one left. */
  const inTurn = (what: string, job: () => Promise<void>): void => background((work = work.then(job, job)), (error) => notices.report(error, what));

  const publish = (): void =>
    state.set({ config: configView({ own: own?.config ?? {}, below, counts: current() }, { text: isShown ? text() : '', fromSwarm: fromSwarm !== null, ...said }) });

  /** @param decided what the whole swarm should have; absent: if the person's own part of the swarm changes, that */
  function keep(next: ConfigFile | null, decided?: SwarmPart): void {
    const before = current();
    const swarmBefore = laid().swarm ?? {};
    own = next;
    broken = null;
    said = { problems: [], refused: null };
    background(storage.save({ text: own?.text ?? null }), (error) => notices.report(error, 'The configuration can\'t be stored'));
    const swarm = laid().swarm ?? {};
    if (decided ? !isSame(decided, fromSwarm) : !isSame(swarm, swarmBefore)) ownChanges.emit(decided ?? swarm);
    publish();
    if (!isSame(current(), before)) changes.emit();
  }

  /** What a file says of the device is what the person wants from now on, and what it leaves out is the default. */
  function keepAndSet(next: ConfigFile | null, decided?: SwarmPart): void {
    keep(next, decided);
    const { settings: wanted } = toDevice(layConfig({ device: DEFAULT_CONFIG.device }, next?.config ?? {}));
    const changed = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => !isSame(value, settings[key as keyof Settings])));
    settings = { ...settings, ...changed };
    if (Object.keys(changed).length > 0) deps.setSettings(changed);
  }

  /** @returns whether it was taken */
  async function take(wanted: string): Promise<boolean> {
    const next = await readConfigFile(wanted, below);
    if (next.problems.length === 0) keepAndSet(next);
    else {
      said = { problems: next.problems, refused: wanted };
      publish();
    }
    return next.problems.length === 0;
  }

  async function takeValue(key: string, value: ConfigValue | null): Promise<void> {
    const { withValue } = await import('./config-yaml-edit.ts');
    // One with mistakes says nothing of the settings that the person has.
    const before = broken ? ((await withSettings()) ?? text()) : text();
    const next = await readConfigFile(withValue(before, key, value, below), below);
    // The rest of the person's own file is not the swarm's.
    const decided = fromSwarm && key.startsWith('swarm.') ? withKey(fromSwarm, key, valueAt(next.config, key)) : undefined;
    if (next.problems.length === 0) {
      if (broken) offerBack(broken);
      return keepAndSet(next, decided);
    }
    said = { problems: next.problems, refused: null };
    publish();
  }

  /** @returns the file with the settings as they are now; null if it has them */
  async function withSettings(): Promise<string | null> {
    const wanted = { device: { name: settings.name, nodes: settings.nodes, threads: settings.threads, sharing: settings.sharing } };
    const counts = layConfig({ device: DEFAULT_CONFIG.device }, own?.config ?? {});
    const stale = CONFIG_FIELDS.filter(({ key }) => valueAt(wanted, key) !== undefined && !isSame(valueAt(wanted, key), valueAt(counts, key)));
    if (stale.length === 0) return null;
    const { withValue } = await import('./config-yaml-edit.ts');
    return stale.reduce((edited, { key }) => withValue(edited, key, valueAt(wanted, key)!, below), text());
  }

  /** The settings were changed elsewhere in the page: the file follows, unless it waits to be mended. */
  async function follow(): Promise<void> {
    const wanted = broken ? null : await withSettings();
    if (wanted === null) return;
    const next = await readConfigFile(wanted, below);
    if (next.problems.length === 0) keep(next);
  }

  state.subscribe(() => {
    if (state.get().settings === settings) return;
    settings = state.get().settings;
    if (own !== null || isShown) inTurn('The configuration could not follow the settings', follow);
  });

  async function importFile(file: File): Promise<void> {
    if (file.size > FILE_BYTES) return notices.add({ level: 'error', text: `${file.name} is too large for a swarm.yaml.` });
    const taken = await take(await file.text());
    if (taken) notices.add({ level: 'info', text: `${file.name} counts from now on.` });
    else notices.add({ level: 'error', text: `${file.name} was not taken: ${firstOf(said.problems)}`, advice: 'The settings show the file with all that is wrong in it.' });
  }

  /** Shown as what was refused, so that it can be mended; it counts for nothing. */
  function putBack(file: ConfigFile): void {
    own = null;
    broken = file;
    said = { problems: file.problems, refused: file.text };
  }

  function offerBack(file: ConfigFile): void {
    const text = 'Your swarm.yaml had mistakes. What you changed now has taken its place.';
    notices.add({ level: 'info', text, action: { label: 'Undo', command: 'undo-edit' } }, () => {
      keep(null);
      putBack(file);
      background(storage.save({ text: file.text }), (error) => notices.report(error, 'The configuration can\'t be stored'));
      publish();
    });
  }

  function reset(): void {
    const before = own;
    keepAndSet(null);
    if (before) notices.add({ level: 'info', text: 'Your changes of the configuration were taken back.', action: { label: 'Undo', command: 'undo-edit' } }, () => keepAndSet(before));
  }

  function start(): void {
    tellProblems('The swarm.yaml of this site', files.site, notices);
    tellProblems('Your own swarm.yaml', files.own, notices);
    if (files.own && files.own.problems.length > 0) putBack(files.own);
    publish();
    const { settings: wanted } = toDevice(site);
    const untouched = Object.entries(toDevice({ device: DEFAULT_CONFIG.device }).settings).every(([key, value]) => isSame(value, settings[key as keyof Settings]));
    if (files.isFirstVisit && untouched) deps.setSettings(wanted);
    if (files.isFirstVisit) background(storage.save({ text: null }), () => undefined);
  }

  return {
    current,
    policy: () => toPolicy(current()),
    signalling: () => toDevice(current()).signalling,
    onChange: (listener) => changes.on(listener),
    ownSwarmPart: () => (Object.keys(own?.config.swarm ?? {}).length > 0 ? (laid().swarm ?? null) : null),
    onOwnSwarmPart: (listener) => ownChanges.on(listener),
    setSwarmPart(part) {
      if (isSame(part, fromSwarm)) return;
      fromSwarm = part;
      publish();
      changes.emit();
    },
    start,
    commands: {
      showConfig() {
        isShown = true;
        if (broken) putBack(broken);
        publish();
        inTurn('The configuration could not follow the settings', follow);
      },
      setConfig: (wanted) => inTurn('The configuration could not be read', async () => void (await take(wanted))),
      setConfigValue: (key, value) => inTurn('The configuration could not be changed', () => takeValue(key, value)),
      importConfig: (file) => inTurn('That file can\'t be imported', () => importFile(file)),
      exportConfig: () => deps.download('swarm.yaml', files.site && Object.keys(below).length > 0 ? writeConfig(current()) : text()),
      resetConfig: () => inTurn('The configuration could not be changed', async () => reset()),
    },
  };
}

/** Of plain values whose keys come in the same order. */
const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

function tellProblems(what: string, file: ConfigFile | null, notices: Notices): void {
  if (!file || file.problems.length === 0) return;
  const allowed = file.problems[0]?.allowed ?? null;
  notices.add({ level: 'warning', text: `${what} does not count: ${firstOf(file.problems)}`, advice: allowed === null ? 'It is as if it were not there until it is mended.' : `Allowed: ${allowed}.` });
}
