import { describe, expect, it } from 'vitest';
import type { NodeInfo } from '../../protocol/engine-node.ts';
import type { PeerId } from '../../shared/ids.ts';
import { NEW_FIELDS, changeOf, draftOf, fieldsOf, stateWords, testWords, wrongAddress } from './native-words.ts';

const node: NodeInfo = {
  address: '/n/llambo/me/native-1', peer: 'me' as PeerId, local: true, shared: false, state: 'idle', model: { id: 'llama3', name: 'llama3', tier: 'large', hash: null, contextTokens: 8192 },
  slots: 4, busy: 0, waiting: 0, threads: 0, tokensPerSecond: 0, prefillPerSecond: 0, restarts: 0, memoryBytes: 0,
};

describe('a server', () => {
  it.each([
    [{}, 'llama3 · ready'],
    [{ state: 'busy', busy: 4, waiting: 2 }, 'llama3 · 4 of 4 at work, 2 waiting'],
    [{ state: 'loading', model: null }, 'Connecting…'],
    [{ state: 'error', problem: 'The key is wrong.' }, 'The key is wrong.'],
    [{ model: { ...node.model!, name: 'a\u202Eb' } }, 'a b · ready'],
  ] as const)('with %j is “%s”', (change, words) => {
    expect(stateWords({ ...node, ...change })).toBe(words);
  });

  it('that was looked at is told in a sentence', () => {
    expect(testWords({ state: 'good', url: '', model: 'llama3', models: ['llama3', 'phi'], slots: 1, contextTokens: 8192 })).toBe('It answers, with llama3: 1 answer at once, 8,192 tokens each. It has 1 other model.');
    expect(testWords({ state: 'failed', url: '', error: { code: 'refused', message: 'The key is wrong.' }, hints: [] })).toBe('The key is wrong.');
  });
});

describe('the form', () => {
  it.each(['http://localhost:8080', ' https://api.example/v1 ', 'http://[::1]:80'])('takes %j', (text) => {
    expect(wrongAddress(text)).toBe('');
  });

  it.each(['', 'localhost:8080', '/v1', 'ftp://host', 'https://me:key@host', 'https://host/v1?api_key=secret', `https://${'x'.repeat(3000)}`])('does not take %j', (text) => {
    expect(wrongAddress(text)).not.toBe('');
  });

  it.each([
    ['http://a:1', false], ['http://a:1/api/v1', false], ['https://a:1', true], ['http://a:2', true], ['http://b:1', true],
  ])('of another server sends it no key but its own: %s', (url, forgets) => {
    const draft = { ...draftOf({ ...NEW_FIELDS, url }) };
    const { key: _, ...rest } = draft;
    expect(changeOf(draft, { url: 'http://a:1/v1' })).toEqual(forgets ? { ...rest, key: '' } : rest);
    expect(changeOf({ ...draft, key: 'k' }, { url: 'http://a:1/v1' })).toEqual({ ...rest, key: 'k' });
  });

  it('gives what was typed, within bounds, and empty fields as 0', () => {
    expect(draftOf({ ...NEW_FIELDS, url: ' http://a ', key: ' k ', slots: '1e9', contextTokens: '-4', tier: 'huge' })).toEqual({ url: 'http://a', key: 'k', model: '', slots: 64, contextTokens: 0, tier: 'large', share: false });
    expect(draftOf({ ...NEW_FIELDS, url: 'http://a', slots: 'many', tier: 'tiny' })).toMatchObject({ slots: 0, tier: 'tiny' });
  });

  it('shows a server as it is, but for its key', () => {
    const server = { id: 'native-1', url: 'http://a', model: 'm', slots: 3, contextTokens: 0, tier: 'medium', share: true } as const;
    expect(fieldsOf(server)).toEqual({ url: 'http://a', key: '', model: 'm', slots: '3', contextTokens: '', tier: 'medium', share: true });
  });
});
