import { expect, it } from 'vitest';
import { checkInvitation } from './invitation-check.ts';

it.each([
  ['https://llambo.example/#/swarm/abc234?k=Zm9v', 'https://llambo.example/#/swarm/abc234?k=Zm9v'],
  ['  http://localhost:8080/sub/#/swarm/a?x=1&k=Zm9v\n', 'http://localhost:8080/sub/#/swarm/a?x=1&k=Zm9v'],
  ['#/swarm/a?k=b', '#/swarm/a?k=b'],
  ['Zebra, ability  abandon\nzoo-YOUNG year', 'zebra ability abandon zoo young year'],
])('takes %j', (text, invitation) => expect(checkInvitation(text)).toEqual({ invitation }));

it.each([
  ['   ', /Paste an invitation link/],
  ['https://example.org/', /invites to no swarm/],
  ['https://example.org/#/swarm/', /invites to no swarm/],
  ['https://llambo.example/#/swarm/abc', /cut off/],
  ['https://llambo.example/#/swarm/abc?k=', /cut off/],
  ['https://llambo.example/#/swarm/abc?k=ab cd', /gap/],
  ['one two three', /six words, this has 3/],
  ['zebra', /six words, this has one/],
  ['a b c d e f2', /“f2” is no word/],
  ['x'.repeat(5000), /too long/],
])('says what is wrong with %j', (text, why) => expect(checkInvitation(text)).toEqual({ wrong: expect.stringMatching(why) as string }));
