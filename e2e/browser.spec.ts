/** The browser around the page: isolation, what it lacks, who is disturbed by it, and whether hands and eyes suffice. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type axe from 'axe-core';
import type { Page } from '@playwright/test';
import { ask, expect, lastReply, open, ready, snapshot } from './fixtures.ts';
import { answersWith, closeModels, openModels, QUESTION } from './lib/models.ts';
import { test } from './lib/site.ts';

test.describe('isolation', () => {
  test('is on, and a whole visit asks nobody but its own server', async ({ page, site }) => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await open(page, 'tiny');
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await ask(page, QUESTION)).toBe('85');
    await openModels(page);
    await page.reload();
    await ready(page);
    const foreign = asked.filter((url) => !url.startsWith(site.url) && !/^(blob|data):/.test(url));
    expect(foreign).toEqual([]);
    // The fixture has heard of no broken policy and no error.
    expect(asked.length).toBeGreaterThan(10);
  });

  test('may be missing: the page says what that costs, and answers with one thread', async ({ page, site }) => {
    delete site.headers['Cross-Origin-Opener-Policy'];
    delete site.headers['Cross-Origin-Embedder-Policy'];
    await open(page, 'tiny');
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    await expect(page.getByText('This page is not cross-origin isolated, so each engine has one thread.')).toBeVisible();
    expect(await ask(page, QUESTION)).toBe('85');
    expect((await snapshot(page)).nodes.map(({ threads }) => threads)).toEqual(expect.arrayContaining([1]));
  });
});

test.describe('a browser that lacks', () => {
  test('file storage: models stay in memory, the page says so and answers', async ({ page }) => {
    await page.addInitScript(() => Object.defineProperty(StorageManager.prototype, 'getDirectory', { value: undefined }));
    await open(page, 'tiny');
    await expect(page.getByText('This browser gives the page no file storage')).toBeVisible();
    await expect(page.getByText('Leave private browsing, or allow this site to store data.')).toBeVisible();
    expect(await ask(page, QUESTION)).toBe('85');
  });

  test('file storage that opens: it says why, as private windows do', async ({ page }) => {
    await page.addInitScript(() => {
      StorageManager.prototype.getDirectory = () => Promise.reject(new DOMException('Not here.', 'SecurityError'));
    });
    await open(page, 'tiny');
    await expect(page.getByText('This browser gives the page no file storage')).toBeVisible();
    await answersWith(page, 'tiny-1');
  });

  test('leave to keep anything, because all site data is blocked: the built-in engine answers all the same', async ({ playwright, launchOptions, site }, info) => {
    const profile = info.outputPath('profile');
    mkdirSync(join(profile, 'Default'), { recursive: true });
    writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify({ profile: { default_content_setting_values: { cookies: 2 } } }));
    const context = await playwright.chromium.launchPersistentContext(profile, launchOptions);
    const page = await context.newPage();
    await page.goto(site.url);
    await ready(page);
    await expect(page.getByText('This browser gives the page no file storage')).toBeVisible();
    expect(await ask(page, QUESTION)).toBe('85');
    await context.close();
  });

  for (const [what, marker, words, advice] of [
    ['SIMD', 253, 'This browser has no WebAssembly SIMD', 'Open this page in a current Chrome, Edge or Firefox.'],
    ['64-bit memory', 4, 'This browser has no 64-bit WebAssembly memory', 'Update the browser, or open this page in a current Chrome, Edge or Firefox.'],
  ] as const) {
    test(`${what}: a sentence that says what to do, and no blank page`, async ({ page }) => {
      await page.addInitScript((byte) => {
        const { validate } = WebAssembly;
        // SIMD opcodes start with 253; a 64-bit memory has the limits flag 4 in the 12th byte.
        WebAssembly.validate = (bytes) => {
          const wasm = new Uint8Array(bytes as ArrayBuffer);
          return (byte === 4 ? wasm[11] !== 4 : !wasm.includes(byte)) && validate(bytes);
        };
      }, marker);
      await page.goto('./');
      await expect(page.getByRole('heading', { name: "This browser can't run models" })).toBeVisible();
      await expect(page.getByText(words)).toBeVisible();
      await expect(page.getByText(advice)).toBeVisible();
      expect(await page.evaluate(() => llambo.ready.catch((error: { code: string }) => error.code))).toBe('unsupported');
    });
  }

  test('our engine\'s wasm, because the site is not complete: a clear error', async ({ page }) => {
    await page.route('**/*.wasm', (route) => route.fulfill({ status: 404 }));
    await page.goto('./');
    await expect(page.getByText(/The built-in engine does not start: The engine \(.*\.wasm\) can't be fetched: HTTP 404\./)).toBeVisible();
    await expect(page.getByText('Reload the page; if it stays, the site is not installed completely.')).toBeVisible();
    expect(await page.evaluate(() => llambo.ready.catch((error: { code: string }) => error.code))).toBe('download-failed');
  });
});

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds, one line each. */
async function findings(page: Page): Promise<string[]> {
  // Colours in mid-fade are nobody's choice.
  await page.evaluate(() => Promise.all(document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity).map(({ finished }) => finished.catch(() => undefined))));
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.flat().join(' ')}: ${failureSummary ?? ''}`));
  });
}

test.describe('axe finds nothing', () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      test(`at ${width} px, ${colorScheme}`, async ({ page }) => {
        await page.setViewportSize({ width, height: width > 400 ? 800 : 720 });
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await open(page);
        expect(await findings(page), 'empty').toEqual([]);
        await ask(page, QUESTION);
        await ask(page, 'word '.repeat(3));
        expect(await findings(page), 'with answers').toEqual([]);
        await openModels(page);
        expect(await findings(page), 'models').toEqual([]);
        await closeModels(page);
        await page.getByRole('button', { name: 'Settings' }).click();
        await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
        expect(await findings(page), 'settings').toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      });
    }
  }
});

/** The name of what has the focus, shadow trees included: buttons of the component library get theirs by slots. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    let active = document.activeElement;
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
    const host = active?.getRootNode();
    const texts = [active, host instanceof ShadowRoot ? host.host : null].map((element) => element?.getAttribute('aria-label') ?? element?.textContent ?? '');
    return texts.join(' ').replace(/\s+/g, ' ').trim();
  });

async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = [];
  while (!passed.at(-1)?.includes(name)) {
    await page.keyboard.press('Tab');
    passed.push(await focused(page));
    expect(passed.length, `"${name}" among ${passed.join(' | ')}`).toBeLessThan(60);
  }
}

test('the keyboard alone leads to an answer and to the models and back', async ({ page }) => {
  await open(page);
  await page.keyboard.press('Tab');
  expect(await focused(page)).toContain('Skip to the message field');
  await page.keyboard.press('Enter');
  await page.keyboard.type('count to 3');
  await page.keyboard.press('Enter');
  expect((await lastReply(page, 'done')).text).toBe('1 2 3');
  await tabTo(page, 'Model:');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Models' });
  await expect(dialog).toBeVisible();
  await tabTo(page, 'Download and use');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect.poll(() => focused(page)).toContain('Model:');
  await page.keyboard.press('/');
  await page.keyboard.type('count to 4');
  await page.keyboard.press('Control+k');
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => llambo.snapshot().conversation.turns.length === 4);
  expect((await lastReply(page, 'done')).text).toBe('1 2 3 4');
});
