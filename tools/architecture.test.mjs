import { describe, expect, it } from 'vitest';
import { clockViolations, importsOf, importViolations, sizeViolations, violation } from './architecture.mjs';

/**
 * @param {string} from
 * @param {string} specifier
 */
const check = (from, specifier, typeOnly = false) => violation(from, { specifier, typeOnly, line: 1 });

describe('who may import whom', () => {
  it.each([
    ['src/protocol/chat.ts', '../shared/ids.ts'],
    ['src/engine/engine-pool.ts', '../protocol/chat.ts'],
    ['src/engine/worker/engine-host.ts', '../../shared/errors.ts'],
    ['src/engine/worker/engine-host.ts', './wllama-adapter.ts'],
    ['src/app/create-app.ts', '../engine/engine-pool.ts'],
    ['src/main.ts', './ui/app-shell.ts'],
    ['src/main.ts', './app/create-app.ts'],
    ['src/engine/engine-pool.test.ts', '../testing/manual-clock.ts'],
    ['src/engine/model-scripted.worker.ts', '../testing/model-source.ts'],
    ['src/app/demo.ts', '../testing/scripted-node.ts'],
    ['src/testing/scripted-node.ts', '../engine/engine-pool.ts'],
  ])('%s may import %s', (from, to) => expect(check(from, to)).toBeNull());

  it.each([
    ['src/shared/ids.ts', '../protocol/chat.ts'],
    ['src/protocol/chat.ts', '../engine/engine-pool.ts'],
    ['src/engine/engine-pool.ts', '../mesh/mesh.ts'],
    ['src/mesh/mesh.ts', '../orchestrator/queue.ts'],
    ['src/ui/app-shell.ts', '../app/create-app.ts'],
    ['src/ui/app-shell.ts', '../engine/engine-pool.ts'],
    ['src/app/create-app.ts', '../ui/app-shell.ts'],
    ['src/main.ts', './engine/engine-pool.ts'],
    ['src/app/create-app.ts', '../testing/scripted-node.ts'],
    ['src/engine/engine-pool.ts', '../main.ts'],
  ])('%s may not import %s', (from, to) => expect(check(from, to)).toContain('import'));

  it('the page takes types of the protocol, no values', () => {
    expect(check('src/ui/app-shell.ts', '../protocol/chat.ts', true)).toBeNull();
    expect(check('src/ui/app-shell.ts', '../protocol/request.ts')).toMatch(/types only/);
    expect(check('src/ui/app-shell.ts', '../protocol/limits.ts')).toBeNull();
  });
});

describe('packages', () => {
  it.each([
    ['src/engine/worker/wllama-adapter.ts', '@wllama/wllama'],
    ['src/engine/start-worker.ts', '@wllama/wllama/esm/wasm/wllama.wasm?url'],
    ['src/engine/worker-link.ts', 'comlink'],
    ['src/engine/engine.worker.ts', 'comlink'],
    ['src/ui/icons.ts', 'heroicons/24/solid/stop.svg?raw'],
    ['src/ui/app-shell.ts', 'lit/decorators.js'],
    ['src/ui/app-shell.ts', '@awesome.me/webawesome/dist/components/button/button.js'],
    ['src/app/conversation-storage.ts', 'idb-keyval'],
    ['src/engine/engine.test.ts', 'vitest'],
  ])('%s may use %s', (from, name) => expect(check(from, name)).toBeNull());

  it.each([
    ['src/engine/engine-pool.ts', '@wllama/wllama'],
    ['src/app/create-app.ts', 'lit'],
    ['src/engine/engine-pool.ts', 'comlink'],
    ['src/app/create-app.ts', 'marked'],
    ['src/app/create-app.ts', 'idb-keyval'],
    ['src/shared/ids.ts', 'valibot'],
    ['src/app/create-app.ts', 'left-pad'],
  ])('%s may not use %s', (from, name) => expect(check(from, name)).not.toBeNull());
});

it('finds every kind of import', () => {
  const text = `
    import type { A } from './a.ts';
    import { type B } from './b.ts';
    import { type C, c } from './c.ts';
    import './d.css';
    export * from './e.ts';
    const f = await import('./f.ts');
    let g: import('./g.ts').G;
    // import './comment.ts';
    const h = "import './string.ts'";`;
  const found = importsOf({ path: 'x.ts', text }).map(({ specifier, typeOnly }) => `${specifier} ${typeOnly ? 'type' : 'value'}`);
  expect(found).toEqual(['./a.ts type', './b.ts type', './c.ts value', './d.css value', './e.ts value', './f.ts value', './g.ts type']);
});

it('names the file and the line', () => {
  const files = [{ path: 'src/shared/a.ts', text: "\nimport '../ui/b.ts';\n" }];
  expect(importViolations(files)).toEqual(['src/shared/a.ts:2 imports ui; shared may import nothing else']);
});

describe('clocks and dice', () => {
  const violations = (/** @type {string} */ path, /** @type {string} */ text) => clockViolations([{ path, text }]);

  it.each(['Date.now()', 'performance.now()', 'new Date()', 'new Date', 'setTimeout(f, 1)', 'setInterval(f, 1)', 'Math.random()', 'const now = Date.now;'])('%s is refused', (text) =>
    expect(violations('src/app/a.ts', `\n  ${text}`)).toEqual([expect.stringMatching(/^src\/app\/a\.ts:2 uses .*; take a (Clock|Random)/)]));

  it.each(['new Date(5)', 'clock.now()', 'clock.setTimeout(f, 1)', 'Math.max(1, 2)', '// Date.now()', "'Math.random()'", 'toString()'])('%s is not', (text) =>
    expect(violations('src/app/a.ts', text)).toEqual([]));

  it.each(['src/shared/system-env.ts', 'src/testing/manual-clock.ts', 'src/app/a.test.ts', 'tools/a.mjs'])('%s may hold them', (path) =>
    expect(violations(path, 'setTimeout(f, Date.now())')).toEqual([]));
});

it('limits the length of files, of tests less', () => {
  const text = 'line\n'.repeat(300);
  expect(sizeViolations([{ path: 'src/a.ts', text }, { path: 'src/a.test.ts', text }])).toEqual(['src/a.ts has 300 lines; 250 are allowed']);
});
