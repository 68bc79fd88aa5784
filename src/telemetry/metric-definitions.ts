/** What a number is called and what it counts: for the registry, and for the alerts and panels that are made of it. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly help: string;
  /** Every one of them has a bounded set of values, none of which a caller chooses. */
  readonly labels: readonly string[];
}

/**
 * Every number of the gateway's own, by the conventions of Prometheus: base units, `_total` behind counters. Users,
 * clients, addresses and URIs are in no label: they are personal, and there is no end to them. The access log and the
 * audit log are the places to ask about those.
 */
export const METRICS = {
  httpRequests: {
    type: 'counter',
    name: 'sallyport_http_requests_total',
    help: 'HTTP requests that were answered, by endpoint, method and status.',
    labels: ['endpoint', 'method', 'status'],
  },
  refusals: {
    type: 'counter',
    name: 'sallyport_refusals_total',
    help: 'Requests and calls that the gateway itself refused, by the reason in errors.md.',
    labels: ['reason'],
  },
  calls: {
    type: 'counter',
    name: 'sallyport_calls_total',
    help: 'Calls that were passed to a server, by how they went. A tool that says isError counts as tool_error.',
    labels: ['server', 'method', 'tool', 'outcome'],
  },
  callDuration: {
    type: 'histogram',
    name: 'sallyport_call_duration_seconds',
    help: 'How long a server took for a call, the guard included.',
    labels: ['server', 'method', 'tool'],
  },
  callsInFlight: {
    type: 'gauge',
    name: 'sallyport_calls_in_flight',
    help: 'Calls without an answer.',
    labels: [],
  },
  upstreamErrors: {
    type: 'counter',
    name: 'sallyport_upstream_errors_total',
    help: 'Calls that a server failed, by the reason in errors.md; server_error is an error that the server gave itself.',
    labels: ['server', 'reason'],
  },
  sessions: {
    type: 'gauge',
    name: 'sallyport_sessions',
    help: 'Open sessions of clients that have sessions.',
    labels: [],
  },
  serverUp: {
    type: 'gauge',
    name: 'sallyport_server_up',
    help: '1 where the server is ready or would be started by a call, 0 where it has failed.',
    labels: ['server'],
  },
  breakerOpen: {
    type: 'gauge',
    name: 'sallyport_server_breaker_open',
    help: '1 while the server is not tried at every call, because it failed too often.',
    labels: ['server'],
  },
  children: {
    type: 'gauge',
    name: 'sallyport_children',
    help: 'Processes of a server, or connections to a remote one, by state; spare ones are started ahead.',
    labels: ['server', 'state'],
  },
  restarts: {
    type: 'counter',
    name: 'sallyport_child_restarts_total',
    help: 'How often a process of a server was started again because it had ended or had not started.',
    labels: ['server'],
  },
  pii: {
    type: 'counter',
    name: 'sallyport_pii_entities_total',
    help: 'Personal data that the guard found, by type.',
    labels: ['type'],
  },
  guardActions: {
    type: 'counter',
    name: 'sallyport_guard_actions_total',
    help: 'Calls in which the guard did something about personal data, or could not look for it, by what that was.',
    labels: ['action'],
  },
  auditRecords: {
    type: 'counter',
    name: 'sallyport_audit_records_total',
    help: 'Records in the audit log.',
    labels: [],
  },
  auditLag: {
    type: 'gauge',
    name: 'sallyport_audit_lag_records',
    help: 'Audit records that wait for the disk.',
    labels: [],
  },
  auditLost: {
    type: 'counter',
    name: 'sallyport_audit_lost_records_total',
    help: 'Audit records that could not be written.',
    labels: [],
  },
  alerts: {
    type: 'counter',
    name: 'sallyport_alerts_total',
    help: 'Alerts of the audit log, by the name of the rule.',
    labels: ['rule'],
  },
  build: {
    type: 'gauge',
    name: 'sallyport_build_info',
    help: 'Always 1; the version is in the label.',
    labels: ['version'],
  },
} as const satisfies Record<string, MetricDefinition>;

type Metrics = typeof METRICS;
export type MetricKey = keyof Metrics;
export type KeyOf<T extends MetricDefinition['type']> = {
  [K in MetricKey]: Metrics[K]['type'] extends T ? K : never;
}[MetricKey];
/** A value for each label of a metric. */
export type Labels<K extends MetricKey> = Readonly<Record<Metrics[K]['labels'][number], string>>;

/** Of the numbers about the process, which come with the library, those that alerts and panels are made of. */
export const PROCESS_METRICS = [
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
  'process_open_fds',
  'process_max_fds',
  'nodejs_eventloop_lag_p99_seconds',
  'nodejs_heap_size_used_bytes',
] as const;
