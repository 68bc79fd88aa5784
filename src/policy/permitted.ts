import type { Config } from '../config/schema.ts';
import type { Call } from '../core/call.ts';
import type { Reply } from '../core/reply.ts';
import type { ListChange, ListKind, Upstream, Upstreams } from '../core/upstream.ts';
import { wrappedUpstreams } from '../core/wrapped-upstreams.ts';
import { Authorization } from './authorize.ts';
import { compileRules } from './rule.ts';
import { ToolLimits } from './tool-limits.ts';
import { lackOfScope, type ToolScopes, toolScopesOf } from './tool-scopes.ts';

/** What callers may do, and how much of it. Undefined: as they like. */
export interface Permissions {
  readonly authorization: Authorization | undefined;
  readonly limits: ToolLimits | undefined;
  /** Tools that need a scope of their own. */
  readonly scopes?: ToolScopes | undefined;
}

/** Where nobody wrote down what is permitted. */
export const NOTHING_FORBIDDEN: Permissions = { authorization: undefined, limits: undefined };

/** The permissions of a configuration. What evaluates conditions is loaded where there are some. */
export async function permissionsOf({ rules, rateLimits, servers }: Config): Promise<Permissions> {
  const conditions = rules?.some(({ when }) => when !== undefined)
    ? (await import('./condition.ts')).compileCondition
    : undefined;
  return {
    authorization: rules && new Authorization(compileRules(rules, conditions)),
    limits: rateLimits && new ToolLimits(rateLimits),
    scopes: toolScopesOf(servers),
  };
}

/** The servers, and a way to say that everybody's lists may be others now. */
export interface PermittedUpstreams extends Upstreams {
  announce(): void;
}

const KINDS: readonly ListKind[] = ['tools', 'prompts', 'resources'];

/**
 * The servers behind what is permitted. It stands here, and not before the router, since only here a name is the server's
 * own and nobody can mean another one by it; and a server that a caller may not use is not even started for him.
 * @param current a reload may bring others
 */
export function permitted(upstreams: Upstreams, current: () => Permissions): PermittedUpstreams {
  const listeners: ((change: ListChange) => void)[] = [];
  return {
    ...wrappedUpstreams(upstreams, (upstream) => new Permitted(upstream, current)),
    onListChanged(listener) {
      listeners.push(listener);
      upstreams.onListChanged(listener);
    },
    announce() {
      const all = upstreams.all().flatMap(({ name: server }) => KINDS.map((kind) => ({ server, kind })));
      for (const change of all)
        listeners.forEach((listener) => listener({ ...change, principal: undefined }));
    },
  };
}

class Permitted implements Upstream {
  readonly name: string;
  readonly #upstream: Upstream;
  readonly #current: () => Permissions;

  constructor(upstream: Upstream, current: () => Permissions) {
    this.name = upstream.name;
    this.#upstream = upstream;
    this.#current = current;
  }

  readonly handle = (call: Call): Promise<Reply> => {
    const { authorization, limits, scopes } = this.#current();
    const refusal =
      authorization?.refusal(call, this.name) ?? (scopes && lackOfScope(scopes, call, this.name));
    if (refusal) return Promise.resolve(refusal);
    if (!limits || call.method !== 'tools/call') return this.#upstream.handle(call);
    const leave = limits.enter(call, this.name);
    if (typeof leave !== 'function') return Promise.resolve(leave);
    return this.#upstream.handle(call).finally(leave);
  };

  async describe(call: Call): ReturnType<Upstream['describe']> {
    // Whatever it is asked for later, now it is asked whether the server may be used at all.
    const refusal = this.#current().authorization?.refusal({ ...call, method: 'server/discover' }, this.name);
    return refusal ? refusal.error : this.#upstream.describe(call);
  }

  view(call: Call): string {
    return this.#upstream.view(call);
  }

  async watch(call: Call, uri: string): ReturnType<Upstream['watch']> {
    const read = { ...call, method: 'resources/read', params: { uri } };
    if (this.#current().authorization?.refusal(read, this.name)) return undefined;
    return this.#upstream.watch(call, uri);
  }
}
