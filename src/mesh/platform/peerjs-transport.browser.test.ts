/** The suite over real WebRTC and a real signalling server, and what only this transport must do. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../../protocol/limits.ts';
import { systemEnv } from '../../shared/system-env.ts';
import { startSignallingServer, serverAt, type RunningServer } from '../../testing/signalling-server.ts';
import { transportSuite } from '../../testing/transport-suite.ts';
import { createPeerjsTransport } from './peerjs-transport.ts';

let running: RunningServer;
beforeAll(async () => void (running = await startSignallingServer()));
afterAll(() => running.stop());

const create = () => createPeerjsTransport({ env: systemEnv, servers: [running.server], iceServers: [] });

transportSuite('peerjs-transport', async () => ({ a: create(), b: create() }));
