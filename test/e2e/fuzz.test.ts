import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { child, type Gateway, startGateway } from '../support/gateway.ts';
import { type Answer, callTool, MODERN_META, raw, send, Session, textOf } from '../support/http.ts';
import { isAlive } from '../support/processes.ts';

/** Each property is tried this often. What failed is printed with its seed, and a fixed seed makes every run the same. */
const RUNS = { numRuns: 300, seed: 20_260_728, endOnFailure: true };
const PATIENCE_MS = 5000;

let gateway: Gateway;
let session: Session;
beforeAll(async () => {
  gateway = await startGateway({ config: { mcpServers: { a: child(), b: child('--era', 'modern') } } });
  session = await Session.open(gateway);
});
afterAll(() => gateway?.stop());

afterEach(async () => {
  expect(isAlive(gateway.pid)).toBe(true);
  for (const server of ['a', 'b']) {
    expect(textOf(await callTool(gateway, `${server}__echo`, { text: 'alive' }))).toBe('alive');
  }
  expect(textOf(await session.call('a__echo', { text: 'alive' }))).toBe('alive');
});

/** Whatever was sent: an answer in time, and never one that says the gateway itself went wrong. */
function check(answer: Answer): void {
  expect(answer.status, answer.text).toBeGreaterThanOrEqual(200);
  expect(answer.status, answer.text).toBeLessThan(500);
  if (answer.text !== '' && answer.status !== 202) {
    expect(answer.messages.length, answer.text).toBeGreaterThan(0);
    for (const message of answer.messages) {
      expect(message.jsonrpc).toBe('2.0');
      expect(message.error?.data?.['reason']).not.toBe('internal_error');
    }
  }
}

const METHODS = [
  'initialize',
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'server/discover',
  'ping',
  'logging/setLevel',
  'tools/list',
  'tools/call',
  'prompts/list',
  'prompts/get',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'completion/complete',
  'subscriptions/listen',
];
const NAMES = [
  'a__echo',
  'b__echo',
  'a__structured',
  'greeting',
  'a__greeting',
  'child://note',
  '__',
  'a__',
  '__echo',
];

const json = fc.jsonValue({ maxDepth: 4 });
const oddKey = fc.constantFrom('__proto__', 'constructor', 'toString', 'id', 'jsonrpc', '', '\u0000', '💥');
const odd = fc.oneof(json, fc.dictionary(oddKey, json), fc.constantFrom(1e308, -0, '\ud800', '__proto__'));
const meta = fc.oneof(
  fc.constant(MODERN_META),
  fc.dictionary(
    fc.constantFrom(...Object.keys(MODERN_META), 'progressToken', '__proto__', 'traceparent'),
    odd,
  ),
  odd,
);
const params = fc.oneof(
  fc.record(
    {
      name: fc.oneof(fc.constantFrom(...NAMES), odd),
      uri: fc.oneof(fc.constantFrom(...NAMES), odd),
      arguments: odd,
      cursor: odd,
      level: odd,
      requestId: odd,
      ref: odd,
      argument: odd,
      protocolVersion: odd,
      capabilities: odd,
      clientInfo: odd,
      notifications: odd,
      inputResponses: odd,
      requestState: odd,
      _meta: meta,
    },
    { requiredKeys: [] },
  ),
  odd,
);
const envelope = fc.record(
  {
    jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant('2.0') }, odd),
    id: fc.oneof(fc.integer(), fc.string(), odd),
    method: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...METHODS) }, fc.string(), odd),
    params,
    result: odd,
    error: odd,
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  { weight: 8, arbitrary: envelope.map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: fc.array(envelope, { maxLength: 5 }).map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: json.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.string() },
);
/** What an HTTP header may hold (RFC 9110, 5.5), so that the request leaves the client at all. */
const headerValue = fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]{0,40}[\x21-\x7e])?$/);
const headers = fc.record(
  {
    'mcp-protocol-version': fc.oneof(
      fc.constantFrom('2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2099-01-01'),
      headerValue,
    ),
    'mcp-method': fc.oneof(fc.constantFrom(...METHODS), headerValue),
    'mcp-name': fc.oneof(fc.constantFrom(...NAMES, '=?base64?YQ==?=', '=?base64?!?='), headerValue),
    'mcp-session-id': fc.oneof(fc.constant('OPEN'), headerValue),
    'mcp-param-x': headerValue,
    'last-event-id': headerValue,
  },
  { requiredKeys: [] },
);
const path = fc.constantFrom('/mcp', '/mcp/', '/servers/a/mcp', '/servers/b/mcp', '/servers/x/mcp');

