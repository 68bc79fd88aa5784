import { BUILTIN_SCOPES } from '../config/builtin-scopes.ts';
import type { ServerConfig } from '../config/schema.ts';
import type { Call } from '../core/call.ts';
import type { Failure } from '../core/reply.ts';
import { insufficientScope } from './insufficient-scope.ts';

/** The tools that need a scope of their own, by server. Undefined where there is none. */
export type ToolScopes = ReadonlyMap<string, ReadonlyMap<string, string>>;

export function toolScopesOf(servers: readonly ServerConfig[]): ToolScopes | undefined {
  const scopes = new Map(
    servers.flatMap((server) => {
      const own = server.kind === 'builtin' ? BUILTIN_SCOPES.get(server.builtin) : undefined;
      return own ? [[server.name, own] as const] : [];
    }),
  );
  return scopes.size > 0 ? scopes : undefined;
}

/**
 * Why the caller may not use this tool; undefined: he may, as far as its scope goes. The scope has to be said: a token
 * that is for everything is given to programs that were meant to have less.
 */
export function lackOfScope(scopes: ToolScopes, call: Call, server: string): Failure | undefined {
  const { name } = call.params;
  if (call.method !== 'tools/call' || typeof name !== 'string') return undefined;
  const needed = scopes.get(server)?.get(name);
  const has = call.principal.scopes ?? [];
  return needed === undefined || has.includes(needed) ? undefined : insufficientScope(call, [...has, needed]);
}
