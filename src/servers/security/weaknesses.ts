import type { Config } from '../../config/schema.ts';

/** What a configuration leaves open, and what would close it. */
export interface Weakness {
  readonly id: string;
  readonly severity: 'high' | 'medium' | 'low';
  readonly problem: string;
  readonly remedy: string;
}

/** What is weak in a configuration, the gravest first. Names keys and servers, never a value that may be secret. */
export function weaknessesOf(config: Config): Weakness[] {
  const order = { high: 0, medium: 1, low: 2 };
  return [...ofTheDoor(config), ...ofTheGuard(config), ...ofTheRecord(config), ...ofTheServers(config)].sort(
    (a, b) => order[a.severity] - order[b.severity],
  );
}

function ofTheDoor(config: Config): Weakness[] {
  const { listen, publicUrl, rules, rateLimits, trustedProxies, allowedOrigins } = config;
  const isOpen = !isLoopback(listen.host) || publicUrl !== undefined;
  return [
    ...weak(
      isOpen && publicUrl?.startsWith('https:') !== true,
      'no_tls',
      'high',
      'Others reach the gateway, and what they send travels unencrypted.',
      'Put a proxy with TLS in front, and set `publicUrl` to its address.',
    ),
    ...weak(
      isOpen && rules === undefined,
      'no_rules',
      'medium',
      'Others reach the gateway, and everybody who is let in may use every tool.',
      'Write `rules`.',
    ),
    ...weak(
      rateLimits !== undefined && (rateLimits.perAddress === undefined || rateLimits.perUser === undefined),
      'no_rate_limit',
      isOpen ? 'medium' : 'low',
      'Rate limits are switched off.',
      'Leave out `perAddress: false` and `perUser: false` in `rateLimits`.',
    ),
    ...weak(
      publicUrl !== undefined && trustedProxies === undefined,
      'proxy_not_trusted',
      'medium',
      'Whoever comes through the proxy of `publicUrl` counts as one address, in limits and in the log.',
      'Name the proxy in `trustedProxies`.',
    ),
    ...weak(
      allowedOrigins.length > 0,
      'web_pages',
      'low',
      `Web pages of ${allowedOrigins.join(', ')} may call the gateway.`,
      'Keep only those in `allowedOrigins` that have to.',
    ),
  ];
}

function ofTheGuard({ guard, servers }: Config): Weakness[] {
  if (!guard)
    return weak(
      servers.length > 0,
      'no_guard',
      'medium',
      'Nothing is searched for personal data and secrets.',
      'Write a `guard` with `policies`.',
    );
  const acts = guard.policies.some(({ action }) => action !== 'allow' && action !== 'log');
  return [
    ...weak(
      !acts,
      'guard_only_counts',
      'medium',
      'The guard counts what it finds, and lets all of it through.',
      'Add a policy that masks, encrypts, tokenizes or rejects.',
    ),
    ...weak(
      guard.onError === 'allow',
      'guard_fails_open',
      'high',
      'What the guard cannot search passes.',
      'Set `guard.onError: reject`.',
    ),
    ...weak(
      guard.tenant === 'gateway' && guard.restore.length > 0,
      'shared_vault',
      'low',
      'What was hidden from one user is put back for any other.',
      'Set `guard.tenant: user`.',
    ),
  ];
}

function ofTheRecord({ audit }: Config): Weakness[] {
  if (!audit) return weak(true, 'no_audit', 'high', 'Nothing is recorded.', 'Write `audit: {}`.');
  const isElsewhere = audit.checkpoints === 'stdout' || audit.checkpoints?.startsWith('syslog:') === true;
  return [
    ...weak(
      !isElsewhere,
      'checkpoints_beside_log',
      'low',
      'The checkpoints lie on the same machine as the log: who owns it can cut off the end of both.',
      'Send `audit.checkpoints` to `syslog://…` or `stdout`.',
    ),
    ...weak(
      !audit.required,
      'audit_may_lose',
      'low',
      'Calls go on when they cannot be recorded; the loss is counted and logged.',
      'Set `audit.required: true`.',
    ),
    ...weak(
      audit.webhook === undefined,
      'nobody_alarmed',
      'low',
      'Alerts stand in the logs only.',
      'Set `audit.webhook`.',
    ),
  ];
}

function ofTheServers({ servers, pins }: Config): Weakness[] {
  return [
    ...weak(
      pins.mode === 'off',
      'no_pins',
      'medium',
      'Nobody notices when a server changes what it says of its tools.',
      'Leave out `pins.mode: off`.',
    ),
    ...weak(
      pins.mode === 'warn',
      'pins_only_warn',
      'low',
      'A tool that changed is told in the log, and stays in use.',
      'Set `pins.mode: enforce`.',
    ),
    ...servers.flatMap((server) => {
      if (server.kind === 'http')
        return weak(
          server.url.startsWith('http:') && !isLoopback(new URL(server.url).hostname),
          'server_without_tls',
          'high',
          `What is sent to ${server.name} travels unencrypted.`,
          'Use its https address.',
        );
      if (server.kind === 'stdio')
        return weak(
          server.sandbox === undefined,
          'server_without_sandbox',
          'low',
          `${server.name} can do everything that the user of the gateway can.`,
          'Give it a `sandbox`, or run it in a `container`.',
        );
      return [];
    }),
  ];
}

function weak(
  isSo: boolean,
  id: string,
  severity: Weakness['severity'],
  problem: string,
  remedy: string,
): Weakness[] {
  return isSo ? [{ id, severity, problem, remedy }] : [];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
