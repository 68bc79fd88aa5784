import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEEP_ALIVE, sseBytes, sseEvent } from './sse.ts';

/** The events a client sees in a stream, read as the standard says: CR, LF and CRLF each end a line. */
function eventsOf(stream: string): { event: string; data: string }[] {
  return stream
    .replaceAll(/\r\n|\r/g, '\n')
    .split('\n\n')
    .map((block) => block.split('\n'))
    .flatMap((lines) => {
      const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart());
      const event =
        lines
          .find((line) => line.startsWith('event:'))
          ?.slice(6)
          .trim() ?? 'message';
      return data.length > 0 ? [{ event, data: data.join('\n') }] : [];
    });
}

const FORGED = '{"a":1,\r\rdata: {"forged":true}\r\revent: endpoint\rdata: http://evil.example\r\r"b":2}';

describe('sseEvent', () => {
  it('is one message event', () => {
    expect(sseEvent('{"a":1}')).toBe('event: message\ndata: {"a":1}\n\n');
  });

  it('cannot be ended from within by a carriage return', () => {
    const events = eventsOf(sseEvent(FORGED));
    expect(events).toHaveLength(1);
    expect(events[0]?.event).toBe('message');
  });

  it('reads back as the JSON that went in, whatever the whitespace between its tokens', () => {
    const space = fc.constantFrom('', ' ', '\t', '\r', '\r\r', ' \r', '\n\n', '\r\n');
    fc.assert(
      fc.property(fc.jsonValue(), space, space, (value, before, after) => {
        const json = `{"a"${before}:${JSON.stringify(value)}${after}}`;
        const [event, ...more] = eventsOf(sseEvent(json));
        expect(more).toEqual([]);
        expect(JSON.parse(event?.data ?? '')).toEqual(JSON.parse(json));
      }),
    );
  });
});

describe('sseBytes', () => {
  it('leaves bytes without a carriage return alone, and does not copy them', () => {
    const bytes = Buffer.from('{"text":"안녕 \\r"}');
    expect(sseBytes(bytes)).toBe(bytes);
  });

  it('takes carriage returns out and does not touch what it was given', () => {
    const bytes = Buffer.from(FORGED);
    expect(sseBytes(bytes).toString()).toBe(FORGED.replaceAll('\r', ' '));
    expect(bytes.toString()).toBe(FORGED);
  });

  it('gives the same as sseEvent, in whatever chunks', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\r', 'é', '"') }), fc.nat(), (text, at) => {
        const bytes = Buffer.from(text);
        const cut = at % (bytes.length + 1);
        const sent = Buffer.concat([sseBytes(bytes.subarray(0, cut)), sseBytes(bytes.subarray(cut))]);
        expect(`event: message\ndata: ${sent.toString()}\n\n`).toBe(sseEvent(text));
      }),
    );
  });
});

describe('KEEP_ALIVE', () => {
  it('is no event', () => {
    expect(eventsOf(KEEP_ALIVE + sseEvent('{}') + KEEP_ALIVE)).toEqual([{ event: 'message', data: '{}' }]);
  });
});
