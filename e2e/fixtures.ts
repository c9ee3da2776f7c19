/** What end-to-end tests share: opening the page, asking, and waiting for the app's own state, never for time. */
import { test as base, expect, type Page } from '@playwright/test';
import type { Llambo } from '../src/protocol/llambo.ts';
import type { Reply, Snapshot } from '../src/protocol/snapshot.ts';

declare global {
  // `var` is how globals are declared.
  var llambo: Llambo;
}

/** Errors in the page, broken content security policies and requests to foreign hosts, as they come. */
export function faultsOf(page: Page, baseURL: string): readonly string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`error in the page: ${error.message}`));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) faults.push(message.text());
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.origin !== new URL(baseURL).origin) faults.push(`foreign request: ${request.url()}`);
  });
  return faults;
}

/** Every test also fails on one of these. */
export const test = base.extend<{ page: Page }>({
  page: async ({ page, baseURL }, use, info) => {
    const faults = faultsOf(page, baseURL!);
    await use(page);
    const allowed = info.annotations.filter(({ type }) => type === 'allow').map(({ description }) => description ?? '');
    expect(faults.filter((fault) => !allowed.some((part) => fault.includes(part)))).toEqual([]);
  },
});

export { expect };

export type Engine = 'scripted' | 'tiny';

/** Opens the page and waits until an engine can answer. */
export async function open(page: Page, engine: Engine = 'scripted', fragment = ''): Promise<void> {
  await page.goto(engine === 'scripted' ? `./?engine=scripted${fragment}` : `./${fragment}`);
  await ready(page);
}

export async function ready(page: Page): Promise<void> {
  await page.waitForFunction(() => globalThis.llambo?.snapshot().ready);
}

export const snapshot = (page: Page): Promise<Snapshot> => page.evaluate(() => llambo.snapshot());

/** Types a message and sends it, as a person would. */
export async function send(page: Page, text: string): Promise<void> {
  const box = page.getByRole('textbox', { name: 'Message' });
  await box.fill(text);
  await box.press('Enter');
}

/** Waits until the last answer's shown reply is in one of these states, and gives it. */
export async function lastReply(page: Page, ...kinds: Reply['state']['kind'][]): Promise<Reply> {
  const handle = await page.waitForFunction((wanted) => {
    const turn = globalThis.llambo.snapshot().conversation.turns.at(-1);
    const reply = turn?.role === 'assistant' ? turn.replies[turn.shown] : undefined;
    return reply && wanted.includes(reply.state.kind) ? reply : null;
  }, kinds);
  return (await handle.jsonValue())!;
}

/** Sends, and waits for the finished answer. */
export async function ask(page: Page, text: string): Promise<string> {
  await send(page, text);
  return (await lastReply(page, 'done')).text;
}

/** The words of the answers on the page, as a person sees them. */
export const shownAnswers = (page: Page): Promise<string[]> =>
  page.locator('assistant-message markdown-view').evaluateAll((views) => views.map((view) => (view.shadowRoot?.textContent ?? '').trim()));
