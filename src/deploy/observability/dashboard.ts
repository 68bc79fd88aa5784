import type { Config } from '../../config/schema.ts';
import { JOB } from './alerts.ts';
import { quantileBy, rateBy, series } from './promql.ts';

/** What a panel shows. */
interface Panel {
  readonly title: string;
  readonly description: string;
  /** Of Grafana: `reqps`, `s`, `bytes` … */
  readonly unit: string;
  /** An expression, and what its lines are called. */
  readonly targets: readonly (readonly [expr: string, legend: string])[];
  readonly kind?: 'timeseries' | 'stat' | 'table';
}

/** All servers, or those that are chosen at the top. */
const CHOSEN = { server: '~$server' } as const;
const SOURCE = { type: 'prometheus', uid: '${datasource}' } as const;
const [COLUMNS, WIDTH, HEIGHT] = [3, 8, 8];

/** A dashboard for Grafana 10 and later, as its import takes it. */
export function dashboard(config: Pick<Config, 'audit' | 'guard'>): Record<string, unknown> {
  return {
    uid: 'sallyport',
    title: 'Sallyport',
    description: 'What is called, how it goes, and what is refused.',
    tags: ['mcp', 'sallyport'],
    timezone: 'browser',
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: [DATASOURCE, SERVER] },
    panels: panelsOf(config).map(placed),
  };
}

const DATASOURCE = { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' };
const SERVER = {
  name: 'server',
  label: 'Server',
  type: 'query',
  datasource: SOURCE,
  query: { query: `label_values(${series('serverUp')}, server)`, refId: 'server' },
  refresh: 2,
  multi: true,
  includeAll: true,
  allValue: '.*',
  current: { text: 'All', value: '$__all' },
};

function panelsOf({ audit, guard }: Pick<Config, 'audit' | 'guard'>): Panel[] {
  return [...CALLS, ...GATEWAY, ...(guard ? GUARD : []), ...(audit ? AUDIT : [])];
}

const CALLS: readonly Panel[] = [
  {
    title: 'Calls',
    description: 'How many calls the servers answer in a second.',
    unit: 'reqps',
    targets: [[rateBy(['server'], 'calls', CHOSEN), '{{server}}']],
  },
  {
    title: 'Outcomes',
    description: 'How the calls go. tool_error is what the tool itself says.',
    unit: 'reqps',
    targets: [[rateBy(['outcome'], 'calls', CHOSEN), '{{outcome}}']],
  },
  {
    title: 'Time of tool calls',
    description: 'Within which half of the calls, 95 and 99 of 100 are answered.',
    unit: 's',
    targets: [0.5, 0.95, 0.99].map((share) => [quantileBy([], share, CHOSEN.server), `p${share * 100}`]),
  },
  {
    title: 'Slowest tools',
    description: 'Within which 95 of 100 calls of a tool are answered.',
    unit: 's',
    targets: [[`topk(10, ${quantileBy(['server', 'tool'], 0.95, CHOSEN.server)})`, '{{server}} {{tool}}']],
  },
  {
    title: 'Most called tools',
    description: 'Calls in a second.',
    unit: 'reqps',
    targets: [
      [
        `topk(10, ${rateBy(['server', 'tool'], 'calls', { ...CHOSEN, method: 'tools/call' })})`,
        '{{server}} {{tool}}',
      ],
    ],
  },
  {
    title: 'Errors of servers',
    description: 'Why calls fail, by the reasons in docs/errors.md.',
    unit: 'reqps',
    targets: [[rateBy(['server', 'reason'], 'upstreamErrors', CHOSEN), '{{server}} {{reason}}']],
  },
  {
    title: 'Processes',
    description: 'Processes of the servers by state.',
    unit: 'short',
    targets: [[`sum by (server, state) (${series('children', CHOSEN)})`, '{{server}} {{state}}']],
  },
  {
    title: 'Restarts',
    description: 'Processes that were started again, in a second.',
    unit: 'ops',
    targets: [[rateBy(['server'], 'restarts', CHOSEN), '{{server}}']],
  },
  {
    title: 'Servers',
    description: '1: ready, or started by the next call. 0: failed.',
    unit: 'short',
    kind: 'stat',
    targets: [[`min by (server) (${series('serverUp', CHOSEN)})`, '{{server}}']],
  },
];

const GATEWAY: readonly Panel[] = [
  {
    title: 'HTTP requests',
    description: 'By endpoint and status.',
    unit: 'reqps',
    targets: [[rateBy(['endpoint', 'status'], 'httpRequests'), '{{endpoint}} {{status}}']],
  },
  {
    title: 'Refusals',
    description: 'What the gateway itself refused, by the reasons in docs/errors.md.',
    unit: 'reqps',
    targets: [[rateBy(['reason'], 'refusals'), '{{reason}}']],
  },
  {
    title: 'In flight, and sessions',
    description: 'Calls without an answer, and open sessions.',
    unit: 'short',
    targets: [
      [`sum (${series('callsInFlight')})`, 'calls in flight'],
      [`sum (${series('sessions')})`, 'sessions'],
    ],
  },
  {
    title: 'CPU',
    description: 'Of the gateway, in cores; its servers are not in it.',
    unit: 'short',
    targets: [[`rate(process_cpu_seconds_total{job="${JOB}"}[5m])`, '{{instance}}']],
  },
  {
    title: 'Memory',
    description: 'Of the gateway; its servers are not in it.',
    unit: 'bytes',
    targets: [
      [`process_resident_memory_bytes{job="${JOB}"}`, '{{instance}} resident'],
      [`nodejs_heap_size_used_bytes{job="${JOB}"}`, '{{instance}} heap'],
    ],
  },
  {
    title: 'Event loop lag',
    description: 'What 99 of 100 turns of the event loop are late at most.',
    unit: 's',
    targets: [[`nodejs_eventloop_lag_p99_seconds{job="${JOB}"}`, '{{instance}}']],
  },
];

const GUARD: readonly Panel[] = [
  {
    title: 'Personal data',
    description: 'What the guard finds, by type.',
    unit: 'ops',
    targets: [[rateBy(['type'], 'pii'), '{{type}}']],
  },
  {
    title: 'What the guard does',
    description: 'Calls in which it did something, by what that was.',
    unit: 'ops',
    targets: [[rateBy(['action'], 'guardActions'), '{{action}}']],
  },
];

const AUDIT: readonly Panel[] = [
  {
    title: 'Audit log',
    description: 'Records in a second, those that wait, and those that were lost.',
    unit: 'short',
    targets: [
      [rateBy([], 'auditRecords'), 'records/s'],
      [`sum (${series('auditLag')})`, 'waiting'],
      [rateBy([], 'auditLost'), 'lost/s'],
    ],
  },
  {
    title: 'Alerts',
    description: 'Of the audit log, by rule.',
    unit: 'short',
    targets: [[`sum by (rule) (increase(${series('alerts')}[5m]))`, '{{rule}}']],
  },
];

/** Three panels in a row. */
function placed({ title, description, unit, targets, kind = 'timeseries' }: Panel, i: number) {
  return {
    id: i + 1,
    type: kind,
    title,
    description,
    datasource: SOURCE,
    gridPos: { x: (i % COLUMNS) * WIDTH, y: Math.floor(i / COLUMNS) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: targets.map(([expr, legendFormat], n) => ({
      refId: String.fromCharCode(65 + n),
      datasource: SOURCE,
      expr,
      legendFormat,
    })),
  };
}
