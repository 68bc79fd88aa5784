import type { RuleConfig } from '../config/rules.ts';
import type { JsonObject } from '../core/json.ts';
import type { Principal } from '../core/principal.ts';
import type { Condition, Conditions } from './condition.ts';
import { matchesAny } from './pattern.ts';

/** What somebody wants to use: one thing of a server, or the server at all. */
export interface Target {
  readonly server: string;
  readonly kind: 'tool' | 'prompt' | 'resource' | 'server';
  /** The server's own name of it, or its URI. */
  readonly name?: string | undefined;
  /** The arguments of a tool. Undefined: there is no call yet, only the question what may be called. */
  readonly args?: JsonObject | undefined;
}

/** A rule of the configuration. */
export interface Rule {
  /** Its own, else its place: `rule 3`. */
  readonly name: string;
  readonly effect: 'allow' | 'deny';
  /** All of these are needed. */
  readonly scopes: readonly string[];
  readonly config: RuleConfig;
  readonly when: Condition | undefined;
}

/** @param conditions undefined where no rule has any: then the library that evaluates them is not needed */
export function compileRules(configs: readonly RuleConfig[], conditions?: Conditions): Rule[] {
  return configs.map((config, i) => ({
    name: config.name ?? `rule ${i + 1}`,
    effect: config.effect,
    scopes: config.scopes ?? [],
    config,
    when: config.when === undefined ? undefined : conditionOf(config.when, conditions),
  }));
}

function conditionOf(expression: string, conditions: Conditions | undefined): Condition {
  if (!conditions) throw new TypeError('a rule has a condition, and there is nothing to evaluate it with');
  return conditions(expression);
}

/** Is the rule about this caller, but for what his token is for? */
export function isAbout({ config }: Rule, principal: Principal): boolean {
  const { roles, clientId } = principal;
  const { users, roles: wanted, clients } = config;
  if (users && !users.some((name) => isCalled(name, principal))) return false;
  if (wanted && !wanted.some((role) => roles?.includes(role))) return false;
  return !clients || (clientId !== undefined && clients.includes(clientId));
}

/**
 * With an `@` a name is an email address, and one that was verified. Elsewhere people may choose what they are called, and
 * somebody could call himself by another one's address.
 */
function isCalled(name: string, { via, user, email }: Principal): boolean {
  const isVouchedForHere = via === 'token' || via === 'basic';
  if (!name.includes('@') || isVouchedForHere) return name === user;
  return name.toLowerCase() === email;
}

/** Which scopes of the rule the caller's token lacks. A token without scopes is for everything. */
export function lackingScopes({ scopes }: Rule, principal: Principal): string[] {
  const has = principal.scopes;
  return has === undefined ? [] : scopes.filter((scope) => !has.includes(scope));
}

/** Is the rule about this thing? To use a server at all, one thing in it is enough. */
export function covers({ config, effect }: Rule, { server, kind, name }: Target): boolean {
  const { servers, tools, prompts, resources } = config;
  if (servers && !matchesAny(servers, server)) return false;
  const isAboutAll = !tools && !prompts && !resources;
  // A rule that denies some tools does not deny the server.
  if (kind === 'server') return effect === 'allow' || (isAboutAll && config.when === undefined);
  if (isAboutAll) return true;
  const patterns = { tool: tools, prompt: prompts, resource: resources }[kind];
  return patterns !== undefined && name !== undefined && matchesAny(patterns, name);
}

/**
 * Is the condition true? Where it cannot be evaluated, the answer is the one that lets nobody in: what would allow does
 * not, what would deny does.
 */
export function holds(
  { when, effect }: Rule,
  principal: Principal,
  { server, kind, name, args }: Target,
): boolean {
  if (!when) return true;
  // A condition is about arguments. Before there are any, what might be allowed is, and what might be denied is not yet.
  if (kind === 'tool' && args === undefined) return effect === 'allow';
  if (kind === 'server') return effect === 'allow';
  const { user = '', email = '', roles = [], clientId = '' } = principal;
  const verdict = when({
    args: args ?? {},
    user: { name: user, email, roles: [...roles], client: clientId },
    tool: name ?? '',
    server,
  });
  return verdict ?? effect === 'deny';
}
