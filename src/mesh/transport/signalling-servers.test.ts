import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { signallingFields } from '../../protocol/signalling.ts';
import { DEFAULT_ICE_SERVERS, PEERJS_CLOUD, planSignalling } from './signalling-servers.ts';

const HOSTED = 'https://somebody.github.io/llambo/';
const HOME = 'http://localhost:8400/';

describe('the plan of signalling', () => {
  it('is the public server and public STUN where nothing is configured', () => {
    expect(planSignalling({}, HOSTED)).toEqual({ servers: [PEERJS_CLOUD], iceServers: DEFAULT_ICE_SERVERS, turnUrl: null });
    // Those who meet through a public server may be anywhere, even if the page comes from this machine.
    expect(planSignalling({}, HOME).iceServers).toBe(DEFAULT_ICE_SERVERS);
  });

  it('is the page\'s own server, and nobody else, on this machine and in this house', () => {
    for (const host of ['localhost', '127.0.0.1', '[::1]', '192.168.1.7', '172.20.0.2', '10.0.0.1', 'box.local', '[fd00::1]']) {
      const { servers, iceServers } = planSignalling({ signalling: [{ path: 'signal' }] }, `http://${host}:8400/`);
      expect(servers).toEqual([{ host, port: 8400, path: '/signal/', secure: false, key: 'peerjs' }]);
      expect(iceServers).toEqual([]);
    }
  });

  it('takes a public address for one that needs STUN', () => {
    for (const host of ['llambo.example', '172.32.0.1', '11.0.0.1', '[2001:db8::1]', 'notlocal']) {
      expect(planSignalling({ signalling: [{ path: 'signal' }] }, `https://${host}/`).iceServers).toBe(DEFAULT_ICE_SERVERS);
    }
  });

  it('finds its own server below the page, and an absolute path where it says', () => {
    const path = (path: string) => planSignalling({ signalling: [{ path }] }, HOSTED).servers[0];
    expect(path('signal')).toEqual({ host: 'somebody.github.io', port: 443, path: '/llambo/signal/', secure: true, key: 'peerjs' });
    expect(path('/signal')!.path).toBe('/signal/');
  });

  it('keeps the order of the list, and fills in what another server lacks', () => {
    const signalling = [{ host: 'peers.example', path: 'ps' }, { host: '10.0.0.9', port: 9000, key: 'k' }, { host: 'plain.example', secure: false }];
    expect(planSignalling({ signalling }, HOME).servers).toEqual([
      { host: 'peers.example', port: 443, path: '/ps/', secure: true, key: 'peerjs' },
      { host: '10.0.0.9', port: 9000, path: '/', secure: false, key: 'k' },
      { host: 'plain.example', port: 80, path: '/', secure: false, key: 'peerjs' },
    ]);
    expect(planSignalling({ signalling: [{ host: '10.0.0.9' }] }, HOSTED).servers[0]!.secure).toBe(true);
  });

  it('believes a list that is empty', () => {
    expect(planSignalling({ signalling: [], iceServers: [] }, HOSTED)).toEqual({ servers: [], iceServers: [], turnUrl: null });
  });

  it('finds where its own server mints credentials, below the page, and goes nowhere else for them', () => {
    const turnUrl = (turn: string, page = HOSTED): string | undefined => planSignalling({ turn }, page).turnUrl?.href;
    expect(turnUrl('turn.json', 'https://a.example/some/where/')).toBe('https://a.example/some/where/turn.json');
    for (const elsewhere of ['//b.example/turn.json', 'https://b.example/turn.json', 'data:,x']) expect(turnUrl(elsewhere)).toBeUndefined();
  });
});

describe('the configuration of signalling', () => {
  const accepts = (value: unknown): boolean => v.safeParse(v.strictObject(signallingFields), value).success;

  it('takes what it should', () => {
    expect(accepts({})).toBe(true);
    expect(accepts({ turn: 'turn.json' })).toBe(true);
    expect(accepts({ signalling: [{ path: '/signal' }, { host: '[::1]', port: 9000, secure: false, key: 'peerjs' }] })).toBe(true);
    expect(accepts({ iceServers: [{ urls: ['turns:turn.example:5349?transport=tcp'], username: 'u', credential: 'c' }] })).toBe(true);
  });

  it('refuses the rest', () => {
    for (const entry of [{ host: 'https://a.example' }, { host: 'a b' }, { host: '' }, { port: 0 }, { port: 70_000 }, { path: 'a?b' }, { key: 'a&b' }, { other: 1 }]) {
      expect([entry, accepts({ signalling: [entry] })]).toEqual([entry, false]);
    }
    for (const urls of [[], ['http://a.example'], ['stun:a b'], ['turn:'], Array(5).fill('stun:a')]) {
      expect([urls, accepts({ iceServers: [{ urls }] })]).toEqual([urls, false]);
    }
    for (const turn of ['/turn.json', '//b.example/x', 'https://b.example/x', 'a?b', '', '../x']) expect([turn, accepts({ turn })]).toEqual([turn, false]);
    expect(accepts({ signalling: Array(9).fill({}) })).toBe(false);
  });
});
