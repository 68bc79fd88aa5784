import type { Reading } from './units.ts';

/**
 * A server's name stands in URLs (`/servers/<name>/mcp`), in front of its tools (`<name>__<tool>`), in logs and in
 * rules; so it is plain.
 */
const PLAIN = /^[A-Za-z0-9_.-]{1,64}$/;
export const NAME_HINT = '1 to 64 letters, digits, - . and _; no __, no _ at the end.';

/** Names that are something else already: in URLs, or in JavaScript. */
const RESERVED: ReadonlySet<string> = new Set(['.', '..', '__proto__', 'constructor', 'prototype']);

/** Is this a name a server can have? */
export function checkServerName(name: string): Reading<string> {
  if (RESERVED.has(name)) return { problem: 'This cannot be the name of a server.', hint: NAME_HINT };
  if (!PLAIN.test(name)) {
    return { problem: 'This name cannot stand in URLs and tool names.', hint: NAME_HINT };
  }
  // `a__b` and a tool `c` would be the same as `a` and a tool `b__c`; `a_` and `b` the same as `a` and `_b`.
  if (name.includes('__') || name.endsWith('_')) {
    return { problem: 'A __ parts the server from its tool, so that no name contains one.', hint: NAME_HINT };
  }
  return { value: name };
}

/** The nearest good name to any text: `@21st-dev/magic` is `21st-dev-magic`. Undefined when nothing is left of it. */
export function plainServerName(text: string): string | undefined {
  const name = text
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
    .replaceAll(/_{2,}/g, '_')
    .slice(0, 64)
    .replaceAll(/^[-._]+|[-._]+$/g, '');
  return 'value' in checkServerName(name) ? name : undefined;
}
