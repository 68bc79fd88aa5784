import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { recordingTerminal, type RecordingTerminal } from '../../../test/support/terminal.ts';
import { main } from '../main.ts';

const TOKEN = 'sp_test';
const WHERE = z.object({ host: z.string().describe('Whom to greet'), times: z.number().optional() });

/** A server of the official SDK with a tool for each way a call may go. */
function testServer(): McpServer {
  const server = new McpServer({ name: 'test', version: '1' }, { capabilities: { logging: {} } });
  server.registerTool(
    'greet',
    { description: 'Greets. Politely.', inputSchema: WHERE },
    async ({ host }, ctx) => {
      await ctx.mcpReq.log('info', `greeting ${host}`);
      const { _meta: meta } = ctx.mcpReq;
      const progressToken = meta?.progressToken;
      if (progressToken !== undefined) {
        const params = { progressToken, progress: 1, total: 2, message: 'half way' };
        await ctx.mcpReq.notify({ method: 'notifications/progress', params });
      }
      return { content: [{ type: 'text', text: `hello ${host}` }], structuredContent: { host } };
    },
  );
  server.registerTool('fail', { description: 'Fails.' }, () => ({
    content: [{ type: 'text', text: 'the disk is full' }],
    isError: true,
  }));
  server.registerTool('ring', { description: 'Rings.' }, () => ({
    content: [{ type: 'text', text: 'bell\u0007' }],
  }));
  server.registerTool('sleep', { description: 'Never answers.' }, () => new Promise(() => {}));
  return server;
}

interface Endpoint {
  url: string;
  server: Server;
}

async function listen(server: Server): Promise<Endpoint> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, server };
}

type Handle = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

const guarded = (handle: Handle): Server =>
  createServer((req, res) => {
    if (req.headers.authorization === `Bearer ${TOKEN}`) void handle(req, res);
    else res.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
  });

let modern: Endpoint;
let legacy: Endpoint;
beforeAll(async () => {
  const handler = toNodeHandler(createMcpHandler(testServer, { legacy: 'reject' }));
  modern = await listen(guarded(handler));

  let session: NodeStreamableHTTPServerTransport | undefined;
  legacy = await listen(
    guarded(async (req, res) => {
      // One client at a time, each with a session of its own, as the 2025 servers of the SDK are written.
      if (req.headers['mcp-session-id'] === undefined) {
        session = new NodeStreamableHTTPServerTransport({ sessionIdGenerator: () => crypto.randomUUID() });
        await testServer().connect(session);
      }
      await session?.handleRequest(req, res);
    }),
  );
});
afterAll(() => {
  for (const { server } of [modern, legacy]) {
    server.closeAllConnections();
    server.close();
  }
});

interface Ran {
  code: number;
  out: string;
  err: string;
}

async function run(argv: string[], terminal: RecordingTerminal = recordingTerminal()): Promise<Ran> {
  const code = await main(argv, terminal);
  return { code, out: terminal.out(), err: terminal.err() };
}

