/** The page's model dialog as a person uses it, and model files that are as broken as theirs. */
import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import type { CatalogEntry, ModelInfo, ModelState } from '../../src/protocol/models.ts';
import { PUBLIC_MODELS } from '../../tools/lib/paths.mjs';
import { expect } from '../fixtures.ts';
import type { Site } from './site.ts';

export const TINY_1 = readFileSync(join(PUBLIC_MODELS, 'tiny-1.gguf'));
export const TINY_2 = readFileSync(join(PUBLIC_MODELS, 'tiny-2.gguf'));
export const QUESTION = 'What is 47 + 38?';

/** A model that works and that no catalogue knows: bytes after the last tensor are nobody's. */
export const unknownModel = (): Buffer => Buffer.concat([TINY_2, Buffer.alloc(32)]);

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const SECOND = { id: 'second', name: 'Second Model', path: '/models/second.gguf' } as const;

const catalog = JSON.parse(readFileSync(join(PUBLIC_MODELS, 'catalog.json'), 'utf8')) as { version: 1; models: CatalogEntry[] };

/** The site then offers the built-in model and a second one, which must be downloaded. */
export function offerSecond(site: Site, file: Omit<Parameters<Site['serve']>[1], 'body'> & { body?: Uint8Array; promised?: string } = {}): void {
  const { body = TINY_2, promised = sha256(TINY_2), ...more } = file;
  const [first, second] = catalog.models;
  const { builtIn: _, ...entry } = second!;
  const files = [{ urls: [SECOND.path.slice(1)], bytes: TINY_2.length, sha256: promised }];
  site.serve('/models/catalog.json', { body: JSON.stringify({ version: 1, models: [first, { ...entry, ...SECOND, path: undefined, files }] }), type: 'application/json' });
  site.serve(SECOND.path, { body, ...more });
}

/** @returns the dialog, open */
export async function openModels(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: /^Model:/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Models' });
  await expect(dialog).toBeVisible();
  return dialog;
}

export async function closeModels(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog', { name: 'Models' })).toBeHidden();
}

export const item = (page: Page, name: string): Locator => page.locator('model-item').filter({ has: page.getByRole('heading', { name, exact: true }) });

export async function addUrl(page: Page, url: string): Promise<void> {
  const field = page.getByRole('textbox', { name: 'Address of a GGUF file' });
  await field.fill(url);
  await field.press('Enter');
}

export interface Picked {
  readonly name: string;
  readonly buffer: Buffer;
}

export async function pickFiles(page: Page, ...files: Picked[]): Promise<void> {
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose files' }).click();
  await (await choosing).setFiles(files.map((file) => ({ ...file, mimeType: '' })));
}

/** As the operating system drops them: over the page, then let go. */
export async function dropFiles(page: Page, ...files: Picked[]): Promise<void> {
  const plain = files.map(({ name, buffer }) => ({ name, base64: buffer.toString('base64') }));
  await page.evaluate(async (dropped) => {
    const dataTransfer = new DataTransfer();
    for (const { name, base64 } of dropped) dataTransfer.items.add(new File([await (await fetch(`data:;base64,${base64}`)).arrayBuffer()], name));
    for (const type of ['dragenter', 'dragover', 'drop']) document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, composed: true, cancelable: true }));
  }, plain);
}

/** Waits until the model is in one of these states. */
export async function modelIs(page: Page, id: string, ...kinds: ModelState['kind'][]): Promise<ModelInfo> {
  const handle = await page.waitForFunction(
    (wanted) => llambo.snapshot().models.find((model) => model.id === wanted.id && wanted.kinds.includes(model.state.kind)) ?? null,
    { id, kinds },
  );
  return (await handle.jsonValue())!;
}

/** Waits until an unfinished download has this many bytes on disk. What the page shows is up to 200 ms older. */
export async function arrived(page: Page, bytes: number): Promise<void> {
  await expect.poll(() => page.evaluate(async () => {
    const sizes: number[] = [];
    try {
      const models = await (await navigator.storage.getDirectory()).getDirectoryHandle('models');
      for await (const handle of (await models.getDirectoryHandle('partial')).values()) {
        if (handle.kind === 'file') sizes.push((await handle.getFile()).size);
      }
    } catch {
      // A file was moved or removed while it was looked at.
    }
    return sizes;
  })).toContain(bytes);
}

/** Waits until this model answers, and asks it. */
export async function answersWith(page: Page, id: string): Promise<void> {
  await page.waitForFunction((wanted) => llambo.snapshot().answeringModel === wanted, id);
  const { text, model } = await page.evaluate((question) => llambo.ask(question).done, QUESTION);
  expect({ text, model }).toEqual({ text: '85', model: id });
}

/** The one notice that says this, as the person sees it. */
export const notice = (page: Page, text: string | RegExp): Locator => page.getByRole('log', { name: 'Notices' }).locator('.notice').filter({ hasText: text });
