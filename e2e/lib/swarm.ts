/** What tests of several tabs share: founding, joining, and waiting until tabs agree. */
import type { Browser, Page } from '@playwright/test';
import { chromium } from '@playwright/test';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ROOT } from '../../tools/lib/paths.mjs';
import { chromiumArgs, findBrowser } from '../../tools/browser.mjs';
import { expect, ready } from '../fixtures.ts';
import type { SwarmInfo } from '../../src/protocol/peer.ts';

export const swarmOf = (page: Page): Promise<SwarmInfo | null> => page.evaluate(() => llambo.snapshot().swarm);

/** Opens the page with the scripted engine (or the address as it is) and founds a swarm. @returns its link */
export async function found(page: Page, address = './?engine=scripted'): Promise<string> {
  await page.goto(address);
  await ready(page);
  return page.evaluate(async () => (await llambo.swarm.join()).link);
}

/** The link of a swarm as a person would open it, with the scripted engine. */
export function scripted(link: string): string {
  const url = new URL(link);
  url.searchParams.set('engine', 'scripted');
  return url.href;
}

/** Opens a link, as it is. */
export async function enter(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.waitForFunction(() => globalThis.llambo?.snapshot().swarm?.state === 'in');
}

/** Waits until all of these tabs see the same peers (as many as there are tabs), the same leader and the same term. */
export async function agree(pages: readonly Page[], timeout = 20_000): Promise<SwarmInfo> {
  const view = async (): Promise<string> => {
    const all = await Promise.all(pages.map(swarmOf));
    const views = all.map((info) => JSON.stringify([info?.leader, info?.term, info?.peers.map(({ id }) => id).sort()]));
    const [first] = all;
    return new Set(views).size === 1 && first?.leader && first.peers.length === pages.length ? 'agreed' : views.join(' | ');
  };
  await expect.poll(view, { timeout, intervals: [50, 100, 200, 500] }).toBe('agreed');
  return (await swarmOf(pages[0]!))!;
}

/** The tab that leads, and the others. */
export async function byRole(pages: readonly Page[]): Promise<{ leader: Page; others: Page[] }> {
  const infos = await Promise.all(pages.map(swarmOf));
  const leader = pages.find((_page, index) => infos[index]?.leader === infos[index]?.self);
  if (!leader) throw new Error('nobody leads');
  return { leader, others: pages.filter((page) => page !== leader) };
}

/** A browser process of its own, that a test may kill. */
export async function ownBrowser(): Promise<{ browser: Browser; page: Page; pid: number; close(): Promise<void> }> {
  const found = findBrowser(existsSync);
  const server = await chromium.launchServer({ ...(found ? { executablePath: found.path } : {}), args: chromiumArgs });
  const browser = await chromium.connect(server.wsEndpoint());
  const page = await browser.newPage();
  const pid = server.process().pid;
  if (pid === undefined) throw new Error('the browser has no process');
  return { browser, page, pid, close: () => server.kill() };
}

/** Everything of a process that a test started, its children too. */
export function signalTree(pid: number, signal: NodeJS.Signals): void {
  // Chromium leads a process group of its own under Playwright.
  process.kill(-pid, signal);
}

/** Collects which leader this tab accepts in which term, from now on. */
export const watchLeaders = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const seen: [term: number, leader: string][] = [];
    Object.assign(globalThis, { leadersSeen: seen });
    llambo.swarm.on('leader', ({ leader, term }) => void (leader && seen.push([term, leader])));
  });

export const leadersSeen = (page: Page): Promise<[term: number, leader: string][]> =>
  page.evaluate(() => (globalThis as unknown as { leadersSeen: [number, string][] }).leadersSeen);

/** The site and its signalling in a process of their own, which a test may kill. */
export async function ownServer(port: number): Promise<{ url: string; kill(): Promise<void> }> {
  const child = spawn(process.execPath, [join(ROOT, 'tools/start.mjs'), '--port', String(port), '--strict-port', '--no-open', '--model', 'tiny'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => chunk.toString().includes('Llambo is at') && resolve());
    void ended.then(() => reject(new Error('the server did not come up')));
  });
  return {
    url: `http://localhost:${port}/`,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, 'localhost', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
