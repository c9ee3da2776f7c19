import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sourceDigest } from './build-state.mjs';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'llambo-build-'));
  mkdirSync(join(root, 'src'));
  writeFileSync(join(root, 'src/main.ts'), 'one');
});
afterEach(() => rmSync(root, { recursive: true }));

it('a change of content is a change, a new time is none', () => {
  const before = sourceDigest(root);
  utimesSync(join(root, 'src/main.ts'), 1, 1);
  expect(sourceDigest(root)).toBe(before);
  writeFileSync(join(root, 'src/main.ts'), 'two');
  expect(sourceDigest(root)).not.toBe(before);
});

it('a renamed file is a change', () => {
  const before = sourceDigest(root);
  rmSync(join(root, 'src/main.ts'));
  writeFileSync(join(root, 'src/other.ts'), 'one');
  expect(sourceDigest(root)).not.toBe(before);
});

it('models and tests are not part of the site', () => {
  const before = sourceDigest(root);
  writeFileSync(join(root, 'src/main.test.ts'), 'test');
  mkdirSync(join(root, 'public/models'), { recursive: true });
  writeFileSync(join(root, 'public/models/large.gguf'), 'GGUF');
  expect(sourceDigest(root)).toBe(before);
});

it('compiler settings are', () => {
  const before = sourceDigest(root);
  writeFileSync(join(root, 'tsconfig.dom.json'), '{}');
  expect(sourceDigest(root)).not.toBe(before);
});
