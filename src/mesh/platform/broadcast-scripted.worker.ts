/** Another tab, as a worker: it has locks and channels of its own and dies when it is told to. It sends back what it gets. */
import { systemEnv } from '../../shared/system-env.ts';
import { createBroadcastTransport } from './broadcast-transport.ts';

void createBroadcastTransport({ env: systemEnv })
  .open()
  .then((endpoint) => {
    endpoint.onConnection((connection) => connection.onMessage((bytes) => connection.send(bytes)));
    self.postMessage(endpoint.id);
  });
