import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { logFormat } from '../../src/deploy/nginx/log.ts';
import { freePort } from '../bench/free-port.ts';
import { child, environment, sallyport, startGateway } from '../support/gateway.ts';
import { callTool, send } from '../support/http.ts';
import { eventually, SALLYPORT, start, temporaryFolder } from '../support/processes.ts';

const NGINX = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/bin/nginx'].find((path) => {
  try {
    execFileSync(path, ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});
if (NGINX === undefined) console.error('nginx is not installed: reading its log is SKIPPED');

type Row = Readonly<Record<string, unknown>>;

/** What a command says of a log. */
async function ask(file: string, ...words: string[]): Promise<Record<string, Row[]>> {
  const { code, stdout, stderr } = await sallyport(['access', ...words, '--file', file, '--json']);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Record<string, Row[]>;
}

describe('the access log of a gateway', () => {
  it('answers who came, what was refused, and what was slow; by the config, and when it was rotated', async () => {
    await using gateway = await startGateway({
      config: { mcpServers: { child: child() }, accessLog: { file: 'access.jsonl' } },
    });
    const file = join(gateway.home, 'access.jsonl');
    await callTool(gateway, 'echo', { text: 'x' });
    await callTool(gateway, 'echo', { text: 'x', delayMs: 1200 }, { path: '/servers/child/mcp' });
    for (let i = 0; i < 3; i++) await send({ ...gateway, token: 'wrong' }, { body: '{}' });
    await send(gateway, { method: 'GET', path: '/nothing?token=canary' });
    const lines = (): number => readFileSync(file, 'utf8').split('\n').length - 1;
    await eventually('the log is written', () => lines() === 6);
    expect((await ask(file, 'top', 'status'))['top']).toContainEqual({ value: '401', count: 3 });
    expect((await ask(file, 'errors'))['errors']).toEqual([
      { status: 401, value: '/mcp', count: 3 },
      { status: 404, value: '/nothing', count: 1 },
    ]);
    expect((await ask(file, 'slow'))['slow']).toMatchObject([{ value: '/servers/child/mcp', count: 1 }]);
    writeFileSync(`${file}.2.gz`, gzipSync(readFileSync(file)));
    renameSync(file, `${file}.1`);
    writeFileSync(file, '');
    const byConfig = await sallyport(['access', 'top', 'status', '--json', '-c', gateway.configFile]);
    expect(JSON.parse(byConfig.stdout)).toMatchObject({ top: [{ value: '401', count: 6 }, {}, {}] });
    expect(byConfig.stdout).not.toContain('canary');
  });

  it('is followed', async () => {
    await using gateway = await startGateway({
      config: { mcpServers: { child: child() }, accessLog: { file: 'access.jsonl' } },
    });
    await callTool(gateway, 'echo');
    using folder = temporaryFolder();
    const args = [SALLYPORT, 'access', 'tail', '-f', '-n', '1', '--json', '-c', gateway.configFile];
    const tail = start(process.execPath, args, { env: environment(folder) });
    await eventually('the last line is shown', () => tail.stdout().includes('"path":"/mcp"'));
    await eventually('a new line is shown', async () => {
      await send(gateway, { method: 'GET', path: '/new' });
      return tail.stdout().includes('"path":"/new"');
    });
    expect(await tail.stop()).toMatchObject({ code: 0 });
  });
});

describe.skipIf(NGINX === undefined)(
  "nginx's log, in the format that sallyport deploy writes (SKIPPED without nginx)",
  () => {
    it('is read like ours', async () => {
      const folder = temporaryFolder();
      const port = await freePort();
      const file = join(folder.path, 'access.json');
      mkdirSync(join(folder.path, 'logs'));
      const at = folder.path;
      writeFileSync(
        join(at, 'nginx.conf'),
        `daemon off; master_process off; pid ${at}/nginx.pid; error_log stderr;
      events {}
      http {
        ${logFormat('$remote_user').join('\n')}
        access_log ${file} sallyport;
        client_body_temp_path ${at}; proxy_temp_path ${at}; fastcgi_temp_path ${at}; uwsgi_temp_path ${at};
        scgi_temp_path ${at};
        server {
          listen 127.0.0.1:${port};
          location /no { return 429; }
          location / { empty_gif; }
        }
      }`,
      );
      const nginx = start(NGINX ?? '', ['-p', at, '-c', join(at, 'nginx.conf')]);
      onTestFinished(async () => {
        await nginx.stop();
        folder.remove();
      });
      const target = { port, token: undefined };
      const get = (path: string) =>
        send(target, { method: 'GET', path, headers: { authorization: `Basic ${btoa('jane:x')}` } });
      await eventually('nginx listens', () => get('/probe').then(Boolean, () => false));
      for (let i = 0; i < 3; i++) await get('/no?key=canary');
      await send(target, { method: 'GET', path: '/no' });
      await eventually('the log is written', () => readFileSync(file, 'utf8').split('\n').length > 5);
      expect(await ask(file, 'errors')).toEqual({
        field: 'path',
        errors: [{ status: 429, value: '/no', count: 4 }],
        limited: [
          { value: 'jane', count: 3 },
          { value: 'unknown', count: 1 },
        ],
      });
      expect((await ask(file, 'top', 'address'))['top']).toMatchObject([{ value: '127.0.0.1' }]);
    });
  },
);
