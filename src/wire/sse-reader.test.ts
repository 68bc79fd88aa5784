import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseReader } from './sse-reader.ts';
import { sseBytes, sseEvent } from './sse.ts';

interface Heard {
  readonly events: { type: string; data: string }[];
  readonly retries: number[];
  readonly overflows: number[];
  readonly lastEventId: string | undefined;
}

/** Reads a stream, in pieces of the sizes given, again and again. */
function read(stream: string | Buffer, options: { limit?: number; sizes?: readonly number[] } = {}): Heard {
  const { limit = 1_000_000, sizes = [stream.length || 1] } = options;
  const heard = { events: [] as Heard['events'], retries: [] as number[], overflows: [] as number[] };
  const reader = new SseReader(
    {
      event: ({ type, data, size }) => {
        const bytes = Buffer.concat(data);
        expect(bytes).toHaveLength(size);
        heard.events.push({ type, data: bytes.toString('utf8') });
      },
      retry: (ms) => heard.retries.push(ms),
      overflow: (size) => heard.overflows.push(size),
    },
    limit,
  );
  const bytes = Buffer.from(stream);
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    reader.push(bytes.subarray(at, at + size));
    at += size;
  }
  return { ...heard, lastEventId: reader.lastEventId };
}

/** Milliseconds for many short lines, in single bytes and at once. */
function timeFor(length: number): number {
  const stream = Buffer.from(`data: ${'x\r'.repeat(length / 2)}`);
  const started = performance.now();
  read(stream, { sizes: [1], limit: 1e9 });
  read(stream, { limit: 1e9 });
  return performance.now() - started;
}

const message = (data: string): { type: string; data: string } => ({ type: 'message', data });

describe('SseReader', () => {
  it.each([
    ['one line', 'data: a\n\n', [message('a')]],
    ['no space', 'data:a\n\n', [message('a')]],
    ['one space of two', 'data:  a\n\n', [message(' a')]],
    ['two lines', 'data: a\ndata: b\n\n', [message('a\nb')]],
    ['an empty line between', 'data: a\ndata\ndata:\ndata: b\n\n', [message('a\n\n\nb')]],
    ['a name', 'event: endpoint\ndata: /x\n\ndata: a\n\n', [{ type: 'endpoint', data: '/x' }, message('a')]],
    ['an empty name', 'event:\ndata: a\n\n', [message('a')]],
    ['comments', ': hello\n:\n\ndata: a\n: again\n\n', [message('a')]],
    ['fields of no meaning', 'dat: x\ndatax: y\n data: z\ndata: a\n\n', [message('a')]],
    ['no data', 'event: x\nid: 1\n\n', []],
    ['empty data', 'data\n\n', [message('')]],
    ['a byte order mark', '\u{feff}data: a\n\n', [message('a')]],
    ['a second one, which is no mark', '\u{feff}data: a\n\n\u{feff}data: b\n\n', [message('a')]],
    ['letters of every kind', 'data: ä€😀\n\n', [message('ä€😀')]],
    ['an event that is cut off', 'data: a\n\ndata: b\n', [message('a')]],
  ])('reads %s, whatever ends its lines and however it is cut', (_what, stream, expected) => {
    for (const end of ['\n', '\r\n', '\r']) {
      const written = stream.replaceAll('\n', end);
      expect(read(written).events).toEqual(expected);
      expect(read(written, { sizes: [1] }).events).toEqual(expected);
      expect(read(written, { sizes: [2, 3] }).events).toEqual(expected);
    }
  });

  it('remembers the id of the last complete event, also of one without data', () => {
    expect(read('id: 1\ndata: a\n\nid: 2\n\nid: 3\ndata: b\n').lastEventId).toBe('2');
    expect(read('id: 1\n\ndata: a\n\n').lastEventId).toBe('1');
    expect(read('id: 1\n\nid:\ndata: a\n\n').lastEventId).toBe('');
    expect(read('id: 1\n\nid: a\0b\n\n').lastEventId).toBe('1');
    expect(read('data: a\n\n').lastEventId).toBeUndefined();
  });

  it('takes over how long to wait, when it is a number', () => {
    expect(read('retry: 500\nretry: -1\nretry: 5s\nretry:\nretry: 99999999999\n\n').retries).toEqual([500]);
  });

  it('throws an event over the limit away, once, and goes on with the next', () => {
    for (const sizes of [[1], [7], [10_000]]) {
      const heard = read(`data: ${'x'.repeat(200)}\ndata: y\nid: 9\n\ndata: a\n\n`, { limit: 100, sizes });
      expect(heard.events).toEqual([message('a')]);
      expect(heard.overflows).toHaveLength(1);
    }
  });

  it('counts all lines of an event', () => {
    expect(read('data: xxxxx\n'.repeat(30), { limit: 100 }).overflows).toHaveLength(1);
    expect(read(`data: ${'x'.repeat(100)}\n\n`, { limit: 100 }).events).toHaveLength(1);
    expect(read('data: xxxxx\n\n'.repeat(30), { limit: 100 }).overflows).toHaveLength(0);
  });

  it('keeps nothing of a line that never ends', () => {
    expect(read(`: ${'x'.repeat(1000)}\n\ndata: a\n\n`, { limit: 100 })).toMatchObject({
      events: [message('a')],
      overflows: [expect.any(Number)],
    });
    expect(read(`event: ${'x'.repeat(9000)}\ndata: a\n\n`).events).toEqual([message('a')]);
  });

  it('hands a large event on in the chunks it came in', () => {
    const chunk = Buffer.alloc(64 * 1024, 'a');
    let seen: readonly Buffer[] = [];
    const reader = new SseReader({ event: ({ data }) => (seen = data), overflow: () => {} }, 1_000_000);
    reader.push(Buffer.from('data: '));
    for (let i = 0; i < 4; i++) reader.push(chunk);
    reader.push(Buffer.from('\n\n'));
    expect(seen.map((each) => each.length)).toEqual(Array(4).fill(chunk.length));
    expect(seen[0]?.buffer).toBe(chunk.buffer);
  });

  it('takes time in proportion to the bytes, in single bytes too', () => {
    timeFor(20_000);
    // Were it quadratic, this would be a hundred times more.
    expect(timeFor(200_000)).toBeLessThan(Math.max(timeFor(20_000), 5) * 60);
  });

  it('reads what we write', () => {
    fc.assert(
      fc.property(
        fc.array(fc.json()),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        (all, sizes) => {
          const stream = all.map((json) => sseEvent(json)).join('');
          expect(read(stream, { sizes }).events).toEqual(all.map(message));
        },
      ),
    );
  });

  it('is not thrown off by anything, and says the same however the bytes are cut', () => {
    const alphabet = ['data', 'event', 'id', 'retry', ':', ' ', '\n', '\r', '\0', 'x', '\u{feff}', '9'];
    const hostile = fc.array(fc.constantFrom(...alphabet), { maxLength: 80 }).map((words) => words.join(''));
    fc.assert(
      fc.property(hostile, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (stream, sizes) => {
        expect(read(stream, { sizes, limit: 20 }).events).toEqual(read(stream, { limit: 20 }).events);
        expect(read(stream, { sizes })).toEqual(read(stream));
      }),
      { numRuns: 500 },
    );
  });

  it('reads bytes whose carriage returns were taken out', () => {
    const json = '{"a":\r1}';
    expect(read(`data: ${sseBytes(Buffer.from(json)).toString()}\n\n`).events).toEqual([message('{"a": 1}')]);
  });
});
