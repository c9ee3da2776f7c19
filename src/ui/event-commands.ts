/** The one place where what the page says becomes what the app does. */
import type { Commands } from '../protocol/commands.ts';
import type { CommandEvents } from './events.ts';

type Translation = { readonly [Name in keyof CommandEvents]: (commands: Commands, detail: CommandEvents[Name]) => void };

const translation: Translation = {
  'llambo-ask': (commands, { text }) => commands.ask(text),
  'llambo-stop': (commands, { turn }) => commands.stop(turn),
  'llambo-regenerate': (commands, { turn }) => commands.regenerate(turn),
  'llambo-continue': (commands, { turn }) => commands.continueReply(turn),
  'llambo-show-reply': (commands, { turn, index }) => commands.showReply(turn, index),
  'llambo-candidate-rerun': (commands, { turn, candidate }) => commands.rerunCandidate(turn, candidate),
  'llambo-edit-and-ask': (commands, { turn, text }) => commands.editAndAsk(turn, text),

  'llambo-conversation-new': (commands) => commands.newConversation(),
  'llambo-conversation-open': (commands, { id }) => commands.openConversation(id),
  'llambo-conversation-rename': (commands, { id, title }) => commands.renameConversation(id, title),
  'llambo-conversation-delete': (commands, { id }) => commands.deleteConversation(id),
  'llambo-conversations-export': (commands, { ids }) => commands.exportConversations(ids),
  'llambo-conversations-import': (commands, { file }) => commands.importConversations(file),
  'llambo-system-prompt-change': (commands, { text }) => commands.setSystemPrompt(text),
  'llambo-sampling-change': (commands, { sampling }) => commands.setSampling(sampling),
  'llambo-template-save': (commands, { template }) => commands.saveTemplate(template),
  'llambo-template-delete': (commands, { id }) => commands.deleteTemplate(id),

  'llambo-model-select': (commands, { id }) => commands.selectModel(id),
  'llambo-model-update': (commands, { id }) => commands.updateModel(id),
  'llambo-model-pause': (commands, { id }) => commands.pauseDownload(id),
  'llambo-model-delete': (commands, { id }) => commands.deleteModel(id),
  'llambo-model-add-url': (commands, { url }) => commands.addModelFromUrl(url),
  'llambo-model-add-files': (commands, { files }) => commands.addModelFromFiles(files),

  'llambo-swarm-join': (commands, { invitation, gate }) => (gate ? commands.joinSwarm(invitation, { gate }) : commands.joinSwarm(invitation)),
  'llambo-swarm-leave': (commands) => commands.leaveSwarm(),
  'llambo-gate-set': (commands, { on }) => commands.setGate(on),
  'llambo-gate-admit': (commands, { device, verdict }) => commands.admit(device, verdict),
  'llambo-gate-mark': (commands, { device, steward }) => commands.mark(device, steward),
  'llambo-ask-on': (commands, { node }) => commands.askOn(node),

  'llambo-server-add': (commands, { draft }) => commands.addServer(draft),
  'llambo-server-change': (commands, { id, change }) => commands.changeServer(id, change),
  'llambo-server-remove': (commands, { id }) => commands.removeServer(id),
  'llambo-server-retry': (commands, { id }) => commands.retryServer(id),
  'llambo-server-test': (commands, { draft }) => commands.testServer(draft),

  'llambo-settings-change': (commands, { settings }) => commands.setSettings(settings),
  'llambo-config-show': (commands) => commands.showConfig(),
  'llambo-config-set': (commands, { text }) => commands.setConfig(text),
  'llambo-config-value': (commands, { key, value }) => commands.setConfigValue(key, value),
  'llambo-config-import': (commands, { file }) => commands.importConfig(file),
  'llambo-config-export': (commands) => commands.exportConfig(),
  'llambo-config-reset': (commands) => commands.resetConfig(),
  'llambo-notice-dismiss': (commands, { id }) => commands.dismiss(id),
  'llambo-notice-act': (commands, { id }) => commands.act(id),
};

/** Obeys every command event that reaches `root`. */
export function obeyCommandEvents(root: HTMLElement, commands: () => Commands): void {
  const obey = <Name extends keyof CommandEvents>(name: Name): void => {
    const command = translation[name];
    root.addEventListener(name as string, (event) => command(commands(), (event as CustomEvent<CommandEvents[Name]>).detail));
  };
  for (const name of Object.keys(translation)) obey(name as keyof CommandEvents);
}
