import { collectDefaultMetrics, Counter, Gauge, type Metric, Registry } from 'prom-client';
import { type Cell, Cells, TimeCells, type Times } from './cells.ts';
import { type KeyOf, type Labels, type MetricDefinition, METRICS } from './metric-definitions.ts';

/** How often the event loop is looked at, in milliseconds: the default of 10 wakes an idle process too often. */
const LOOK_MS = 50;
/** Gauges of the library that are called as counters are, so that `promtool check metrics` complains. */
const MISNAMED = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`);

/**
 * The numbers of one gateway. This file brings the library with it, and is loaded where a configuration asks for
 * numbers; what they are is in {@link METRICS}.
 *
 * A call takes some 30 µs of this process, and each look-up of a set of labels in the library half of one. So numbers
 * that change with every call are kept in {@link Cells}, and handed to the library when somebody scrapes.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Cells>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, TimeCells>();
  readonly #readers: (() => void)[] = [];

  constructor() {
    for (const [key, definition] of Object.entries<MetricDefinition>(METRICS)) {
      if (definition.type === 'counter') this.#counters.set(key, this.#counter(definition));
      else if (definition.type === 'gauge') this.#gauges.set(key, this.#gauge(definition));
      else this.#histograms.set(key, this.#histogram(definition));
    }
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: LOOK_MS });
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name);
  }

  /** Counts something that happens now and then. */
  count<K extends KeyOf<'counter'>>(key: K, labels: Labels<K>, by = 1): void {
    this.counter(key, labels).value += by;
  }

  /** For what happens all the time: the number of these labels, to be added to. */
  counter<K extends KeyOf<'counter'>>(key: K, labels: Labels<K>): Cell {
    return this.#cells(key).of(labels);
  }

  /** The times of these labels, to be added to. */
  histogram<K extends KeyOf<'histogram'>>(key: K, labels: Labels<K>): Times {
    const cells = this.#histograms.get(key) ?? new TimeCells();
    return cells.of(labels);
  }

  set<K extends KeyOf<'gauge'>>(key: K, labels: Labels<K>, value: number): void {
    this.#gauges.get(key)?.set(labels, value);
  }

  /** Forgets every value of a metric, for one that is written anew at each scrape. */
  reset(key: KeyOf<'gauge' | 'counter'>): void {
    this.#gauges.get(key)?.reset();
    this.#counters.get(key)?.clear();
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

  #cells(key: string): Cells {
    const cells = this.#counters.get(key) ?? new Cells();
    this.#counters.set(key, cells);
    return cells;
  }

  #counter({ name, help, labels }: MetricDefinition): Cells {
    const cells = new Cells();
    const counter: Counter = new Counter({
      name,
      help,
      labelNames: labels,
      registers: [this.#registry],
      collect() {
        counter.reset();
        for (const cell of cells.all()) counter.inc(cell.labels, cell.value);
      },
    });
    return cells;
  }

  #gauge({ name, help, labels }: MetricDefinition): Gauge {
    return new Gauge({ name, help, labelNames: labels, registers: [this.#registry] });
  }

  /** The library has no histogram whose numbers could be handed to it; what it writes out is anything that has these. */
  #histogram({ name, help, type }: MetricDefinition): TimeCells {
    const cells = new TimeCells();
    const get = async () => ({ name, help, type, values: cells.samples(name), aggregator: 'sum' });
    this.#registry.registerMetric({ name, get } as unknown as Metric);
    return cells;
  }
}
