import { isSecretAddress, isSecretWord } from './looks-secret.ts';
import type { Node, ScalarNode } from './node.ts';

const REFERENCE = /\$\{[^{}]*\}/g;
const ADDRESSES: ReadonlySet<PropertyKey> = new Set(['httpUrl', 'serverUrl', 'url']);

/** Sections whose values may be shown. What is not named here is hidden: a new section has to ask for it. */
const SHOWN_SECTIONS: ReadonlySet<PropertyKey> = new Set([
  '$schema',
  'allowedHosts',
  'allowedOrigins',
  'limits',
  'listen',
  'log',
  'metrics',
  'publicUrl',
  'rateLimits',
  'rules',
  'timeouts',
  'trustedProxies',
]);
const SERVER_SECTIONS: ReadonlySet<PropertyKey> = new Set(['mcpServers', 'servers']);
/** Keys of a server whose values may be shown, where they do not look like a secret. */
const SHOWN_SERVER_KEYS: ReadonlySet<PropertyKey> = new Set([
  'args',
  'builtin',
  'command',
  'container',
  'cwd',
  'disabled',
  'enabled',
  'envFile',
  'httpUrl',
  'sandbox',
  'serverUrl',
  'transport',
  'transportType',
  'type',
  'url',
]);
/** The same of its key `container`. */
const SHOWN_CONTAINER_KEYS: ReadonlySet<PropertyKey> = new Set([
  'args',
  'command',
  'cpus',
  'digest',
  'engine',
  'exec',
  'image',
  'memory',
  'mounts',
  'network',
  'pids',
  'user',
]);

/**
 * May this value be shown to whoever reads the terminal or the log? References (`${env:X}`) may: they say where a
 * secret is, not what it is. Environments and headers may not, nor anything that the tables do not know.
 * @param path where it stands, from the top of the file
 * @param before in a list, the item before it
 */
export function isVisible({ value }: ScalarNode, path: readonly PropertyKey[], before?: Node): boolean {
  if (typeof value === 'string' && isMereReference(value)) return true;
  const [section, , key, inner] = path;
  if (section === undefined) return false;
  if (SHOWN_SECTIONS.has(section)) return true;
  if (!SERVER_SECTIONS.has(section) || key === undefined || !SHOWN_SERVER_KEYS.has(key)) return false;
  if (key === 'container' && !SHOWN_CONTAINER_KEYS.has(inner ?? '')) return false;
  if (typeof value !== 'string') return true;
  // Digits and letters without an order, and no secret.
  if (key === 'container' && /^(?:[^@]*@)?sha256:[0-9a-f]{64}$/.test(value)) return true;
  if (ADDRESSES.has(key) && isSecretAddress(value)) return false;
  return !isSecretWord(value, before?.kind === 'scalar' ? before.value : undefined);
}

/** `Bearer ${env:X}`: nothing but references without a default, and the scheme of an Authorization header. */
function isMereReference(value: string): boolean {
  const rest = value.replaceAll(REFERENCE, (reference) => (reference.includes(':-') ? reference : ''));
  return rest !== value && /^(?:bearer|basic|token)?$/i.test(rest.trim());
}

/** Words of a configuration's own that are no secret wherever they stand. */
export function isOwnWord(word: string): boolean {
  return (
    SHOWN_SECTIONS.has(word) || SERVER_SECTIONS.has(word) || SHOWN_SERVER_KEYS.has(word) || word === 'env'
  );
}
