import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readExposition } from '../../test/support/exposition.ts';
import { metrics as metricsSection } from '../config/metrics.ts';
import type { Config } from '../config/schema.ts';
import { type MetricDefinition, METRICS, PROCESS_METRICS } from '../telemetry/metric-definitions.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { buildObservability } from './observability.ts';
import type { AlertRule } from './observability/alerts.ts';
import { DeployError } from './target.ts';
import { CONFIG } from './testing.ts';

const metrics = metricsSection.parse({ listen: '127.0.0.1:9464' });
const EVERYTHING = { ...CONFIG, metrics, audit: {}, guard: {} } as Config;

const textOf = (path: string, config: Config = EVERYTHING): string =>
  buildObservability(config).files.find((file) => file.path === path)?.text ?? '';
const rulesOf = (config?: Config): AlertRule[] =>
  (
    parse(textOf('prometheus/sallyport.rules.yaml', config)) as { groups: { rules: AlertRule[] }[] }
  ).groups.flatMap(({ rules }) => rules);

interface Board {
  readonly panels: {
    readonly id: number;
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number };
    readonly targets: { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
  }[];
  readonly templating: { readonly list: { readonly name: string; readonly query: unknown }[] };
}
const board = (config?: Config): Board => JSON.parse(textOf('grafana/sallyport.json', config)) as Board;

/** Words of PromQL that a metric's name could be taken for. */
const WORDS = /^(?:sum|min|max|by|rate|increase|changes|topk|histogram_quantile|label_values|le)$/;

/** The metrics that an expression asks for, each with the labels it is asked by. */
function metricsIn(expr: string): { name: string; labels: string[] }[] {
  const bare = expr.replaceAll(/\bby \([^)]*\)/g, '').replaceAll(/\[\w+\]/g, '');
  return [...bare.matchAll(/([a-z_][a-z0-9_]*)(?:\{([^}]*)\})?/g)].flatMap(([, name = '', matchers = '']) =>
    WORDS.test(name) || !name.includes('_')
      ? []
      : [{ name, labels: [...matchers.matchAll(/(\w+)=/g)].map(([, label = '']) => label) }],
  );
}

const EXPRESSIONS = [
  ...rulesOf().map(({ alert, expr }) => [alert, expr] as const),
  ...board().panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
];

describe('an expression', () => {
  it.each(EXPRESSIONS)('of %s asks for what there is: %s', async (_what, expr) => {
    // What a scrape has, and not only what the definitions promise.
    const scraped = readExposition(await new Metrics().text());
    const definitions = new Map<string, MetricDefinition>(
      Object.values(METRICS).map((each) => [each.name, each]),
    );
    const asked = metricsIn(expr);
    expect(asked.length + Number(expr.startsWith('up{'))).toBeGreaterThan(0);
    for (const { name, labels } of asked) {
      const base = name.replace(/_bucket$/, '');
      expect([...scraped.keys()]).toContain(base);
      const definition = definitions.get(base);
      if (definition) for (const label of labels) expect(definition.labels).toContain(label);
      else expect(PROCESS_METRICS).toContain(name);
      if (name !== base) expect(definition?.type).toBe('histogram');
    }
  });

  it.each(EXPRESSIONS)('of %s groups by labels that its metric has: %s', (_what, expr) => {
    const [first] = metricsIn(expr);
    const definition = Object.values<MetricDefinition>(METRICS).find(({ name }) =>
      first?.name.startsWith(name),
    );
    for (const [, list = ''] of expr.matchAll(/\bby \(([^)]*)\)/g))
      for (const label of list.split(', ')) expect([...(definition?.labels ?? []), 'le']).toContain(label);
    expect(expr.replaceAll(/[^()]/g, '')).toHaveLength(2 * (expr.match(/\(/g)?.length ?? 0));
  });
});

describe('the rules', () => {
  it('have each a name of its own, a severity, and words that use labels which are there', () => {
    const rules = rulesOf();
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, expr, labels, annotations } of rules) {
      expect(alert).toMatch(/^Sallyport[A-Z]\w+$/);
      expect(labels.severity).toMatch(/^(critical|warning|info)$/);
      const used = [...`${annotations.summary} ${annotations.description}`.matchAll(/\$labels\.(\w+)/g)];
      const kept = /\bby \(([^)]*)\)/.exec(expr)?.[1]?.split(', ');
      for (const [, label = ''] of used) {
        const own =
          Object.values<MetricDefinition>(METRICS).find(({ name }) => expr.includes(name))?.labels ?? [];
        expect(kept ?? [...own, 'instance']).toContain(label);
      }
    }
  });

  it('and panels are only of what the config has', () => {
    const plain = { ...CONFIG, metrics } as Config;
    expect(JSON.stringify(rulesOf(plain))).not.toMatch(/audit_|guard_/);
    expect(JSON.stringify(board(plain))).not.toMatch(/audit_|pii_/);
    expect(rulesOf().length).toBeGreaterThan(rulesOf(plain).length);
  });
});

describe('the dashboard', () => {
  it('has panels that do not lie upon each other, and targets with letters of their own', () => {
    const { panels, templating } = board();
    expect(new Set(panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size).toBe(panels.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { targets } of panels)
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'server']);
    expect(JSON.stringify(templating)).toContain('label_values(sallyport_server_up, server)');
  });

  it('shows labels that are there', () => {
    for (const { targets } of board().panels)
      for (const { expr, legendFormat } of targets)
        for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
          expect(expr.includes(label) || label === 'instance').toBe(true);
  });
});

describe('the scrape', () => {
  it('goes to the address of the metrics, or that of the endpoints', () => {
    const targetOf = (config: Config): unknown => parse(textOf('prometheus/scrape.yaml', config));
    const at = (target: string) => ({
      scrape_configs: [
        { job_name: 'sallyport', metrics_path: '/metrics', static_configs: [{ targets: [target] }] },
      ],
    });
    expect(targetOf(EVERYTHING)).toEqual(at('127.0.0.1:9464'));
    const listen = { ...CONFIG.listen, host: '::', port: 8080 };
    expect(targetOf({ ...CONFIG, listen, metrics: metricsSection.parse({}) })).toEqual(at('[::1]:8080'));
  });

  it('of a gateway that counts nothing is nothing', () => {
    expect(() => buildObservability({ ...CONFIG, metrics: undefined })).toThrow(DeployError);
  });
});
