/** What the UI can ask of the app. Each returns at once; effects show in the next snapshot, failures as notices. */
import type { Address, ConversationId, DeviceId, TurnId } from '../shared/ids.ts';
import type { Sampling } from './chat.ts';
import type { NativeDraft } from './native.ts';
import type { ConfigValue } from './config-fields.ts';
import type { Verdict } from './rules-schema.ts';
import type { Notice, PromptTemplate, Settings } from './snapshot.ts';

export interface Commands {
  ask(text: string): void;
  stop(turn: TurnId): void;
  /** A new reply to the same question; the old one stays and can be shown again. */
  regenerate(turn: TurnId): void;
  /** Goes on writing where an interrupted, stopped or length-limited reply ended. */
  continueReply(turn: TurnId): void;
  showReply(turn: TurnId, index: number): void;
  /** Runs a candidate of a fused answer again in this tab; the reply's `checks` say whether it is the same. */
  rerunCandidate(turn: TurnId, candidate: number): void;
  /** Replaces the person's message, drops what came after it (undo is offered), and asks again. */
  editAndAsk(turn: TurnId, text: string): void;

  newConversation(): void;
  openConversation(id: ConversationId): void;
  renameConversation(id: ConversationId, title: string): void;
  deleteConversation(id: ConversationId): void;
  setSystemPrompt(text: string): void;
  setSampling(sampling: Sampling): void;
  /** Starts a download of a JSON file with these conversations; all if none are named. */
  exportConversations(ids?: readonly ConversationId[]): void;
  importConversations(file: File): void;
  /** An empty id makes a new one. */
  saveTemplate(template: PromptTemplate): void;
  deleteTemplate(id: string): void;

  /** Downloads it if needed and loads it; it answers from then on. */
  selectModel(id: string): void;
  /** For an `outdated` model: downloads the newer file; the old one is kept, and answers, until the new one has loaded. */
  updateModel(id: string): void;
  addModelFromUrl(url: string): void;
  /** One GGUF, or all parts of a split one. */
  addModelFromFiles(files: readonly File[]): void;
  /** Keeps what has arrived; `selectModel` resumes. */
  pauseDownload(id: string): void;
  deleteModel(id: string): void;

  /** Founds a swarm, with a gate or without, or joins the one of a link or of a six-word code. Leaves another one first. */
  joinSwarm(invitation?: string, options?: { gate?: boolean }): void;
  leaveSwarm(): void;
  /** The founder: newcomers are let in by hand from now on, or the invitation is enough. */
  setGate(on: boolean): void;
  /** The founder or a steward: lets a device in, or removes and bars it. */
  admit(device: DeviceId, verdict: Verdict): void;
  /** The founder: that device may let others in, or may not any more. */
  mark(device: DeviceId, steward: boolean): void;
  /** Asks on this node and no other; null: the engines of this tab. Holds until changed. */
  askOn(node: Address | null): void;

  /** A server with OpenAI's interface becomes a node of this tab. Its key stays in this tab. */
  addServer(draft: NativeDraft): void;
  /** What is not named stays, the key too. */
  changeServer(id: string, change: Partial<NativeDraft>): void;
  removeServer(id: string): void;
  /** Looks again at a server that did not answer. */
  retryServer(id: string): void;
  /** Looks at a server without adding it; `snapshot().native.test` has the outcome. */
  testServer(draft: NativeDraft): void;

  setSettings(settings: Partial<Settings>): void;
  /** The page shows the configuration's text from now on. */
  showConfig(): void;
  /** A whole `swarm.yaml` instead of the person's own. What is wrong with it shows in `config.problems`, and nothing is taken. */
  setConfig(text: string): void;
  /** One key of it (`swarm.queue.most`), as it may stand in the file; null: as if it were not there. */
  setConfigValue(key: string, value: ConfigValue | null): void;
  importConfig(file: File): void;
  /** Starts a download of `swarm.yaml`. */
  exportConfig(): void;
  /** Takes back all that the person changed; undo is offered. */
  resetConfig(): void;
  dismiss(notice: Notice['id']): void;
  act(notice: Notice['id']): void;
}
