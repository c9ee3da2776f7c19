/** What the page says of servers, and what it takes from their form. Pure, but for `URL`. */
import { LIMITS } from '../../protocol/limits.ts';
import type { NodeInfo } from '../../protocol/engine-node.ts';
import type { NativeDraft, NativeServer, NativeTest } from '../../protocol/native.ts';
import { plural } from '../format.ts';
import { safeText } from '../swarm/safe-text.ts';

/** What a server does now, in one line. */
export function stateWords(node: NodeInfo | undefined): string {
  if (!node) return 'Not connected';
  const { state, model, slots, busy, waiting, problem } = node;
  switch (state) {
    case 'loading':
      return 'Connecting…';
    case 'error':
      return problem ?? 'It does not answer.';
    case 'stopped':
      return 'Removed';
    case 'idle':
    case 'busy':
      return `${safeText(model?.name ?? '', 60, 'a model')} · ${busy + waiting === 0 ? 'ready' : `${busy} of ${slots} at work${waiting > 0 ? `, ${waiting} waiting` : ''}`}`;
  }
}

/** The host of an address, for a list. */
export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);

const isSameHost = (typed: string, known: string): boolean => URL.canParse(typed) && URL.canParse(known) && new URL(typed).origin === new URL(known).origin;

/** What is to be changed of a server. A key that is not typed stays, but goes to no other server than the one that it was given for. */
export function changeOf(draft: NativeDraft, { url }: Pick<NativeServer, 'url'>): Partial<NativeDraft> {
  const { key, ...rest } = draft;
  return key === '' && isSameHost(draft.url, url) ? rest : draft;
}

/** What a look at a server found, in a sentence. */
export function testWords(test: NativeTest): string {
  switch (test.state) {
    case 'running':
      return 'Looking…';
    case 'good': {
      const others = test.models.length - 1;
      const more = others > 0 ? ` It has ${plural(others, 'other model')}.` : '';
      return `It answers, with ${safeText(test.model, 60, 'a model')}: ${plural(test.slots, 'answer')} at once, ${test.contextTokens.toLocaleString('en')} tokens each.${more}`;
    }
    case 'failed':
      return test.error.message;
  }
}

/** @returns what is wrong with an address, or empty */
export function wrongAddress(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return 'Type the address of a server first.';
  if (trimmed.length > LIMITS.nativeUrlChars) return 'This address is too long.';
  if (!URL.canParse(trimmed)) return 'This is not a full address. It should begin with http:// or https://';
  const { protocol, username, password, search } = new URL(trimmed);
  if (search !== '') return 'Leave out what begins with “?”: a key has its own field, and nothing else of it would be sent.';
  if (protocol !== 'http:' && protocol !== 'https:') return 'The address should begin with http:// or https://';
  return username !== '' || password !== '' ? 'Put the key into its own field, not into the address.' : '';
}

/** The fields of the form, as text. */
export type NativeFields = Readonly<Record<'url' | 'key' | 'model' | 'slots' | 'contextTokens' | 'tier', string>> & { readonly share: boolean };

export const NEW_FIELDS: NativeFields = { url: '', key: '', model: '', slots: '', contextTokens: '', tier: 'large', share: false };

/** @param server one that is to be changed; its key is not known here */
export const fieldsOf = ({ url, model, slots, contextTokens, tier, share }: NativeServer): NativeFields => ({
  url, model, tier, share,
  key: '',
  slots: slots === 0 ? '' : String(slots),
  contextTokens: contextTokens === 0 ? '' : String(contextTokens),
});

export function draftOf({ url, key, model, slots, contextTokens, tier, share }: NativeFields): NativeDraft {
  return {
    url: url.trim(),
    key: key.trim(),
    model: model.trim(),
    slots: bounded(slots, LIMITS.nativeSlots),
    contextTokens: bounded(contextTokens, 2 ** 24),
    tier: tier === 'tiny' || tier === 'medium' ? tier : 'large',
    share,
  };
}

function bounded(text: string, most: number): number {
  const value = Math.round(Number(text));
  return Number.isFinite(value) ? Math.min(most, Math.max(0, value)) : 0;
}
