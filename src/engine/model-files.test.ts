import { expose, type Remote } from 'comlink';
import { afterEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../protocol/engine-api.ts';
import { LlamboError, toWire } from '../shared/errors.ts';
import { systemEnv } from '../shared/system-env.ts';
import { createModelFiles } from './model-files.ts';
import type { FileReport, ModelFilesApi, Progress } from './model-files-api.ts';

type Tell = Remote<(progress: Progress) => void>;

let close: () => void = () => undefined;
afterEach(() => close());

/** Files whose worker is at the other end of a channel. @param download what it does */
function filesWith(download: (onProgress: Tell) => Promise<Outcome<FileReport>>) {
  const { port1, port2 } = new MessageChannel();
  const api: Partial<Record<keyof ModelFilesApi, unknown>> = {
    open: () => ({ ok: true, value: { durable: true } }),
    download: (_call: string, _spec: unknown, onProgress: Tell) => download(onProgress),
  };
  expose(api, port2);
  port1.start();
  const files = createModelFiles({ env: systemEnv, createWorker: () => Object.assign(port1, { terminate: () => port1.close() }), settings: {} as never });
  close = () => {
    files.close();
    port2.close();
  };
  return files;
}

describe('progress', () => {
  const late: Progress = { done: 32, total: 100, bytesPerSecond: 1 };

  it('is told while the file comes, and no more once it is known how it ended', async () => {
    let tellLate = (): Promise<void> => Promise.resolve();
    const files = filesWith(async (onProgress) => {
      await onProgress({ ...late, done: 16 });
      tellLate = () => onProgress(late);
      return { ok: false, error: toWire(new LlamboError('model-invalid', 'A web page.', { advice: 'Look at it.' })) };
    });
    const told: number[] = [];
    await expect(files.download({} as never, { onProgress: ({ done }) => told.push(done) })).rejects.toMatchObject({ code: 'model-invalid' });
    await tellLate();
    expect(told).toEqual([16]);
  });
});
