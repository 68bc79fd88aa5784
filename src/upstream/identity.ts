import type { Call } from '../core/call.ts';
import type { JsonObject } from '../core/json.ts';
import type { Principal } from '../core/principal.ts';

/** Where a server on a pipe finds on whose behalf it is called. */
export const USER_META = 'io.sallyport/user';

/**
 * A call as a server gets it: with who is calling, where the configuration wants that, and never with what a client says
 * about this itself. (A client's headers do not come this far at all.)
 */
export function onBehalf(call: Call, tells: boolean): Call {
  const { principal, meta } = call;
  if (tells)
    return {
      ...call,
      meta: { ...meta, [USER_META]: identityMeta(principal) },
      onBehalf: identityHeaders(principal),
    };
  if (!meta || !Object.hasOwn(meta, USER_META)) return call;
  const { [USER_META]: _, ...rest } = meta;
  return { ...call, meta: rest };
}

function identityMeta({ id, user, email, roles }: Principal): JsonObject {
  return {
    id: user ?? id,
    ...(email !== undefined && { email }),
    ...(roles && { roles: [...roles] }),
  };
}

/** `X-User-Id`, `X-User-Email`, `X-User-Roles`: each role by itself, with commas between them. */
function identityHeaders({ id, user, email, roles = [] }: Principal): Record<string, string> {
  return {
    'x-user-id': headerText(user ?? id),
    ...(email !== undefined && { 'x-user-email': headerText(email) }),
    ...(roles.length > 0 && { 'x-user-roles': roles.map(headerText).join(', ') }),
  };
}

/**
 * Text as it may stand in a header: as it is where that is plain, else as `UTF-8''…` (ext-value of RFC 8187). What could
 * be taken for the latter, or for two values, is written as the latter, too.
 */
function headerText(text: string): string {
  if (/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !/,|^utf-8'/i.test(text)) return text;
  // > attr-char: ALPHA / DIGIT / "!" / "#" / "$" / "&" / "+" / "-" / "." / "^" / "_" / "`" / "|" / "~"  (RFC 8187, 3.2.1)
  const bytes = Buffer.from(text, 'utf8');
  return `UTF-8''${[...bytes].map((byte) => (PLAIN.has(byte) ? String.fromCharCode(byte) : escaped(byte))).join('')}`;
}

const PLAIN: ReadonlySet<number> = new Set(
  Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`|~'),
);

function escaped(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
