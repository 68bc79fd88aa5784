import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Message } from './http.ts';

/** What a server behind HTTP was sent. */
export interface Recorded {
  readonly headers: IncomingHttpHeaders;
  readonly message: Message;
}

/** A server behind HTTP that answers every tool alike and keeps what it was sent. */
export interface RecordingServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: Recorded[];
  /** The request of this method that came last. */
  last(method: string): Recorded | undefined;
}

const TOOLS = { tools: [{ name: 'a', inputSchema: { type: 'object' } }] };

/** Opens one on a free port of loopback. */
export async function recordingServer(era: 'modern' | 'legacy'): Promise<RecordingServer> {
  const requests: Recorded[] = [];
  const resultOf = ({ method }: Message): Record<string, unknown> | undefined => {
    if (method === 'tools/list') return TOOLS;
    if (method === 'tools/call') return { content: [{ type: 'text', text: 'ok' }] };
    if (method === 'server/discover' && era === 'modern')
      return { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } };
    if (method === 'initialize' && era === 'legacy')
      return {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'recorder', version: '1' },
      };
    return undefined;
  };
  const server = createServer((req, res) => {
    void text(req).then((body): unknown => {
      if (req.method !== 'POST') return res.writeHead(405).end();
      const message = JSON.parse(body) as Message;
      requests.push({ headers: req.headers, message });
      if (message.id === undefined) return res.writeHead(202).end();
      const result = resultOf(message);
      const said = result
        ? { result: era === 'modern' ? { resultType: 'complete', ...result } : result }
        : { error: { code: -32601, message: 'no such method' } };
      res.setHeader('content-type', 'application/json');
      return res.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...said }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    requests,
    last: (method) => requests.findLast(({ message }) => message.method === method),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
