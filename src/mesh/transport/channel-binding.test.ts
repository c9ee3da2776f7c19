import { describe, expect, it } from 'vitest';
import { bindingOf } from './channel-binding.ts';

const digest = (byte: string): string => Array(32).fill(byte).join(':');
const sdp = (...fingerprints: string[]): string =>
  ['v=0', 't=0 0', ...fingerprints.map((value) => `a=fingerprint:${value}`), 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', ''].join('\r\n');
const A = `sha-256 ${digest('AA')}`;
const B = `sha-256 ${digest('0B')}`;
const M = `sha-256 ${digest('3C')}`;

describe('the binding of a connection', () => {
  it('is the same at both ends, however it is written', () => {
    expect(bindingOf(sdp(A), sdp(B))).toEqual(bindingOf(sdp(B), sdp(A)));
    expect(bindingOf(sdp(A), sdp(B))).toEqual(bindingOf(sdp(A.toLowerCase()), sdp(`SHA-256 ${digest('0b')}`)));
    expect(new TextDecoder().decode(bindingOf(sdp(A), sdp(B))!)).toBe(`${B}\n${A}`);
  });

  it('is another one for another certificate', () => {
    expect(bindingOf(sdp(A), sdp(B))).not.toEqual(bindingOf(sdp(A), sdp(M)));
  });

  it('takes one fingerprint that is said twice for one', () => {
    expect(bindingOf(sdp(A, A), sdp(B))).toEqual(bindingOf(sdp(A), sdp(B)));
  });

  it('is none where somebody in between adds a fingerprint for each side', () => {
    expect(bindingOf(sdp(A), sdp(B, M))).toBeNull();
    expect(bindingOf(sdp(A, M), sdp(B))).toBeNull();
  });

  it('is none without a fingerprint that counts', () => {
    expect(bindingOf(sdp(A), sdp())).toBeNull();
    expect(bindingOf(sdp(A), sdp(`sha-1 ${digest('0B')}`))).toBeNull();
    expect(bindingOf(sdp(A), sdp(B, 'sha-1 00'))).toBeNull();
    expect(bindingOf(sdp(A), sdp('sha-256 nonsense'))).toBeNull();
    expect(bindingOf('', '')).toBeNull();
    expect(bindingOf(sdp(A), sdp(A))).toBeNull();
  });
});
