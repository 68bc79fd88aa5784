import { describe, expect, it } from 'vitest';
import { isStream, readLine } from './line.ts';

const OWN = {
  time: '2026-01-31T09:00:00.250Z',
  client_ip: '203.0.113.7',
  user_id: 'alice',
  user_email: null,
  client_id: 'claude',
  method: 'POST',
  uri: '/mcp',
  status: 200,
  bytes: 512,
  request_time: 0.25,
  user_agent: 'x/1',
};

describe('a line', () => {
  it("of Sallyport's own log is read", () => {
    expect(readLine(JSON.stringify(OWN))).toEqual({
      at: Date.parse(OWN.time),
      address: '203.0.113.7',
      user: 'alice',
      client: 'claude',
      agent: 'x/1',
      method: 'POST',
      path: '/mcp',
      status: 200,
      seconds: 0.25,
      bytes: 512,
    });
  });

  it("of nginx's, whose numbers are text and whose unknown is empty", () => {
    const line = readLine(
      JSON.stringify({
        ...OWN,
        time: '2026-01-31T10:00:00+01:00',
        user_id: '',
        user_agent: '-',
        uri: '/mcp?token=canary',
        status: '429',
        request_time: '0.012',
        bytes: '99',
      }),
    );
    expect(line).toMatchObject({
      at: Date.parse('2026-01-31T09:00:00Z'),
      user: undefined,
      agent: undefined,
      path: '/mcp',
      status: 429,
      seconds: 0.012,
      bytes: 99,
    });
  });

  it('of a proxy that knows the address of the user only', () => {
    const { user_id: _, ...rest } = OWN;
    expect(readLine(JSON.stringify({ ...rest, user_email: 'jane@example.com' }))?.user).toBe(
      'jane@example.com',
    );
  });

  it.each([
    '',
    '{',
    '7',
    'null',
    '[]',
    '{}',
    '{"time":"never","status":200}',
    '{"time":"2026-01-31","status":"x"}',
  ])('%j is none', (text) => {
    expect(readLine(text)).toBeUndefined();
  });

  it.each([
    ['GET', '/mcp', 200, true],
    ['GET', '/servers/a/sse/', 200, true],
    ['GET', '/mcp', 401, false],
    ['POST', '/mcp', 200, false],
    ['GET', '/health', 200, false],
  ])('%s %s %i is a stream: %s', (method, uri, status, stream) => {
    const line = readLine(JSON.stringify({ ...OWN, method, uri, status }));
    expect(line && isStream(line)).toBe(stream);
  });
});
