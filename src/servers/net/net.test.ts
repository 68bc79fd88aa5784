import { type CallToolResult, Client, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { serveOver } from '../stdio.ts';

const ERAS: [string, VersionNegotiationMode][] = [
  ['legacy', 'legacy'],
  ['modern', { pin: '2026-07-28' }],
];
/** A busy machine takes its time to start a shell. */
const SOON = { timeout: 4000 };
const LOOPBACK = { allow: ['127.0.0.0/8'] };

async function connected(
  options: unknown = LOOPBACK,
  mode: VersionNegotiationMode = 'legacy',
): Promise<Client> {
  const input = new PassThrough();
  const output = new PassThrough();
  const served = await serveOver('net', options, input, output);
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StdioServerTransport(output, input));
  onTestFinished(async () => {
    await client.close();
    await served.close();
  });
  return client;
}

async function website(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as { port: number }).port;
}

/** A port of this machine at which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Makes this the `ping` of this process; answers the folder it is in. */
function fakePing(script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-net-'));
  writeFileSync(join(folder, 'ping'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'ping'), 0o755);
  vi.stubEnv('PATH', `${folder}:/bin:/usr/bin`);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

function textOf({ content }: CallToolResult): string {
  const [first] = content;
  return first?.type === 'text' ? first.text : '';
}

describe.each(ERAS)('the net server, %s', (_era, mode) => {
  it('says of every tool what it takes, what it answers and that it changes nothing', async () => {
    const client = await connected({}, mode);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['ping_host', 'check_common_ports', 'fetch_page']);
    for (const tool of tools) {
      expect(tool.title).toBeTypeOf('string');
      expect(tool.description).toMatch(/\.$/);
      expect(tool.inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
      expect(tool.outputSchema).toMatchObject({ type: 'object' });
      expect(tool.annotations).toEqual({
        title: tool.title,
        readOnlyHint: true,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: true,
      });
    }
  });

  // The client holds every structuredContent against the outputSchema it was told.
  it('ping_host: by whichever way this machine has', async () => {
    const client = await connected(LOOPBACK, mode);
    const result = await client.callTool({ name: 'ping_host', arguments: { host: '127.0.0.1', count: 1 } });
    expect(result.isError).toBeUndefined();
    expect(result.structuredContent).toMatchObject({
      host: '127.0.0.1',
      addresses: ['127.0.0.1'],
      method: expect.stringMatching(/^(?:icmp|tcp)$/) as string,
      sent: 1,
      received: 1,
      loss_percent: 0,
    });
    expect(JSON.parse(textOf(result))).toEqual(result.structuredContent);
  });

  it('check_common_ports: the state of each', async () => {
    const open = await website((_req, res) => res.end());
    const closed = await closedPort();
    const client = await connected(LOOPBACK, mode);
    const result = await client.callTool({
      name: 'check_common_ports',
      arguments: { host: '127.0.0.1', ports: [open, closed, open] },
    });
    expect(result.structuredContent).toMatchObject({
      host: '127.0.0.1',
      addresses: ['127.0.0.1'],
      open: [open],
      ports: [
        { port: open, state: 'open' },
        { port: closed, state: 'closed' },
      ],
    });
    expect(JSON.parse(textOf(result))).toEqual(result.structuredContent);
  });

  it('fetch_page: the text of the page', async () => {
    const port = await website((_req, res) =>
      res.writeHead(200, { 'content-type': 'text/html' }).end(`<title>T</title><p>${'x'.repeat(300)}`),
    );
    const client = await connected(LOOPBACK, mode);
    const result = await client.callTool({
      name: 'fetch_page',
      arguments: { host: '127.0.0.1', port, path: '/a?b', max_chars: 100 },
    });
    const note = 'Only the first 100 of 300 characters are here: ask for more with max_chars.';
    expect(result.structuredContent).toEqual({
      url: `http://127.0.0.1:${port}/a?b`,
      redirects: [],
      status: 200,
      content_type: 'text/html',
      title: 'T',
      text: 'x'.repeat(100),
      total_chars: 300,
      truncated: true,
      note,
    });
    expect(textOf(result)).toBe(
      `200 text/html http://127.0.0.1:${port}/a?b\nTitle: T\n\n${'x'.repeat(100)}\n\n[${note}]`,
    );
  });

  it('what goes wrong is a result that says what to do', async () => {
    const client = await connected({}, mode);
    for (const name of ['ping_host', 'check_common_ports', 'fetch_page']) {
      const result = await client.callTool({ name, arguments: { host: '10.0.0.1' } });
      expect(result).toMatchObject({ isError: true });
      expect(textOf(result)).toContain('add "10.0.0.0/8" to "allow"');
      expect(result.structuredContent).toBeUndefined();
    }
  });

  it('ends a call that was cancelled', async () => {
    const sockets: Socket[] = [];
    const silent = createTcpServer((socket) => sockets.push(socket.resume())).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as { port: number };
    const client = await connected(LOOPBACK, mode);
    const controller = new AbortController();
    const call = client.callTool(
      { name: 'fetch_page', arguments: { host: '127.0.0.1', port } },
      { signal: controller.signal },
    );
    call.catch(() => {});
    await expect.poll(() => sockets.length, SOON).toBe(1);
    controller.abort();
    await expect(call).rejects.toThrow();
    await expect.poll(() => sockets[0]?.closed, SOON).toBe(true);
  });

  it('ends the ping of a call that was cancelled', async () => {
    const folder = fakePing(
      `trap '' INT TERM; echo $$ > "$(dirname "$0")/pid"; while :; do sleep 0.05; done`,
    );
    const file = join(folder, 'pid');
    const client = await connected(LOOPBACK, mode);
    const controller = new AbortController();
    const call = client.callTool(
      { name: 'ping_host', arguments: { host: '127.0.0.1' } },
      { signal: controller.signal },
    );
    call.catch(() => {});
    await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8'), SOON).toMatch(/\d+\n/);
    const pid = Number(readFileSync(file, 'utf8'));
    controller.abort();
    await expect(call).rejects.toThrow();
    await expect.poll(() => isAlive(pid), SOON).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('ping_host', () => {
  it('says by which way it went', async () => {
    fakePing(`echo '4 packets transmitted, 3 packets received, 25% packet loss
round-trip min/avg/max = 1.5/2.5/3.5 ms'`);
    const client = await connected();
    const result = await client.callTool({ name: 'ping_host', arguments: { host: '127.0.0.1' } });
    expect(result.structuredContent).toEqual({
      host: '127.0.0.1',
      addresses: ['127.0.0.1'],
      method: 'icmp',
      tcp_port: null,
      sent: 4,
      received: 3,
      loss_percent: 25,
      min_ms: 1.5,
      avg_ms: 2.5,
      max_ms: 3.5,
      note: null,
    });
  });

  it('times connections where there is no ICMP, and says why', async () => {
    fakePing('echo "ping: socket: Operation not permitted" >&2; exit 2');
    const client = await connected();
    const result = await client.callTool({ name: 'ping_host', arguments: { host: '127.44.5.6', count: 3 } });
    expect(result.structuredContent).toMatchObject({
      method: 'tcp',
      tcp_port: 443,
      sent: 3,
      received: 3,
      note: 'ICMP was not to be had (ping said: ping: socket: Operation not permitted), so TCP connections were timed.',
    });
  });

  it('pings the address that was checked, whatever the host was called', async () => {
    const folder = fakePing(`echo "$*" >> "$(dirname "$0")/args"; echo '1 packets transmitted, 1 received'`);
    const client = await connected({ allow: ['localhost', '127.0.0.0/8'] });
    for (const host of ['localhost', '0x7f.1', '①②⑦.0.0.1', '127.0.0.1.']) {
      await client.callTool({ name: 'ping_host', arguments: { host, count: 1 } });
    }
    const lines = readFileSync(join(folder, 'args'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(line).toMatch(/^-n -c 1 -- (?:127\.0\.0\.1|::1)$/);
  });
});

/** Hosts that a shell, an option parser or a careless URL would make something of. */
const INJECTIONS = [
  ';id',
  '127.0.0.1;id',
  '$(id)',
  '`id`',
  '127.0.0.1|id',
  '127.0.0.1&id',
  '127.0.0.1 && id',
  '127.0.0.1\nid',
  '127.0.0.1\u0000',
  '-f',
  '-f 127.0.0.1',
  '--help',
  '-c1000000',
  "'; id; '",
  '"$(id)"',
  '${IFS}',
  '127.0.0.1 -f',
  '../../etc/passwd',
  '127.0.0.1/../x',
  'x@127.0.0.1',
  '127.0.0.1#',
  '127.0.0.1?',
  '%0aid',
  '\\\\127.0.0.1\\share',
  'a'.repeat(10_000),
  '',
];

describe.each(['ping_host', 'check_common_ports', 'fetch_page'])('%s and hosts that are none', (name) => {
  it.each(INJECTIONS)('refuses %j without touching anything', async (host) => {
    const folder = fakePing('touch "$(dirname "$0")/pinged"');
    const client = await connected({ allow: ['0.0.0.0/0', '::/0'] });
    const result = await client.callTool({ name, arguments: { host } });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain('is not a host');
    expect(textOf(result).length).toBeLessThan(300);
    expect(existsSync(join(folder, 'pinged'))).toBe(false);
  });
});

describe.each(['ping_host', 'check_common_ports', 'fetch_page'])('%s and addresses in disguise', (name) => {
  it.each([
    '127.0.0.1',
    'localhost',
    '2130706433',
    '0x7f000001',
    '017700000001',
    '127.1',
    '0',
    '１２７.0.0.1',
    '%31%32%37.0.0.1',
    '[::1]',
    '::ffff:127.0.0.1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '169.254.169.254',
  ])('refuses %s', async (host) => {
    const client = await connected({});
    const result = await client.callTool({ name, arguments: { host } });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toMatch(/leads to an address that is not public .*, add "/);
  });
});

describe('arguments', () => {
  it.each([
    ['ping_host', { host: '127.0.0.1', count: 0 }],
    ['ping_host', { host: '127.0.0.1', count: 11 }],
    ['ping_host', { host: '127.0.0.1', count: 1.5 }],
    ['ping_host', { host: '127.0.0.1', count: '1' }],
    ['ping_host', { host: '127.0.0.1', timeout_ms: 60_000 }],
    ['ping_host', { host: ['127.0.0.1'] }],
    ['ping_host', { host: '127.0.0.1', flood: true }],
    ['ping_host', {}],
    ['check_common_ports', { host: '127.0.0.1', ports: [] }],
    ['check_common_ports', { host: '127.0.0.1', ports: [0] }],
    ['check_common_ports', { host: '127.0.0.1', ports: [65_536] }],
    ['check_common_ports', { host: '127.0.0.1', ports: Array.from({ length: 33 }, (_, index) => index + 1) }],
    ['fetch_page', { host: '127.0.0.1', max_chars: 1_000_000_000 }],
    ['fetch_page', { host: '127.0.0.1', scheme: 'file' }],
    ['fetch_page', {}],
    ['fetch_page', { url: 'file:///etc/passwd' }],
    ['fetch_page', { url: 'https://example.com', host: 'example.com' }],
  ])('%s refuses %j', async (name, args) => {
    const client = await connected();
    const result = await client.callTool({ name, arguments: args });
    expect(result.isError).toBe(true);
    expect(textOf(result).length).toBeGreaterThan(10);
  });

  it('check_common_ports looks at the common ports unless told otherwise', async () => {
    const client = await connected();
    const result = await client.callTool({ name: 'check_common_ports', arguments: { host: '127.77.1.2' } });
    expect(result.structuredContent).toMatchObject({
      ports: [22, 80, 443, 3000, 5000, 8000].map((port) => ({ port })),
    });
  });
});
