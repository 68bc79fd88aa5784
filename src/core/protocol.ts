/**
 * The published versions of the Model Context Protocol and the words that every room uses for them.
 * *Modern* is 2026-07-28 and later: stateless, everything in the request. *Legacy* is what opens with `initialize`.
 */
export const MODERN_VERSION = '2026-07-28';
/** Versions with `initialize` over Streamable HTTP, newest first. */
export const LEGACY_VERSIONS: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26'];
/** The legacy version that is offered to a client whose own is unknown, and asked of a server. */
export const LATEST_LEGACY_VERSION = '2025-11-25';

export type Era = 'modern' | 'legacy';

/** Keys of `_meta` that the modern protocol itself uses. */
export const META = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
} as const;

/** Severities of `notifications/message`, mildest first (RFC 5424). */
export const LOG_LEVELS = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export function isLogLevel(value: unknown): value is LogLevel {
  return (LOG_LEVELS as readonly unknown[]).includes(value);
}

/** Is a message of this level to be shown to somebody who asked for `threshold`? */
export function isLoud(level: LogLevel, threshold: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(threshold);
}

/** Methods whose complete results carry `ttlMs` and `cacheScope` on the modern era. */
export const CACHEABLE: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
]);
