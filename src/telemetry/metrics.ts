import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type KeyOf, type Labels, type MetricDefinition, METRICS } from './metric-definitions.ts';

/** Seconds, from a tool that answers at once to one that works for minutes. */
const BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
/** How often the event loop is looked at, in milliseconds: the default of 10 wakes an idle process too often. */
const LOOK_MS = 50;

/** Gauges of the library that are called as counters are, so that `promtool check metrics` complains. */
const MISNAMED = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`);

/** Takes one number, such as the seconds that something took. */
export type Take = (value: number) => void;

/**
 * The numbers of one gateway. This file brings the library with it, and is loaded where a configuration asks for
 * numbers; what they are is in {@link METRICS}.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();
  readonly #readers: (() => void)[] = [];

  constructor() {
    const registers = [this.#registry];
    for (const [key, definition] of Object.entries<MetricDefinition>(METRICS)) {
      const { type, name, help, labels } = definition;
      const settings = { name, help, labelNames: labels, registers };
      if (type === 'counter') this.#counters.set(key, new Counter(settings));
      else if (type === 'gauge') this.#gauges.set(key, new Gauge(settings));
      else this.#histograms.set(key, new Histogram({ ...settings, buckets: [...BUCKETS] }));
    }
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: LOOK_MS });
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name);
  }

  /** Counts something that happens now and then. */
  count<K extends KeyOf<'counter'>>(key: K, labels: Labels<K>, by = 1): void {
    this.#counters.get(key)?.inc(labels, by);
  }

  /** The same for what happens all the time: finds the place of these labels once. */
  counter<K extends KeyOf<'counter'>>(key: K, labels: Labels<K>): Take {
    const counter = this.#counters.get(key)?.labels(labels);
    return (by) => counter?.inc(by);
  }

  histogram<K extends KeyOf<'histogram'>>(key: K, labels: Labels<K>): Take {
    const histogram = this.#histograms.get(key)?.labels(labels);
    return (value) => histogram?.observe(value);
  }

  set<K extends KeyOf<'gauge'>>(key: K, labels: Labels<K>, value: number): void {
    this.#gauges.get(key)?.set(labels, value);
  }

  /** Forgets every value of a metric, for one that is written anew at each scrape. */
  reset(key: KeyOf<'gauge' | 'counter'>): void {
    (this.#gauges.get(key) ?? this.#counters.get(key))?.reset();
  }

  /** Calls back before each scrape, for what is known elsewhere and need not be counted here. */
  onScrape(read: () => void): void {
    this.#readers.push(read);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Everything, in the text format of Prometheus. */
  text(): Promise<string> {
    for (const read of this.#readers) read();
    return this.#registry.metrics();
  }
}
