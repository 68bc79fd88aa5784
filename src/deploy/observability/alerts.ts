import type { Config } from '../../config/schema.ts';
import { increaseBy, quantileBy, rateBy, series } from './promql.ts';

/** A rule of Prometheus, as its file has it. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** How long it has to be so. */
  readonly for?: string;
  readonly labels: { readonly severity: 'critical' | 'warning' | 'info' };
  readonly annotations: { readonly summary: string; readonly description: string };
}

/** What the scrape calls the gateways. */
export const JOB = 'sallyport';

interface Told {
  readonly summary: string;
  readonly description: string;
  readonly for?: string;
}

function rule(
  severity: AlertRule['labels']['severity'],
  alert: string,
  expr: string,
  { for: time, summary, description }: Told,
): AlertRule {
  return {
    alert: `Sallyport${alert}`,
    expr,
    ...(time !== undefined && { for: time }),
    labels: { severity },
    annotations: { summary, description },
  };
}

/** What is worth waking or telling somebody about. Of what the configuration has not, there are no numbers and no rules. */
export function alertRules({ audit, guard }: Pick<Config, 'audit' | 'guard'>): AlertRule[] {
  return [...GATEWAY, ...SERVERS, ...(guard ? GUARD : []), ...(audit ? AUDIT : [])];
}

const GATEWAY: readonly AlertRule[] = [
  rule('critical', 'Down', `up{job="${JOB}"} == 0`, {
    for: '2m',
    summary: 'Sallyport {{ $labels.instance }} does not answer.',
    description: 'Prometheus cannot scrape it. sallyport doctor says what is wrong.',
  }),
  rule('warning', 'Restarts', 'changes(process_start_time_seconds{job="sallyport"}[15m]) > 2', {
    summary: 'Sallyport {{ $labels.instance }} was started anew again and again.',
    description: 'Its log, or that of systemd, says why it ended.',
  }),
  rule('warning', 'EventLoopLag', 'nodejs_eventloop_lag_p99_seconds{job="sallyport"} > 0.2', {
    for: '10m',
    summary: 'Sallyport {{ $labels.instance }} is late: its event loop lags {{ $value | humanizeDuration }}.',
    description: 'It has more to do than one core can. Start another instance behind the proxy.',
  }),
  rule('warning', 'FileDescriptors', 'process_open_fds{job="sallyport"} / process_max_fds > 0.8', {
    for: '10m',
    summary:
      'Sallyport {{ $labels.instance }} has {{ $value | humanizePercentage }} of its file descriptors open.',
    description: 'Raise LimitNOFILE, or lower limits.connections.',
  }),
  rule('warning', 'RateLimited', `${rateBy([], 'refusals', { reason: 'rate_limited' })} > 1`, {
    for: '15m',
    summary: '{{ $value | humanize }} requests a second are turned away for coming too often.',
    description: 'sallyport access top user --status 429 says whose. A limit may be too low: rateLimits.',
  }),
  rule('warning', 'Unauthorized', `${rateBy([], 'refusals', { reason: 'unauthorized' })} > 1`, {
    for: '10m',
    summary: '{{ $value | humanize }} requests a second come without a token that is good.',
    description:
      'Somebody tries tokens, or a client lost its own: sallyport access top address --status 401.',
  }),
];

const SERVERS: readonly AlertRule[] = [
  rule('critical', 'ServerFailed', `${series('serverUp')} == 0`, {
    for: '5m',
    summary: 'The server {{ $labels.server }} does not start.',
    description: 'sallyport logs {{ $labels.server }} shows what it printed.',
  }),
  rule('warning', 'ServerFlapping', `${increaseBy(['server'], 'restarts', {}, '15m')} > 5`, {
    summary: 'Processes of {{ $labels.server }} end by themselves: {{ $value | humanize }} in 15 minutes.',
    description: 'sallyport logs {{ $labels.server }} shows what they printed.',
  }),
  rule(
    'warning',
    'CallsFail',
    `${rateBy(['server'], 'calls', { outcome: 'error' })} / ${rateBy(['server'], 'calls')} > 0.05`,
    {
      for: '10m',
      summary: '{{ $value | humanizePercentage }} of the calls to {{ $labels.server }} fail.',
      description: 'sallyport_upstream_errors_total says why, by reason; docs/errors.md has the reasons.',
    },
  ),
  rule('warning', 'CallsSlow', `${quantileBy(['server'], 0.95)} > 10`, {
    for: '15m',
    summary: 'One of 20 tool calls to {{ $labels.server }} takes more than {{ $value | humanizeDuration }}.',
    description: 'The dashboard shows which tools.',
  }),
  rule(
    'warning',
    'AtCapacity',
    `${increaseBy(['server'], 'upstreamErrors', { reason: 'at_capacity' }, '15m')} > 0`,
    {
      summary: 'Calls to {{ $labels.server }} found no process.',
      description: 'Raise limits.processes, or the memory of the machine.',
    },
  ),
];

const GUARD: readonly AlertRule[] = [
  rule(
    'critical',
    'GuardFailed',
    `${increaseBy(['action'], 'guardActions', { action: '~guard_failed|not_scanned' }, '15m')} > 0`,
    {
      summary: 'Messages could not be searched for personal data.',
      description: 'They were refused, or passed on unseen where guard.onError is allow. The log says why.',
    },
  ),
];

const AUDIT: readonly AlertRule[] = [
  rule('critical', 'AuditLost', `increase(${series('auditLost')}[5m]) > 0`, {
    summary: 'Audit records of {{ $labels.instance }} are lost.',
    description: 'The disk may be full. Nothing brings them back.',
  }),
  rule('warning', 'AuditLags', `${series('auditLag')} > 1000`, {
    for: '5m',
    summary: '{{ $value | humanize }} audit records of {{ $labels.instance }} wait for the disk.',
    description: 'More than 10000 would be lost.',
  }),
  rule('warning', 'AuditAlert', `${increaseBy(['rule'], 'alerts', {}, '5m')} > 0`, {
    summary: 'The alert {{ $labels.rule }} of the audit log has fired.',
    description: 'sallyport audit search event:alert since:1h shows what for.',
  }),
];
