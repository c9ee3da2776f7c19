import { defineConfig } from 'vite';
import { contentSecurityPolicy, isolationHeaders, pageHeaders } from './tools/headers.mjs';
import { viteSignalling } from './tools/lib/signalling.mjs';
import { turnSiteOfEnv } from './tools/lib/turn.mjs';

// Vite's client injects <style> elements and a hot-reload socket, so development needs a little more than the shipped policy.
const devHeaders = {
  ...isolationHeaders,
  'Content-Security-Policy': contentSecurityPolicy({
    'script-src': ["'unsafe-inline'"],
    'style-src': ["'unsafe-inline'"],
    'connect-src': ['ws:'],
  }),
};

export default defineConfig({
  // Relative, so that the same build works at the root of a host and under any sub-path.
  base: './',
  plugins: [viteSignalling(await turnSiteOfEnv(process.env))],
  server: { headers: devHeaders },
  preview: { headers: pageHeaders },
  worker: { format: 'es' },
  // wllama starts its own worker from source text and finds its wasm by our URL: prebundling breaks both.
  optimizeDeps: { exclude: ['@wllama/wllama'] },
  build: {
    target: 'es2022',
    // wllama carries its worker as one 300 kB string.
    chunkSizeWarningLimit: 1000,
    // What the site ships, with its licences.
    license: { fileName: 'licenses.md' },
  },
});
