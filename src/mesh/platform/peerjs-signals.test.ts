import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import { parseSignal } from './peerjs-signals.ts';

const src = 'w-abcdefghij';
const offer = { type: 'data', connectionId: 'dc_1a2b', sdp: { type: 'offer', sdp: 'v=0' }, serialization: 'raw', reliable: true };
const candidate = { candidate: 'candidate:1 1 udp 1 10.0.0.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'ab' };

describe('what a signalling server may bring', () => {
  it('is what PeerJS and its server send', () => {
    const messages = [
      { type: 'OPEN' }, { type: 'ID-TAKEN', payload: { msg: 'ID is taken' } }, { type: 'ERROR', payload: { msg: 'no' } }, { type: 'INVALID-KEY' },
      { type: 'EXPIRE', src, dst: 'w-me' },
      { type: 'OFFER', src, dst: 'w-me', payload: { ...offer, label: 'llambo', metadata: undefined } },
      { type: 'ANSWER', src, payload: { type: 'data', connectionId: 'dc_1', sdp: { type: 'answer', sdp: 'v=0' } } },
      { type: 'CANDIDATE', src, payload: { type: 'data', connectionId: 'dc_1', candidate } },
      { type: 'CANDIDATE', src, payload: { type: 'data', connectionId: 'dc_1', candidate: { candidate: '', sdpMid: null, sdpMLineIndex: null, usernameFragment: null } } },
    ];
    for (const message of messages) expect(parseSignal(message)?.type).toBe(message.type);
  });

  it('is nothing that PeerJS would take for its own options', () => {
    const message = { type: 'OFFER', src, payload: { ...offer, originator: true, metadata: { a: 1 }, _stream: 1 } };
    expect(parseSignal(message)).toEqual({ type: 'OFFER', src, payload: offer });
  });

  it('is nothing else', () => {
    const payloads = [
      undefined, null, 'text', {}, { ...offer, type: 'media' }, { ...offer, serialization: 'binary' }, { ...offer, serialization: 'toString' },
      { ...offer, reliable: false }, { ...offer, connectionId: '' }, { ...offer, connectionId: 'a'.repeat(65) }, { ...offer, sdp: { type: 'answer', sdp: '' } },
      { ...offer, sdp: { type: 'offer', sdp: 'x'.repeat(LIMITS.signalBytes + 1) } }, { ...offer, sdp: { type: 'offer' } },
    ];
    for (const payload of payloads) expect([payload, parseSignal({ type: 'OFFER', src, payload })]).toEqual([payload, null]);
    for (const value of [null, 7, 'OPEN', [], {}, { type: 'LEAVE', src }, { type: '__proto__' }, { type: 'EXPIRE' }, { type: 'OFFER', payload: offer }, { type: 'OFFER', src: '../', payload: offer }]) {
      expect([value, parseSignal(value)]).toEqual([value, null]);
    }
    const bad = [{ candidate: 'x'.repeat(2000) }, { candidate: 1 }, { ...candidate, sdpMLineIndex: -1 }, { ...candidate, sdpMid: {} }, null];
    for (const each of bad) expect(parseSignal({ type: 'CANDIDATE', src, payload: { type: 'data', connectionId: 'dc_1', candidate: each } })).toBeNull();
  });

  it('is read without a throw, whatever it is', () => {
    const types = fc.constantFrom('OPEN', 'OFFER', 'ANSWER', 'CANDIDATE', 'EXPIRE', 'ERROR', 'LEAVE');
    fc.assert(fc.property(fc.record({ type: types, src: fc.anything(), payload: fc.anything() }), (message) => void parseSignal(message)));
  });
});
