import { Body } from '../core/body.ts';
import { type Id, type Message, readMessage } from './jsonrpc.ts';

/** A server's message with the result still in the bytes it came in. */
export type Incoming =
  | Exclude<Message, { kind: 'result' }>
  | { readonly kind: 'result'; readonly id: Id; readonly body: Body };

/** How the envelope stands around the result: C, Go and Python put it in front, the TypeScript SDK behind. */
const FRONT = /^\{"jsonrpc":"2\.0","id":(\d{1,16}),"result":(?=\{)/;
const BEHIND = /,"jsonrpc":"2\.0","id":(\d{1,16})\}\s*$/;
const RESULT_FIRST = '{"result":{';
/** Longer than any envelope of those two shapes. */
const ENVELOPE = 96;

/**
 * Reads a short line. Two things are wanted at once: the proof that it is one JSON message, so it is parsed; and the
 * result exactly as the server wrote it (1.0 stays 1.0, big integers keep their digits), so it is cut out, not rebuilt.
 * @returns undefined for what is no message
 */
export function readLine(line: string): Incoming | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const message = readMessage(value);
  if (message?.kind !== 'result') return isAscii(line) ? message : readUtf8(line);
  const body = cut(line);
  return { kind: 'result', id: message.id, body: body ?? rebuilt(line) };
}

/**
 * Reads a long line, without parsing it where the envelope has one of the usual shapes. Whoever needs the object
 * parses it then; whoever passes it on never does.
 */
export function readChunks(chunks: Buffer[], size: number): Incoming | undefined {
  const head = chunks[0]?.toString('latin1', 0, ENVELOPE) ?? '';
  const front = FRONT.exec(head);
  if (front) {
    const tail = lastBytes(chunks, ENVELOPE);
    const close = tail.length - tail.lastIndexOf('}');
    return large(Number(front[1]), chunks, size, front[0].length, close);
  }
  if (head.startsWith(RESULT_FIRST)) {
    const behind = BEHIND.exec(lastBytes(chunks, ENVELOPE));
    if (behind) return large(Number(behind[1]), chunks, size, RESULT_FIRST.length - 1, behind[0].length);
  }
  return readLine(chunks.map((chunk) => chunk.toString('latin1')).join(''));
}

/** The id of a response of which only the two ends are known. */
export function idAtTheEnds(head: string, tail: string): number | undefined {
  const found = FRONT.exec(head) ?? /,"id":(\d{1,16})\}\s*$/.exec(tail);
  return found ? Number(found[1]) : undefined;
}

/**
 * A response as wire text around a body.
 *
 * The id stands last on purpose: the body is the server's own bytes, and a hostile server might smuggle a second `id`
 * behind its result to answer somebody else's request. Where members repeat, the last one counts.
 */
export function responseEnds(id: string): { head: string; tail: string } {
  return { head: '{"jsonrpc":"2.0","result":', tail: `,"id":${id}}` };
}

function large(id: number, chunks: Buffer[], size: number, front: number, behind: number): Incoming {
  const body = dropLast(chunks, behind);
  const first = body[0];
  if (first) body[0] = first.subarray(front);
  return { kind: 'result', id, body: Body.chunks(body, size - front - behind) };
}

function cut(line: string): Body | undefined {
  const front = FRONT.exec(line);
  if (front) return Body.wire(line.slice(front[0].length, line.lastIndexOf('}')));
  const behind = line.startsWith(RESULT_FIRST) ? BEHIND.exec(line.slice(-ENVELOPE)) : null;
  return behind ? Body.wire(line.slice(RESULT_FIRST.length - 1, line.length - behind[0].length)) : undefined;
}

function rebuilt(line: string): Body {
  const message = readUtf8(line);
  return Body.value(message?.kind === 'result' ? message.body.parse() : {});
}

/** Reads wire text whose strings matter: decoded as the UTF-8 it is. */
function readUtf8(line: string): Incoming | undefined {
  const message = readMessage(JSON.parse(Buffer.from(line, 'latin1').toString('utf8')));
  return message?.kind === 'result'
    ? { kind: 'result', id: message.id, body: Body.value(message.result) }
    : message;
}

function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- the question is exactly whether anything lies outside ASCII
  return /^[\0-\x7f]*$/.test(text);
}

function lastBytes(chunks: readonly Buffer[], count: number): string {
  let text = '';
  for (let i = chunks.length - 1; i >= 0 && text.length < count; i--) {
    const chunk = chunks[i] ?? Buffer.alloc(0);
    text = chunk.toString('latin1', Math.max(0, chunk.length - (count - text.length))) + text;
  }
  return text;
}

function dropLast(chunks: readonly Buffer[], count: number): Buffer[] {
  const kept = [...chunks];
  let left = count;
  while (left > 0) {
    const last = kept.pop();
    if (!last) break;
    if (last.length > left) kept.push(last.subarray(0, last.length - left));
    left -= last.length;
  }
  return kept;
}
