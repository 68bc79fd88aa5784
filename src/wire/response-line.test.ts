import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Body } from '../core/body.ts';
import type { JsonObject } from '../core/json.ts';
import { readMessage } from './jsonrpc.ts';
import { idAtTheEnds, type Incoming, readChunks, readLine, responseEnds } from './response-line.ts';

/** A line as it comes off the pipe. */
const wire = (line: string): string => Buffer.from(line, 'utf8').toString('latin1');
/** The text that a client gets to see of a body. */
const seen = (body: Body): string => Buffer.from(body.text, 'latin1').toString('utf8');

/** C, Go and Python write the first shape, the TypeScript SDK the second. */
const SHAPES: [string, (id: number, result: string) => string][] = [
  ['in front', (id, result) => `{"jsonrpc":"2.0","id":${id},"result":${result}}`],
  ['behind', (id, result) => `{"result":${result},"jsonrpc":"2.0","id":${id}}`],
];

function bodyOf(message: Incoming | undefined): Body {
  if (message?.kind !== 'result') throw new Error(`no result but ${JSON.stringify(message)}`);
  return message.body;
}

/** The line cut into chunks, and read as a long one. */
function readCut(line: string, ...cuts: number[]): Incoming | undefined {
  const bytes = Buffer.from(line, 'utf8');
  const borders = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
  const chunks = borders.slice(1).map((end, i) => bytes.subarray(borders[i], end));
  return readChunks(
    chunks.filter((chunk) => chunk.length > 0),
    bytes.length,
  );
}

const object = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue());
/** What a server writes and JSON.parse does not keep: 1.0, big integers, escapes, blanks. */
const KEEPSAKES =
  '{"a": 1.0,"b":12345678901234567890,"c":1e2,"d":"\\u00e9\\/","e":"Grüße 안녕 👋 \u2028","f":-0}';

describe.each(SHAPES)('a short line with the envelope %s', (_where, envelope) => {
  it('gives the id, and the result byte for byte', () => {
    fc.assert(
      fc.property(
        object,
        fc.nat({ max: 2 ** 52 }),
        fc.constantFrom('', '\r', ' ', '  \r'),
        (value, id, end) => {
          const result = JSON.stringify(value);
          const message = readLine(wire(envelope(id, result) + end));
          expect(message).toMatchObject({ kind: 'result', id });
          expect(seen(bodyOf(message))).toBe(result);
          expect(bodyOf(message).parse()).toEqual(JSON.parse(result));
        },
      ),
    );
  });

  it('keeps what JSON.parse would lose', () => {
    expect(seen(bodyOf(readLine(wire(envelope(65537, KEEPSAKES)))))).toBe(KEEPSAKES);
  });

  it('takes its id from the envelope, not from what stands in the result', () => {
    const decoys =
      '{"id":3,"x":{"jsonrpc":"2.0","id":4},"y":"\\"jsonrpc\\":\\"2.0\\",\\"id\\":5}","jsonrpc":"2.0"}';
    const message = readLine(wire(envelope(2, decoys)));
    expect(message).toMatchObject({ kind: 'result', id: 2 });
    expect(seen(bodyOf(message))).toBe(decoys);
  });

  it('is none when something in it is broken', () => {
    for (const result of ['{', '{"a":}', '{"a":1}}', '{"a":"\u0001"}', "{'a':1}", '{"a":01}', '{"a":NaN}'])
      expect(readLine(wire(envelope(1, result)))).toBeUndefined();
  });
});

