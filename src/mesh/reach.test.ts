import { describe, expect, it } from 'vitest';
import { LIMITS } from '../protocol/limits.ts';
import { deferred, type Deferred } from '../shared/abort.ts';
import { createFakeLinkPair, type FakeLink } from '../testing/fake-link.ts';
import { createManualClock, settle } from '../testing/manual-clock.ts';
import { dialBeside } from './reach.ts';

interface Attempt extends Deferred<FakeLink> {
  readonly at: number;
  readonly signal: AbortSignal | null;
}

function createDials() {
  const clock = createManualClock();
  const [direct, relayed]: [Attempt[], Attempt[]] = [[], []];
  const life = new AbortController();
  let [isLinked, settled]: [boolean, unknown] = [false, null];
  const start = (list: Attempt[], signal: AbortSignal | null): Promise<FakeLink> => {
    const attempt = { ...deferred<FakeLink>(), at: clock.now(), signal };
    list.push(attempt);
    return attempt.promise;
  };
  dialBeside({ clock, direct: () => start(direct, null), relayed: (signal) => start(relayed, signal), isLinked: () => isLinked }, life.signal).then(
    (link) => (settled = link),
    (error: unknown) => (settled = error),
  );
  return { clock, direct, relayed, life, link: createFakeLinkPair().near, settled: () => settled, dialledUs: () => void (isLinked = true) };
}

describe('dialling a peer', () => {
  it('asks no neighbour if the direct dial succeeds in good time', async () => {
    const { clock, direct, relayed, link, settled } = createDials();
    await clock.advance(LIMITS.relayAfterMs - 1);
    direct[0]!.resolve(link);
    await clock.advance(60_000);
    expect([settled() === link, relayed.length]).toEqual([true, 0]);
  });

  it('asks a neighbour beside a direct dial that takes long, and takes what comes first', async () => {
    const { clock, relayed, link, settled } = createDials();
    await clock.advance(LIMITS.relayAfterMs);
    expect(relayed.map(({ at }) => at)).toEqual([LIMITS.relayAfterMs]);
    relayed[0]!.resolve(link);
    await settle();
    expect(settled()).toBe(link);
  });

  it('asks a neighbour at once when the direct dial fails early', async () => {
    const { clock, direct, relayed } = createDials();
    await clock.advance(300);
    direct[0]!.reject(new Error('nobody there'));
    await settle();
    expect(relayed.map(({ at }) => at)).toEqual([300]);
  });

  it('stops asking the neighbour when the direct link opens first', async () => {
    const { clock, direct, relayed, link, settled } = createDials();
    await clock.advance(LIMITS.relayAfterMs + 500);
    direct[0]!.resolve(link);
    await settle();
    expect([settled() === link, relayed[0]!.signal!.aborted]).toEqual([true, true]);
  });

  it('asks no neighbour for a peer that has dialled us meanwhile', async () => {
    const { clock, direct, relayed, dialledUs, settled } = createDials();
    dialledUs();
    await clock.advance(LIMITS.dialMs);
    direct[0]!.reject(new Error('no way'));
    await settle();
    expect(relayed).toEqual([]);
    expect(settled()).toBeInstanceOf(Error);
  });

  it('asks once more when the direct dial has failed too, and then says why', async () => {
    const { clock, direct, relayed, settled } = createDials();
    await clock.advance(LIMITS.relayAfterMs);
    relayed[0]!.reject(new Error('nobody carries'));
    await clock.advance(LIMITS.dialMs - LIMITS.relayAfterMs);
    expect([relayed.length, settled()]).toEqual([1, null]);
    direct[0]!.reject(new Error('no way'));
    await settle();
    relayed[1]!.reject(new Error('still nobody carries'));
    await settle();
    expect(String(settled())).toContain('still nobody carries');
  });

  it('asks nobody once this tab has left', async () => {
    const { clock, direct, relayed, life, settled } = createDials();
    life.abort();
    direct[0]!.reject(new Error('left'));
    await clock.advance(LIMITS.relayAfterMs);
    expect(relayed).toEqual([]);
    expect(settled()).toMatchObject({ code: 'aborted' });
  });
});
