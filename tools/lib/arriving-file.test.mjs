import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArrivalError, ArrivingFile } from './arriving-file.mjs';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'llambo-arriving-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const never = new AbortController().signal;

/** A file of 10 bytes of which nothing has come. */
function arriving() {
  const path = join(folder, 'a.part');
  writeFileSync(path, '');
  const file = new ArrivingFile(path, { bytes: 10 });
  let done = 0;
  const arrive = (/** @type {string} */ text) => {
    appendFileSync(path, text);
    file.grew((done += text.length));
  };
  return { path, file, arrive };
}

/**
 * @param {AsyncIterable<Buffer>} bytes
 * @param {(text: string) => void} [each]
 */
async function collect(bytes, each) {
  let text = '';
  for await (const chunk of bytes) {
    text += chunk.toString();
    each?.(text);
  }
  return text;
}

describe('a file that arrives', () => {
  it('is read while it comes', async () => {
    const { file, arrive, path } = arriving();
    arrive('abc');
    const text = await collect(file.read(0, 9, never), (soFar) => {
      if (soFar === 'abc') arrive('defg');
      if (soFar === 'abcdefg') {
        appendFileSync(path, 'hij');
        renameSync(path, join(folder, 'a'));
        file.completed(join(folder, 'a'), 10);
      }
    });
    expect(text).toBe('abcdefghij');
  });

  it('is read from the middle, and no further than asked', async () => {
    const { file, arrive } = arriving();
    arrive('ab');
    expect(await collect(file.read(1, 1, never))).toBe('b');
    const rest = collect(file.read(4, 6, never));
    arrive('cdefgh');
    expect(await rest).toBe('efg');
  });

  it('cuts its readers off when it fails', async () => {
    const { file, arrive } = arriving();
    arrive('abc');
    const reading = collect(file.read(0, 9, never), () => file.failed('The network is gone.', 0));
    await expect(reading).rejects.toThrow(ArrivalError);
  });

  it('never mixes two attempts', async () => {
    const { file, arrive } = arriving();
    arrive('abc');
    const reading = collect(file.read(0, 9, never), () => {
      file.restarted();
      file.grew(10);
    });
    await expect(reading).rejects.toThrow(/anew/);
  });

  it('says that it does not come before anybody reads', async () => {
    const { file } = arriving();
    const begun = file.begun(never);
    file.failed('No source has it.', 0);
    await expect(begun).rejects.toThrow('No source has it.');
  });

  it('lets a reader go that lost interest', async () => {
    const { file } = arriving();
    const gone = new AbortController();
    const begun = file.begun(gone.signal);
    gone.abort(new Error('gone'));
    await expect(begun).rejects.toThrow('gone');
  });
});
