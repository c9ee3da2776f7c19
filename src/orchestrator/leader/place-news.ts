/** Tells those that wait where they are: some at each tick, each twice a second at the most, and only if it has changed enough to tell. */
import type { LeaderEffect } from '../types.ts';
import type { FairQueue, NodeTable } from './parts.ts';
import type { Waiting } from './waiting.ts';

/** Of one job. */
const BETWEEN_MS = 500;
/** Looked at in one tick, so that a long queue costs each tick the same; 4096 that wait are told every four seconds. */
const MOST_PER_TICK = 256;
/** Further back than this only a change of a sixteenth is told: nobody counts there, and each is a message. */
const EXACT_PLACES = 16;

export interface PlaceNews {
  /** @returns where it is now; null if it does not wait */
  of(key: string, now: number): LeaderEffect | null;
  tick(now: number): readonly LeaderEffect[];
}

export function createPlaceNews(queue: FairQueue<Waiting>, table: NodeTable): PlaceNews {
  let round = queue.items()[Symbol.iterator]();

  function tell(item: Waiting, place: number, now: number): LeaderEffect {
    const { request } = item;
    item.toldPlace = place;
    item.toldAt = now;
    return { type: 'place', to: request.asker, job: request.job, turn: request.turn, place, estimateMs: table.estimateMs(request, place - 1) };
  }

  function isNews({ toldPlace, toldAt }: Waiting, place: number, now: number): boolean {
    if (now - toldAt < BETWEEN_MS || place === toldPlace) return false;
    return place <= EXACT_PLACES || Math.abs(place - toldPlace) * EXACT_PLACES >= toldPlace;
  }

  return {
    of(key, now) {
      const item = queue.get(key);
      const place = item && queue.place(key);
      return item && place ? tell(item, place, now) : null;
    },
    tick(now) {
      const news: LeaderEffect[] = [];
      for (let looked = 0; looked < MOST_PER_TICK; looked += 1) {
        const next = round.next();
        if (next.done === true) {
          round = queue.items()[Symbol.iterator]();
          break;
        }
        const item: Waiting = next.value;
        const place = queue.place(item.key);
        if (place !== null && isNews(item, place, now)) news.push(tell(item, place, now));
      }
      return news;
    },
  };
}
