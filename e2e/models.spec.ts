/** Models: how they come, what may go wrong on the way, and what the page says then. All through its model dialog. */
import type { Page } from '@playwright/test';
import type { ModelOrigin } from '../src/protocol/models.ts';
import { splitGguf } from '../src/testing/gguf-split.ts';
import { ask, expect, open, ready, snapshot } from './fixtures.ts';
import {
  addUrl, answersWith, arrived, closeModels, dropFiles, item, modelIs, notice, offerSecond, openModels, pickFiles, QUESTION, SECOND, sha256, TINY_1, TINY_2, unknownModel,
} from './lib/models.ts';
import { test } from './lib/site.ts';

const HALF = TINY_2.length / 2;

/** Opens the page and its dialog, and asks for the second model. */
async function getSecond(page: Page): Promise<void> {
  await open(page, 'tiny');
  await openModels(page);
  await item(page, SECOND.name).getByRole('button', { name: 'Download and use' }).click();
}

const added = async (page: Page, ...origins: ModelOrigin[]): Promise<string[]> =>
  (await snapshot(page)).models.filter(({ origin }) => origins.includes(origin)).map(({ id }) => id);

/** Waits until a model of this origin is loaded. @returns its id */
async function loaded(page: Page, origin: ModelOrigin): Promise<string> {
  await page.waitForFunction((wanted) => llambo.snapshot().models.some((model) => model.origin === wanted && model.loaded), origin);
  return (await added(page, origin))[0]!;
}

test.describe('what is no model', () => {
  const broken: [string, Buffer, RegExp][] = [
    ['garbage', Buffer.alloc(5000, 7), /notes\.gguf is not a GGUF model\..*Choose a model in the GGUF format/s],
    ['half a model', TINY_1.subarray(0, 600_000), /notes\.gguf is cut off: it has 600000 bytes and needs 13\d{5}\..*Get the file again/s],
    ['nothing', Buffer.alloc(0), /notes\.gguf is empty\./],
    ['a web page', Buffer.from('<!doctype html><title>Sign in</title>'), /notes\.gguf is a web page, not a model\./],
  ];

  test('is refused as a file, with a reason, and the built-in engine goes on', async ({ page }) => {
    await open(page, 'tiny');
    await openModels(page);
    for (const [, buffer, words] of broken) {
      await pickFiles(page, { name: 'notes.gguf', buffer });
      await expect(notice(page, words)).toBeVisible();
    }
    expect(await added(page, 'file', 'url')).toEqual([]);
    await answersWith(page, 'tiny-1');
  });

  test('is refused as an address: a web page, nothing there, half a file', async ({ page, site }) => {
    site.serve('/models/page.gguf', { body: '<!doctype html><title>Sign in</title>', type: 'text/html' });
    site.serve('/models/half.gguf', { body: TINY_1.subarray(0, HALF) });
    await open(page, 'tiny');
    await openModels(page);
    await addUrl(page, 'models/page.gguf');
    await expect(page.getByText('This is not a full address.')).toBeVisible();
    const told: [string, RegExp][] = [
      ['page', /page\.gguf is a web page, not a model\..*must lead to the \.gguf file itself/s],
      ['missing', /missing\.gguf: the server answered 404\..*Check the address/s],
      ['half', /half\.gguf is cut off: it has 651056 bytes/],
    ];
    for (const [name, words] of told) {
      await addUrl(page, `${site.url}models/${name}.gguf`);
      await expect(notice(page, words)).toBeVisible();
    }
    await answersWith(page, 'tiny-1');
  });

  test('is refused if its hash is not the promised one: the page says which address gave what, and keeps nothing', async ({ page, site }) => {
    const promised = sha256(Buffer.from('another file'));
    offerSecond(site, { promised });
    await getSecond(page);
    await expect(notice(page, `${site.url}models/second.gguf gave a file with the SHA-256 ${sha256(TINY_2)}; ${promised} was promised.`)).toBeVisible();
    await expect(item(page, SECOND.name)).toContainText('was promised');
    expect((await modelIs(page, SECOND.id, 'remote', 'paused')).state).toMatchObject({ done: 0 });
    await answersWith(page, 'tiny-1');
  });
});

