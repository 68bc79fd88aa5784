/** Is a header that may stand once there twice? Node silently takes the first Host and Authorization. */
export function duplicateOf(rawHeaders: readonly string[], names: ReadonlySet<string>): string | undefined {
  let seen: Set<string> | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const raw = rawHeaders[i] ?? '';
    // Lower-casing every name of every request costs; the length says no to nearly all of them.
    if (!LENGTHS.has(raw.length)) continue;
    const name = raw.toLowerCase();
    if (!names.has(name)) continue;
    if (seen?.has(name)) return name;
    (seen ??= new Set()).add(name);
  }
  return undefined;
}

/** Headers of which two would mean that somebody in front of us may have read another one than we. */
export const SINGLE_HEADERS: ReadonlySet<string> = new Set([
  'host',
  'authorization',
  'content-type',
  'content-length',
  'origin',
  'mcp-session-id',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
]);
const LENGTHS: ReadonlySet<number> = new Set([...SINGLE_HEADERS].map((name) => name.length));

const SENTINEL = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/;

/**
 * The value that an MCP header stands for. What does not fit into a header travels as `=?base64?…?=` and is decoded
 * before it is compared with the body (basic/transports/streamable-http).
 *
 * @returns undefined when the encoding is broken
 */
export function decodeHeaderValue(value: string): string | undefined {
  if (!value.startsWith('=?base64?')) return value;
  const encoded = SENTINEL.exec(value)?.[1];
  if (encoded === undefined || encoded.length % 4 !== 0) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  try {
    // `ignoreBOM` keeps a byte order mark: without it, two different names would be decoded to one.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Does an Accept header take this media type? An absent header takes anything (RFC 9110, 12.5.1). */
export function accepts(accept: string | undefined, type: string): boolean {
  if (accept === undefined) return true;
  const main = type.slice(0, type.indexOf('/'));
  return accept.split(',').some((range) => {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) return false;
    return name === type || name === '*/*' || name === `${main}/*`;
  });
}

/** The media type of a Content-Type header, without parameters. */
export function mediaType(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
