/** A signalling server in a thread of its own, for tests: ending the thread is how a server crashes. */
import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { attachSignalling } from './signalling.mjs';

const server = createServer((_request, response) => void response.writeHead(404).end());
// The page of the tests comes from another port.
const signalling = attachSignalling(server, { anyOrigin: true });
signalling.warm();
const { port } = /** @type {{ port: number }} */ (workerData);
server.listen(port, '127.0.0.1', () => parentPort?.postMessage(server.address()));