describe('a short line', () => {
  it.each([
    ['the members in another order', '{"id":7,"result":{"a":"é"},"jsonrpc":"2.0"}'],
    ['blanks between them, as json.dumps writes', '{"jsonrpc": "2.0", "id": 7, "result": {"a": "é"}}'],
    ['a member more behind the result', '{"jsonrpc":"2.0","id":7,"result":{"a":"é"},"took":12}'],
    ['an object more behind the result', '{"jsonrpc":"2.0","id":7,"result":{"a":"é"},"stats":{"ms":{}}}'],
    ['a member more behind the result, id last', '{"result":{"a":"é"},"took":12,"jsonrpc":"2.0","id":7}'],
    ['an escaped key', '{"jsonrpc":"2.0","id":7,"r\\u0065sult":{"a":"é"}}'],
  ])('with %s is read all the same', (_what, line) => {
    const message = readLine(wire(line));
    expect(message).toMatchObject({ kind: 'result', id: 7 });
    expect(seen(bodyOf(message))).toBe('{"a":"é"}');
    expect(bodyOf(message).parse()).toEqual({ a: 'é' });
  });

  it.each([
    ['a result that is text', '{"jsonrpc":"2.0","id":7,"result":"done"}'],
    ['a result that is null', '{"jsonrpc":"2.0","id":7,"result":null}'],
    ['a result that is a list', '{"jsonrpc":"2.0","id":7,"result":[{}]}'],
    ['neither result nor error', '{"jsonrpc":"2.0","id":7}'],
    ['both', '{"jsonrpc":"2.0","id":7,"result":{},"error":{"code":1,"message":"m"}}'],
    ['an error that is text', '{"jsonrpc":"2.0","id":7,"error":"no"}'],
    ['an error without a code', '{"jsonrpc":"2.0","id":7,"error":{"message":"m"}}'],
  ])('with %s ends the call that waits for it', (_what, line) => {
    expect(readLine(line)).toMatchObject({
      kind: 'error',
      id: 7,
      error: { code: -32603, data: { reason: 'server_reply_invalid' } },
    });
  });

  it.each([
    ['a second id', '{"jsonrpc":"2.0","id":1,"result":{"a":1},"id":2}', 2, '{"a":1}'],
    ['a second result', '{"jsonrpc":"2.0","id":1,"result":{"a":1},"result":{"b":2}}', 1, '{"b":2}'],
    ['a second result in front', '{"result":{"a":1},"result":{"b":2},"jsonrpc":"2.0","id":1}', 1, '{"b":2}'],
  ])('with %s smuggled in is one message with one body', (_what, line, id, body) => {
    const message = readLine(wire(line));
    expect(message).toMatchObject({ kind: 'result', id });
    expect(seen(bodyOf(message))).toBe(body);
  });

  it.each([
    '{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"Grüße 안녕 👋"}}',
    '{"jsonrpc":"2.0","id":"frage-é","method":"ping","params":{}}',
    '{"jsonrpc":"2.0","id":9,"error":{"code":-32602,"message":"zu groß","data":{"größe":1}}}',
  ])('%s is read as UTF-8', (line) => {
    expect(readLine(wire(line))).toEqual(readMessage(JSON.parse(line)));
  });

  it.each([
    '',
    '   ',
    'Server is starting…',
    '{}',
    '[]',
    '[{"jsonrpc":"2.0","id":1,"result":{}}]',
    'null',
    '{"jsonrpc":',
    '{"id":7,"level":"info","msg":"a log line"}',
    '{"jsonrpc":"2.0"}',
    '{"jsonrpc":"2.0","id":1.5,"result":{}}',
    '{"jsonrpc":"2.0","id":7,"method":7}',
  ])('%o is no message', (line) => {
    expect(readLine(wire(line))).toBeUndefined();
  });

  it('is read without throwing, whatever it is', () => {
    const pieces = [
      '{"jsonrpc":"2.0","id":',
      '1',
      ',"result":',
      '{',
      '}',
      '"',
      ',"jsonrpc":"2.0","id":1}',
      '\\',
      'é',
      '[',
      ':',
    ];
    const line = fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })))
      .map((all) => all.join(''));
    fc.assert(
      fc.property(line, (text) => {
        const message = readLine(wire(text));
        if (message?.kind === 'result') expect(message.body.parse()).toBeTypeOf('object');
      }),
      { numRuns: 2000 },
    );
  });
});

describe.each(SHAPES)('a long line with the envelope %s', (_where, envelope) => {
  const result = `{"text":"${'안녕 '.repeat(20)}","n":1.0}`;

  it.each(['', '\r', ' \r'])(
    'gives the id and the result byte for byte, wherever it is cut, with %o at its end',
    (end) => {
      const line = envelope(65537, result) + end;
      for (let cut = 0; cut <= Buffer.byteLength(line); cut++) {
        const message = readCut(line, cut);
        expect(message).toMatchObject({ kind: 'result', id: 65537 });
        const body = bodyOf(message);
        expect(body.parse()).toEqual(JSON.parse(result));
        // Where the envelope itself is cut, the slow way may rebuild the result, but for the two usual shapes nothing does.
        expect(seen(body)).toBe(result);
        expect(body.size).toBe(Buffer.byteLength(result));
      }
    },
  );

  it('is passed on in the chunks it came in, not copied', () => {
    const bytes = Buffer.from(envelope(1, `{"text":"${'x'.repeat(40_000)}"}`));
    const chunks = [bytes.subarray(0, 16_000), bytes.subarray(16_000, 32_000), bytes.subarray(32_000)];
    const body = bodyOf(readChunks(chunks, bytes.length));
    expect(body.chunks?.every((chunk) => chunk.buffer === bytes.buffer)).toBe(true);
    expect(body.size).toBe(40_000 + '{"text":""}'.length);
  });

  it('gives the same in any pieces', () => {
    fc.assert(
      fc.property(object, fc.array(fc.nat({ max: 400 }), { maxLength: 8 }), (value, cuts) => {
        const text = JSON.stringify({ pad: 'x'.repeat(120), ...value });
        const body = bodyOf(readCut(envelope(3, text), ...cuts));
        expect(seen(body)).toBe(text);
        expect(body.size).toBe(Buffer.byteLength(text));
      }),
    );
  });

  it('has an end, however much blank stands behind it', () => {
    for (const blanks of [90, 95, 96, 97, 500]) {
      const body = bodyOf(readCut(envelope(8, result) + ' '.repeat(blanks), 300));
      expect(body.parse()).toEqual(JSON.parse(result));
      expect(body.size).toBe(body.text.length);
    }
  });

  it('keeps what the server wrote with blanks before the closing brace, short and long', () => {
    const line = envelope(8, `${KEEPSAKES}  \t `);
    for (const message of [readLine(wire(line)), readCut(line, 100)]) {
      expect(seen(bodyOf(message))).toBe(KEEPSAKES);
      expect(bodyOf(message).size).toBe(Buffer.byteLength(KEEPSAKES));
    }
  });
});

