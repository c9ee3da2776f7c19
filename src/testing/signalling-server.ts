/** Signalling servers for browser tests; `vitest.config.ts` gives the commands that start and stop them. */
import { commands } from 'vitest/browser';
import type { SignallingServer } from '../protocol/signalling.ts';

declare module 'vitest/browser' {
  interface BrowserCommands {
    startSignalling(port?: number): Promise<number>;
    stopSignalling(port: number): Promise<void>;
  }
}

export interface RunningServer {
  readonly server: SignallingServer;
  /** As a crash does it. */
  stop(): Promise<void>;
  /** Again, at the same address. */
  restart(): Promise<void>;
}

export async function startSignallingServer(): Promise<RunningServer> {
  const port = await commands.startSignalling();
  return {
    server: serverAt(port),
    stop: () => commands.stopSignalling(port),
    restart: async () => void (await commands.startSignalling(port)),
  };
}

export const serverAt = (port: number): SignallingServer => ({ host: '127.0.0.1', port, path: '/signal/', secure: false, key: 'peerjs' });