/** `OPEN` stands for the session of this file: fuzz that ended at "no such session" would not get far. */
function withSession(given: Record<string, string>): Record<string, string> {
  return given['mcp-session-id'] === 'OPEN' ? { ...given, 'mcp-session-id': session.id } : given;
}

describe('threat 24 and 27: whatever is sent, the answer is in form', () => {
  it('any body, any headers', async () => {
    await fc.assert(
      fc.asyncProperty(path, headers, body, async (to, given, text) => {
        const options = { path: to, headers: withSession(given), body: text, timeoutMs: PATIENCE_MS };
        check(await send(gateway, options));
      }),
      RUNS,
    );
  });

  it('requests of the modern era that are right but for one part', async () => {
    const part = fc.constantFrom('jsonrpc', 'id', 'method', 'params', 'header');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...METHODS),
        params,
        odd,
        part,
        async (method, given, value, broken) => {
          const object = typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {};
          const message: Record<string, unknown> = {
            jsonrpc: '2.0',
            id: 1,
            method,
            params: { ...object, _meta: MODERN_META },
          };
          if (broken !== 'header') message[broken] = value;
          const answer = await send(gateway, {
            body: JSON.stringify(message),
            headers: {
              'mcp-protocol-version': '2026-07-28',
              ...(broken === 'header' ? {} : { 'mcp-method': method }),
              'mcp-name': 'a__echo',
            },
            timeoutMs: PATIENCE_MS,
          });
          check(answer);
        },
      ),
      RUNS,
    );
  });

  it('requests of an open session', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...METHODS), params, fc.integer(), async (method, given, id) => {
        const message = JSON.stringify({ jsonrpc: '2.0', id, method, params: given });
        check(await send(gateway, { body: message, headers: session.headers, timeoutMs: PATIENCE_MS }));
      }),
      RUNS,
    );
  });

  it('text of any kind comes back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), fc.boolean(), async (text, old) => {
        const name = old ? 'a__echo' : 'b__echo';
        expect(textOf(await callTool(gateway, name, { text }))).toBe(text);
        expect(textOf(await session.call(name, { text }))).toBe(text);
      }),
      { ...RUNS, numRuns: 150 },
    );
  });

  it('JSON of any kind comes back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 6 }), async (value) => {
        const answer = await callTool(gateway, 'a__structured', { value: { value } });
        expect(answer.last.result?.['structuredContent']).toEqual(JSON.parse(JSON.stringify({ value })));
      }),
      { ...RUNS, numRuns: 150 },
    );
  });
});

describe('bytes that are hardly HTTP', () => {
  it('end with an answer of 4xx or a closed connection', async () => {
    const line = fc.oneof(
      fc.constantFrom(
        'Host: 127.0.0.1',
        'Content-Length: 5',
        'Transfer-Encoding: chunked',
        'Authorization: Bearer x',
      ),
      fc.string({ unit: 'binary-ascii', maxLength: 60 }),
    );
    const start = fc.oneof(
      fc.constantFrom(
        'POST /mcp HTTP/1.1',
        'GET /health HTTP/1.0',
        'POST http://evil/ HTTP/1.1',
        'PRI * HTTP/2.0',
      ),
      fc.string({ unit: 'binary-ascii', maxLength: 60 }),
    );
    await fc.assert(
      fc.asyncProperty(start, fc.array(line, { maxLength: 6 }), async (first, lines) => {
        const closing = ['Connection: close', '', 'hello'];
        // What looks like the beginning of a longer request is waited for: a second is enough to see no harm.
        const text = await raw(gateway, [first, ...lines, ...closing].join('\r\n'), 1500).catch(() => '');
        if (text !== '') expect(text).toMatch(/^HTTP\/1\.1 (2|4)\d\d /);
      }),
      { ...RUNS, numRuns: 60 },
    );
  });
});