describe.each([
  ['2026-07-28', () => modern.url],
  ['2025-11-25', () => legacy.url],
])('against a server of %s', (_version, url) => {
  const at = (): string[] => ['--url', url(), '--token', TOKEN];

  it('lists the tools', async () => {
    const { code, out, err } = await run(['tools', ...at()]);
    expect(out).toBe('greet\tGreets. Politely.\nfail\tFails.\nring\tRings.\nsleep\tNever answers.\n');
    expect(err).toBe('');
    expect(code).toBe(0);
  });

  it('lists them as the server describes them', async () => {
    const { out } = await run(['tools', ...at(), '--json']);
    const { tools } = JSON.parse(out);
    expect(tools[0]).toMatchObject({ name: 'greet', inputSchema: { required: ['host'] } });
    expect(tools).toHaveLength(4);
  });

  it('calls a tool: the answer on stdout, progress and logs on stderr', async () => {
    const { code, out, err } = await run(['call', 'greet', '{"host":"ann"}', ...at()]);
    expect(out).toBe('hello ann\n');
    expect(err.split('\n').filter(Boolean).sort()).toEqual(['1/2 half way', 'info: greeting ann']);
    expect(code).toBe(0);
  });

  it('reads the arguments from stdin', async () => {
    const terminal = recordingTerminal({ stdin: '{"host":\n"ben"}\n' });
    await expect(run(['call', 'greet', '-', ...at()], terminal)).resolves.toMatchObject({
      out: 'hello ben\n',
    });
  });

  it('prints the whole result as JSON', async () => {
    const { out } = await run(['call', 'greet', '{"host":"ann"}', ...at(), '--json']);
    expect(JSON.parse(out)).toMatchObject({
      content: [{ type: 'text', text: 'hello ann' }],
      structuredContent: { host: 'ann' },
    });
  });

  it('ends with 1 where the tool says it failed, its words on stderr', async () => {
    await expect(run(['call', 'fail', ...at()])).resolves.toEqual({
      code: 1,
      out: '',
      err: 'error: fail failed\nthe disk is full\n',
    });
    const { code, out } = await run(['call', 'fail', ...at(), '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ isError: true });
  });

  it('shows what a tool takes where the arguments are not JSON', async () => {
    const { code, out, err } = await run(['call', 'greet', '{host: ann}', ...at()]);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain('error: the arguments are not JSON: ');
    expect(err).toContain('host   string, required: Whom to greet');
    expect(err).toContain(`sallyport call greet '{"host":"…"}'`);
  });

  it('refuses JSON that is no object', async () => {
    const { code, err } = await run(['call', 'greet', '["ann"]', ...at()]);
    expect(code).toBe(2);
    expect(err).toContain('an object is wanted');
  });

  it('tells which tool was meant', async () => {
    const { code, err } = await run(['call', 'gret', ...at()]);
    expect(code).toBe(1);
    expect(err).toContain('did you mean greet?');
  });

  it('has the JSON-RPC error for programs', async () => {
    const { code, out } = await run(['call', 'gret', ...at(), '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ error: { code: -32602, message: expect.any(String) } });
  });

  it('rings no bell at a terminal, and passes it on in a pipe', async () => {
    const terminal = recordingTerminal({ tty: true });
    await expect(run(['call', 'ring', ...at()], terminal)).resolves.toMatchObject({ out: 'bell\\u0007\n' });
    await expect(run(['call', 'ring', ...at()])).resolves.toMatchObject({ out: 'bell\u0007\n' });
  });

  it('gives up after --timeout', async () => {
    const { code, err } = await run(['call', 'sleep', ...at(), '--timeout', '0.2']);
    expect(err).toContain('did not answer within 0.2 seconds');
    expect(code).toBe(1);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('is cut off by %s with %i', async (signal, expected) => {
    setTimeout(() => process.emit(signal, signal), 200);
    const { code, err } = await run(['call', 'sleep', ...at()]);
    expect({ code, err }).toEqual({ code: expected, err: 'error: interrupted\n' });
  });

  it('ends with 4 where the token is missing or wrong', async () => {
    const missing = await run(['tools', '--url', url()]);
    expect(missing).toMatchObject({ code: 4, out: '' });
    expect(missing.err).toContain('wants a token');
    const wrong = await run(['tools', '--url', url(), '--token', 'sp_wrong']);
    expect(wrong.code).toBe(4);
    expect(wrong.err).toContain('does not take this token');
    expect(wrong.err).not.toContain('sp_wrong');
  });

  it('takes the token from the environment', async () => {
    const terminal = recordingTerminal({ env: { SALLYPORT_TOKEN: TOKEN } });
    await expect(run(['tools', '--url', url()], terminal)).resolves.toMatchObject({ code: 0 });
  });
});

/** Says that it is a server of 2026-07-28, and breaks at every call. */
const breakAtCalls: Handle = async (req, res) => {
  const { id, method } = (await json(req)) as { id: number; method: string };
  const discovered = { supportedVersions: ['2026-07-28'], capabilities: { tools: {} }, ttlMs: 0 };
  const result = { resultType: 'complete', cacheScope: 'private', ...discovered };
  const error = {
    code: -32603,
    message: 'it printed:\nno\u0007 database',
    data: { reason: 'server_exited' },
  };
  res.writeHead(200, { 'content-type': 'application/json' });
  res.end(JSON.stringify({ jsonrpc: '2.0', id, ...(method === 'server/discover' ? { result } : { error }) }));
};

describe('where the server answers with an error', () => {
  const breaking = createServer((req, res) => void breakAtCalls(req, res));
  afterAll(() => breaking.close());

  it('takes it for that, not for a mistake of ours', async () => {
    const { url } = await listen(breaking);
    const { code, err } = await run(['call', 'x', '--url', url]);
    expect({ code, err }).toEqual({ code: 1, err: 'error: it printed:\nno\\u0007 database\n' });
    const { out } = await run(['call', 'x', '--url', url, '--json']);
    expect(JSON.parse(out)).toMatchObject({ error: { code: -32603, data: { reason: 'server_exited' } } });
  });
});

describe('where there is no MCP server', () => {
  it('ends with 5 where nothing listens', async () => {
    const gone = await listen(createServer());
    gone.server.close();
    const { code, err } = await run(['tools', '--url', gone.url]);
    expect(code).toBe(5);
    expect(err).toContain(`nothing answers at ${gone.url} (ECONNREFUSED)`);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('ends with 5 at a port that fetch does not use', async () => {
    await expect(run(['tools', '--url', 'http://127.0.0.1:9/mcp'])).resolves.toMatchObject({
      code: 5,
      err: expect.stringContaining('nothing answers at http://127.0.0.1:9/mcp (bad port)'),
    });
  });

  it.each([200, 404, 500])('ends with 5 where a web page answers with %i', async (status) => {
    const page = await listen(
      createServer((_req, res) => res.writeHead(status, { 'content-type': 'text/html' }).end('<p>hello')),
    );
    const { code, err, out } = await run(['call', 'greet', '--url', page.url, '--json']);
    page.server.close();
    expect(code).toBe(5);
    expect(err).toContain('does not answer as an MCP server');
    expect(JSON.parse(out)).toEqual({ error: { message: expect.stringContaining(page.url) } });
  });

  it('ends with 4 where the host is not allowed', async () => {
    const closed = await listen(createServer((_req, res) => res.writeHead(403).end()));
    const { code, err } = await run(['tools', '--url', closed.url]);
    closed.server.close();
    expect(code).toBe(4);
    expect(err).toContain('allowedHosts');
  });
});
