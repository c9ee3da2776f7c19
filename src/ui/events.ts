/**
 * What the elements of the page say. Every event bubbles and crosses shadow roots, so that `app-shell` hears it;
 * `event-commands.ts` maps those that are wishes to the app onto its commands.
 */
import type { Sampling } from '../protocol/chat.ts';
import type { ConfigValue } from '../protocol/config-fields.ts';
import type { NativeDraft } from '../protocol/native.ts';
import type { Verdict } from '../protocol/rules-schema.ts';
import type { PromptTemplate, Settings } from '../protocol/snapshot.ts';
import type { Address, ConversationId, DeviceId, TurnId } from '../shared/ids.ts';

/** Wishes to the app. */
export interface CommandEvents {
  'llambo-ask': { text: string };
  'llambo-stop': { turn: TurnId };
  'llambo-regenerate': { turn: TurnId };
  'llambo-continue': { turn: TurnId };
  'llambo-show-reply': { turn: TurnId; index: number };
  /** Of an answer made of several: run this candidate again, on this device. */
  'llambo-candidate-rerun': { turn: TurnId; candidate: number };
  'llambo-edit-and-ask': { turn: TurnId; text: string };

  'llambo-conversation-new': null;
  'llambo-conversation-open': { id: ConversationId };
  'llambo-conversation-rename': { id: ConversationId; title: string };
  'llambo-conversation-delete': { id: ConversationId };
  'llambo-conversations-export': { ids?: readonly ConversationId[] };
  'llambo-conversations-import': { file: File };
  'llambo-system-prompt-change': { text: string };
  'llambo-sampling-change': { sampling: Sampling };
  'llambo-template-save': { template: PromptTemplate };
  'llambo-template-delete': { id: string };

  'llambo-model-select': { id: string };
  'llambo-model-update': { id: string };
  'llambo-model-pause': { id: string };
  'llambo-model-delete': { id: string };
  'llambo-model-add-url': { url: string };
  'llambo-model-add-files': { files: readonly File[] };

  /** No invitation: found one, with a gate or without. */
  'llambo-swarm-join': { invitation?: string; gate?: boolean };
  'llambo-swarm-leave': null;
  /** Ask before anybody comes in, or let in whoever has the invitation. */
  'llambo-gate-set': { on: boolean };
  /** Let a device in, or remove and bar it. */
  'llambo-gate-admit': { device: DeviceId; verdict: Verdict };
  /** That device may let others in, or no more. */
  'llambo-gate-mark': { device: DeviceId; steward: boolean };
  /** Ask on this node and no other; null: the engines of this tab. */
  'llambo-ask-on': { node: Address | null };

  'llambo-server-add': { draft: NativeDraft };
  'llambo-server-change': { id: string; change: Partial<NativeDraft> };
  'llambo-server-remove': { id: string };
  'llambo-server-retry': { id: string };
  'llambo-server-test': { draft: NativeDraft };

  'llambo-settings-change': { settings: Partial<Settings> };
  /** The text of the configuration is looked at from now on. */
  'llambo-config-show': null;
  'llambo-config-set': { text: string };
  /** One key, as it may stand in the file; null: as if it were not there. */
  'llambo-config-value': { key: string; value: ConfigValue | null };
  'llambo-config-import': { file: File };
  'llambo-config-export': null;
  'llambo-config-reset': null;
  'llambo-notice-dismiss': { id: string };
  'llambo-notice-act': { id: string };
}

export type Panel = 'models' | 'settings' | 'templates' | 'shortcuts' | 'swarm';

/** What concerns the page alone. */
export interface PageEvents {
  /** Open a dialog or drawer. */
  'llambo-panel-open': { panel: Panel };
  /** A dialog or drawer closed. */
  'llambo-panel-close': { panel: Panel };
  'llambo-sidebar-toggle': null;
  /** Put this template into the prompt box, asking for its fields first. */
  'llambo-template-use': { template: PromptTemplate };
  /** Put this text into the prompt box. */
  'llambo-prompt-fill': { text: string };
  /** Open the person's last message for editing. */
  'llambo-prompt-edit-last': null;
  /** Say this to people who listen instead of look. */
  'llambo-announce': { text: string };
}

export type UiEventDetails = CommandEvents & PageEvents;
export type UiEventMap = { [Name in keyof UiEventDetails]: CustomEvent<UiEventDetails[Name]> };

declare global {
  // oxlint-disable-next-line typescript/no-empty-object-type -- a mapped type can only be merged in by extending it
  interface GlobalEventHandlersEventMap extends UiEventMap {}
}

/** Dispatches one of our events. */
export function emit<Name extends keyof UiEventDetails>(source: HTMLElement, name: Name, detail: UiEventDetails[Name]): void {
  source.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
}
