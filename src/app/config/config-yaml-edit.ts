/** Changes one key in the text of a `swarm.yaml` and leaves the rest as it was written, comments too. */
import { isMap, parseDocument } from 'yaml';
import { layConfig } from '../../protocol/config-defaults.ts';
import type { ConfigValue } from '../../protocol/config-fields.ts';
import type { SwarmConfig } from '../../protocol/config-schema.ts';
import { writeConfig } from './config-write.ts';
import { parseConfig } from './config-yaml.ts';

/**
 * @param text a valid one
 * @param value as it stands in the file, so `2s` or 2000; null takes the key out
 * @param below what the text is laid over
 */
export function withValue(text: string, key: string, value: ConfigValue | null, below: SwarmConfig = {}): string {
  const parsed = parseConfig(text, below);
  const path = key.split('.');
  // Written by this page and touched by nobody: written anew, so that its explanations stay in their places.
  if ('config' in parsed && writeConfig(parsed.config, below) === text) {
    const next = parseConfig(edited(JSON.stringify(parsed.config), path, value), below);
    if ('config' in next) return writeConfig(next.config, below);
  }
  return edited(text, path, value);
}

function edited(text: string, path: readonly string[], value: ConfigValue | null): string {
  const document = parseDocument(text);
  for (let depth = 1; depth < path.length; depth += 1) {
    const above = path.slice(0, depth);
    if (document.hasIn(above) && !isMap(document.getIn(above, true))) document.deleteIn(above);
  }
  if (value !== null) document.setIn(path, value);
  else if (document.hasIn(path)) document.deleteIn(path);
  // A section that lost its last key goes with it.
  for (let depth = path.length - 1; depth > 0 && value === null; depth -= 1) {
    const section = document.getIn(path.slice(0, depth), true);
    if (isMap(section) && section.items.length === 0) document.deleteIn(path.slice(0, depth));
  }
  return document.toString({ lineWidth: 0 });
}

/** All that both say, as one file. */
export const joinedText = (below: SwarmConfig, above: SwarmConfig): string => writeConfig(layConfig(below, above));
