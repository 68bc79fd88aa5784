import { Body, isAscii } from '../core/body.ts';
import { isObject } from '../core/json.ts';
import { failure } from '../core/reply.ts';
import { type Id, isId, type Message, readMessage } from './jsonrpc.ts';

/** A server's message with the result still in the bytes it came in. */
export type Incoming =
  | Exclude<Message, { kind: 'result' }>
  | { readonly kind: 'result'; readonly id: Id; readonly body: Body };

/**
 * How the envelope stands around the result: C, Go and Python put it in front, the TypeScript SDK behind. Nothing else
 * may stand in it, and the result is an object, so that its braces are its borders.
 */
const FRONT = /^\{"jsonrpc":"2\.0","id":(0|[1-9]\d{0,15}),"result":(?=\{)/;
const CLOSE = /(?<=\})[ \t\r]*\}[ \t\r]*$/;
const RESULT_FIRST = /^\{"result":(?=\{)/;
const BEHIND = /(?<=\})[ \t\r]*,"jsonrpc":"2\.0","id":(0|[1-9]\d{0,15})\}[ \t\r]*$/;
/** Longer than any envelope of those two shapes. */
const ENVELOPE = 96;

/**
 * Reads a short line. Two things are wanted at once: the proof that it is one JSON message, so it is parsed; and the
 * result exactly as the server wrote it (1.0 stays 1.0, big integers keep their digits), so it is cut out, not rebuilt.
 * What is parsed is the piece that was cut out: where it is one JSON value, the server has smuggled nothing in behind it.
 * @param isSame does it read the same as wire text and as text, since it is ASCII?
 * @returns undefined for what is no message; an error for a response that is none in form, since somebody waits for it
 */
export function readLine(line: string, isSame = isAscii(line)): Incoming | undefined {
  const envelope = envelopeOf(line, line.slice(-ENVELOPE));
  if (envelope) {
    const result = line.slice(envelope.front, line.length - envelope.behind);
    const reading = parsed(result);
    if (isObject(reading)) {
      const body = isSame ? Body.wire(result, reading) : Body.wire(result);
      return { kind: 'result', id: envelope.id, body };
    }
  }
  const value = parsed(isSame ? line : Buffer.from(line, 'latin1').toString('utf8'));
  const message = readMessage(value);
  if (!message) return invalidResponse(value);
  if (message.kind !== 'result') return message;
  return { kind: 'result', id: message.id, body: Body.value(message.result) };
}

/**
 * Reads a long line, without parsing it where the envelope has one of the usual shapes. Whoever needs the object
 * parses it then, and may find that it is none; whoever passes it on never does.
 */
export function readChunks(chunks: Buffer[], size: number): Incoming | undefined {
  const head = chunks[0]?.toString('latin1', 0, ENVELOPE) ?? '';
  const envelope = envelopeOf(head, lastBytes(chunks, ENVELOPE));
  if (!envelope) return readLine(chunks.map((chunk) => chunk.toString('latin1')).join(''));
  const { id, front, behind } = envelope;
  const [first, ...others] = dropLast(chunks, behind);
  const body = first ? [first.subarray(front), ...others] : [];
  return { kind: 'result', id, body: Body.chunks(body, size - front - behind) };
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

/** The id of a response in one of the usual shapes, and how many bytes stand before and behind its result. */
function envelopeOf(head: string, tail: string): { id: number; front: number; behind: number } | undefined {
  const idFirst = FRONT.exec(head);
  const front = idFirst ?? RESULT_FIRST.exec(head);
  const behind = front && (idFirst ? CLOSE : BEHIND).exec(tail);
  if (!front || !behind) return undefined;
  return { id: Number(idFirst?.[1] ?? behind[1]), front: front[0].length, behind: behind[0].length };
}

/** A result that is no object, an error without a code, both, neither: whoever asked need not wait for the timeout. */
function invalidResponse(value: unknown): Incoming | undefined {
  if (!isObject(value) || value['jsonrpc'] !== '2.0' || value['method'] !== undefined) return undefined;
  const { id } = value;
  return isId(id) ? { kind: 'error', id, error: failure('server_reply_invalid').error } : undefined;
}

/** The value of a JSON text, or undefined where it is none. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
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
