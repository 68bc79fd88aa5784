import { Client, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BuiltinOptionsError } from './index.ts';
import { type Served, serveOver } from './stdio.ts';

const ERAS: [string, VersionNegotiationMode][] = [
  ['legacy', 'legacy'],
  ['modern', { pin: '2026-07-28' }],
];

interface Pair {
  client: Client;
  served: Served;
  input: PassThrough;
  output: PassThrough;
}

/** The net server and a client at the two ends of a pair of streams. */
async function pair(mode: VersionNegotiationMode, options: unknown = {}): Promise<Pair> {
  const input = new PassThrough();
  const output = new PassThrough();
  const served = await serveOver('net', options, input, output);
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  // Newline-delimited JSON is the same from either end, so the server's transport serves the client as well.
  await client.connect(new StdioServerTransport(output, input));
  onTestFinished(async () => {
    await client.close();
    await served.close();
  });
  return { client, served, input, output };
}

describe.each(ERAS)('serveOver, %s', (_era, mode) => {
  it('serves a client of this era', async () => {
    const { client } = await pair(mode);
    expect(client.getServerVersion()).toMatchObject({ name: 'net', title: 'Network' });
    expect(client.getInstructions()).toContain('Only public addresses');
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['ping_host', 'check_common_ports', 'fetch_page']);
    const refused = await client.callTool({ name: 'ping_host', arguments: { host: '127.0.0.1' } });
    expect(refused.isError).toBe(true);
  });

  it('serves with the options it was given', async () => {
    const { client } = await pair(mode, { allow: ['127.0.0.1'] });
    const result = await client.callTool({
      name: 'check_common_ports',
      arguments: { host: '127.0.0.1', ports: [1] },
    });
    expect(result.isError).toBeUndefined();
  });

  it('ends with its input', async () => {
    const { served, input } = await pair(mode);
    input.end();
    await served.closed;
  });

  it('ends when it is closed, and with it what a call has open', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as { port: number };
    const { client, served } = await pair(mode, { allow: ['127.0.0.1'] });

    const connected = once(silent, 'connection');
    const call = client.callTool({ name: 'fetch_page', arguments: { host: '127.0.0.1', port } });
    call.catch(() => {});
    const [socket] = await connected;
    const hungUp = once(socket.resume(), 'close');
    await served.close();
    await hungUp;
    await served.closed;
    await client.close();
    await expect(call).rejects.toThrow();
  });
});

describe('serveOver', () => {
  it('refuses wrong options before it reads anything', async () => {
    const input = new PassThrough();
    await expect(serveOver('net', { alow: [] }, input, new PassThrough())).rejects.toBeInstanceOf(
      BuiltinOptionsError,
    );
    expect(input.listenerCount('data')).toBe(0);
  });

  it('tells of junk, and goes on', async () => {
    const input = new PassThrough();
    const errors: Error[] = [];
    const served = await serveOver('net', {}, input, new PassThrough(), (error) => errors.push(error));
    input.write('{"jsonrpc":"2.0"}\n');
    await expect.poll(() => errors.length).toBe(1);
    await served.close();
  });

  it('ends when its output breaks', async () => {
    const { served, output } = await pair('legacy');
    output.destroy(new Error('broken pipe'));
    await served.closed;
  });
});

describe('runOnStdio', () => {
  const url = new URL('stdio.ts', import.meta.url).href;
  const script = `
    import { runOnStdio } from ${JSON.stringify(url)};
    const controller = new AbortController();
    process.once('SIGTERM', () => controller.abort());
    if (process.argv[2] === 'aborted') controller.abort();
    await runOnStdio('net', JSON.parse(process.argv[1]), controller.signal);
    process.stderr.write('ended in order');`;

  function start(
    options: unknown,
    ...more: string[]
  ): { transport: StdioClientTransport; said: () => string } {
    const args = ['--no-warnings', '--input-type=module', '--eval', script, JSON.stringify(options), ...more];
    const transport = new StdioClientTransport({ command: process.execPath, args, stderr: 'pipe' });
    let text = '';
    transport.stderr?.on('data', (chunk) => (text += String(chunk)));
    return { transport, said: () => text };
  }

  it.each(ERAS)(
    'serves a client that started it, and ends with it: %s',
    async (_era, mode) => {
      const { transport, said } = start({ allow: ['127.0.0.1'] });
      const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
      await client.connect(transport);
      const { tools } = await client.listTools();
      expect(tools).toHaveLength(3);
      await client.close();
      await expect.poll(said, { timeout: 15_000 }).toBe('ended in order');
    },
    20_000,
  );

  it('ends on its signal, with its input still open', async () => {
    const { transport, said } = start({});
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(transport);
    const { pid } = transport;
    expect(pid).toBeTypeOf('number');
    process.kill(Number(pid), 'SIGTERM');
    await expect.poll(said, { timeout: 15_000 }).toBe('ended in order');
    await client.close();
  }, 20_000);

  it('does not begin when its signal has aborted before', async () => {
    const { transport, said } = start({}, 'aborted');
    await transport.start();
    await expect.poll(said, { timeout: 15_000 }).toBe('ended in order');
    await transport.close();
  }, 20_000);

  it('says what is wrong with its options', async () => {
    const { transport, said } = start({ alow: [] });
    await transport.start();
    await expect.poll(said, { timeout: 15_000 }).toContain('Unrecognized key: "alow" (it knows: allow)');
    await transport.close();
  }, 20_000);
});
