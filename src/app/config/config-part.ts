/** One key of the swarm's part, changed by somebody who decides for all. Pure. */
import type { ConfigValue } from '../../protocol/config-fields.ts';
import type { SwarmPart } from '../../protocol/config-schema.ts';

type Section = Readonly<Record<string, unknown>>;
const isSection = (value: unknown): value is Section => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * @param key `swarm.queue.most`
 * @param value undefined: it is left out, and so is a section that is empty then
 */
export const withKey = (part: SwarmPart, key: string, value: ConfigValue | undefined): SwarmPart => put(part, key.split('.').slice(1), value);

function put(section: Section, [name = '', ...rest]: readonly string[], value: ConfigValue | undefined): Section {
  const { [name]: old, ...others } = section;
  const next = rest.length === 0 ? value : put(isSection(old) ? old : {}, rest, value);
  return next === undefined || (isSection(next) && Object.keys(next).length === 0) ? others : { ...others, [name]: next };
}
