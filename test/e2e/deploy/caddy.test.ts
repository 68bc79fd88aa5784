import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sallyport } from '../../support/gateway.ts';
import { freePorts } from '../../support/pebble.ts';
import { eventually, type Program, start, temporaryFolder } from '../../support/processes.ts';
import { canConnect } from './front.ts';

const missing = spawnSync('caddy', ['version']).status !== 0;
if (missing) process.stderr.write('\n  SKIPPED: the Caddyfile: caddy is not installed\n\n');

describe.skipIf(missing)('Caddy in front (SKIPPED without caddy)', () => {
  const folder = temporaryFolder();
  const seen: IncomingHttpHeaders[] = [];
  /** The second piece of each answer is sent when this is called. */
  let finish = (): void => {};
  const server = createServer((req, res) => {
    seen.push(req.headers);
    res.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n');
    finish = () => res.end('data: second\n\n');
    if (req.url !== '/mcp') finish();
  });
  let port: number;
  let caddy: Program;

  beforeAll(async () => {
    const [behind = 0, front = 0] = await freePorts(2);
    port = front;
    await new Promise<void>((resolve) => void server.listen(behind, '127.0.0.1', resolve));
    const file = join(folder.path, 'sallyport.json');
    const metrics = { allow: ['192.0.2.7'] };
    writeFileSync(file, JSON.stringify({ publicUrl: 'https://mcp.example.com', metrics, mcpServers: {} }));
    const args = [
      'deploy',
      'caddy',
      '--config',
      file,
      '--out',
      folder.path,
      '--instance',
      `127.0.0.1:${behind}`,
    ];
    expect(await sallyport(args)).toMatchObject({ code: 0 });
    expect(await sallyport([...args, '--check'])).toMatchObject({ code: 0, stdout: 'caddy: ok\n' });
    // Certificates are its own business; here it is asked without.
    const text = readFileSync(join(folder.path, 'Caddyfile'), 'utf8');
    const local = text.replace(/^mcp\.example\.com \{/m, `http://localhost:${port} {\n\tbind 127.0.0.1`);
    const running = join(folder.path, 'Caddyfile.local');
    writeFileSync(running, `{\n\tadmin off\n}\n${local}`);
    const env = { ...process.env, HOME: folder.path };
    caddy = start('caddy', ['run', '--adapter', 'caddyfile', '--config', running], { env });
    await eventually('caddy listens', () => canConnect(port), 20_000);
  });
  afterAll(async () => {
    await caddy?.stop();
    server.closeAllConnections();
    server.close();
    folder.remove();
  });

  function open(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const all = { host: `localhost:${port}`, ...headers };
      request({ host: '127.0.0.1', port, path, headers: all, agent: false }, resolve)
        .on('error', reject)
        .end();
    });
  }

  it('hands on each piece as it comes', async () => {
    const response = await open('/mcp');
    let text = '';
    response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    await eventually('the first piece is there', () => text === 'data: first\n\n');
    finish();
    await eventually('the second piece is there', () => text.endsWith('data: second\n\n'));
  });

  it.each([
    '/mcp/',
    '/servers/a/mcp',
    '/sse',
    '/messages/',
    '/.well-known/x',
    '/oauth2/token',
    '/hello',
    '/health/live',
  ])('passes on %s', async (path) => {
    const { statusCode, headers } = await open(path);
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'x-content-type-options': 'nosniff' });
  });

  it('has nothing else, and /metrics only for whom it is', async () => {
    const before = seen.length;
    for (const path of ['/', '/.git/config', '/metrics', '//metrics', '/mcp/../metrics'])
      expect((await open(path)).statusCode).toBe(404);
    expect(seen).toHaveLength(before);
  });

  it('clears what a client says of who it is and where it comes from', async () => {
    await open('/hello', {
      'x-user-id': 'root',
      'x-user-email': 'root',
      'x-forwarded-user': 'root',
      'remote-user': 'root',
      'x-auth-request-email': 'root',
      'x-forwarded-for': '6.6.6.6',
    });
    const got = seen.at(-1) ?? {};
    expect(JSON.stringify(got)).not.toMatch(/root|6\.6\.6\.6/);
    expect(got['x-forwarded-for']).toBe('127.0.0.1');
  });
});