test.describe('bringing a model', () => {
  test('as a file: it answers, and still does after a reload', async ({ page }) => {
    await open(page, 'tiny');
    await openModels(page);
    await pickFiles(page, { name: 'My Own.gguf', buffer: unknownModel() });
    const id = await loaded(page, 'file');
    await answersWith(page, id);
    await page.reload();
    await ready(page);
    await answersWith(page, id);
    expect((await snapshot(page)).selectedModel).toBe(id);
  });

  test('by dropping it on the page', async ({ page }) => {
    await open(page, 'tiny');
    await dropFiles(page, { name: 'whatever.gguf', buffer: TINY_2 });
    // Its bytes are those of a model in the catalogue.
    await answersWith(page, 'tiny-2');
    expect(await added(page, 'file', 'url')).toEqual([]);
  });

  test('by its address; nobody vouches for it, and the page says so', async ({ page, site }) => {
    site.serve('/models/mine.gguf', { body: unknownModel() });
    await open(page, 'tiny');
    await openModels(page);
    await addUrl(page, `${site.url}models/mine.gguf`);
    await answersWith(page, await loaded(page, 'url'));
    const mine = page.locator('model-item').filter({ hasText: sha256(unknownModel()).slice(0, 8) });
    await mine.getByText('SHA-256').first().click();
    await expect(mine).toContainText(/nobody vouches for it/);
  });

  test('in parts, as files in any order and by the address of the first', async ({ page, site }) => {
    const [first, second] = (await splitGguf(TINY_1)).map((part) => Buffer.from(part)) as [Buffer, Buffer];
    site.serve('/models/far-00001-of-00002.gguf', { body: first });
    site.serve('/models/far-00002-of-00002.gguf', { body: second });
    await open(page, 'tiny');
    await openModels(page);
    await pickFiles(page, { name: 'near-00002-of-00002.gguf', buffer: second });
    await expect(notice(page, /part/i)).toBeVisible();
    await pickFiles(page, { name: 'near-00002-of-00002.gguf', buffer: second }, { name: 'near-00001-of-00002.gguf', buffer: first });
    await answersWith(page, await loaded(page, 'file'));
    await addUrl(page, `${site.url}models/far-00001-of-00002.gguf`);
    await answersWith(page, await loaded(page, 'url'));
    expect(site.asked('/models/far-00002-of-00002.gguf')).toEqual([0]);
  });
});

test.describe('a download', () => {
  test('that breaks off half-way goes on there: only the missing bytes are asked for', async ({ page, site }) => {
    offerSecond(site, { holdAt: HALF });
    await getSecond(page);
    await arrived(page, HALF);
    site.breakOff();
    await answersWith(page, SECOND.id);
    expect(site.asked(SECOND.path)).toEqual([0, HALF]);
    expect(site.sent(SECOND.path)).toBe(TINY_2.length);
  });

  test('can be paused, and goes on where it was', async ({ page, site }) => {
    offerSecond(site, { holdAt: HALF });
    await getSecond(page);
    await arrived(page, HALF);
    await item(page, SECOND.name).getByRole('button', { name: 'Pause' }).click();
    await expect(item(page, SECOND.name)).toContainText('651 kB of 1.30 MB · paused');
    await item(page, SECOND.name).getByRole('button', { name: 'Resume' }).click();
    await answersWith(page, SECOND.id);
    expect(site.asked(SECOND.path)).toEqual([0, HALF]);
  });

  test('goes on by itself after a reload', async ({ page, site }) => {
    offerSecond(site, { holdAt: HALF });
    await getSecond(page);
    await arrived(page, HALF);
    await page.reload();
    await ready(page);
    await answersWith(page, SECOND.id);
    expect(site.asked(SECOND.path)).toEqual([0, HALF]);
  });

  test('leaves the built-in engine answering, and the page says which one did', async ({ page, site }) => {
    offerSecond(site, { holdAt: HALF });
    await getSecond(page);
    await arrived(page, HALF);
    await closeModels(page);
    await expect(page.getByRole('button', { name: /^Model:/ })).toContainText(/Second Model.*Downloading, \d+%.*Llambo Tiny 1 answers meanwhile/s);
    expect(await ask(page, QUESTION)).toBe('85');
    await expect(page.locator('assistant-message').last()).toContainText('Llambo Tiny 1');
    site.release();
    await answersWith(page, SECOND.id);
    await expect(page.getByRole('button', { name: /^Model:/ })).not.toContainText('meanwhile');
    expect(await ask(page, QUESTION)).toBe('85');
    await expect(page.locator('assistant-message').last()).toContainText('Second Model');
  });

  test('is one for two tabs that ask at once', async ({ page, context, site }) => {
    offerSecond(site, { holdAt: HALF });
    const other = await context.newPage();
    await open(other, 'tiny');
    // A tab at the back draws once a second; a person looks at the tab that they use.
    await page.bringToFront();
    await getSecond(page);
    await arrived(page, HALF);
    const asked = other.evaluate((id) => llambo.load(id).then(({ state }) => state.kind), SECOND.id);
    await other.bringToFront();
    await openModels(other);
    await expect(item(other, SECOND.name)).toContainText('another tab downloads it');
    site.release();
    expect(await asked).toBe('stored');
    for (const tab of [page, other]) await answersWith(tab, SECOND.id);
    expect(site.asked(SECOND.path)).toEqual([0]);
  });

  test('goes on in the other tab when its own is closed', async ({ page, context, site }) => {
    offerSecond(site, { holdAt: HALF });
    const first = await context.newPage();
    await open(page, 'tiny');
    await getSecond(first);
    await arrived(first, HALF);
    const asked = page.evaluate((id) => llambo.load(id).then(({ state }) => state.kind), SECOND.id);
    await modelIs(page, SECOND.id, 'downloading');
    await first.close();
    expect(await asked).toBe('stored');
    await answersWith(page, SECOND.id);
    expect(site.asked(SECOND.path)).toEqual([0, HALF]);
  });
});

