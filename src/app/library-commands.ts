/** The sidebar's commands: conversations as a list and as files, prompt templates, settings of one conversation. */
import type { Commands } from '../protocol/commands.ts';
import { LIMITS } from '../protocol/limits.ts';
import { samplingSchema } from '../protocol/request.ts';
import { background } from '../shared/abort.ts';
import type { Env } from '../shared/env.ts';
import { LlamboError } from '../shared/errors.ts';
import * as v from 'valibot';
import { readConversations, writeConversations } from './conversation-file.ts';
import type { Conversations } from './conversations.ts';
import type { Notices } from './notices.ts';
import type { State } from './state.ts';

export interface LibraryCommandsDeps {
  readonly env: Env;
  readonly state: State;
  readonly conversations: Conversations;
  readonly notices: Notices;
  /** Stores the templates. */
  remember(): void;
  /** Hands a file to the person. */
  download(name: string, content: string): void;
}

type LibraryCommands = Pick<
  Commands,
  | 'newConversation' | 'openConversation' | 'renameConversation' | 'deleteConversation' | 'setSystemPrompt' | 'setSampling'
  | 'exportConversations' | 'importConversations' | 'saveTemplate' | 'deleteTemplate'
>;

export function createLibraryCommands(deps: LibraryCommandsDeps): LibraryCommands {
  const { env, state, conversations, notices } = deps;
  const run = (what: string, work: Promise<unknown>): void => background(work, (error) => notices.report(error, what));
  const openId = () => state.get().conversation.id;

  async function remove(id: Parameters<Commands['deleteConversation']>[0]): Promise<void> {
    const removed = await conversations.remove(id);
    if (!removed || removed.turns.length === 0) return;
    notices.add({ level: 'info', text: `"${removed.title}" was deleted.`, action: { label: 'Undo', command: 'undo-delete' } }, () =>
      run("It can't be brought back", conversations.put(removed).then(() => conversations.open(id))),
    );
  }

  async function importFile(file: File): Promise<void> {
    if (file.size > LIMITS.importBytes) {
      throw new LlamboError('bad-request', `The file has ${Math.round(file.size / 1e6)} MB; the most is ${Math.round(LIMITS.importBytes / 1e6)} MB.`);
    }
    const all = readConversations(await file.text(), env);
    for (const conversation of all) await conversations.put(conversation);
    if (all[0]) await conversations.open(all[0].id);
    notices.add({ level: 'info', text: `${all.length} ${all.length === 1 ? 'conversation' : 'conversations'} imported.` });
  }

  async function exportAll(ids?: Parameters<Commands['exportConversations']>[0]): Promise<void> {
    const all = await conversations.loadAll(ids);
    if (all.length === 0) return notices.add({ level: 'info', text: 'There is no conversation to export yet.' });
    const date = new Date(env.clock.wallTime()).toISOString().slice(0, 10);
    deps.download(`llambo-conversations-${date}.json`, writeConversations(all));
  }

  const setTemplates = (templates: ReturnType<State['get']>['templates']): void => {
    state.set({ templates });
    deps.remember();
  };

  return {
    newConversation: () => conversations.openNew(),
    openConversation: (id) => run("That conversation can't be opened", conversations.open(id)),
    renameConversation(id, title) {
      const rename = async (): Promise<void> => {
        const [conversation] = await conversations.loadAll([id]);
        if (!conversation) return;
        if (id === openId()) conversations.change(id, (current) => ({ ...current, title }));
        else await conversations.put({ ...conversation, title });
      };
      run("It can't be renamed", rename());
    },
    deleteConversation: (id) => run("It can't be deleted", remove(id)),
    setSystemPrompt: (text) => conversations.change(openId(), (conversation) => ({ ...conversation, systemPrompt: text.slice(0, LIMITS.requestChars) })),
    setSampling(sampling) {
      const checked = v.safeParse(samplingSchema, sampling);
      if (checked.success) conversations.change(openId(), (conversation) => ({ ...conversation, sampling }));
      else notices.report(new LlamboError('bad-request', checked.issues[0].message), 'That setting is out of range');
    },
    exportConversations: (ids) => run("They can't be exported", exportAll(ids)),
    importConversations: (file) => run("That file can't be imported", importFile(file)),
    saveTemplate(template) {
      const saved = template.id === '' ? { ...template, id: env.random.id() } : template;
      const others = state.get().templates.filter(({ id }) => id !== saved.id);
      setTemplates([...others, saved].sort((a, b) => a.name.localeCompare(b.name)));
    },
    deleteTemplate: (id) => setTemplates(state.get().templates.filter((template) => template.id !== id)),
  };
}
