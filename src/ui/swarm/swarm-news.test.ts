import { beforeEach, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../testing/manual-clock.ts';
import { swarmOf } from '../../testing/swarm-fixtures.ts';
import { createSwarmNews, type SwarmNews } from './swarm-news.ts';

let clock: ManualClock;
let said: string[];
let opened: number;
let news: SwarmNews;

beforeEach(() => {
  clock = createManualClock();
  said = [];
  opened = 0;
  news = createSwarmNews({ clock, say: (text) => said.push(text), joining: () => (opened += 1) });
});

it('gathers what happens together into one sentence', async () => {
  news.see(swarmOf(3));
  await clock.advance(5000);
  for (let count = 4; count <= 12; count += 1) {
    news.see(swarmOf(count));
    await clock.advance(100);
  }
  await clock.advance(5000);
  expect(said).toEqual(['You are in the swarm: 3 peers, Workshop PC leads.', '9 peers joined.']);
});

it('says nothing of what was undone at once, or when nothing worth saying changed', async () => {
  news.see(swarmOf(3));
  await clock.advance(5000);
  news.see(swarmOf(4));
  await clock.advance(200);
  news.see(swarmOf(3));
  await clock.advance(5000);
  news.see(swarmOf(3, { term: 9 }));
  await clock.advance(5000);
  expect(said).toHaveLength(1);
});

it('asks for the panel once per joining', () => {
  news.see(null);
  news.see(swarmOf(0, { state: 'joining', step: 'signalling' }));
  news.see(swarmOf(0, { state: 'joining', step: 'dialling' }));
  news.see(swarmOf(3));
  expect(opened).toBe(1);
  news.see(null);
  expect(opened).toBe(1);
  news.see(swarmOf(0, { state: 'failed', step: 'signalling' }));
  expect(opened).toBe(2);
});

it('says nothing more once closed', async () => {
  news.see(swarmOf(3));
  news.close();
  await clock.advance(5000);
  expect(said).toEqual([]);
});
