import { existsSync } from 'node:fs';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumArgs, findBrowser } from './tools/browser.mjs';
import { isolationHeaders } from './tools/headers.mjs';
import { startSignalling, stopSignalling } from './tools/lib/signalling-commands.mjs';

const browser = findBrowser(existsSync);

export default defineConfig({
  test: {
    projects: [
      // No file keeps state in a module, so they can share one: twice as quick.
      { test: { name: 'unit', isolate: false, include: ['src/**/*.test.ts', 'tools/**/*.test.mjs'], exclude: ['**/*.browser.test.ts'] } },
      {
        // Found while a test runs, a package would reload the page under it.
        optimizeDeps: { exclude: ['@wllama/wllama'], include: ['peerjs'] },
        server: { headers: isolationHeaders },
        worker: { format: 'es' },
        test: {
          name: 'browser',
          include: ['src/**/*.browser.test.ts'],
          testTimeout: 30_000,
          // One file at a time: two cores, and engines that compete would measure each other.
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { ...(browser ? { executablePath: browser.path } : {}), args: chromiumArgs } }),
            commands: { startSignalling, stopSignalling },
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
