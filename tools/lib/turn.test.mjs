import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mintedIceSchema } from '../../src/protocol/signalling.ts';
import { UsageError } from './options.mjs';
import { close, createHandler } from './serve.mjs';
import { createTurnDesk, credentialOf, mint, TURN_SECONDS, turnServer, turnSite, turnSiteOfEnv } from './turn.mjs';

const SECRET = 'north-wind-and-sun';
const TURN = { urls: ['turn:turn.example:3478', 'turns:turn.example:5349?transport=tcp'], secret: SECRET };
const DAY = Date.UTC(2026, 0, 1);

describe('a credential', () => {
  // RFC 2202, section 3, test cases 1, 2 and 6, of which the password is the digest in base64.
  it.each([
    ['\x0b'.repeat(20), 'Hi There', 'b617318655057264e28bc0b6fb378c8ef146be00'],
    ['Jefe', 'what do ya want for nothing?', 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'],
    [Buffer.alloc(80, 0xaa), 'Test Using Larger Than Block-Size Key - Hash Key First', 'aa4ae5e15272d00e95705637ce8a3b55ed402112'],
  ])('is the HMAC-SHA-1 of the name: %#', (secret, name, digest) => {
    expect(credentialOf(/** @type {string} */ (secret), name)).toBe(Buffer.from(digest, 'hex').toString('base64'));
  });

  it('has a name that says when it ends, and is what the page takes', () => {
    const minted = mint(TURN, DAY + 999);
    const [server] = minted.iceServers;
    expect(server?.username).toBe(`${DAY / 1000 + TURN_SECONDS}:llambo`);
    expect(server?.credential).toBe(credentialOf(SECRET, server?.username ?? ''));
    expect(v.parse(mintedIceSchema, minted)).toEqual(minted);
  });
});

describe('--turn', () => {
  const read = (/** @type {string | null} */ turn, /** @type {string | null} */ secretFile = null, env = {}) => turnServer({ turn, secretFile }, env);

  it('is nothing by default, in the environment too', async () => {
    expect(await read(null)).toBeNull();
    expect(await turnSiteOfEnv({})).toEqual({ part: {}, desk: null });
  });

  it('takes the secret from a file, without the end of its line, or from the environment', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'llambo-turn-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'secret'), `${SECRET}\n`);
    expect(await read(TURN.urls.join(','), join(folder, 'secret'))).toEqual(TURN);
    expect(await read('turn:a', null, { LLAMBO_TURN_SECRET: SECRET })).toEqual({ urls: ['turn:a'], secret: SECRET });
    expect((await turnSiteOfEnv({ LLAMBO_TURN: 'turn:a', LLAMBO_TURN_SECRET: SECRET })).part).toEqual({ turn: 'turn.json' });
  });

  it.each([
    ['without a secret', 'turn:a', null, {}],
    ['with a secret and no server', null, 'file', {}],
    ['with a file that is not there', 'turn:a', 'no-such-file', {}],
    ['with a secret that can be guessed', 'turn:a', null, { LLAMBO_TURN_SECRET: 'short' }],
    ['with something else than a TURN server', 'stun:a', null, { LLAMBO_TURN_SECRET: SECRET }],
    ['with too many', 'turn:a,turn:b,turn:c,turn:d,turn:e', null, { LLAMBO_TURN_SECRET: SECRET }],
    ['with an empty one', 'turn:a,', null, { LLAMBO_TURN_SECRET: SECRET }],
  ])('is refused %s, with a sentence', async (_what, turn, secretFile, env) => {
    await expect(read(turn, secretFile, env)).rejects.toThrow(UsageError);
  });
});

describe('the server', () => {
  let now = DAY;
  /** @param {import('./turn.mjs').TurnSite} site */
  async function serve({ desk }) {
    const handler = createHandler({ files: (_request, _response, next) => next(), models: new Map(), config: async () => ({}), headers: { 'Cross-Origin-Resource-Policy': 'same-origin' }, turn: desk });
    const server = createServer(handler);
    await new Promise((/** @type {(value?: void) => void} */ resolve) => void server.listen(0, 'localhost', () => resolve()));
    onTestFinished(() => close(server));
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    return (/** @type {RequestInit} */ init = {}) => fetch(`http://localhost:${port}/turn.json`, init);
  }

  it('has nothing there without --turn', async () => {
    expect((await (await serve(turnSite(null)))()).status).toBe(404);
  });

  it('mints for its own pages, anew each time, and never says the secret', async () => {
    const ask = await serve({ part: {}, desk: createTurnDesk(TURN, { now: () => now }) });
    const response = await ask({ headers: { 'Sec-Fetch-Site': 'same-origin' } });
    const text = await response.text();
    expect(JSON.parse(text)).toEqual(mint(TURN, now));
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(text).not.toContain(SECRET);
    now += 60_000;
    expect(await (await ask()).json()).toEqual(mint(TURN, now));
  });

  it.each(['cross-site', 'same-site', 'none'])('mints nothing for who asks from %s', async (site) => {
    const ask = await serve(turnSite(TURN));
    const response = await ask({ headers: { 'Sec-Fetch-Site': site } });
    expect([response.status, await response.text()]).toEqual([403, '']);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('mints so many for one address, and more as time goes by', async () => {
    const ask = await serve({ part: {}, desk: createTurnDesk(TURN, { now: () => now, limits: { burst: 3, perSecond: 0.5, addresses: 8 } }) });
    const statuses = async () => {
      const all = [];
      for (let count = 0; count < 4; count += 1) all.push((await ask()).status);
      return all;
    };
    expect(await statuses()).toEqual([200, 200, 200, 429]);
    expect((await ask()).headers.get('retry-after')).toBe('2');
    now += 4000;
    expect(await statuses()).toEqual([200, 200, 429, 429]);
  });
});
