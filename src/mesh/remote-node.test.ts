import { systemEnv } from '../shared/system-env.ts';
import { engineNodeSuite } from '../testing/engine-node-suite.ts';
import { createFakeLinkPair } from '../testing/fake-link.ts';
import { createScriptedNode } from '../testing/scripted-node.ts';
import { adOf } from './node-ad.ts';
import { createRemoteNode } from './remote-node.ts';
import { createSharingLedger } from './sharing.ts';
import { createTaskServer } from './task-server.ts';

engineNodeSuite('a node of another tab', async () => {
  const { node: local } = await createScriptedNode(systemEnv);
  const { near, far } = createFakeLinkPair();
  const ledger = createSharingLedger(systemEnv.clock, { on: true, slots: 0, tokensPerHour: 0, keptModels: [] });
  const server = createTaskServer({ env: systemEnv, ledger, node: (name) => (name === 'a' ? local : null) });
  server.attach(far);
  const node = createRemoteNode({ env: systemEnv, peer: near.peer, ad: adOf(local.info()), link: async () => near });
  return { node, longQuestion: 'count to 90' };
});
