import { expect, it } from 'vitest';
import type { Mesh, MeshNews } from '../mesh/mesh-types.ts';
import type { Sender, Standing } from '../orchestrator/ports.ts';
import type { ControlMessage } from '../protocol/messages.ts';
import type { SwarmInfo } from '../protocol/peer.ts';
import { Emitter } from '../shared/emitter.ts';
import { nodeAddress, type DeviceId, type JobId, type PeerId, type TaskId } from '../shared/ids.ts';
import { createControl } from './control.ts';

const self: Sender = { peer: 'me' as PeerId, device: 'mine' as DeviceId };
const ada: Sender = { peer: 'ada' as PeerId, device: 'hers' as DeviceId };
const over: ControlMessage = { t: 'job-over', id: 'job-1' as JobId };
const grant = { task: 'task-1' as TaskId, node: nodeAddress('ada', '1'), asker: self.peer };

function fakeMesh() {
  const [changes, news, messages] = [new Emitter<void>(), new Emitter<MeshNews>(), new Emitter<[Sender, ControlMessage]>()];
  const sent: [PeerId, ControlMessage][] = [];
  let info = { state: 'joining', leader: null as PeerId | null, term: 0 };
  const mesh = {
    info: () => info as SwarmInfo,
    onChange: (listener: () => void) => changes.on(listener),
    onNews: (listener: (event: MeshNews) => void) => news.on(listener),
    control: {
      send: (to: PeerId, message: ControlMessage) => void sent.push([to, message]),
      onMessage: (listener: (from: Sender, message: ControlMessage) => void) => messages.on(([from, message]) => listener(from, message)),
      seal: () => Promise.resolve({ signature: 'hers' }),
    },
  } as unknown as Mesh;
  const is = (state: string, leader: PeerId | null, term: number): void => {
    info = { state, leader, term };
    changes.emit();
  };
  return { mesh, is, sent, news, messages };
}

function setUp() {
  const control = createControl(self);
  const standings: Standing[] = [];
  const heard: unknown[] = [];
  control.onStanding((standing) => standings.push(standing));
  control.onMessage((from, message) => heard.push([from.peer, message.t]));
  control.onPeer(({ type, peer }) => heard.push([type, peer]));
  return { control, standings, heard };
}

it('alone, a tab leads itself, and speaks to nobody', async () => {
  const { control } = setUp();
  expect(control.standing()).toEqual({ leader: self.peer, term: 0 });
  control.send(ada.peer, over);
  expect(await control.seal(grant)).toBeNull();
  expect(control.isAlone()).toBe(true);
});

it('follows the swarm\'s leader once it is in, and leads itself again when it has left: in between nobody does', () => {
  const { control, standings } = setUp();
  const { mesh, is } = fakeMesh();
  control.attach(mesh);
  expect(standings).toEqual([]);
  is('in', ada.peer, 3);
  is('in', ada.peer, 3);
  is('in', null, 3);
  is('in', self.peer, 4);
  control.attach(null);
  expect(standings).toEqual([
    { leader: ada.peer, term: 3 }, { leader: null, term: 3 }, { leader: self.peer, term: 4 }, { leader: null, term: 0 }, { leader: self.peer, term: 0 },
  ]);
});

it('carries messages, seals and news of peers, of the swarm that it is in and of no other', async () => {
  const { control, heard } = setUp();
  const [first, second] = [fakeMesh(), fakeMesh()];
  control.attach(first.mesh);
  first.is('in', ada.peer, 1);
  control.send(ada.peer, over);
  expect(first.sent).toEqual([[ada.peer, over]]);
  expect(control.isAlone()).toBe(false);
  expect(await control.seal(grant)).toEqual({ signature: 'hers' });
  first.messages.emit([ada, over]);
  first.news.emit({ type: 'suspect', peer: ada.peer });
  first.news.emit({ type: 'left', peer: ada.peer, name: 'Ada', reason: 'dead' });
  control.attach(second.mesh);
  first.messages.emit([ada, over]);
  first.news.emit({ type: 'suspect', peer: ada.peer });
  expect(heard).toEqual([['ada', 'job-over'], ['suspect', 'ada'], ['gone', 'ada']]);
});