describe('a long line', () => {
  const pad = 'x'.repeat(300);

  it('with a smuggled second id gives a response with the id of its request', () => {
    const line = `{"jsonrpc":"2.0","id":1,"result":{"pad":"${pad}"},"id":2}`;
    const message = readCut(line, 100);
    const { head, tail } = responseEnds('"ours"');
    const response = JSON.parse(head + bodyOf(message).text + tail) as JsonObject;
    expect(response).toEqual({ jsonrpc: '2.0', result: { pad }, id: 'ours' });
  });

  it.each([
    ['a member more', `{"jsonrpc":"2.0","id":7,"result":{"pad":"${pad}"},"took":12}`],
    ['the members in another order', `{"id":7,"result":{"pad":"${pad}"},"jsonrpc":"2.0"}`],
    ['blanks between them', `{"jsonrpc": "2.0", "id": 7, "result": {"pad": "${pad}"}}`],
  ])('with %s is read all the same', (_what, line) => {
    const message = readCut(line, 50, 150);
    expect(message).toMatchObject({ kind: 'result', id: 7 });
    expect(bodyOf(message).parse()).toEqual({ pad });
  });

  it('with a result that is no object ends the call that waits for it', () => {
    const message = readCut(`{"jsonrpc":"2.0","id":1,"result":"${pad}"}`, 200);
    expect(message).toMatchObject({
      kind: 'error',
      id: 1,
      error: { data: { reason: 'server_reply_invalid' } },
    });
  });

  it('that is a notification or an error is read as one', () => {
    const notification = { jsonrpc: '2.0', method: 'notifications/message', params: { data: `é${pad}` } };
    expect(readCut(JSON.stringify(notification), 80)).toMatchObject({
      kind: 'notification',
      params: { data: `é${pad}` },
    });
    const error = { jsonrpc: '2.0', id: 4, error: { code: 1, message: pad } };
    expect(readCut(JSON.stringify(error), 80)).toMatchObject({
      kind: 'error',
      id: 4,
      error: { message: pad },
    });
  });

  it('without a message in it is none', () => {
    expect(readCut(`${pad}${pad}`, 20)).toBeUndefined();
    expect(readCut(`{"jsonrpc":"2.0","id":{},"result":"${pad}"}`, 200)).toBeUndefined();
    expect(readChunks([], 0)).toBeUndefined();
  });

  it('is broken only where the result is: it then throws when somebody needs the object', () => {
    const body = bodyOf(readCut(`{"jsonrpc":"2.0","id":1,"result":{"pad":${pad}}}`, 50));
    expect(() => body.parse()).toThrow(SyntaxError);
  });
});

describe('idAtTheEnds', () => {
  it.each([
    ['{"jsonrpc":"2.0","id":12,"result":{"text":"xxx', 'xxx"}}', 12],
    ['{"result":{"text":"xxx', 'xxx"},"jsonrpc":"2.0","id":12}', 12],
    ['{"result":{"text":"xxx', 'xxx"},"jsonrpc":"2.0","id":12} \r', 12],
    ['{"result":{"text":"xxx', 'xxx","id":12}}', undefined],
    ['{"result":{"text":"xxx', 'xxx\\",\\"id\\":12}"}}', undefined],
    ['{"jsonrpc":"2.0","method":"a","params":{"t":"xxx', 'xxx"}}', undefined],
    ['xxx', 'xxx', undefined],
  ])('%s … %s: %s', (head, tail, expected) => {
    expect(idAtTheEnds(head, tail)).toBe(expected);
  });
});

describe('responseEnds', () => {
  it('make a response of any result, and ours is the id that counts', () => {
    fc.assert(
      fc.property(object, (value) => {
        const { head, tail } = responseEnds('5');
        expect(JSON.parse(head + JSON.stringify(value) + tail)).toEqual(
          JSON.parse(JSON.stringify({ jsonrpc: '2.0', result: value, id: 5 })),
        );
      }),
    );
    const { head, tail } = responseEnds('5');
    expect(JSON.parse(`${head}{},"id":666${tail}`)).toEqual({ jsonrpc: '2.0', result: {}, id: 5 });
  });
});