test.describe('storage', () => {
  test('that is cleared while the page is open: the page says so, answers, and gets the model again', async ({ page, site }) => {
    offerSecond(site);
    await getSecond(page);
    await answersWith(page, SECOND.id);
    await item(page, 'Llambo Tiny 1').getByRole('button', { name: 'Use' }).click();
    await page.waitForFunction(() => llambo.snapshot().nodes.every(({ model }) => model?.id === 'tiny-1'));
    await page.evaluate(async () => (await navigator.storage.getDirectory()).removeEntry('models', { recursive: true }));
    await item(page, SECOND.name).getByRole('button', { name: 'Use' }).click();
    await expect(notice(page, /Second Model is no longer in the browser's storage: it was cleared\..*Choose the model again/s)).toBeVisible();
    await answersWith(page, 'tiny-1');
    await item(page, SECOND.name).getByRole('button', { name: 'Download and use' }).click();
    await answersWith(page, SECOND.id);
    expect(site.asked(SECOND.path)).toEqual([0, 0]);
  });

  test('gives back what a deleted model took, and the built-in one takes over', async ({ page, site }) => {
    offerSecond(site);
    await getSecond(page);
    await answersWith(page, SECOND.id);
    await item(page, SECOND.name).getByRole('button', { name: /Delete .* from this device/ }).click();
    await item(page, SECOND.name).getByRole('button', { name: 'Delete', exact: true }).click();
    await modelIs(page, SECOND.id, 'remote');
    await answersWith(page, 'tiny-1');
    const kept = await page.evaluate(async () => {
      const names: string[] = [];
      for await (const name of (await (await navigator.storage.getDirectory()).getDirectoryHandle('models')).keys()) names.push(name);
      return names;
    });
    expect(kept.filter((name) => name.startsWith(sha256(TINY_2)))).toEqual([]);
  });

  test('that is full: the page says how much is missing, and goes on when there is room', async ({ page, site }) => {
    offerSecond(site);
    await open(page, 'tiny');
    const session = await page.context().newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', { origin: site.url, quotaSize: 2_000_000 });
    await openModels(page);
    await item(page, SECOND.name).getByRole('button', { name: 'Download and use' }).click();
    await expect(notice(page, /storage has no room for this model.*Delete a model, or free disk space/s)).toBeVisible();
    await answersWith(page, 'tiny-1');
    await session.send('Storage.overrideQuotaForOrigin', { origin: site.url });
    await item(page, SECOND.name).getByRole('button', { name: /Resume|Try again|Download and use/ }).click();
    await answersWith(page, SECOND.id);
  });
});
