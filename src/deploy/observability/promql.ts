import { type MetricDefinition, type MetricKey, METRICS } from '../../telemetry/metric-definitions.ts';

/** The labels of a metric, as its definition has them. */
type LabelOf<K extends MetricKey> = (typeof METRICS)[K]['labels'][number];
/** `{label: value}`; a value that begins with `~` is a regular expression. */
type Matchers<K extends MetricKey> = Readonly<Partial<Record<LabelOf<K>, string>>>;

/**
 * A metric in PromQL. Names and labels come from the definitions, so that none can be asked for that does not exist.
 * @param suffix of a histogram's series: `_bucket`, `_sum` or `_count`
 */
export function series<K extends MetricKey>(key: K, matchers?: Matchers<K>, suffix = ''): string {
  const definition: MetricDefinition = METRICS[key];
  const pairs = Object.entries<string | undefined>(matchers ?? {}).flatMap(([label, value]) => {
    if (value === undefined) return [];
    return [value.startsWith('~') ? `${label}=~"${value.slice(1)}"` : `${label}="${value}"`];
  });
  return `${definition.name}${suffix}${pairs.length > 0 ? `{${pairs.join(', ')}}` : ''}`;
}

/** How many in a second, each series of these labels for itself; without labels, all together. */
export function rateBy<K extends MetricKey>(
  labels: readonly LabelOf<K>[],
  key: K,
  matchers?: Matchers<K>,
  window = '5m',
): string {
  const by = labels.length > 0 ? ` by (${labels.join(', ')})` : '';
  return `sum${by} (rate(${series(key, matchers)}[${window}]))`;
}

/** How many came within a time. */
export function increaseBy<K extends MetricKey>(
  labels: readonly LabelOf<K>[],
  key: K,
  matchers: Matchers<K>,
  window: string,
): string {
  return `sum by (${labels.join(', ')}) (increase(${series(key, matchers)}[${window}]))`;
}

/** The time within which this share of the calls of tools was answered, in seconds. */
export function quantileBy(
  labels: readonly LabelOf<'callDuration'>[],
  share: number,
  server?: string,
): string {
  const buckets = series(
    'callDuration',
    { method: 'tools/call', ...(server !== undefined && { server }) },
    '_bucket',
  );
  return `histogram_quantile(${share}, sum by (${[...labels, 'le'].join(', ')}) (rate(${buckets}[5m])))`;
}
