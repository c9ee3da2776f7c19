/** What the keys of `swarm.yaml` must be to each other. Pure; looked at when defaults and site are laid under a file. */
import { DEFAULT_CONFIG, layConfig } from './config-defaults.ts';
import { valueAt } from './config-fields.ts';
import { writeDuration } from './config-kinds.ts';
import type { SwarmConfig } from './config-schema.ts';
import { TIERS } from './job.ts';

export interface BrokenRule {
  /** The two keys, or one. The first that the file itself has is the one to show. */
  readonly keys: readonly string[];
  readonly message: string;
  readonly allowed: string;
}

/** @param strict the first must be smaller, not just no larger */
interface Order {
  readonly low: string;
  readonly high: string;
  readonly strict: boolean;
  readonly write: (value: number) => string;
}

const plain = String;

const ORDERS: readonly Order[] = [
  { low: 'swarm.autoscaling.low', high: 'swarm.autoscaling.high', strict: true, write: plain },
  { low: 'swarm.queue.mostPerDevice', high: 'swarm.queue.most', strict: false, write: plain },
  { low: 'swarm.health.rest', high: 'swarm.health.restMost', strict: false, write: writeDuration },
  ...TIERS.map((tier) => ({ low: `swarm.tiers.${tier}.least`, high: `swarm.tiers.${tier}.most`, strict: false, write: plain })),
];

/** @param config as it would count, without the defaults */
export function brokenRules(config: SwarmConfig): readonly BrokenRule[] {
  const whole = layConfig(DEFAULT_CONFIG, config);
  return [...ORDERS.flatMap((order) => brokenOrder(whole, order)), ...lonelyTiers(config), ...twins(config)];
}

function brokenOrder(config: SwarmConfig, { low, high, strict, write }: Order): BrokenRule[] {
  const [least, most] = [valueAt(config, low), valueAt(config, high)];
  if (typeof least !== 'number' || typeof most !== 'number' || (strict ? least < most : least <= most)) return [];
  const than = strict ? 'less than' : 'at most';
  return [{ keys: [low, high], message: `${low} is ${write(least)} and ${high} is ${write(most)}`, allowed: `${low} ${than} ${high}` }];
}

/** Nodes of a tier without a model would be of nothing. */
function lonelyTiers({ swarm }: SwarmConfig): BrokenRule[] {
  return TIERS.flatMap((name) => {
    const tier = swarm?.tiers?.[name];
    if (!tier || tier.model !== undefined || Object.keys(tier).length === 0) return [];
    return [{ keys: [`swarm.tiers.${name}`], message: `the tier ${name} names no model`, allowed: `swarm.tiers.${name}.model, or nothing at all about the tier` }];
  });
}

function twins({ swarm }: SwarmConfig): BrokenRule[] {
  const ids = (swarm?.models ?? []).map(({ id }) => id);
  const again = ids.findIndex((id, index) => ids.indexOf(id) < index);
  return again < 0 ? [] : [{ keys: [`swarm.models.${again}.id`], message: `two models have the id ${ids[again]}`, allowed: 'an id of its own for each model' }];
}
