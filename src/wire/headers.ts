/** Headers of which two would mean that somebody in front of us may have read another one than we. */
export const SINGLE_HEADERS: readonly string[] = [
  'host',
  'authorization',
  'content-type',
  'content-length',
  'origin',
  'mcp-session-id',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
];
/** Each with a bit of its own. */
const BITS: ReadonlyMap<string, number> = new Map(SINGLE_HEADERS.map((name, i) => [name, 1 << i]));
/** Lower-casing every name of every request costs; the length alone says no to many of them. */
const LENGTHS: readonly boolean[] = Array.from({ length: 32 }, (_, n) =>
  SINGLE_HEADERS.some((name) => name.length === n),
);

/**
 * Which header that may stand once stands twice? Node would silently take the first Host and Authorization.
 * @param rawHeaders names and values in turn, as node:http gives them
 */
export function duplicateOf(rawHeaders: readonly string[]): string | undefined {
  let seen = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const raw = rawHeaders[i] ?? '';
    if (!LENGTHS[raw.length]) continue;
    const bit = BITS.get(raw) ?? BITS.get(raw.toLowerCase()) ?? 0;
    if ((seen & bit) !== 0) return raw.toLowerCase();
    seen |= bit;
  }
  return undefined;
}

const SENTINEL = /^=\?base64\?(.*)\?=$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * The value that an MCP header stands for. What does not fit into a header travels as `=?base64?…?=` and is decoded
 * before it is compared with the body (basic/transports/streamable-http). What has only one end of that is a value as any
 * other.
 *
 * @returns undefined when the encoding is broken
 */
export function decodeHeaderValue(value: string): string | undefined {
  const encoded = SENTINEL.exec(value)?.[1];
  if (encoded === undefined) return value;
  if (encoded.length % 4 !== 0 || !BASE64.test(encoded)) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  try {
    // `ignoreBOM` keeps a byte order mark: without it, two different names would be decoded to one.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** What the protocol tells clients to send, and nearly all do. */
const USUAL_ACCEPT = 'application/json, text/event-stream';

/** Does an Accept header take this media type? An absent header takes anything (RFC 9110, 12.5.1). */
export function accepts(accept: string | undefined, type: string): boolean {
  if (accept === undefined) return true;
  if (accept === USUAL_ACCEPT && USUAL_ACCEPT.includes(type)) return true;
  const main = type.slice(0, type.indexOf('/'));
  return accept.split(',').some((range) => {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) return false;
    return name === type || name === '*/*' || name === `${main}/*`;
  });
}

/** The media type of a Content-Type header, without parameters. */
export function mediaType(contentType: string | undefined): string {
  if (contentType === 'application/json') return contentType;
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
