import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { describe, expect, it } from 'vitest';
import { CLIENTS, firstText } from '../support/clients.ts';
import { environment, sallyport } from '../support/gateway.ts';
import { eventually, type Program, ROOT, SALLYPORT, start, temporaryFolder } from '../support/processes.ts';

const SERVER = `${process.execPath} ${join(ROOT, 'test/conformance/upstream/server.mjs')} stdio`;
const INFO = { name: 'sallyport-tests', version: '1.0.0' };

interface Bridge extends AsyncDisposable {
  readonly origin: string;
  readonly program: Program;
}

async function bridge(...args: readonly string[]): Promise<Bridge> {
  const home = temporaryFolder();
  const program = start(process.execPath, [SALLYPORT, 'bridge', '--port', '0', ...args], {
    env: environment(home, { API_KEY: 'from the environment' }),
  });
  const url = await eventually('the bridge listens', () => /HTTP at (http:\S+)/.exec(program.stderr())?.[1]);
  return {
    origin: new URL(url).origin,
    program,
    async [Symbol.asyncDispose]() {
      await program.stop();
      home.remove();
    },
  };
}

describe('sallyport bridge --stdio', () => {
  it('serves HTTP+SSE where supergateway does', async () => {
    await using served = await bridge('--stdio', SERVER);
    const client = new ClientV1(INFO);
    await client.connect(new SSEClientTransport(new URL(`${served.origin}/sse`)));
    expect(await client.callTool({ name: 'test_simple_text', arguments: {} })).toHaveProperty('content');
    await client.close();
    expect((await served.program.stop()).code).toBe(0);
  });

  it.each(CLIENTS)('serves %s over Streamable HTTP', async (_name, connect) => {
    await using served = await bridge('--stdio', SERVER, '--outputTransport', 'streamableHttp', '--stateful');
    await using client = await connect({ endpoint: `${served.origin}/mcp`, token: undefined });
    expect(firstText(await client.call('test_simple_text'))).toBeTypeOf('string');
    expect(served.program.stderr()).toContain('--stateful changes nothing');
  });

  it('has the paths and health endpoints that were asked for', async () => {
    const paths = ['--ssePath', '/events', '--messagePath', '/in', '--streamableHttpPath', '/rpc'];
    await using served = await bridge('--stdio', SERVER, ...paths, '--healthEndpoint', '/healthz', '/readyz');
    for (const path of ['/healthz', '/readyz']) {
      const answer = await fetch(served.origin + path);
      expect(answer.status).toBe(200);
      await answer.body?.cancel();
    }
    const stream = await fetch(`${served.origin}/events`, { headers: { accept: 'text/event-stream' } });
    const first = await stream.body?.getReader().read();
    expect(Buffer.from(first?.value ?? []).toString()).toMatch(/^event: endpoint\ndata: \/in\?sessionId=/);
  });

  it('gives the command its environment, and reads the line as a shell does', async () => {
    const script = `node -e 'console.error("key is " + process.env.API_KEY)' && ${SERVER}`;
    await using served = await bridge('--stdio', script, '--logLevel', 'info');
    await eventually('it was told', () => served.program.stderr().includes('key is from the environment'));
  });

  it('answers no page of another site', async () => {
    await using served = await bridge('--stdio', SERVER, '--cors');
    const answer = await fetch(`${served.origin}/mcp`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(answer.status).toBe(403);
  });

  it.each([
    [['--stdio', 'x', '--outputTransport', 'ws'], 'on purpose'],
    [['--stdio', 'x', '--cors', '*'], 'not an origin'],
    [['--stdio', 'x', '--baseUrl', 'http://example.com'], 'publicUrl'],
    [[], 'name one of'],
  ])('refuses %j', async (args, reason) => {
    const { code, stderr } = await sallyport(['bridge', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
  });

  it('asks for a token where others can come', async () => {
    await using served = await bridge('--stdio', SERVER, '--host', '0.0.0.0');
    expect(served.program.stderr()).toMatch(/The token is sp_/);
    const answer = await fetch(`http://127.0.0.1:${new URL(served.origin).port}/mcp`, { method: 'POST' });
    expect(answer.status).toBe(401);
  });
});

describe('sallyport bridge --streamableHttp and --sse', () => {
  it.each([
    ['--streamableHttp', '/mcp'],
    ['--sse', '/sse'],
  ])('%s puts a remote server on stdio', async (option, path) => {
    await using served = await bridge('--stdio', SERVER);
    using home = temporaryFolder();
    const client = new Client(INFO, { versionNegotiation: { mode: 'auto' } });
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [SALLYPORT, 'bridge', option, served.origin + path],
        env: environment(home) as Record<string, string>,
      }),
    );
    const result = await client.callTool({ name: 'test_simple_text', arguments: {} });
    expect(result).toHaveProperty('content');
    await client.close();
  });
});
