/** Relayed connections are connections: the suite of transports over a neighbour, with and without real cryptography. */
import { vi } from 'vitest';
import { createManualClock } from '../../testing/manual-clock.ts';
import { countedCrypto, createRelayRig, relayTransport, type RelayRigOptions } from '../../testing/relay-rig.ts';
import { transportSuite } from '../../testing/transport-suite.ts';
import { createRelayCrypto } from '../platform/relay-crypto.ts';

// Megabytes go through keys that a loop in JavaScript makes.
vi.setConfig({ testTimeout: 30_000 });

const suite = (name: string, options: Omit<RelayRigOptions, 'clock'>): void =>
  transportSuite(
    name,
    async () => {
      const rig = createRelayRig({ clock: createManualClock(), ...options });
      const transport = relayTransport(rig, rig.peer());
      return { a: transport, b: transport, until: rig.until };
    },
    { doors: false },
  );

suite('A relay', {});

const { subtle, isBusy } = countedCrypto();
suite('A relay with the cryptography of the browser', { relayCrypto: () => createRelayCrypto(subtle), isBusy });
