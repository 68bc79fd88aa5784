import { nodeAt, type Node } from './node.ts';

const REFERENCE = /\$\{[^}]*\}/g;
const NAMES_A_SECRET = /key|token|secret|passw|pwd|auth|credential|bearer|header|cookie|signature/i;
/** Options of curl, docker and their like whose value is often a secret. */
const TAKES_A_SECRET = /^(?:-e|--env|-H|-u|--user)$/;
/** `sk-…`, `ghp_…`, long words of letters and digits: a key, not a word somebody chose. */
const LOOKS_RANDOM = /^(?:sk-|gh[a-z]_|xox[a-z]-|eyJ)|^(?=.*\d)(?=.*[A-Za-z])[\w-]{24,}$/;

/** Sections whose values may be shown. What is not named here is hidden: a new section has to ask for it. */
const SHOWN_SECTIONS: ReadonlySet<PropertyKey> = new Set([
  '$schema',
  'allowedHosts',
  'allowedOrigins',
  'limits',
  'listen',
  'log',
  'publicUrl',
  'timeouts',
]);
const SERVER_SECTIONS: ReadonlySet<PropertyKey> = new Set(['mcpServers', 'servers']);
/** Keys of a server whose values may be shown, where they do not look like a secret. */
const SHOWN_SERVER_KEYS: ReadonlySet<PropertyKey> = new Set([
  'args',
  'builtin',
  'command',
  'cwd',
  'disabled',
  'enabled',
  'envFile',
  'httpUrl',
  'serverUrl',
  'transport',
  'transportType',
  'type',
  'url',
]);

/**
 * May the value at this path be shown to whoever reads the terminal or the log? References (`${env:X}`) may: they say
 * where a secret is, not what it is. Environments and headers may not, nor anything that the tables do not know.
 */
export function isVisible(root: Node, path: readonly PropertyKey[]): boolean {
  const node = nodeAt(root, path);
  if (node?.kind !== 'scalar') return true;
  if (typeof node.value === 'string' && isMereReference(node.value)) return true;
  const [section, , key, index] = path;
  if (section === undefined) return false;
  if (SHOWN_SECTIONS.has(section)) return true;
  if (!SERVER_SECTIONS.has(section) || key === undefined || !SHOWN_SERVER_KEYS.has(key)) return false;
  if (typeof node.value !== 'string') return true;
  const before = typeof index === 'number' ? nodeAt(root, [...path.slice(0, 3), index - 1]) : undefined;
  return isHarmless(node.value, before?.kind === 'scalar' ? before.value : undefined);
}

/** Does a variable of this name with this value hold a secret, rather than `production` or a path? */
export function holdsSecret(name: string, value: string): boolean {
  return NAMES_A_SECRET.test(name) || !isHarmless(value, undefined);
}

/** Not so: `--api-key=…`, the word after `--token`, `X_TOKEN=…`, addresses with a user or a query. */
function isHarmless(value: string, before: unknown): boolean {
  if (NAMES_A_SECRET.test(value) && /[=:\s]/.test(value)) return false;
  if (typeof before === 'string' && before.startsWith('-')) {
    if (NAMES_A_SECRET.test(before) || TAKES_A_SECRET.test(before)) return false;
  }
  return !/:\/\/.*[@?]/.test(value) && !LOOKS_RANDOM.test(value);
}

/** `Bearer ${env:X}`: nothing but references without a default, and the scheme of an Authorization header. */
function isMereReference(value: string): boolean {
  const rest = value.replaceAll(REFERENCE, (reference) => (reference.includes(':-') ? reference : ''));
  return rest !== value && /^(?:bearer|basic|token)?$/i.test(rest.trim());
}
