import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../core/json.ts';
import { errorText, idText, isId, notificationText, readMessage, requestText } from './jsonrpc.ts';

const id = fc.oneof(fc.string(), fc.maxSafeInteger());
/** An object as it comes out of JSON.parse. */
const params = fc
  .dictionary(fc.string(), fc.jsonValue())
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

/** JSON as an attacker would write it: the right keys with the wrong values, and keys that mean something in JavaScript. */
const nearlyMessage = fc
  .record(
    {
      jsonrpc: fc.oneof(fc.constant('2.0'), fc.constantFrom('1.0', 2, null)),
      id: fc.oneof(id, fc.jsonValue()),
      method: fc.oneof(fc.string(), fc.jsonValue()),
      params: fc.oneof(params, fc.jsonValue()),
      result: fc.oneof(params, fc.jsonValue()),
      error: fc.oneof(
        fc.record({ code: fc.integer(), message: fc.string() }),
        fc.record({ code: fc.jsonValue(), message: fc.jsonValue(), data: fc.jsonValue() }),
        fc.jsonValue(),
      ),
      constructor: fc.jsonValue(),
    },
    { requiredKeys: ['jsonrpc'] },
  )
  .map((value): unknown => JSON.parse(JSON.stringify(value)));

describe('readMessage', () => {
  it('reads any JSON without throwing, and says "message" only of what is one in form', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), nearlyMessage), (value) => {
        const message = readMessage(value);
        if (message === undefined) return;
        const raw = value as Record<string, unknown>;
        expect(raw['jsonrpc']).toBe('2.0');
        switch (message.kind) {
          case 'request':
            expect(isId(message.id)).toBe(true);
            expect(message).toMatchObject({ id: raw['id'], method: raw['method'] });
            break;
          case 'notification':
            expect(raw).not.toHaveProperty('id');
            break;
          case 'result':
            expect(isId(message.id)).toBe(true);
            expect(message.result).toBe(raw['result']);
            expect(raw).not.toHaveProperty('error');
            break;
          case 'error':
            expect(message.id === null || isId(message.id)).toBe(true);
            expect(Object.keys(message.error).every((key) => ['code', 'message', 'data'].includes(key))).toBe(
              true,
            );
        }
        const isCall = message.kind === 'request' || message.kind === 'notification';
        expect(Object.hasOwn(raw, 'method')).toBe(isCall);
      }),
      { numRuns: 2000 },
    );
  });

  it('reads back what we write', () => {
    fc.assert(
      fc.property(id, fc.maxSafeInteger(), fc.string(), params, (anId, ourId, method, value) => {
        expect(readMessage(JSON.parse(requestText(ourId, method, value)))).toEqual({
          kind: 'request',
          id: ourId,
          method,
          params: value,
        });
        expect(readMessage(JSON.parse(notificationText(method, value)))).toEqual({
          kind: 'notification',
          method,
          params: value,
        });
        expect(readMessage(JSON.parse(errorText(anId, { code: -1, message: method, data: value })))).toEqual({
          kind: 'error',
          id: anId,
          error: { code: -1, message: method, data: value },
        });
      }),
    );
  });

  it.each([
    ['{"jsonrpc":"2.0","id":1,"method":"a"}', { kind: 'request', id: 1, method: 'a', params: {} }],
    ['{"jsonrpc":"2.0","method":"a"}', { kind: 'notification', method: 'a', params: {} }],
    ['{"jsonrpc":"2.0","id":"1","result":{}}', { kind: 'result', id: '1', result: {} }],
    [
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"what"}}',
      { kind: 'error', id: null, error: { code: -32700, message: 'what' } },
    ],
    [
      '{"jsonrpc":"2.0","error":{"code":-32700,"message":"what","data":null,"stack":"secret"}}',
      { kind: 'error', id: null, error: { code: -32700, message: 'what', data: null } },
    ],
  ])('%s', (text, expected) => {
    expect(readMessage(JSON.parse(text))).toEqual(expected);
  });

  it.each([
    ['an id that is null', '{"jsonrpc":"2.0","id":null,"method":"a"}'],
    ['an id with a fraction', '{"jsonrpc":"2.0","id":1.5,"method":"a"}'],
    ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"a"}'],
    ['an id that cannot be given back as it came', '{"jsonrpc":"2.0","id":9007199254740993,"method":"a"}'],
    ['an id beyond all numbers', '{"jsonrpc":"2.0","id":1e400,"method":"a"}'],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"a"}'],
    ['no version', '{"id":1,"method":"a"}'],
    ['a version of its prototype', '{"__proto__":{"jsonrpc":"2.0"},"id":1,"method":"a"}'],
    ['params that are a list', '{"jsonrpc":"2.0","id":1,"method":"a","params":[]}'],
    ['params that are null', '{"jsonrpc":"2.0","id":1,"method":"a","params":null}'],
    ['a method that is a number', '{"jsonrpc":"2.0","id":1,"method":1}'],
    ['method and result', '{"jsonrpc":"2.0","id":1,"method":"a","result":{}}'],
    ['method and error', '{"jsonrpc":"2.0","id":1,"method":"a","error":{"code":1,"message":"m"}}'],
    ['result and error', '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":"m"}}'],
    ['a result without an id', '{"jsonrpc":"2.0","result":{}}'],
    ['neither', '{"jsonrpc":"2.0","id":1}'],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"a"}]'],
    ['no object', '"2.0"'],
  ])('is none with %s', (_what, text) => {
    expect(readMessage(JSON.parse(text))).toBeUndefined();
  });
});

describe('idText', () => {
  it('is the id, as wire text', () => {
    fc.assert(
      fc.property(id, (anId) => {
        const bytes = Buffer.from(idText(anId), 'latin1');
        expect(JSON.parse(bytes.toString('utf8'))).toBe(Object.is(anId, -0) ? 0 : anId);
      }),
    );
  });

  it('is null for none', () => {
    expect(idText(null)).toBe('null');
  });
});

describe('the text of a message', () => {
  it('is one line, whatever stands in it', () => {
    const text = 'a\n\r\u2028\u2029"\u0000';
    for (const line of [
      requestText(1, text, { text }),
      notificationText(text, { text }),
      errorText(text, { code: 1, message: text, data: text }),
    ])
      expect(line).not.toMatch(/[\n\r]/);
  });

  it('to a server is one line for readers too that end lines at U+2028 and U+2029, and says the same', () => {
    const text = 'a\u2028b\u2029c\\u2028';
    for (const line of [requestText(1, text, { text }), notificationText(text, { text })]) {
      expect(line).not.toMatch(/[\u2028\u2029]/);
      expect(JSON.parse(line)).toMatchObject({ method: text, params: { text } });
    }
  });

  it('says of an error what JSON-RPC knows, and not our HTTP status', () => {
    expect(errorText(1, { code: 5, message: 'm', status: 403 })).toBe(
      '{"jsonrpc":"2.0","id":1,"error":{"code":5,"message":"m"}}',
    );
  });
});
