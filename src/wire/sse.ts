import { unbroken } from './lines.ts';

export { unbrokenBytes as sseBytes } from './lines.ts';

/**
 * Server-sent events, the writing side (WHATWG HTML, "Server-sent events").
 *
 * A carriage return ends a line there as a newline does, and a JSON text may hold either between its tokens. A server
 * that could get one onto our stream unescaped could write events of its own, so it is turned into a space.
 */
export const SSE_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  // nginx would otherwise hold events back until its buffer is full.
  'x-accel-buffering': 'no',
} as const;

/** A comment: keeps proxies from closing a quiet stream, and is ignored by every client. */
export const KEEP_ALIVE = ': keep-alive\n\n';

/** One `message` event that holds a JSON text in one line. */
export function sseEvent(json: string): string {
  return `event: message\ndata: ${unbroken(json)}\n\n`;
}
