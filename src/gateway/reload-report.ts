import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/schema.ts';

/** What a reload did, by server name, and the settings that only a restart takes over. */
export interface ReloadReport {
  readonly added: string[];
  readonly removed: string[];
  readonly changed: string[];
  readonly kept: string[];
  readonly needsRestart: string[];
}

/** Compares what is served with what shall be. */
export function compare(before: Config, after: Config): ReloadReport {
  const old = new Map(before.servers.map((server) => [server.name, server]));
  const fresh = new Map(after.servers.map((server) => [server.name, server]));
  const names = [...fresh.keys()];
  const isKept = (name: string): boolean => isDeepStrictEqual(old.get(name), fresh.get(name));
  // These are built into the listener and the sessions when the gateway starts.
  const fixed = [
    'listen',
    'publicUrl',
    'allowedHosts',
    'allowedOrigins',
    'limits',
    'timeouts',
    'log',
    'pins',
    'audit',
    'accessLog',
    'metrics',
    'telemetry',
    'guard',
    'auth',
    'trustedProxies',
    'rateLimits',
  ] as const;
  return {
    added: names.filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !fresh.has(name)),
    changed: names.filter((name) => old.has(name) && !isKept(name)),
    kept: names.filter(isKept),
    needsRestart: fixed.filter((key) => !isDeepStrictEqual(before[key], after[key])),
  };
}
