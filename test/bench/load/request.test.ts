import { describe, expect, it } from 'vitest';

import { Digits } from './digits.ts';
import { CallRequest, post, sessionHeaders, type Call, type Endpoint } from './request.ts';

const ENDPOINT: Endpoint = {
  host: '127.0.0.1',
  port: 8080,
  path: '/mcp',
  headers: ['authorization: Bearer t'],
};

interface Sent {
  lines: string[];
  body: { id: number; method: string; params: Record<string, unknown> };
}

function read(bytes: Buffer): Sent {
  const [head = '', body = ''] = bytes.toString().split('\r\n\r\n');
  const lines = head.split('\r\n');
  expect(lines).toContain(`content-length: ${Buffer.byteLength(body)}`);
  return { lines, body: JSON.parse(body) as Sent['body'] };
}

function request(call: Call, digits: Digits, client = 7): CallRequest {
  return new CallRequest(ENDPOINT, call, client, digits, sessionHeaders('s1'));
}

describe('post', () => {
  it('counts bytes, not characters', () => {
    read(post(ENDPOINT, { text: 'é€😀' }));
  });
});

describe('CallRequest', () => {
  it('carries id, canary, session and credentials', () => {
    const digits = new Digits();
    const { lines, body } = read(request({ era: 'legacy', tool: 'echo', bytes: 40 }, digits).with(digits));
    expect(lines[0]).toBe('POST /mcp HTTP/1.1');
    expect(lines).toContain('authorization: Bearer t');
    expect(lines).toContain('mcp-session-id: s1');
    expect(lines).toContain('mcp-protocol-version: 2025-11-25');
    expect(body).toEqual({
      jsonrpc: '2.0',
      id: 1_000_000_000,
      method: 'tools/call',
      params: { name: 'echo', arguments: { text: `c00007-1000000000${'.'.repeat(23)}` } },
    });
  });

  it('changes id and canary with the digits, and expects the canary back', () => {
    const digits = new Digits();
    const call = request({ era: 'legacy', tool: 'echo', bytes: 100 }, digits);
    const length = call.with(digits).length;
    for (let i = 0; i < 15; i += 1) digits.increment();
    const bytes = call.with(digits);
    const { id, params } = read(bytes).body;
    const text = (params['arguments'] as { text: string }).text;
    expect(bytes.length).toBe(length);
    expect(id).toBe(1_000_000_015);
    expect(text).toContain('c00007-1000000015');
    expect(text).toHaveLength(100);
    expect(call.expectedText(digits)).toBe(text);
  });

  it('has the same ids but another canary on another connection', () => {
    const digits = new Digits();
    const call: Call = { era: 'legacy', tool: 'echo', bytes: 100 };
    const [one, two] = [request(call, digits, 1), request(call, digits, 2)];
    expect(read(one.with(digits)).body.id).toBe(read(two.with(digits)).body.id);
    expect(one.expectedText(digits)).not.toBe(two.expectedText(digits));
  });

  it('is stateless in the modern era: headers that equal the body, no session', () => {
    const digits = new Digits();
    const { lines, body } = read(request({ era: 'modern', tool: 'blob', bytes: 5000 }, digits).with(digits));
    expect(lines).toEqual(
      expect.arrayContaining([
        'mcp-protocol-version: 2026-07-28',
        'mcp-method: tools/call',
        'mcp-name: blob',
      ]),
    );
    expect(lines.some((line) => line.startsWith('mcp-session-id'))).toBe(false);
    expect(body.params).toMatchObject({
      name: 'blob',
      arguments: { size: 5000 },
      _meta: {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientCapabilities': {},
      },
    });
  });
});
