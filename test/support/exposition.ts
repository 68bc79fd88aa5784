/** One number of a scrape. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric of a scrape, and its samples. */
export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

const METRIC = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"`;
const SAMPLE = new RegExp(String.raw`^(${METRIC})(?:\{((?:${LABEL})(?:,${LABEL})*)\})? (\S+)$`);
const NUMBER = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]Inf|Nan|NaN)$/;
const TYPES: ReadonlySet<string> = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);

/**
 * Reads the text format of Prometheus (version 0.0.4) as strictly as `promtool check metrics`: HELP and TYPE once and
 * before the samples, no sample twice, counters that end in `_total`, buckets that grow up to `+Inf` and the count.
 * @throws with the line that is wrong
 */
export function readExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, Family>();
  const helps = new Map<string, string>();
  const seen = new Set<string>();
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, help, about] = new RegExp(`^# HELP (${METRIC}) (.+)$`).exec(line) ?? [];
    if (help !== undefined) {
      if (helps.has(help)) throw new Error(`twice: ${line}`);
      helps.set(help, about ?? '');
      continue;
    }
    const [, name, type] = new RegExp(`^# TYPE (${METRIC}) (\\w+)$`).exec(line) ?? [];
    if (name !== undefined && type !== undefined) {
      if (families.has(name) || !TYPES.has(type)) throw new Error(`twice, or of no type: ${line}`);
      if (type === 'counter' && !name.endsWith('_total'))
        throw new Error(`a counter without _total: ${line}`);
      if (type !== 'counter' && name.endsWith('_total')) throw new Error(`_total, and no counter: ${line}`);
      families.set(name, { type, help: helps.get(name) ?? '', samples: [] });
      if (!helps.has(name)) throw new Error(`no HELP before ${line}`);
      continue;
    }
    const [, metric, labels = '', value = ''] = SAMPLE.exec(line) ?? [];
    if (metric === undefined || !NUMBER.test(value)) throw new Error(`not a line of the format: ${line}`);
    const key = `${metric}{${labels}}`;
    if (seen.has(key)) throw new Error(`twice: ${line}`);
    seen.add(key);
    const family = families.get(metric) ?? families.get(metric.replace(/_(?:bucket|sum|count)$/, ''));
    if (!family) throw new Error(`no TYPE before ${line}`);
    family.samples.push({ name: metric, labels: labelsOf(labels), value: numberOf(value) });
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkHistogram(name, family);
  return families;
}

function labelsOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)];
  const names = pairs.map(([, name]) => name);
  if (new Set(names).size !== names.length) throw new Error(`a label twice: ${text}`);
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]));
}

function numberOf(text: string): number {
  return text.endsWith('Inf') ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);
}

function checkHistogram(name: string, { samples }: Family): void {
  const series = new Map<string, Sample[]>();
  for (const sample of samples) {
    const key = JSON.stringify({ ...sample.labels, le: undefined });
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  for (const [labels, own] of series) {
    const buckets = own.filter((sample) => sample.name === `${name}_bucket`);
    const count = own.find((sample) => sample.name === `${name}_count`)?.value;
    const last = buckets.at(-1);
    let before = 0;
    for (const { value } of buckets) {
      if (value < before) throw new Error(`the buckets of ${name} ${labels} shrink`);
      before = value;
    }
    if (last?.labels['le'] !== '+Inf' || last.value !== count)
      throw new Error(`${name} ${labels} has no last bucket, or another count`);
    if (!own.some((sample) => sample.name === `${name}_sum`)) throw new Error(`${name} has no sum`);
  }
}

/** The value of one sample; 0 where it is not there. */
export function valueOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const base = name.replace(/_(?:bucket|sum|count)$/, '');
  const family = families.get(name) ?? families.get(base);
  const fits = (sample: Sample): boolean =>
    sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value);
  return (family?.samples ?? []).filter(fits).reduce((sum, { value }) => sum + value, 0);
}
