import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CLIENTS, connectV2, firstText, type Progress, type TestClient } from '../support/clients.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { eventually, type Program, ROOT, start } from '../support/processes.ts';

/** Servers behind a URL: every transport they may have, in front of every kind of client. */
const FIXTURES = join(ROOT, 'test', 'conformance', 'upstream', 'server.mjs');
const EVERYTHING = join(ROOT, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js');

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts the fixtures of the conformance suites behind a URL. */
async function startFixtures(...args: readonly string[]): Promise<{ program: Program; url: string }> {
  const program = start(process.execPath, [FIXTURES, ...args]);
  const url = await eventually('the server listens', () => /http:\S+/.exec(program.stderr())?.[0]);
  return { program, url };
}

/** Starts the reference server behind a URL. */
async function startEverything(mode: 'streamableHttp' | 'sse', port: number): Promise<Program> {
  const env = { ...process.env, PORT: String(port) };
  const program = start(process.execPath, [EVERYTHING, mode], { env });
  await eventually('the server listens', () => /port \d+/.test(program.stderr()), 20_000);
  return program;
}

const WAYS = [
  { way: 'Streamable HTTP, both eras', args: ['http', '--era', 'both'] },
  { way: 'Streamable HTTP, legacy', args: ['http', '--era', 'legacy'] },
  { way: 'Streamable HTTP, modern', args: ['http', '--era', 'modern'] },
  { way: 'HTTP+SSE', args: ['sse'] },
];
const CELLS = WAYS.flatMap((way) => CLIENTS.map(([name, connect]) => ({ ...way, name, connect })));

describe.each(CELLS)('$name, a server over $way', ({ args, connect }) => {
  let program: Program;
  let gateway: Gateway;
  let client: TestClient;
  beforeAll(async () => {
    const fixtures = await startFixtures(...args);
    program = fixtures.program;
    gateway = await startGateway({ config: { mcpServers: { far: { url: fixtures.url } } } });
    client = await connect(gateway);
  });
  afterAll(async () => {
    await client?.close();
    await gateway?.stop();
    await program?.stop();
  });

  it('lists, calls, gets and reads', async () => {
    expect((await client.tools()).map(({ name }) => name)).toContain('test_simple_text');
    expect(firstText(await client.call('test_simple_text'))).toContain('simple text');
    expect(await client.prompt('test_simple_prompt')).toHaveProperty('messages');
    expect((await client.read('test://static-text')).contents[0]?.text).toBeTruthy();
  });

  it('sees progress', async () => {
    const seen: Progress[] = [];
    await client.call('test_tool_with_progress', {}, { onprogress: (progress) => void seen.push(progress) });
    expect(seen.map(({ progress }) => progress)).toEqual([0, 50, 100]);
  });

  it('gets the log messages of its calls', async () => {
    await client.wantLogs('debug');
    await client.call('test_tool_with_logging');
    await eventually('three messages have come', () => client.logs.length >= 3);
  });
});

describe.each(['streamableHttp', 'sse'] as const)('the reference server over %s', (mode) => {
  it('is found out about and works, also after a restart', async () => {
    const port = await freePort();
    let program = await startEverything(mode, port);
    const url = `http://localhost:${port}/${mode === 'sse' ? 'sse' : 'mcp'}`;
    await using gateway = await startGateway({ config: { mcpServers: { far: { url } } } });
    await using client = await connectV2(gateway, 'modern');
    expect(firstText(await client.call('echo', { message: 'hello' }))).toBe('Echo: hello');
    await program.stop(100);
    program = await startEverything(mode, port);
    onTestFinished(async () => void (await program.stop(100)));
    // Over HTTP+SSE the connection itself was the session, so the end was noticed; the next start may take a moment.
    await eventually('the server is there again', async () => {
      const said = await client.call('echo', { message: 'again' }).catch(() => undefined);
      return said && firstText(said) === 'Echo: again';
    });
  });
});

describe('a login', () => {
  it('of a client stays with the gateway; the server gets its own', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const server = createServer((req, res) => {
      seen.push(req.headers);
      void text(req).then((body) => {
        const { id, method } = JSON.parse(body || '{}') as { id?: number; method?: string };
        const result =
          method === 'server/discover'
            ? { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } }
            : {
                content: [{ type: 'text', text: 'ok' }],
                tools: [{ name: 'a', inputSchema: { type: 'object' } }],
              };
        res.setHeader('content-type', 'application/json');
        res.end(JSON.stringify({ jsonrpc: '2.0', id, result: { resultType: 'complete', ...result } }));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    await using gateway = await startGateway({
      config: { mcpServers: { far: { url, headers: { 'X-Api-Key': '${env:FAR_KEY}' } } } },
      env: { FAR_KEY: 'its-own-key' },
    });
    await using client = await connectV2(gateway, 'modern');
    expect(firstText(await client.call('a'))).toBe('ok');
    expect(gateway.token).toBeTruthy();
    expect(seen.length).toBeGreaterThan(1);
    for (const headers of seen) {
      expect(headers).not.toHaveProperty('authorization');
      expect(headers['x-api-key']).toBe('its-own-key');
      expect(JSON.stringify(headers)).not.toContain(gateway.token);
    }
  });
});
