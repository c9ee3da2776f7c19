/** Why a link did not come about, in sentences for the person who waits for it. It knows reasons, not how they are found. */
import { REFUSALS, type Refusal } from '../../protocol/messages.ts';
import { LlamboError } from '../../shared/errors.ts';
import type { LinkEnd } from './peer-link.ts';

interface Sentences {
  readonly message: string;
  readonly advice: string;
}

const NEW_LINK = 'Ask for the link again, and open all of it.';
const LATER = 'Try again in a moment.';
const REPORT = 'Reload both pages, so that they run the same version. If it stays, please report it.';

/** They will not have us. */
const BY_THEM: Readonly<Record<Refusal, Sentences>> = {
  version: { message: 'The swarm runs another version of Llambo.', advice: 'Reload this page; if it stays, the others should reload theirs.' },
  secret: { message: 'The secret in this link is not the one of the swarm.', advice: NEW_LINK },
  identity: { message: 'The swarm could not verify who this tab is.', advice: 'Reload this page. An old browser may lack the signatures that the others use.' },
  full: { message: 'The swarm is full.', advice: 'Wait until somebody leaves, or found another swarm.' },
  barred: { message: 'This device was barred from the swarm.', advice: 'Ask the person who founded it.' },
  'not-admitted': { message: 'Nobody let this tab in.', advice: 'Ask somebody in the swarm to open the door, and try again.' },
  duplicate: { message: 'There is a link with this peer already.', advice: 'Nothing needs to be done.' },
  protocol: { message: 'The other side did not understand this tab.', advice: REPORT },
  flood: { message: 'This tab sent more than the other side takes.', advice: LATER },
  leaving: { message: 'The other side is just leaving.', advice: LATER },
};

/** We will not have them. */
const BY_US: Readonly<Record<Refusal, Sentences>> = {
  version: { message: 'The other side runs a version of Llambo that this one does not understand.', advice: 'Reload both pages.' },
  secret: { message: "The other side does not know the swarm's secret.", advice: NEW_LINK },
  identity: { message: 'The other side is not who it says it is.', advice: 'Have its page reloaded. An old browser here may lack the signatures that it uses.' },
  full: { message: 'The swarm is full.', advice: 'Wait until somebody leaves.' },
  barred: { message: 'That device was barred from the swarm.', advice: 'The person who founded the swarm can lift it.' },
  'not-admitted': { message: 'The newcomer was not let in.', advice: 'It can ask again.' },
  duplicate: { message: 'There is a link with this peer already.', advice: 'Nothing needs to be done.' },
  protocol: { message: 'The other side sent what this tab does not understand.', advice: REPORT },
  flood: { message: 'The other side sent more than this tab takes.', advice: 'Nothing needs to be done: the link was closed.' },
  leaving: { message: 'This tab is just leaving.', advice: LATER },
};

/**
 * @param by who refused
 * @param what the particular rule that was broken, for logs
 * @returns `refused`, with `details.reason` and `details.by`
 */
export function refusedError(reason: Refusal, by: 'us' | 'them', what?: string): LlamboError {
  const { message, advice } = (by === 'us' ? BY_US : BY_THEM)[reason];
  return new LlamboError('refused', message, { advice, details: { reason, by, ...(what === undefined ? {} : { what }) } });
}

/** What to tell those who wait for something over a link that ended. */
export function linkError(end: LinkEnd): LlamboError {
  switch (end.kind) {
    case 'refused':
      return refusedError(end.reason, 'them');
    case 'duplicate':
      return refusedError('duplicate', 'them');
    case 'violation':
      return refusedError(end.reason, 'us', end.what);
    case 'left':
      return new LlamboError('peer-lost', 'The other tab left the swarm.', { advice: 'Ask again: somebody else may answer.' });
    case 'closed':
    case 'lost':
    case 'silent':
      return new LlamboError('peer-lost', 'The connection to the other tab ended.', { advice: LATER });
  }
}

/** Why a link was refused; null for any other error. */
export function refusalOf(error: unknown): Refusal | null {
  const reason = error instanceof LlamboError && error.code === 'refused' ? error.details?.['reason'] : undefined;
  return REFUSALS.find((known) => known === reason) ?? null;
}
