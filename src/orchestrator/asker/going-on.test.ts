/** What a job wants of the next node, once something is written. */
import { describe, expect, it } from 'vitest';
import { FILE, begun } from '../../testing/job-rig.ts';

describe('an answer that goes on', () => {
  it('a chat asks for room for what is written already, and once without, since lengths are guesses', () => {
    const rig = begun('x');
    rig.fails('a', 'peer-lost');
    expect(rig.request().shape).toMatchObject({ promptTokens: 11, maxTokens: 99 });
    expect(rig.refuse('context-overflow')).toMatchObject([{ type: 'request', request: { why: 'moved', avoid: ['/n/llambo/a/0'], shape: { model: 'small', promptTokens: 10, maxTokens: 100 } } }]);
    expect(rig.grant('b')).toMatchObject([{ type: 'emit' }, { type: 'run', text: 'x', tokens: 1 }]);
  });

  it('what is held to a schema repeats, whatever its profile: it can\'t begin in the middle', () => {
    const rig = begun('{"a', {}, {}, undefined, false, true);
    rig.fails('a', 'peer-lost');
    expect(rig.request().shape).toMatchObject({ promptTokens: 10, model: 'small', modelHash: FILE });
    rig.grant('b');
    rig.writes('b', '{"a":1}');
    rig.done('b', '{"a":1}');
    expect(rig.text()).toBe('{"a":1}');
    expect(rig.outcome()).toMatchObject({ ok: true, answer: { text: '{"a":1}', profile: 'chat' } });
  });

  it.each(['timeout', 'internal', 'disk-full', 'unsupported'] as const)('that says "%s" ends nothing but its own run', (code) => {
    const rig = begun('x');
    rig.fails('a', code);
    rig.grant('b');
    rig.fails('b', code);
    rig.grant('c');
    rig.fails('c', code);
    expect(rig.outcome()).toMatchObject({ ok: false, error: { code, message: expect.stringContaining('3 nodes were lost') as string } });
  });

  it('a chat goes on with another model where its own has too little context', () => {
    const rig = begun('x');
    rig.fails('a', 'peer-lost');
    rig.refuse('context-overflow');
    rig.refuse('context-overflow');
    expect(rig.refuse('context-overflow')).toMatchObject([{ type: 'request', request: { why: 'moved', shape: expect.not.objectContaining({ model: 'small' }) as object } }]);
    rig.refuse('context-overflow');
    expect(rig.outcome()).toMatchObject({ ok: false, error: { code: 'context-overflow' } });
  });
});
