import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it, onTestFinished } from 'vitest';
import { signallingFields } from '../../src/protocol/signalling.ts';
import { iceConfig } from './ice.mjs';
import { UsageError } from './options.mjs';

const TURN = [{ urls: ['turn:turn.example:3478?transport=udp', 'turns:turn.example'], username: '1700000000:x', credential: 'secret' }, { urls: ['stun:stun.example'] }];
const page = v.object({ iceServers: signallingFields.iceServers });

describe('--ice', () => {
  it('says nothing if it is absent: the page decides then', async () => {
    expect(await iceConfig(null)).toEqual({});
  });

  it.each([['an empty list', []], ['servers', TURN]])('takes %s as JSON, as the page reads it', async (_what, servers) => {
    const config = await iceConfig(JSON.stringify(servers));
    expect(config).toEqual({ iceServers: servers });
    expect(v.parse(page, config)).toEqual(config);
  });

  it('takes a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'llambo-ice-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'ice.json');
    writeFileSync(path, JSON.stringify(TURN));
    expect(await iceConfig(path)).toEqual({ iceServers: TURN });
  });

  it.each([
    ['[{]'],
    ['no-such-file.json'],
    ['[null]'],
    ['[{}]'],
    ['[{"urls":[]}]'],
    ['[{"urls":"turn:a"}]'],
    ['[{"urls":["http://a"]}]'],
    ['[{"urls":["turn: a"]}]'],
    ['[{"urls":["turn:a","turn:b","turn:c","turn:d","turn:e"]}]'],
    ['[{"urls":["turn:a"],"username":""}]'],
    ['[{"urls":["turn:a"],"credential":1}]'],
    [`[{"urls":["turn:${'a'.repeat(508)}"]}]`],
    [`[{"urls":["turn:a"],"username":"${'a'.repeat(513)}"}]`],
    ['[{"urls":["turn:a"],"password":"x"}]'],
    [JSON.stringify(Array(9).fill({ urls: ['stun:a'] }))],
  ])('refuses %s with a sentence, as the page would', async (text) => {
    await expect(iceConfig(text)).rejects.toThrow(UsageError);
    const readable = text.startsWith('[') && text !== '[{]';
    if (readable) expect(v.safeParse(page, { iceServers: JSON.parse(text) }).success).toBe(false);
  });
});
