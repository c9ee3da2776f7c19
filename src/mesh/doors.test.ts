import { describe, expect, it } from 'vitest';
import { Emitter } from '../shared/emitter.ts';
import { LlamboError } from '../shared/errors.ts';
import type { EndpointId } from '../shared/ids.ts';
import { settle } from '../testing/manual-clock.ts';
import { createDoors, type DoorState } from './doors.ts';
import type { PeerLink } from './link/peer-link.ts';
import type { Door, Endpoint } from './transport/transport.ts';

const idsOf = (door: number): EndpointId[] => [`b-door-${door}-xxxx`, `w-door-${door}-xxxx`] as EndpointId[];

/** Doors over two transports, of which a test says who holds what. */
function setUp(others: readonly string[] = []) {
  const strangers = new Set<string>(others);
  const ours = new Map<string, Emitter<void>>();
  const signalling = new Emitter<'up' | 'down'>();
  const dialled: string[] = [];
  const states: [number, DoorState][] = [];
  const endpoint = {
    hold: (id: EndpointId): Promise<Door> => {
      if (strangers.has(id)) return Promise.reject(new LlamboError('busy', 'Somebody has it.'));
      const lost = new Emitter<void>();
      ours.set(id, lost);
      return Promise.resolve({ id, onLost: (listener) => lost.on(listener), release: () => void ours.delete(id) });
    },
    onSignalling: (listener) => signalling.on(listener),
  } as Partial<Endpoint> as Endpoint;
  const link = {} as PeerLink;
  let answers = false;
  const doors = createDoors({
    endpoint, idsOf,
    dial(id) {
      dialled.push(id);
      return answers ? Promise.resolve(link) : Promise.reject(new LlamboError('unreachable', 'Nobody answers.'));
    },
    onState: (door, state) => states.push([door, state]),
  });
  const lose = (id: string): void => {
    const lost = ours.get(id)!;
    ours.delete(id);
    lost.emit();
  };
  return { doors, strangers, ours, signalling, dialled, states, lose, link, answer: () => (answers = true) };
}

const enter = (doors: ReturnType<typeof setUp>['doors']) => doors.enter({ signal: new AbortController().signal, onConnected: () => undefined });

describe('the doors of a room', () => {
  it('keep one where nobody is, on every transport, and free the others', async () => {
    const { doors, ours, dialled } = setUp();
    expect(await enter(doors)).toEqual({ link: null, door: 0 });
    expect([...ours.keys()]).toEqual(idsOf(0));
    expect([dialled, doors.taken()]).toEqual([[], false]);
  });

  it('lead to whoever holds one, and keep none', async () => {
    const { doors, ours, link, answer } = setUp(['w-door-1-xxxx']);
    answer();
    expect(await enter(doors)).toEqual({ link, door: null });
    await settle();
    expect([...ours.keys()]).toEqual([]);
  });

  it('remember that somebody is there to whom no way leads', async () => {
    const { doors, strangers } = setUp(['w-door-1-xxxx']);
    expect(await enter(doors)).toEqual({ link: null, door: 0 });
    expect(doors.taken()).toBe(true);
    strangers.clear();
    doors.obey({ type: 'hold door', door: 1 });
    await settle();
    expect(doors.taken()).toBe(false);
  });

  it('are taken again where they were lost, as soon as the signalling is back', async () => {
    const { doors, ours, signalling, states, lose } = setUp();
    doors.obey({ type: 'hold door', door: 0 });
    await settle();
    lose('w-door-0-xxxx');
    signalling.emit('down');
    await settle();
    expect([...ours.keys()]).toEqual(['b-door-0-xxxx']);
    signalling.emit('up');
    await settle();
    expect([...ours.keys()].sort()).toEqual(idsOf(0));
    expect(states).toEqual([[0, 'held'], [0, 'held'], [0, 'held']]);
  });

  it('are knocked at when somebody took the missing half meanwhile', async () => {
    const { doors, strangers, signalling, dialled, lose } = setUp();
    doors.obey({ type: 'hold door', door: 0 });
    await settle();
    lose('w-door-0-xxxx');
    strangers.add('w-door-0-xxxx');
    signalling.emit('up');
    await settle();
    expect(dialled).toEqual(['w-door-0-xxxx']);
  });

  it('are all free when the tab leaves', async () => {
    const { doors, ours } = setUp();
    doors.obey({ type: 'hold door', door: 2 });
    await settle();
    doors.close();
    expect(ours.size).toBe(0);
  });
});
