import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';
import { chromiumArgs, findBrowser } from './tools/browser.mjs';

const browser = findBrowser(existsSync);
const port = Number(process.env['LLAMBO_E2E_PORT'] ?? 8499);

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results/e2e',
  // Two cores: engines that compete would measure each other. A flake is a fault to find, so nothing is tried twice.
  workers: 1,
  retries: 0,
  forbidOnly: !!process.env['CI'],
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  use: {
    baseURL: `http://localhost:${port}/`,
    viewport: { width: 1280, height: 800 },
    launchOptions: { ...(browser ? { executablePath: browser.path } : {}), args: chromiumArgs },
  },
  // The site as a person gets it: built if it is old, with the headers and the models of `npm start`.
  webServer: {
    command: `node tools/start.mjs --port ${port} --strict-port --no-open --model tiny`,
    url: `http://localhost:${port}/`,
    timeout: 120_000,
    stdout: 'pipe',
    gracefulShutdown: { signal: 'SIGTERM', timeout: 5000 },
  },
});
