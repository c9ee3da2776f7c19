/**
 * How people hand on a swarm: as a link, or as six words. Both are the room's secret, 66 random bits; everything else of a
 * room (its id, its key, its doors) is made of that. The secret is in the link's fragment, which browsers don't send to
 * servers. It knows nothing of who is in a room.
 */
import { LIMITS } from '../protocol/limits.ts';
import { LlamboError } from '../shared/errors.ts';
import type { DeviceId, EndpointId, RoomId } from '../shared/ids.ts';
import { nearestWords } from '../shared/nearest-words.ts';
import { encodeBase32, encodeBase64url, sameText, utf8 } from './bytes.ts';
import type { RoomKeys, SecretCrypto } from './identity.ts';

declare const brand: unique symbol;
/** 66 bits as 11 characters of base64url: whoever has it is in. */
export type RoomSecret = string & { readonly [brand]: 'RoomSecret' };

export interface Invitation {
  readonly secret: RoomSecret;
  /** What the link says, to be compared with what the secret gives; null if it came as words. */
  readonly room: string | null;
  /** Who founded the swarm: in links to swarms whose newcomers are let in by hand. */
  readonly founder: DeviceId | null;
}

export interface Room {
  readonly id: RoomId;
  readonly keys: RoomKeys;
  /** The six words. */
  readonly code: string;
  /** The well-known id of a door, `0` to `LIMITS.doors - 1`. @param letter of the transport: `w`, `b`, `s` */
  door(letter: string, door: number): EndpointId;
  /** @param page the page's address; its fragment is replaced */
  link(page: string): string;
}

const WORDS = 6;
const WORD_BITS = 11;
const CHARACTERS = 11;
const CHARACTER_BITS = 6;
const ROOM_CHARACTERS = 16;
const DOOR_CHARACTERS = 20;
/** Letters of the transports that there are. */
const LETTERS = ['w', 'b', 's'];
/** What OWASP asks for PBKDF2-HMAC-SHA-512, and more than a third of what it asks for SHA-256; 66 random bits need neither, but it is 60 ms once. */
const ITERATIONS = 210_000;

/** Bytes that {@link foundRoom} wants. */
export const SECRET_BYTES = 9;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The 2,048 words of BIP-39 in English: known to be told apart by four letters, and by ear. Loaded when they are needed. */
const wordList = async (): Promise<readonly string[]> => (await import('@scure/bip39/wordlists/english.js')).wordlist;

/** A new room. @param random at least {@link SECRET_BYTES} random bytes */
export const foundRoom = (random: Uint8Array): RoomSecret => encodeBase64url(random.subarray(0, SECRET_BYTES)).slice(0, CHARACTERS) as RoomSecret;

const refuse = (message: string, advice: string): LlamboError => new LlamboError('bad-request', message, { advice });
const AGAIN = 'Copy the whole link again.';

/**
 * @param text a link, also one that a mail program broke or wrapped, or the six words
 * @throws LlamboError `bad-request`: says which part is wrong
 */
