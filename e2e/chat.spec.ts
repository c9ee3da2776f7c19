/** The chat, with the scripted engine: what a person does all day. */
import { readFile } from 'node:fs/promises';
import { ask, expect, lastReply, open, send, shownAnswers, snapshot, test } from './fixtures.ts';

test.beforeEach(async ({ page }) => open(page));

test('the scripted engine is plainly labelled', async ({ page }) => {
  await expect(page.getByText(/script/i).first()).toBeVisible();
});

test('streams an answer, and shows who wrote it, how fast, and how soon', async ({ page }) => {
  await send(page, 'count to 40');
  await lastReply(page, 'writing');
  await expect(page.getByRole('button', { name: 'Stop writing' })).toBeVisible();
  const { text } = await lastReply(page, 'done');
  expect(text).toMatch(/^1 2 3 .* 40$/);
  await expect.poll(() => shownAnswers(page)).toEqual([text]);
  await expect(page.getByRole('heading', { name: 'Llambo Tiny 1' })).toBeVisible();
  await expect(page.getByText(/\d tokens\/s/)).toBeVisible();
  await expect(page.getByText(/ms to first/)).toBeVisible();
});

test('stops, and continues where it stopped', async ({ page }) => {
  await send(page, 'count to 150');
  await lastReply(page, 'writing');
  await page.keyboard.press('Escape');
  const stopped = await lastReply(page, 'done');
  expect(stopped.state).toMatchObject({ answer: { finishReason: 'cancelled' } });
  expect('1 2 3 4 5 6 7 8 9 10'.startsWith(stopped.text.slice(0, 10))).toBe(true);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForFunction(() => {
    const turn = llambo.snapshot().conversation.turns[1];
    return turn?.role === 'assistant' && turn.replies[0]!.text.endsWith(' 150');
  });
  const { text } = await lastReply(page, 'done');
  expect(text).toBe(Array.from({ length: 150 }, (_, index) => index + 1).join(' '));
});

test('answers again, keeps the earlier reply, and switches between them', async ({ page }) => {
  const first = await ask(page, 'tell me something');
  await page.getByRole('button', { name: 'Answer again' }).click();
  await expect(page.getByText('2/2')).toBeVisible();
  await lastReply(page, 'done');
  await page.getByRole('button', { name: 'Earlier reply' }).click();
  await expect(page.getByText('1/2')).toBeVisible();
  expect((await lastReply(page, 'done')).text).toBe(first);
});

test('edits a question, asks again, and takes that back', async ({ page }) => {
  await ask(page, 'count to 3');
  await ask(page, 'count to 4');
  await page.getByRole('button', { name: 'Edit and ask again' }).first().click();
  const box = page.getByRole('textbox', { name: 'Edit your message' });
  await box.fill('count to 5');
  await box.press('Enter');
  await expect.poll(async () => (await lastReply(page, 'done')).text).toBe('1 2 3 4 5');
  expect((await snapshot(page)).conversation.turns).toHaveLength(2);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => shownAnswers(page)).toEqual(['1 2 3', '1 2 3 4']);
});

test('keeps several conversations over a reload', async ({ page }) => {
  await ask(page, 'count to 3');
  await page.getByRole('button', { name: 'New chat' }).click();
  await ask(page, 'count to 4');
  await page.waitForFunction(() => llambo.snapshot().conversations.length === 2);
  await page.reload();
  await page.waitForFunction(() => globalThis.llambo?.snapshot().ready);
  const list = page.getByRole('navigation', { name: 'Conversations' });
  await list.getByText('count to 3').click();
  await expect.poll(() => shownAnswers(page)).toEqual(['1 2 3']);
  await list.getByText('count to 4').click();
  await expect.poll(() => shownAnswers(page)).toEqual(['1 2 3 4']);
});

