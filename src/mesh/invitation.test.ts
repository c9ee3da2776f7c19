import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endpointIdSchema } from '../protocol/peer-schema.ts';
import { LIMITS } from '../protocol/limits.ts';
import { LlamboError } from '../shared/errors.ts';
import { createFakeCrypto } from '../testing/fake-crypto.ts';
import * as v from 'valibot';
import type { DeviceId } from '../shared/ids.ts';
import { foundRoom, openInvitation, openRoom, parseInvitation, SECRET_BYTES, withFounder } from './invitation.ts';
import { createWebCrypto } from './platform/web-crypto.ts';

const crypto = createFakeCrypto();
const secret = foundRoom(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9]));
const room = await openRoom(secret, crypto);
const link = room.link('https://example.org/llambo/');
const words = room.code.split(' ');

async function failure(text: string): Promise<LlamboError> {
  const error = await openInvitation(text, crypto).then(() => null, (reason: unknown) => reason);
  if (!(error instanceof LlamboError)) throw new Error(`"${text}" was taken`);
  expect(error.code).toBe('bad-request');
  expect(error.advice).toBeTruthy();
  return error;
}

describe('an invitation', () => {
  it('is a link whose fragment holds room and secret, and six words', () => {
    expect(link).toBe(`https://example.org/llambo/#/swarm/${room.id}?k=${secret}`);
    expect(room.id).toMatch(/^[a-z2-7]{16}$/);
    expect(secret).toMatch(/^[\w-]{11}$/);
    expect(words).toHaveLength(6);
  });

  it('replaces what was in the fragment', () => expect(room.link(link)).toBe(link));

  it.each([
    ['as it is', link],
    ['the fragment alone', link.slice(link.indexOf('#'))],
    ['with blanks around', `  \n${link} \t`],
    ['in angle brackets', `<${link}>`],
    ['within a sentence', `Come to ${link}, it is nice.`],
    ['in quotes, before another line', `"${link}"\nSee you`],
    ['broken in the room', `${link.slice(0, 40)}\r\n${link.slice(40)}`],
    ['broken in the secret, and quoted', `> ${link.slice(0, -4)}\n> ${link.slice(-4)}`],
    ['with escapes', link.replace('#', '%23').replace('?', '%3F').replace('=', '%3D')],
    ['from another page', link.replace('https://example.org/llambo/', 'http://localhost:8400/')],
    ['as words', words.join(' ')],
    ['as words in capitals, with commas', words.join(', ').toUpperCase()],
    ['as words with dashes and blanks', `  ${words.join(' - ')} `],
    ['as a numbered list', words.map((word, index) => `${index + 1}. ${word}`).join('\n')],
    ['as the first four letters of each word', words.map((word) => word.slice(0, 4)).join(' ')],
  ])('is understood %s', async (_, text) => {
    expect((await openInvitation(text, crypto)).link('')).toBe(room.link(''));
  });

  it.each([
    ['', /Paste a link/],
    ['https://example.org/llambo/', /leads to no swarm/],
    [link.replace(/\?k=.*/, ''), /secret is missing/],
    [link.replace(/k=.*/, 'k='), /secret is missing/],
    [link.slice(0, -1), /secret at the end.*has 10 characters/],
    [`${link}x`, /secret at the end.*has 12 characters/],
    [link.replace(room.id, room.id.slice(1)), /room in this link is damaged.*has 15 characters/],
    [link.replace(room.id, 'a'.repeat(16)), /do not belong together/],
    [link.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), /do not belong together/],
    [words.slice(1).join(' '), /six words; this has 5/],
    ['hello', /this has one/],
    [words.with(2, 'abandn').join(' '), /Word 3, "abandn"/],
    [words.with(1, 'aba').join(' '), /Word 2, "aba"/],
    ['x'.repeat(LIMITS.invitationChars + 1), /too long/],
  ])('says what is wrong with "%s"', async (text, message) => {
    expect((await failure(text)).message).toMatch(message);
  });

  it('names the nearest words', async () => {
    expect((await failure(words.with(2, 'abandn').join(' '))).advice).toBe('Did you mean "abandon"?');
    expect((await failure(words.with(0, 'teh').join(' '))).advice).toContain('"ten"');
    expect((await failure(words.with(0, 'qqqqqqqq').join(' '))).advice).toBe('Check how it is spelt.');
  });

  it('survives from words to link and back, whatever the secret', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: SECRET_BYTES, maxLength: SECRET_BYTES }), async (random) => {
        const one = await openRoom(foundRoom(random), crypto);
        expect((await openInvitation(one.code, crypto)).link('')).toBe(one.link(''));
        expect((await openInvitation(one.link('https://a/'), crypto)).code).toBe(one.code);
      }),
      { numRuns: 200 },
    );
  });

  it('never fails with anything but a sentence', async () => {
    const text = fc.oneof(fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) }), fc.string().map((tail) => link.slice(0, 30) + tail), fc.array(fc.constantFrom(...words, 'abc', '?'), { maxLength: 8 }).map((list) => list.join(' ')));
    await fc.assert(fc.asyncProperty(text, async (input) => {
      const error = await parseInvitation(input).then(() => null, (reason: unknown) => reason);
      if (error !== null) expect(error).toMatchObject({ name: 'LlamboError', code: 'bad-request' });
    }));
  });
});

