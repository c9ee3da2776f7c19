/**
 * Whose configuration counts in the swarm that this tab is in: what its people decided for all goes to the configuration,
 * and what the person here changes goes to all, if the person may decide. While nobody has decided, this changes nothing:
 * then the leading tab's own counts.
 */
import type { Mesh } from '../mesh/mesh-types.ts';
import type { SwarmPolicyNews } from '../mesh/policy/policy-keeper.ts';
import type { SwarmPart } from '../protocol/config-schema.ts';
import { background } from '../shared/abort.ts';
import type { Unsubscribe } from '../shared/emitter.ts';
import type { Config } from './config/config.ts';
import type { EventLog } from './event-log.ts';
import type { Notices } from './notices.ts';

export interface SwarmPolicyDeps {
  readonly config: Pick<Config, 'onOwnSwarmPart' | 'ownSwarmPart' | 'setSwarmPart'>;
  readonly log: Pick<EventLog, 'add'>;
  readonly notices: Pick<Notices, 'report'>;
}

export interface SwarmPolicyFollower {
  /**
   * This tab is joined to others by this mesh from now on; null: it is alone.
   * @param founds the swarm is new, and what the person here has decided counts in it from the start
   */
  attach(mesh: Mesh | null, founds: boolean): void;
}

export function createSwarmPolicy({ config, log, notices }: SwarmPolicyDeps): SwarmPolicyFollower {
  let mesh: Mesh | null = null;
  let offs: Unsubscribe[] = [];
  let counting: SwarmPolicyNews | null = null;
  let founding = false;

  const isIn = (): boolean => mesh?.info().state === 'in';

  function publish(part: SwarmPart): void {
    if (mesh) background(mesh.policy.publish(part), (error) => notices.report(error, 'The configuration of the swarm stays as it was'));
  }

  function look(): void {
    if (founding && isIn()) {
      founding = false;
      const own = config.ownSwarmPart();
      if (own) publish(own);
    }
    const current = isIn() ? mesh!.policy.current() : null;
    if (current === counting) return;
    counting = current;
    if (current) log.add({ type: 'policy changed', by: current.by, version: current.version });
    config.setSwarmPart(current?.part ?? null);
  }

  config.onOwnSwarmPart((part) => {
    if (isIn() && (mesh?.info().gate?.mine ?? null) !== null) publish(part);
  });

  return {
    attach(next, founds) {
      for (const off of offs) off();
      mesh = next;
      founding = founds;
      offs = next ? [next.onChange(look), next.policy.onChange(look)] : [];
      look();
    },
  };
}
