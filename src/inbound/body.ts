import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { JsonValue } from '../core/json.ts';
import { failure, type Failure } from '../core/reply.ts';
import { DEEPEST, isTooDeep } from './nesting.ts';

/**
 * Reads a request's JSON, never more than `limit` bytes of it. With `data` and `end` events: an async iterator costs
 * a sixth of the throughput.
 *
 * @param done gets the value, or what is wrong with it; not called when the client goes away before the end
 */
export function readJson(
  req: IncomingMessage,
  limit: number,
  done: (value: JsonValue | undefined, wrong: Failure | undefined) => void,
): void {
  const tooLarge = (): void => {
    req.removeAllListeners('data').removeAllListeners('end').resume();
    done(undefined, failure('body_too_large', `The limit is ${limit} bytes.`));
  };
  if (Number(req.headers['content-length'] ?? 0) > limit) return tooLarge();
  let first: Buffer | undefined;
  let all: Buffer[] | undefined;
  let size = 0;
  req.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) return tooLarge();
    if (first) (all ??= [first]).push(chunk);
    else first = chunk;
  });
  req.on('end', () => {
    const bytes = all ? Buffer.concat(all, size) : first;
    if (bytes && isTooDeep(bytes))
      return done(undefined, failure('invalid_request', `It is nested deeper than ${DEEPEST} levels.`));
    const value = bytes && parseJson(bytes);
    if (value) done(value.json, undefined);
    else done(undefined, failure('parse_error'));
  });
}

/** The value that these bytes are the JSON text of; undefined when they are none. */
export function parseJson(bytes: Buffer): { json: JsonValue } | undefined {
  // Two readers of broken UTF-8 may read two different texts.
  if (!isUtf8(bytes)) return undefined;
  try {
    return { json: JSON.parse(bytes.toString('utf8')) };
  } catch {
    return undefined;
  }
}
