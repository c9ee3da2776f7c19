import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../testing/manual-clock.ts';
import { linkedPair } from '../../testing/mesh-peers.ts';
import { certificateBytes } from '../identity.ts';
import { foundRoom, openRoom } from '../invitation.ts';
import { createWebCrypto, type CryptoLike, type WebCrypto } from './web-crypto.ts';

const platform = globalThis.crypto;

/** A browser from before Ed25519: it neither makes such keys nor reads them. */
function oldPlatform(): CryptoLike {
  const known = (algorithm: unknown): boolean => (algorithm as { name?: string }).name !== 'Ed25519';
  const unknown = (): Promise<never> => Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'));
  const subtle = new Proxy(platform.subtle, {
    get(target, name: keyof SubtleCrypto) {
      const method = (target[name] as (...args: unknown[]) => Promise<unknown>).bind(target);
      if (name === 'generateKey') return (...args: unknown[]) => (known(args[0]) ? method(...args) : unknown());
      if (name === 'importKey') return (...args: unknown[]) => (known(args[2]) ? method(...args) : unknown());
      return method;
    },
  });
  return { subtle, getRandomValues: (array) => platform.getRandomValues(array) };
}

const newIdentity = async (crypto: WebCrypto): ReturnType<WebCrypto['newIdentity']> => crypto.newIdentity(await crypto.newKeys());

describe.each([
  ['Ed25519', createWebCrypto(platform), 32],
  ['P-256, where a browser lacks Ed25519', createWebCrypto(oldPlatform()), 65],
])('keys of %s', (_, crypto, keyBytes) => {
  it('make an identity whose device certified its page', async () => {
    const { key, deviceKey, certificate, peer, device } = await newIdentity(crypto);
    expect(key.length).toBe(Math.ceil((keyBytes * 4) / 3));
    expect([peer, device]).toEqual([await crypto.idOf(key), await crypto.idOf(deviceKey)]);
    expect(peer).toMatch(/^[a-z2-7]{20}$/);
    expect(await crypto.verify(deviceKey, certificate, certificateBytes(key))).toBe(true);
    expect(await crypto.verify(key, certificate, certificateBytes(key))).toBe(false);
    expect(await crypto.verify(deviceKey, certificate, certificateBytes(deviceKey))).toBe(false);
  });

  it('never leave the browser', async () => {
    const { privateKey } = await crypto.newKeys();
    expect(privateKey.extractable).toBe(false);
  });

  it('sign nothing that other bytes pass for, and take garbage for no signature', async () => {
    const identity = await newIdentity(crypto);
    const bytes = new Uint8Array([1, 2, 3]);
    const signature = await identity.sign(bytes);
    expect(await crypto.verify(identity.key, signature, bytes)).toBe(true);
    expect(await crypto.verify(identity.key, signature, new Uint8Array([1, 2]))).toBe(false);
    for (const garbage of ['', '!', signature.slice(4), `${signature}AAAA`, 'A'.repeat(signature.length)]) {
      expect(await crypto.verify(identity.key, garbage, bytes), garbage).toBe(false);
      expect(await crypto.verify(garbage, signature, bytes), garbage).toBe(false);
    }
    expect(await crypto.verify('A'.repeat(identity.key.length), signature, bytes)).toBe(false);
  });
});

describe('cryptography of the browser', () => {
  it('says what to do where the page has none', () => {
    const insecure: CryptoLike = { getRandomValues: (array) => array };
    expect(() => createWebCrypto(insecure)).toThrow(expect.objectContaining({ code: 'unsupported', advice: expect.stringContaining('https://') as unknown }));
  });

  it('checks P-256 keys also where it makes others, so that both kinds meet', async () => {
    const identity = await newIdentity(createWebCrypto(oldPlatform()));
    const bytes = new Uint8Array([7]);
    expect(await createWebCrypto(platform).verify(identity.key, await identity.sign(bytes), bytes)).toBe(true);
  });

  it('takes a key that it does not know for one that does not fit', async () => {
    const identity = await newIdentity(createWebCrypto(platform));
    const bytes = new Uint8Array([7]);
    expect(await createWebCrypto(oldPlatform()).verify(identity.key, await identity.sign(bytes), bytes)).toBe(false);
  });

  it('signs with the key of the device what must count after this page', async () => {
    const crypto = createWebCrypto(platform);
    const identity = await newIdentity(crypto);
    const bytes = new Uint8Array([7]);
    expect(await crypto.verify(identity.deviceKey, await identity.signAsDevice(bytes), bytes)).toBe(true);
    expect(await crypto.verify(identity.key, await identity.signAsDevice(bytes), bytes)).toBe(false);
  });

  it('draws nonces that differ', () => {
    const crypto = createWebCrypto(platform);
    expect(crypto.nonce()).toMatch(/^[\w-]{22}$/);
    expect(crypto.nonce()).not.toBe(crypto.nonce());
  });

  // RFC 4231, test case 2; RFC 7914, section 11.
  it('computes what the standards say', async () => {
    const crypto = createWebCrypto(platform);
    const text = (words: string): Uint8Array => new TextEncoder().encode(words);
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    expect(hex(await crypto.hmac(text('Jefe'), text('what do ya want for nothing?')))).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
    expect(hex(await crypto.stretch(text('passwd'), text('salt'), 1))).toBe('55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc');
  });

  it('carries a handshake from end to end', async () => {
    const clock = createManualClock();
    const crypto = createWebCrypto(platform);
    const room = await openRoom(foundRoom(crypto.random(9)), crypto);
    const [dialler, acceptor] = [await newIdentity(crypto), await newIdentity(createWebCrypto(oldPlatform()))];
    const { links } = await linkedPair(clock, { crypto, room, identity: dialler }, { crypto, room, identity: acceptor });
    expect(links.map(({ peer }) => peer)).toEqual([acceptor.peer, dialler.peer]);
  });
});
