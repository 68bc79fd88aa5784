import { isDeepStrictEqual } from 'node:util';
import type { Config, ServerConfig } from './schema.ts';

export interface ServerDiff {
  readonly added: readonly ServerConfig[];
  readonly removed: readonly ServerConfig[];
  /** Those of a name that was there, with what they are now. */
  readonly changed: readonly ServerConfig[];
  readonly kept: readonly ServerConfig[];
}

/** A part of the configuration other than its servers. */
export type Section = Exclude<keyof Config, 'servers'>;

export interface ConfigDiff {
  readonly servers: ServerDiff;
  /** What else changed. */
  readonly sections: readonly Section[];
  /** Those of them that a running gateway cannot take over: it goes on with the old ones until it is restarted. */
  readonly needRestart: readonly Section[];
}

/** A listening socket cannot move, and what is bound to it stays as it is. */
const NEED_RESTART: ReadonlySet<Section> = new Set<Section>(['listen']);

/** What a reload changes. */
export function diffConfig(before: Config, after: Config): ConfigDiff {
  const { servers: _, ...rest } = after;
  const sections = (Object.keys(rest) as Section[]).filter(
    (section) => !isDeepStrictEqual(before[section], after[section]),
  );
  return {
    servers: diffServers(before.servers, after.servers),
    sections,
    needRestart: sections.filter((section) => NEED_RESTART.has(section)),
  };
}

/** Which servers are new, gone, other or the same; their order does not matter, nor that of their variables. */
export function diffServers(before: readonly ServerConfig[], after: readonly ServerConfig[]): ServerDiff {
  const old = new Map(before.map((server) => [server.name, server]));
  const names = new Set(after.map((server) => server.name));
  const isKept = (server: ServerConfig): boolean => isDeepStrictEqual(old.get(server.name), server);
  return {
    added: after.filter((server) => !old.has(server.name)),
    removed: before.filter((server) => !names.has(server.name)),
    changed: after.filter((server) => old.has(server.name) && !isKept(server)),
    kept: after.filter(isKept),
  };
}
