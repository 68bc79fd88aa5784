import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { child, sallyport, startGateway } from '../../support/gateway.ts';
import { ROOT, temporaryFolder } from '../../support/processes.ts';
import { NGINX } from './front.ts';

describe('sallyport deploy', () => {
  let cwd: string;
  const at = (...path: string[]): string => join(cwd, ...path);
  const run = (...args: string[]) => sallyport(['deploy', ...args], { cwd });
  const configure = (more: object = {}): void =>
    writeFileSync(
      at('sallyport.json'),
      JSON.stringify({
        publicUrl: 'https://mcp.example.com',
        trustedProxies: ['127.0.0.1'],
        mcpServers: {},
        ...more,
      }),
    );

  beforeEach(() => {
    const folder = temporaryFolder();
    cwd = folder.path;
    onTestFinished(() => folder.remove());
    configure();
  });

  it('writes into ./deploy/TARGET, says what, and the second time that nothing changed', async () => {
    const first = await run('nginx');
    expect(first.stdout).toContain(`written ${at('deploy/nginx/sallyport.conf')}`);
    const second = await run('nginx');
    expect(second).toMatchObject({ code: 0 });
    expect(second.stdout).toContain(`unchanged ${at('deploy/nginx/sallyport.conf')}`);
    const sums = spawnSync('sha256sum', ['--check', '.sallyport-deploy'], { cwd: at('deploy/nginx') });
    expect(sums.status).toBe(0);
  });

  it('prints with --dry-run, and writes nothing', async () => {
    const { stdout, code } = await run('systemd', '--out', 'units', '--dry-run');
    expect([code, stdout]).toEqual([0, expect.stringContaining('[Service]')]);
    expect(existsSync(at('units'))).toBe(false);
  });

  it('shows what a changed config changes, and writes it when asked', async () => {
    await run('nginx', '--out', 'nginx');
    configure({ limits: { body: '1MiB' } });
    const { stdout, code } = await run('nginx', '--out', 'nginx', '--diff');
    expect([code, stdout]).toEqual([0, expect.stringContaining('+    client_max_body_size 1048576;')]);
    expect(readFileSync(at('nginx/sallyport.conf'), 'utf8')).toContain('client_max_body_size 4194304;');
    expect(await run('nginx', '--out', 'nginx', '--check')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('out of date: sallyport.conf'),
    });
    expect(await run('nginx', '--out', 'nginx')).toMatchObject({ code: 0 });
    expect(readFileSync(at('nginx/sallyport.conf'), 'utf8')).toContain('client_max_body_size 1048576;');
  });

  it('never writes over what was changed by hand, unless it is forced to', async () => {
    await run('nginx', '--out', 'nginx');
    const file = at('nginx/sallyport.conf');
    appendFileSync(file, '# mine\n');
    const refused = await run('nginx', '--out', 'nginx');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('changed by hand') });
    expect(readFileSync(file, 'utf8')).toContain('# mine');
    expect(await run('nginx', '--out', 'nginx', '--check')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('edited by hand: sallyport.conf'),
    });
    expect(await run('nginx', '--out', 'nginx', '--force')).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).not.toContain('# mine');
  });

  it('never writes over a file that it has not written', async () => {
    writeFileSync(at('Caddyfile'), 'example.com\n');
    expect(await run('caddy', '--out', '.')).toMatchObject({ code: 1 });
    expect(readFileSync(at('Caddyfile'), 'utf8')).toBe('example.com\n');
  });

  it.skipIf(NGINX === undefined)('fails the check when nginx says no (SKIPPED without nginx)', async () => {
    await run('nginx', '--out', 'nginx');
    expect(await run('nginx', '--out', 'nginx', '--check')).toMatchObject({ code: 0, stdout: 'nginx: ok\n' });
    appendFileSync(at('nginx/sallyport.conf'), 'gibberish;\n');
    const { code, stdout } = await run('nginx', '--out', 'nginx', '--check');
    expect(code).toBe(1);
    expect(stdout).toMatch(/nginx says no:\n.*unknown directive "gibberish"/);
  });

  it('needs no value of what the config refers to, and writes none', async () => {
    const env = { A: '${env:NOWHERE}', B: '${secret:nowhere}', C: '${file:nowhere}', D: '${env:HERE}' };
    configure({ mcpServers: { child: { ...child(), env } } });
    const args = ['deploy', 'compose', '--out', 'stack'];
    const ran = await sallyport(args, { cwd, env: { HERE: 'a-secret-of-this-machine' } });
    expect(ran).toMatchObject({ code: 0 });
    const all = spawnSync(
      'cat',
      [at('stack/compose.yaml'), at('stack/.env.example'), at('stack/Dockerfile')],
      {
        encoding: 'utf8',
      },
    ).stdout;
    expect(all).toMatch(/^NOWHERE=\n/m);
    expect(all).not.toContain('a-secret-of-this-machine');
  });

  it('says what the config lacks, and which targets there are', async () => {
    writeFileSync(at('sallyport.json'), '{"mcpServers": {}}');
    expect(await run('nginx')).toMatchObject({ code: 1, stderr: expect.stringContaining('no publicUrl') });
    expect(await run('apache')).toMatchObject({ code: 2, stderr: expect.stringContaining('nginx, systemd') });
  });
});

const noCurl = spawnSync('curl', ['--version']).status !== 0;
if (noCurl) process.stderr.write('\n  SKIPPED: scripts/health_check.sh: curl is not installed\n\n');

describe.skipIf(noCurl)('scripts/health_check.sh (SKIPPED without curl)', () => {
  const check = (url: string) =>
    spawnSync(join(ROOT, 'scripts/health_check.sh'), [url], { encoding: 'utf8' });

  it('0: all is well; 1: a server is not; 2: nothing answers', async () => {
    await using gateway = await startGateway({ config: { mcpServers: { child: child() } } });
    expect(check(gateway.endpoint)).toMatchObject({ status: 0, stdout: `OK ${gateway.origin}\n` });
    await using broken = await startGateway({
      config: { mcpServers: { child: child(), broken: child('--refuse', 'no') } },
    });
    expect(check(broken.origin)).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^DEGRADED .*broken/),
    });
    expect(check('http://127.0.0.1:1')).toMatchObject({ status: 2, stdout: expect.stringMatching(/^DOWN /) });
  });
});
