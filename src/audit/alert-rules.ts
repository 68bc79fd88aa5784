import type { AlertConfig } from '../config/audit.ts';
import { type AlertRule, DEFAULT_RULES } from './alerts.ts';
import { parseFilter } from './filter.ts';

const HOUR = 3_600_000;

/**
 * The rules of a configuration: those that are always there, changed where it says so, and its own.
 * @throws {FilterError} when a `when` cannot be understood
 */
export function alertRules(configured: readonly AlertConfig[]): AlertRule[] {
  const rules = new Map(DEFAULT_RULES.map((rule) => [rule.name, rule]));
  for (const { name, disabled, first, window, when, ...changes } of configured) {
    if (disabled) {
      rules.delete(name);
      continue;
    }
    const before = rules.get(name) ?? {
      name,
      when: 'event:*',
      count: 'events' as const,
      per: 'user' as const,
      threshold: 1,
      windowMs: HOUR,
    };
    const said = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    const rule: AlertRule = {
      ...before,
      ...said,
      ...(when !== undefined && { when }),
      ...(window !== undefined && { windowMs: window }),
      ...(first !== undefined && { isFirst: first }),
    };
    parseFilter([rule.when]);
    rules.set(name, rule);
  }
  return [...rules.values()];
}
