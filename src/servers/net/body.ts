import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ToolFailure } from './failure.ts';

/** What was read of a body, unpacked. */
export interface Body {
  readonly bytes: Buffer;
  /** There is more than was read. */
  readonly cut: boolean;
}

const DECODERS: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/** Packed twice is odd, more often an attempt: each layer multiplies by a thousand. */
const MAX_LAYERS = 2;

/**
 * Reads a body up to a size and drops the rest. It is unpacked on the way, so a small body that is a large one inside
 * never gets larger than the limit here.
 * @param encoding the Content-Encoding header
 * @throws {ToolFailure} when the encoding is not known
 */
export async function readBody(source: Readable, encoding: string, maxBytes: number): Promise<Body> {
  // RFC 9110, 8.4: listed in the order in which they were applied, so the last is undone first.
  const layers = encoding
    .split(',')
    .map((each) => each.trim().toLowerCase())
    .filter((each) => each !== '' && each !== 'identity')
    .toReversed();
  const stream = layers.length === 0 ? source : unpack(source, layers);

  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop destroys the stream, and with it the connection.
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    chunks.push(chunk);
    if (size > maxBytes) break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, maxBytes), cut: size > maxBytes };
}

function unpack(source: Readable, layers: readonly string[]): Readable {
  const decoders = layers.map((layer) => DECODERS.get(layer)?.());
  const known = decoders.filter((decoder) => decoder !== undefined);
  const last = known.at(-1);
  if (!last || known.length < decoders.length || known.length > MAX_LAYERS) {
    source.on('error', () => {}).destroy();
    throw new ToolFailure('The page is packed in a way that is not understood here (Content-Encoding).');
  }
  // An error of any of them ends all, and comes out of the last.
  pipeline([source, ...known], () => {});
  return last;
}
