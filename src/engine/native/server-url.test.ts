import { describe, expect, it } from 'vitest';
import { reachOf, serverRoot } from './server-url.ts';

describe('the address of a server', () => {
  it.each([
    ['http://localhost:8080', 'http://localhost:8080'],
    [' http://localhost:11434/v1/ ', 'http://localhost:11434'],
    ['https://openrouter.ai/api/v1', 'https://openrouter.ai/api'],
    ['https://host/v1/chat/completions', 'https://host'],
    ['https://host/v1/models?x=1#y', 'https://host'],
    ['HTTPS://Host:443/api//', 'https://host/api'],
    ['https://host/v1beta', 'https://host/v1beta'],
  ])('%j has the root %j', (text, root) => {
    expect(serverRoot(text)).toBe(root);
  });

  it.each(['', 'localhost:8080', 'ftp://host', 'file:///etc/passwd', 'javascript:alert(1)', 'https://me:secret@host/', 'https://', '/v1'])('is not %j', (text) => {
    expect(serverRoot(text)).toBeNull();
  });
});

it.each([
  ['http://localhost:1', 'loopback'], ['http://a.localhost', 'loopback'], ['http://127.9.9.9', 'loopback'], ['http://[::1]:8', 'loopback'],
  ['http://10.0.0.1', 'local'], ['http://192.168.1.4', 'local'], ['http://172.16.0.1', 'local'], ['http://172.32.0.1', 'public'], ['http://169.254.1.1', 'local'],
  ['http://[fd00::1]', 'local'], ['http://[fe80::1]', 'local'], ['http://[2001:db8::1]', 'public'], ['http://box.local', 'local'], ['http://nas', 'local'],
  ['https://example.org', 'public'], ['https://8.8.8.8', 'public'], ['https://127.0.0.1.example.org', 'public'],
] as const)('%s is %s', (url, reach) => {
  expect(reachOf(new URL(url))).toBe(reach);
});
