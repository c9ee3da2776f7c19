/**
 * What a person typed to join: a link or six words. Only what can be seen from its shape; whether the words are of the
 * list and the secret is right is found out by joining. Pure.
 */

/** Characters. An invitation has some hundred; more is a mistake of the clipboard. */
const LONGEST = 2048;
const WORDS = 6;

/** @returns the invitation, tidied up; or what is wrong with it, for the person. */
export function checkInvitation(text: string): { invitation: string } | { wrong: string } {
  const typed = text.trim();
  if (typed === '') return { wrong: 'Paste an invitation link, or type its six words.' };
  if (typed.length > LONGEST) return { wrong: 'That is too long for an invitation. Copy the link once more.' };
  return /[/#?=]/.test(typed) ? checkLink(typed) : checkWords(typed);
}

function checkLink(link: string): { invitation: string } | { wrong: string } {
  if (!/#\/swarm\/./.test(link)) return { wrong: 'That link invites to no swarm. An invitation has “#/swarm/” in it.' };
  if (/\s/.test(link)) return { wrong: 'There is a gap in the link. Copy it in one piece.' };
  if (!/#\/swarm\/[^/?#&]+\?(?:[^#]*&)?k=[^#&]+(?:&[^#]*)?$/.test(link)) return { wrong: 'The link is cut off: the part after “k=” is missing. Copy all of it.' };
  return { invitation: link };
}

function checkWords(typed: string): { invitation: string } | { wrong: string } {
  const words = typed.toLowerCase().split(/[\s,.;·–-]+/).filter((word) => word !== '');
  const strange = words.find((word) => !/^[a-z]+$/.test(word));
  if (strange !== undefined) return { wrong: `“${strange.slice(0, 24)}” is no word of an invitation. They have letters a to z only.` };
  if (words.length !== WORDS) return { wrong: `An invitation has six words, this has ${words.length === 1 ? 'one' : words.length}.` };
  return { invitation: words.join(' ') };
}