export async function parseInvitation(text: string): Promise<Invitation> {
  if (text.length > LIMITS.invitationChars) throw refuse('This is too long for a link or a code.', AGAIN);
  return /[/#]|\?k=/.test(text) ? parseLink(text) : { secret: await parseWords(text), room: null, founder: null };
}

/** What a link looks like when nothing happened to it. What follows the secret must not look like more of it; a founder is there in full or not at all. */
const LINK = /\/swarm\/([a-z2-7]{16})\/?\?k=([\w-]{11})(?![\w-])(?:&f=([a-z2-7]{20})(?![\w-])|(?!&f))/i;
const ESCAPED: Readonly<Record<string, string>> = { '%23': '#', '%26': '&', '%2f': '/', '%3a': ':', '%3d': '=', '%3f': '?', '&amp;': '&' };

function parseLink(text: string): Invitation {
  const plain = text.replace(/%(23|26|2f|3a|3d|3f)|&amp;/gi, (code) => ESCAPED[code.toLowerCase()]!);
  // A link within other text stays whole; else it may have been broken into lines, and marked as quoted.
  const squeezed = plain.replace(/[\s<>"']+/g, '');
  const found = [LINK.exec(plain), LINK.exec(squeezed)];
  // With the founder, if a line break came before it.
  const whole = found.find((match) => match?.[3] !== undefined) ?? found.find((match) => match !== null);
  if (!whole) throw damaged(squeezed);
  const [, room, secret, founder] = whole;
  return { secret: secret as RoomSecret, room: room!.toLowerCase(), founder: (founder?.toLowerCase() ?? null) as DeviceId | null };
}

/** Which part of a link is not as it should be. */
function damaged(link: string): LlamboError {
  const [, room, rest] = /\/swarm\/([^?]*)(.*)$/i.exec(link) ?? [];
  if (room === undefined || rest === undefined) return refuse('This link leads to no swarm: what follows the # is missing.', AGAIN);
  const [, secret, founder] = /[?&]k=(.*?)(?:&f(.*))?$/.exec(rest) ?? [];
  if (!secret) return refuse('The secret is missing: a link to a swarm ends with "?k=" and eleven characters.', AGAIN);
  if (!/^[\w-]{11}$/.test(secret)) return refuse(`The secret at the end of this link is damaged: it has ${secret.length} characters and needs ${CHARACTERS} letters or digits.`, AGAIN);
  if (founder !== undefined && /^[a-z2-7]{16}$/i.test(room)) return refuse('The end of this link is damaged: after "&f=" there must be twenty letters or digits.', AGAIN);
  return refuse(`The room in this link is damaged: it has ${room.length} characters between "/swarm/" and "?", and needs ${ROOM_CHARACTERS} letters or digits.`, AGAIN);
}

async function parseWords(text: string): Promise<RoomSecret> {
  const words = text.normalize('NFKC').toLowerCase().split(/[^\p{L}]+/u).filter((word) => word !== '');
  if (words.length === 0) throw refuse('Paste a link to a swarm, or type its six words.', 'Whoever is in the swarm finds both under "Invite".');
  if (words.length !== WORDS) {
    throw refuse(`A code has six words; this has ${words.length === 1 ? 'one' : words.length}.`, 'Check that none is missing and none is there twice, or paste the link.');
  }
  const list = await wordList();
  const numbers = words.map((word, index) => numberOf(word, index, list));
  return spellSecret(numbers);
}

/** A word counts by its first four letters, because no two of the list share them. */
function numberOf(word: string, index: number, list: readonly string[]): number {
  const exact = list.indexOf(word);
  const number = exact === -1 && word.length >= 4 ? list.findIndex((known) => known.startsWith(word)) : exact;
  if (number !== -1) return number;
  const near = nearestWords(word, list);
  const shown = word.length > 20 ? `${word.slice(0, 20)}…` : word;
  throw refuse(`Word ${index + 1}, "${shown}", is none of the words that codes are made of.`, near.length > 0 ? `Did you mean ${near.map((known) => `"${known}"`).join(' or ')}?` : 'Check how it is spelt.');
}

/** Six numbers of 11 bits as eleven characters of 6, the first bits first. */
function spellSecret(numbers: readonly number[]): RoomSecret {
  const bits = numbers.map((number) => number.toString(2).padStart(WORD_BITS, '0')).join('');
  return Array.from({ length: CHARACTERS }, (_, index) => ALPHABET[parseInt(bits.slice(index * CHARACTER_BITS, (index + 1) * CHARACTER_BITS), 2)]).join('') as RoomSecret;
}

async function wordsOf(secret: RoomSecret): Promise<string> {
  const list = await wordList();
  const bits = Array.from(secret, (character) => ALPHABET.indexOf(character).toString(2).padStart(CHARACTER_BITS, '0')).join('');
  return Array.from({ length: WORDS }, (_, index) => list[parseInt(bits.slice(index * WORD_BITS, (index + 1) * WORD_BITS), 2)]).join(' ');
}

/** The room of a secret: one slow hash, and from its result one quick one for each thing that is needed. */
export async function openRoom(secret: RoomSecret, crypto: SecretCrypto): Promise<Room> {
  const master = await crypto.stretch(utf8(secret), utf8('llambo room 1'), ITERATIONS);
  const make = (label: string): Promise<Uint8Array> => crypto.hmac(master, utf8(label));
  const makeDoor = async (letter: string, door: number): Promise<[string, EndpointId]> => {
    const name = encodeBase32(await make(`llambo/1 door ${letter} ${door}`)).slice(0, DOOR_CHARACTERS);
    return [`${letter} ${door}`, `${letter}-${name}` as EndpointId];
  };
  const numbers = Array.from({ length: LIMITS.doors }, (_, door) => door);
  const [idBytes, key, code, ids] = await Promise.all([
    make('llambo/1 room id'),
    make('llambo/1 room key'),
    wordsOf(secret),
    Promise.all(LETTERS.flatMap((letter) => numbers.map((door) => makeDoor(letter, door)))),
  ]);
  const id = encodeBase32(idBytes).slice(0, ROOM_CHARACTERS) as RoomId;
  const doors = new Map(ids);
  const mac = async (bytes: Uint8Array): Promise<string> => encodeBase64url(await crypto.hmac(key, bytes));
  return {
    id,
    keys: { mac, isMac: async (claimed, bytes) => sameText(claimed, await mac(bytes)) },
    code,
    door(letter, door) {
      const found = doors.get(`${letter} ${door}`);
      if (!found) throw new LlamboError('internal', `There is no door ${letter} ${door}.`);
      return found;
    },
    link: (page) => `${page.replace(/#[^]*$/, '')}#/swarm/${id}?k=${secret}`,
  };
}

/**
 * From what a person pasted or typed to the room.
 * @throws LlamboError `bad-request`: says which part is wrong
 */
export async function openInvitation(text: string, crypto: SecretCrypto): Promise<Room & Pick<Invitation, 'founder'>> {
  const { secret, room, founder } = await parseInvitation(text);
  const opened = await openRoom(secret, crypto);
  if (room !== null && room !== opened.id) {
    throw refuse('The room and the secret in this link do not belong together: one of them was changed on the way.', AGAIN);
  }
  return { ...opened, founder };
}

/** The link of a swarm whose newcomers are let in by hand names the founder. @param link as `Room.link` gives it */
export const withFounder = (link: string, founder: DeviceId | null): string => (founder === null ? link : `${link}&f=${founder}`);
