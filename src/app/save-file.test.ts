import { expect, it } from 'vitest';
import { typeOf } from './save-file.ts';

it.each([
  ['swarm.yaml', 'application/yaml'],
  ['llambo-conversations-2026-11-23.json', 'application/json'],
  ['metrics.csv', 'text/csv'],
  ['notes', 'text/plain'],
])('%s is handed over as %s', (name, type) => {
  expect(typeOf(name)).toBe(type);
});
