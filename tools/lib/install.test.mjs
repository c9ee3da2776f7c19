import { describe, expect, it } from 'vitest';
import { installReason, npmErrors } from './install.mjs';

const lock = { packages: { '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'x' }, 'node_modules/mac-only': { version: '1.0.0', optional: true } } };

it('tells why npm failed, and leaves out its manual', () => {
  const output = 'npm warn old\nnpm error code EUSAGE\nnpm error\nnpm error Missing: a from lock file\nnpm error Usage:\nnpm error npm ci';
  expect(npmErrors(output)).toBe('npm error code EUSAGE\nnpm error Missing: a from lock file');
  expect(npmErrors('spawn npm ENOENT')).toBe('spawn npm ENOENT');
});

describe('whether to install', () => {
  it('yes, where nothing is installed', () => expect(installReason(lock, null)).toMatch(/No dependencies/));

  it('no, when each locked package is there; those of other platforms may be absent', () => {
    expect(installReason(lock, { packages: { 'node_modules/a': { version: '1.0.0', integrity: 'x' } } })).toBeNull();
  });

  it('yes, when one is missing', () => expect(installReason(lock, { packages: {} })).toMatch(/missing/));

  it('yes, when one is of another version or content', () => {
    expect(installReason(lock, { packages: { 'node_modules/a': { version: '0.9.0', integrity: 'x' } } })).toMatch(/older/);
    expect(installReason(lock, { packages: { 'node_modules/a': { version: '1.0.0', integrity: 'y' } } })).toMatch(/older/);
  });
});
