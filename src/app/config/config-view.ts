/** The configuration as the snapshot shows it. Pure. */
import { DEFAULT_CONFIG, layConfig } from '../../protocol/config-defaults.ts';
import { CONFIG_ENTRIES, CONFIG_FIELDS, valueAt, type ConfigField, type ConfigValue } from '../../protocol/config-fields.ts';
import type { ConfigInfo, ConfigValues } from '../../protocol/config-info.ts';
import type { ConfigProblem } from '../../protocol/config-problem.ts';
import type { SwarmConfig } from '../../protocol/config-schema.ts';
import { writeValue } from './config-write.ts';

export interface ConfigLayers {
  /** What the person set. */
  readonly own: SwarmConfig;
  /** What counts where the person set nothing, over the defaults. */
  readonly below: SwarmConfig;
  /** What counts, over the defaults. */
  readonly counts: SwarmConfig;
}

export const valuesOf = (config: SwarmConfig): ConfigValues =>
  Object.freeze(
    Object.fromEntries(
      CONFIG_FIELDS.flatMap((field) => {
        const value = valueAt(config, field.key);
        return value === undefined ? [] : [[field.key, typed(field, value)]];
      }),
    ),
  );

function typed(field: ConfigField, value: ConfigValue): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return field.kind === 'texts' ? value.join('\n') : String(value.length);
  return writeValue(field, value);
}

export const configView = ({ own, below, counts }: ConfigLayers, rest: Pick<ConfigInfo, 'text' | 'problems' | 'refused' | 'fromSwarm'>): ConfigInfo => ({
  entries: CONFIG_ENTRIES,
  own: valuesOf(own),
  below: valuesOf(layConfig(DEFAULT_CONFIG, below)),
  counts: valuesOf(layConfig(DEFAULT_CONFIG, counts)),
  ...rest,
});

/** Before any file was read. */
export const initialConfig: ConfigInfo = configView({ own: {}, below: {}, counts: {} }, { text: '', problems: [], refused: null, fromSwarm: false });

/** The first of them in one line, and how many more there are. */
export function firstOf(problems: readonly ConfigProblem[]): string {
  const [first] = problems;
  if (!first) return '';
  const more = problems.length > 1 ? ` And ${problems.length - 1} more.` : '';
  return `line ${first.line}${first.key === '' ? '' : `, ${first.key}`}: ${first.message}${first.message.endsWith('?') ? '' : '.'}${more}`;
}