test('deletes a conversation and brings it back', async ({ page }) => {
  await ask(page, 'count to 3');
  await page.getByRole('button', { name: /More|Options|Actions/ }).first().click();
  await page.getByRole('menuitem', { name: /Delete/ }).click();
  await expect.poll(async () => (await snapshot(page)).conversations).toHaveLength(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(async () => (await snapshot(page)).conversations).toHaveLength(1);
  await expect.poll(() => shownAnswers(page)).toEqual(['1 2 3']);
});

test('keeps what was written when the tab is reloaded in mid-answer, and continues it', async ({ page }) => {
  await send(page, 'count to 200');
  await page.waitForFunction(() => {
    const turn = llambo.snapshot().conversation.turns[1];
    return turn?.role === 'assistant' && turn.replies[0]!.text.length > 40;
  });
  const written = (await lastReply(page, 'writing')).text;
  await page.reload();
  await page.waitForFunction(() => globalThis.llambo?.snapshot().ready);
  await page.getByRole('navigation', { name: 'Conversations' }).getByText('count to 200').click();
  const kept = await lastReply(page, 'interrupted');
  expect(kept.text.startsWith(written)).toBe(true);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForFunction(() => {
    const turn = llambo.snapshot().conversation.turns[1];
    return turn?.role === 'assistant' && turn.replies[0]!.text.endsWith(' 200');
  });
  expect((await lastReply(page, 'done')).text).toBe(Array.from({ length: 200 }, (_, index) => index + 1).join(' '));
});

test('exports conversations to a file, and imports them', async ({ page }) => {
  await ask(page, 'count to 3');
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export all conversations' }).click();
  const path = await (await downloading).path();
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Import conversations' }).click();
  await (await choosing).setFiles({ name: 'c.json', mimeType: 'application/json', buffer: await readFile(path) });
  await expect.poll(async () => (await snapshot(page)).conversations).toHaveLength(2);
  await expect.poll(() => shownAnswers(page)).toEqual(['1 2 3']);
});

test('drops the oldest turns when a conversation no longer fits, if the person agrees', async ({ page }) => {
  const filler = (word: string): string => `say: ${`${word} `.repeat(60).trim()}`;
  await ask(page, filler('one'));
  await ask(page, filler('two'));
  await send(page, filler('three'));
  await lastReply(page, 'failed');
  await expect(page.getByRole('group', { name: 'This answer failed' })).toContainText(/has 30\d tokens; this model holds 256/);
  await page.getByRole('button', { name: 'Drop the oldest turns and ask again' }).click();
  expect((await lastReply(page, 'done')).text).toContain('three three');
  await expect(page.getByText('no longer sent')).toBeVisible();
  expect((await snapshot(page)).conversation.turns).toHaveLength(6);
});

test('an empty message can not be sent', async ({ page }) => {
  await expect(page.getByRole('button', { name: 'Send' })).toBeDisabled();
  await page.getByRole('textbox', { name: 'Message' }).press('Enter');
  expect((await snapshot(page)).conversation.turns).toHaveLength(0);
});

test('a 1 MB paste leaves the page usable, and too long a question is told its length', async ({ page }) => {
  await page.getByRole('textbox', { name: 'Message' }).focus();
  await page.evaluate(() => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', 'word '.repeat(200_000));
    const box = document.activeElement!.shadowRoot?.activeElement ?? document.activeElement!;
    let deepest: Element = box;
    while (deepest.shadowRoot?.activeElement) deepest = deepest.shadowRoot.activeElement;
    const paste = new ClipboardEvent('paste', { clipboardData, bubbles: true, composed: true, cancelable: true });
    if (deepest.dispatchEvent(paste)) (deepest as HTMLTextAreaElement).setRangeText(clipboardData.getData('text/plain'));
    deepest.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
  });
  await page.getByRole('button', { name: 'Send' }).click();
  const failed = await lastReply(page, 'failed');
  expect(failed.state).toMatchObject({ error: { code: 'context-overflow', details: { promptTokens: 200_000 } } });
  await expect(page.getByRole('group', { name: 'This answer failed' })).toContainText('200,000 tokens');
  expect(await ask(page, 'count to 3')).toBe('1 2 3');
});

test('what a model writes can do no harm', async ({ page }) => {
  await ask(page, [
    'say: <script>globalThis.hacked = 1</script><img src="https://evil.example/x.png" onerror="globalThis.hacked = 2">',
    '[click](javascript:globalThis.hacked=3) [data](data:text/html,<script>1</script>) [fine](https://example.org/)',
    '<iframe src="https://evil.example"></iframe><svg onload="globalThis.hacked=4">',
  ].join('\n\n'));
  const links = await page.locator('assistant-message markdown-view a').evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href));
  expect(links).toContain('https://example.org/');
  expect(links.filter((href) => href !== '' && !href.startsWith('https://'))).toEqual([]);
  expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
  for (const tag of ['script', 'img', 'iframe', 'svg[onload]']) await expect(page.locator(`markdown-view ${tag}`)).toHaveCount(0);
});

test('fills a prompt template\'s fields', async ({ page }) => {
  await page.getByRole('button', { name: /template/i }).last().click();
  await page.getByRole('menuitem', { name: 'Add two numbers' }).click();
  await page.getByLabel('first').fill('3');
  await page.getByLabel('second').fill('4');
  await page.getByRole('button', { name: 'Put into the message' }).click();
  await expect(page.getByRole('textbox', { name: 'Message' })).toHaveValue('What is 3 + 4?');
});

test('a conversation has its own system prompt and sampling', async ({ page }) => {
  await ask(page, 'count to 3');
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByLabel('System prompt').fill('Be brief.');
  await page.getByLabel(/Temperature/).first().fill('0.5');
  await page.getByLabel(/Temperature/).first().blur();
  await expect.poll(async () => (await snapshot(page)).conversation).toMatchObject({ systemPrompt: 'Be brief.', sampling: { temperature: 0.5 } });
});
