/**
 * The orchestrator's way to other tabs: through the mesh of the swarm that this tab is in. Alone, or as long as it is not in
 * yet, this tab leads itself, in term 0.
 *
 * Between a swarm and no swarm nobody leads for a moment, so that a leader forgets whom it led there.
 */
import type { Mesh } from '../mesh/mesh-types.ts';
import type { ControlPort, Sender, Standing } from '../orchestrator/ports.ts';
import type { ControlMessage } from '../protocol/messages.ts';
import { Emitter, type Unsubscribe } from '../shared/emitter.ts';
import type { PeerId } from '../shared/ids.ts';

export interface Control extends ControlPort {
  /** From now on this mesh is the way to others; null: this tab is alone. */
  attach(mesh: Mesh | null): void;
  /** It is in no swarm, or not yet: nobody else's nodes can be had. */
  isAlone(): boolean;
}

const NOBODY: Standing = { leader: null, term: 0 };

export function createControl(self: Sender): Control {
  const standings = new Emitter<Standing>();
  const messages = new Emitter<{ from: Sender; message: ControlMessage }>();
  const peers = new Emitter<{ type: 'gone' | 'suspect'; peer: PeerId }>();
  const alone: Standing = { leader: self.peer, term: 0 };
  let mesh: Mesh | null = null;
  let offs: Unsubscribe[] = [];
  let standing = alone;

  const isIn = (): boolean => mesh?.info().state === 'in';

  function look(): void {
    const info = mesh?.info();
    stand(info?.state === 'in' ? { leader: info.leader, term: info.term } : alone);
  }

  function stand(next: Standing): void {
    if (next.leader === standing.leader && next.term === standing.term) return;
    standing = next;
    standings.emit(next);
  }

  function attach(next: Mesh | null): void {
    for (const off of offs) off();
    offs = [];
    if (isIn()) stand(NOBODY);
    mesh = next;
    if (next) {
      offs = [
        next.onChange(look),
        next.onNews((news) => {
          if (news.type === 'leader') look();
          if (news.type === 'left') peers.emit({ type: 'gone', peer: news.peer });
          if (news.type === 'suspect') peers.emit({ type: 'suspect', peer: news.peer });
        }),
        next.control.onMessage((from, message) => messages.emit({ from, message })),
      ];
    }
    look();
  }

  return {
    self,
    attach,
    isAlone: () => !isIn(),
    standing: () => standing,
    onStanding: (listener) => standings.on(listener),
    send: (to, message) => mesh?.control.send(to, message),
    onMessage: (listener) => messages.on(({ from, message }) => listener(from, message)),
    onPeer: (listener) => peers.on(listener),
    seal: async (grant) => (mesh && isIn() ? mesh.control.seal(grant) : null),
  };
}
