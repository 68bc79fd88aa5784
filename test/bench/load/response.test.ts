import { describe, expect, it } from 'vitest';

import { ResponseParser, type Head } from './response.ts';

interface Seen {
  heads: Head[];
  messages: string[];
  ends: number;
}

/** Feeds `text` in pieces of `size` bytes and gives what the sink saw. */
function parse(text: string, size: number = text.length): Seen {
  const seen: Seen = { heads: [], messages: [], ends: 0 };
  let current = '';
  const parser = new ResponseParser({
    head: (head) => seen.heads.push(head),
    piece: (bytes, start, end) => {
      current += bytes.toString('latin1', start, end);
    },
    message: () => {
      seen.messages.push(current);
      current = '';
    },
    end: () => {
      seen.ends += 1;
    },
  });
  const bytes = Buffer.from(text, 'latin1');
  // As the socket does it: one buffer for all reads, with what is left of earlier ones behind the new bytes.
  const shared = Buffer.alloc(bytes.length + 16, '\n');
  for (let at = 0; at < bytes.length; at += size) {
    const length = bytes.copy(shared, 0, at, Math.min(at + size, bytes.length));
    parser.push(shared, length);
  }
  return seen;
}

const JSON_HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nMcp-Session-Id: abc\r\n';
const STREAM_HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n';

function chunked(...parts: string[]): string {
  return `${parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n\r\n`;
}

describe('a body with a length', () => {
  const response = `${JSON_HEAD}Content-Length: 8\r\n\r\n{"id":1}`;

  it('gives head, message and end', () => {
    const head = { status: 200, length: 8, eventStream: false, sessionId: 'abc' };
    expect(parse(response)).toEqual({ heads: [head], messages: ['{"id":1}'], ends: 1 });
  });

  it.each([1, 2, 3, 7, 50, 90])('reads the same in pieces of %i bytes', (size) => {
    expect(parse(response.repeat(3), size)).toEqual(parse(response.repeat(3)));
    expect(parse(response.repeat(3), size).messages).toHaveLength(3);
  });

  it('has no message if it is empty', () => {
    const seen = parse('HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n');
    expect(seen).toMatchObject({ heads: [{ status: 202 }], messages: [], ends: 1 });
  });

  it('sees a head that changes after one that was repeated', () => {
    const longer = `${JSON_HEAD}Content-Length: 9\r\n\r\n{"id":12}`;
    expect(parse(response + response + longer + response).messages).toEqual([
      '{"id":1}',
      '{"id":1}',
      '{"id":12}',
      '{"id":1}',
    ]);
  });
});

describe('a chunked body', () => {
  const response = `${JSON_HEAD}Transfer-Encoding: chunked\r\n\r\n${chunked('{"id"', ':1}')}`;

  it.each([1, 2, 3, 5, 11, 1000])('is one message, read in pieces of %i bytes', (size) => {
    expect(parse(response + response, size)).toMatchObject({ messages: ['{"id":1}', '{"id":1}'], ends: 2 });
  });

  it('may have chunk extensions and trailers', () => {
    const body = '8;name=value\r\n{"id":1}\r\n0\r\nX-Checksum: 1\r\n\r\n';
    const seen = parse(`${JSON_HEAD}Transfer-Encoding: chunked\r\n\r\n${body}`);
    expect(seen).toMatchObject({ messages: ['{"id":1}'], ends: 1 });
  });

  it('may be empty', () => {
    const seen = parse(`HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`);
    expect(seen).toMatchObject({ messages: [], ends: 1 });
  });
});

describe('an event stream', () => {
  const events = [
    ': a comment\n\n',
    'id: 0\nretry: 1000\ndata: \n\n',
    'event: message\nid: 17\ndata: {"method":"notifications/progress"}\n\n',
    'event: message\r\ndata:{"id":1}\r\n\r\n',
    'dat: not a field\ndata: {"never":"dispatched"}\n',
  ];

  it.each([1, 2, 3, 7, 19, 1000])('gives the data of each event, read in pieces of %i bytes', (size) => {
    const seen = parse(STREAM_HEAD + chunked(...events), size);
    expect(seen.heads[0]?.eventStream).toBe(true);
    const messages = seen.messages.map((message) => message.trim());
    expect(messages).toEqual(['', '{"method":"notifications/progress"}', '{"id":1}']);
    expect(seen.ends).toBe(1);
  });

  it('forgets an event that was not finished', () => {
    const unfinished = STREAM_HEAD + chunked('data: {"id"');
    const whole = STREAM_HEAD + chunked('data: {"id":2}\n\n');
    const seen = parse(unfinished + whole);
    expect(seen.ends).toBe(2);
    expect(seen.messages).toHaveLength(1);
  });
});

describe('what is not a response', () => {
  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n', 'Not an HTTP/1.1 response'],
    ['a body without an end', 'HTTP/1.1 200 OK\r\n\r\n', 'neither a content-length nor chunks'],
    [
      'a chunk without a size',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
      'Not a chunk size',
    ],
    [
      'a chunk longer than its size',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n',
      'longer than its size',
    ],
    ['a head without an end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`, 'longer than 64 KiB'],
  ])('%s is an error', (_, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});