describe('an invitation that names the founder', () => {
  const founder = 'abcdefghij234567klmn' as DeviceId;
  const named = withFounder(link, founder);

  it.each([
    ['as it is', named],
    ['within a sentence', `Come to ${named}, it is nice.`],
    ['broken in the founder', `${named.slice(0, -5)}\r\n${named.slice(-5)}`],
    ['broken before the founder', named.replace('&', '\n&')],
    ['with escapes', named.replace('&', '%26').replace(/=/g, '%3D')],
    ['as mark-up', named.replace('&', '&amp;')],
  ])('is understood %s', async (_, text) => {
    const opened = await openInvitation(text, crypto);
    expect([opened.id, opened.founder]).toEqual([room.id, founder]);
  });

  it('is refused where that name is damaged: without it, anybody could say who founded', async () => {
    for (const text of [named.slice(0, -1), `${named}a`, named.replace(founder, ''), named.replace(founder, 'A1')]) {
      expect((await failure(text)).message).toMatch(/end of this link is damaged/);
    }
  });

  it('names nobody where nobody is named', async () => {
    expect(withFounder(link, null)).toBe(link);
    expect((await openInvitation(link, crypto)).founder).toBe(null);
    expect((await openInvitation(room.code, crypto)).founder).toBe(null);
  });
});

describe('a room', () => {
  it('has doors of its own for each transport', () => {
    const doors = ['w', 'b', 's'].flatMap((letter) => Array.from({ length: LIMITS.doors }, (_, door) => room.door(letter, door)));
    expect(new Set(doors).size).toBe(doors.length);
    for (const door of doors) expect(v.is(endpointIdSchema, door)).toBe(true);
    expect(room.door('w', 0)).toMatch(/^w-[a-z2-7]{20}$/);
    expect(() => room.door('w', LIMITS.doors)).toThrow('no door');
  });

  it('knows its own MACs', async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const mac = await room.keys.mac(bytes);
    const other = await openRoom(foundRoom(new Uint8Array(9)), crypto);
    expect(await room.keys.isMac(mac, bytes)).toBe(true);
    expect(await room.keys.isMac(mac, new Uint8Array([1, 2]))).toBe(false);
    expect(await other.keys.isMac(mac, bytes)).toBe(false);
    expect(await room.keys.isMac(mac.slice(1), bytes)).toBe(false);
  });

  // Whoever writes a second implementation starts here.
  it('is what the protocol says, with real cryptography', async () => {
    const real = await openRoom(foundRoom(new Uint8Array(9)), createWebCrypto());
    expect(real.code).toBe('abandon abandon abandon abandon abandon abandon');
    expect([real.link(''), real.door('w', 0), await real.keys.mac(new Uint8Array([1, 2, 3]))]).toMatchInlineSnapshot(`
      [
        "#/swarm/uskws6guhkxep6jp?k=AAAAAAAAAAA",
        "w-dpcn2tpihihjvzbqrs7m",
        "VHkgsLKq4XVuwDcAEGhdk_wTKvOcEQszdgFQquuTKto",
      ]
    `);
  });
});
