import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { child, type Gateway, startGateway } from '../support/gateway.ts';
import { callTool, textOf } from '../support/http.ts';

/** The order of the limits is what counts; their length is set short here, so that a test need not take a minute. */
const HEADERS_MS = 1000;
const BODY_MS = 1500;

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({
    config: {
      mcpServers: { child: child() },
      timeouts: { headers: `${HEADERS_MS}ms`, body: `${BODY_MS}ms` },
    },
  });
});
afterAll(() => gateway?.stop());

interface Trickle {
  text: string;
  /** Milliseconds until the gateway closed the connection. */
  closedAfter: number;
}

/** Sends a start, then a byte now and then, for as long as it is let. */
function trickle(start: string, byte: string, everyMs: number, forMs: number): Promise<Trickle> {
  return new Promise((resolve, reject) => {
    const from = performance.now();
    let text = '';
    const socket: Socket = connect(gateway.port, '127.0.0.1', () => socket.write(start));
    const drip = setInterval(() => socket.write(byte), everyMs);
    const limit = setTimeout(() => {
      clearInterval(drip);
      socket.destroy();
      reject(new Error(`the connection was still open after ${forMs} ms`));
    }, forMs);
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(drip);
      clearTimeout(limit);
      resolve({ text, closedAfter: performance.now() - from });
    });
  });
}

describe('threat 25: clients that take their time', () => {
  it('a header that never ends is cut off', async () => {
    const start = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${gateway.port}\r\nX-Slow: `;
    const { text, closedAfter } = await trickle(start, 'a', 200, 20_000);
    expect(closedAfter).toBeGreaterThan(HEADERS_MS * 0.8);
    if (text !== '') expect(text).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('a body that never ends is cut off', async () => {
    const start =
      `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${gateway.port}\r\nAuthorization: Bearer ${gateway.token}\r\n` +
      'Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n' +
      'Content-Length: 100000\r\n\r\n{"jsonrpc":';
    const { text, closedAfter } = await trickle(start, ' ', 200, 20_000);
    expect(closedAfter).toBeGreaterThan(BODY_MS * 0.8);
    if (text !== '') expect(text).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('a hundred of them keep nobody waiting', async () => {
    const slow = Array.from({ length: 100 }, () => {
      const socket = connect(gateway.port, '127.0.0.1', () => socket.write('POST /mcp HTTP/1.1\r\nHost: '));
      socket.on('error', () => {});
      return socket;
    });
    const from = performance.now();
    expect(textOf(await callTool(gateway, 'echo', { text: 'quick' }))).toBe('quick');
    expect(performance.now() - from).toBeLessThan(2000);
    for (const socket of slow) socket.destroy();
  });

  it('a client that does not read its answer keeps nobody waiting', async () => {
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: {
        name: 'big',
        arguments: { bytes: 20_000_000 },
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    });
    const socket = connect(gateway.port, '127.0.0.1', () => {
      socket.pause();
      socket.write(
        `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${gateway.port}\r\nAuthorization: Bearer ${gateway.token}\r\n` +
          'Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n' +
          'MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: big\r\n' +
          `Content-Length: ${body.length}\r\n\r\n${body}`,
      );
    });
    socket.on('error', () => {});
    await new Promise((settle) => setTimeout(settle, 500));
    for (let call = 0; call < 20; call += 1) {
      expect(textOf(await callTool(gateway, 'echo', { text: `call ${call}` }))).toBe(`call ${call}`);
    }
    socket.destroy();
    expect(textOf(await callTool(gateway, 'echo', { text: 'after' }))).toBe('after');
  });
});
