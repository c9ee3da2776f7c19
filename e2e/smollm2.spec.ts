/** The default model, as `npm start` brings it. Skipped where its file can't be had. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { ROOT } from '../tools/lib/paths.mjs';
import { expect, ready, test as base } from './fixtures.ts';

const ID = 'smollm2-135m';
const FILE = 'models/SmolLM2-135M-Instruct.Q4_1.gguf';

/** `npm start` with nothing said about the model, on the first free port from this one. */
const test = base.extend<object, { start: string }>({
  start: [
    async ({ browserName: _ }, use) => {
      const server = spawn(process.execPath, [join(ROOT, 'tools/start.mjs'), '--no-open', '--port', '8699'], { stdio: ['ignore', 'pipe', 'inherit'] });
      const exited = once(server, 'exit');
      let url = '';
      for await (const line of createInterface(server.stdout)) {
        url = /Llambo is at (\S+)/.exec(line)?.[1] ?? '';
        if (url !== '') break;
      }
      server.stdout.resume();
      await use(url);
      server.kill('SIGTERM');
      await exited;
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ start }, use) => use(start),
});

test('SmolLM2 arrives while the built-in engine answers, knows the capital of France, and needs no network at the next visit', async ({ page, start }) => {
  test.setTimeout(180_000);
  // The answer to a Range tells whether the server has, or is getting, the file; it may take as long as the server looks.
  const probe = await fetch(new URL(FILE, start), { headers: { Range: 'bytes=0-3' } });
  test.skip(!probe.ok, `SmolLM2 can't be had: the server answered ${probe.status}: ${(await probe.text()).slice(0, 300)}`);
  const asked: string[] = [];
  page.on('request', (request) => request.url().endsWith(FILE) && asked.push(request.url()));
  await page.goto('./');
  await ready(page);
  const meanwhile = await page.evaluate(() => llambo.ask({ messages: [{ role: 'user', content: 'What is 47 + 38?' }], model: 'tiny-1' }).done);
  expect(meanwhile).toMatchObject({ text: '85', model: 'tiny-1' });
  const capital = async (): Promise<void> => {
    await page.waitForFunction((id) => llambo.snapshot().answeringModel === id, ID, { timeout: 120_000 });
    const answer = await page.evaluate(() => llambo.ask('What is the capital of France?', { maxTokens: 24, temperature: 0 }).done);
    expect(answer.model).toBe(ID);
    expect(answer.text).toContain('Paris');
  };
  await capital();
  expect(asked).toHaveLength(1);
  await page.reload();
  await ready(page);
  await capital();
  expect(asked).toHaveLength(1);
});
