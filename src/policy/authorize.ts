import type { Call } from '../core/call.ts';
import { isObject, type JsonObject, type JsonValue } from '../core/json.ts';
import type { Principal } from '../core/principal.ts';
import { failure, type Failure } from '../core/reply.ts';
import { insufficientScope } from './insufficient-scope.ts';
import { covers, holds, isAbout, lackingScopes, type Rule, type Target } from './rule.ts';

/** May somebody do something, and which rule says so? */
export type Decision =
  | { readonly allowed: true; readonly rule: Rule }
  /** Undefined: no rule fits, and what no rule allows is denied. */
  | { readonly allowed: false; readonly rule: Rule | undefined }
  /** This rule would allow it to a token that is for all of these. */
  | { readonly allowed: false; readonly rule: Rule; readonly needs: readonly string[] };

/** The first rule that fits decides; what no rule fits is denied. */
export function decide(rules: readonly Rule[], principal: Principal, target: Target): Decision {
  if (target.kind === 'resource' && leadsElsewhere(target.name ?? ''))
    return { allowed: false, rule: undefined };
  let almost: Rule | undefined;
  for (const rule of rules) {
    if (!isAbout(rule, principal) || !covers(rule, target)) continue;
    if (lackingScopes(rule, principal).length > 0) {
      if (rule.effect === 'allow' && holds(rule, principal, target)) almost ??= rule;
      continue;
    }
    if (!holds(rule, principal, target)) continue;
    if (rule.effect === 'allow') return { allowed: true, rule };
    // What is denied after this is denied with more scopes, too, unless a rule before it would have allowed it.
    return almost ? needing(almost, principal) : { allowed: false, rule };
  }
  return almost ? needing(almost, principal) : { allowed: false, rule: undefined };
}

/**
 * > servers … SHOULD include the scopes required … to satisfy the current request … all scopes of the operation
 * > (basic/authorization, "Runtime Insufficient Scope Errors")
 *
 * A client asks for exactly what it is told, so what it has is told again.
 */
function needing(rule: Rule, { scopes = [] }: Principal): Decision {
  return { allowed: false, rule, needs: [...new Set([...scopes, ...rule.scopes])] };
}

/** The rules around what the servers offer. */
export class Authorization {
  readonly #rules: readonly Rule[];

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  /** Why this call may not go to this server, its names the server's own; undefined: it may. */
  refusal(call: Call, server: string): Failure | undefined {
    const decision = decide(this.#rules, call.principal, targetOf(call, server));
    if (decision.allowed) return undefined;
    return 'needs' in decision ? insufficientScope(call, decision.needs) : failure('forbidden');
  }

  /** Does this entry of a server's list belong into the caller's? */
  shows({ principal }: Call, server: string, method: string, item: JsonObject): boolean {
    const kind = LISTED.get(method);
    if (!kind) return true;
    const name = item['name'];
    const uri = item['uri'] ?? item['uriTemplate'];
    const target = { server, kind, name: asText(kind === 'resource' ? uri : name) };
    const decision = decide(this.#rules, principal, target);
    // What more scopes would open is shown: who calls it is told what to ask for.
    return decision.allowed || 'needs' in decision;
  }
}

const LISTED: ReadonlyMap<string, Target['kind']> = new Map([
  ['tools/list', 'tool'],
  ['prompts/list', 'prompt'],
  ['resources/list', 'resource'],
  ['resources/templates/list', 'resource'],
]);

function targetOf({ method, params }: Call, server: string): Target {
  switch (method) {
    case 'tools/call': {
      const { name, arguments: args } = params;
      return { server, kind: 'tool', name: asText(name), args: isObject(args) ? args : {} };
    }
    case 'prompts/get':
      return { server, kind: 'prompt', name: asText(params['name']) };
    case 'resources/read':
      return { server, kind: 'resource', name: asText(params['uri']) };
    case 'completion/complete': {
      const { ref } = params;
      if (!isObject(ref)) return { server, kind: 'server' };
      return ref['type'] === 'ref/resource'
        ? { server, kind: 'resource', name: asText(ref['uri']) }
        : { server, kind: 'prompt', name: asText(ref['name']) };
    }
    default:
      return { server, kind: 'server' };
  }
}

function asText(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** `file:///srv/../etc/passwd` fits `file:///srv/*`, and leads somewhere else. */
function leadsElsewhere(uri: string): boolean {
  return /(?:^|[/\\])(?:\.|%2e){2}(?:$|[/\\?#]|%2f|%5c)|(?:%2f|%5c)(?:\.|%2e){2}/i.test(uri);
}
