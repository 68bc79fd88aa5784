/** The targets by name, for the help: they themselves are loaded when one is asked for. A test holds both together. */
export const TARGET_NAMES: readonly string[] = [
  'nginx',
  'systemd',
  'compose',
  'dockerfile',
  'caddy',
  'cloudflared',
  'env',
  'observability',
];
