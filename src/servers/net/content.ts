import { TextDecoder } from 'node:util';

/** What is said about a body: its media type, and in which charset it is written. */
export interface ContentType {
  /** `text/html`, in lower case; empty when nothing is said. */
  readonly type: string;
  readonly charset: string | undefined;
}

const TEXT_TYPES =
  /^(?:text\/.*|application\/(?:.*\+)?(?:json|xml|yaml|x-yaml|toml|sql|x-ndjson|javascript|x-javascript|ecmascript|graphql|x-sh|x-www-form-urlencoded))$/;

/** Reads a Content-Type header; nonsense is as good as nothing. */
export function parseContentType(header: string | undefined): ContentType {
  const [type = '', ...parameters] = (header ?? '').toLowerCase().split(';');
  const charset = parameters
    .map((each) => /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/.exec(each)?.[1])
    .find(Boolean);
  return { type: type.trim(), charset };
}

/** Can a body of this type be read? Without a type, only a look at it will tell. */
export function isText({ type }: ContentType): boolean {
  return type === '' || isHtml({ type }) || TEXT_TYPES.test(type);
}

export function isHtml({ type }: Pick<ContentType, 'type'>): boolean {
  return type === 'text/html' || type === 'application/xhtml+xml';
}

/** Does a body without a type look like a page? */
export function looksLikeHtml(text: string): boolean {
  return /^\s*<(?:!doctype html|html|head|body)\b/i.test(text.slice(0, 1024));
}

/** Does a body without a type look like no text at all? */
export function looksBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 1024).includes(0);
}

/**
 * Makes text of bytes as browsers do: a byte order mark says the charset, else the header, else the page itself in its
 * first kilobyte, else it is UTF-8.
 */
export function decode(bytes: Uint8Array, charset: string | undefined): string {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return new TextDecoder('utf-8').decode(bytes);
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(1024, bytes.length)).toString('latin1');
  const declared = /<meta[^>]+?charset\s*=\s*["']?([\w.:-]+)/i.exec(start)?.[1];
  return decoder(charset ?? declared ?? 'utf-8').decode(bytes);
}

function decoder(label: string): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch {
    // A charset nobody knows: most of the page may still be readable.
    return new TextDecoder('utf-8');
  }
}
