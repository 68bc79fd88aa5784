import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { sallyport } from '../../support/gateway.ts';
import { eventually, start, temporaryFolder } from '../../support/processes.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const missing = spawnSync('podman-compose', ['--version']).status !== 0;
if (missing) process.stderr.write('\n  SKIPPED: the compose file by podman-compose: it is not installed\n\n');

interface Service {
  readonly image: string;
  readonly networks: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Writes the stack with the real command. */
async function written(config: object, ...args: readonly string[]): Promise<string> {
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const file = join(folder.path, 'sallyport.json');
  writeFileSync(file, JSON.stringify({ publicUrl: 'https://mcp.example.com', mcpServers: {}, ...config }));
  const out = join(folder.path, 'stack');
  const ran = await sallyport(['deploy', 'compose', '--config', file, '--out', out, ...args]);
  expect(ran).toMatchObject({ code: 0 });
  return out;
}

function servicesOf(folder: string): Record<string, Service> {
  const { services } = parse(readFileSync(join(folder, 'compose.yaml'), 'utf8')) as {
    services: Record<string, Service>;
  };
  return services;
}

const SERVER = {
  command: 'npx',
  args: ['server'],
  env: { TOKEN: '${env:GITHUB_TOKEN}', KEY: '${file:key}' },
};

describe('the stack of `deploy compose`', () => {
  it('confines each container, and has the socket of the engine in none', async () => {
    const services = servicesOf(await written({ mcpServers: { github: SERVER } }));
    expect(Object.keys(services)).toEqual(['app', 'nginx', 'certbot']);
    for (const service of Object.values(services)) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
      expect(JSON.stringify(service)).not.toMatch(/\.sock|privileged":true|\/var\/run/);
    }
    // Only nginx is on both sides, and only its ports are open.
    expect(services['app']).toMatchObject({ networks: ['back'] });
    expect(services['app']?.ports).toBeUndefined();
    expect(services['nginx']).toMatchObject({ networks: ['front', 'back'], ports: ['80:80', '443:443'] });
    expect(services['certbot']?.networks).toEqual(['front']);
    expect(services['app']?.environment?.['GITHUB_TOKEN']).toMatch(/^\$\{GITHUB_TOKEN:\?/);
  });

  it.skipIf(missing)('is one that podman-compose understands (SKIPPED without podman-compose)', async () => {
    const folder = await written({ mcpServers: { github: SERVER } });
    const template = readFileSync(join(folder, '.env.example'), 'utf8');
    expect(template).toMatch(/^NODE_IMAGE=$/m);
    expect(template).toMatch(/^GITHUB_TOKEN=$/m);
    const cwd = folder;
    const project = 'sallyport-test-compose';
    onTestFinished(() => {
      // A dry run starts nothing; networks and volumes it makes all the same.
      for (const name of ['state', 'acme', 'certificates'])
        spawnSync('podman', ['volume', 'rm', `${project}_${name}`]);
      for (const name of ['front', 'back']) spawnSync('podman', ['network', 'rm', `${project}_${name}`]);
    });
    const dryRun = () =>
      spawnSync('podman-compose', ['-p', project, '--dry-run', '-f', 'compose.yaml', 'up', '-d'], {
        cwd,
        encoding: 'utf8',
      });
    // Without the images it says which is missing.
    expect(dryRun()).toMatchObject({ status: 1, stderr: expect.stringContaining('the image of Node') });
    const filled = template.replaceAll(/^(\w+_IMAGE)=$/gm, `$1=name@${DIGEST}`).replaceAll(/=$/gm, '=given');
    writeFileSync(join(folder, '.env'), filled);
    const { status, stderr, stdout } = dryRun();
    expect(status).toBe(0);
    const runs = `${stdout}${stderr}`.split('\n').filter((line) => line.startsWith('podman run '));
    expect(runs).toHaveLength(3);
    for (const run of runs) expect(run).toMatch(/--read-only .*--cap-drop ALL/);
    expect(runs[0]).toContain('-e GITHUB_TOKEN=given');
    expect(runs[1]).toContain(`name@${DIGEST}`);
  });

  it('takes images with a digest, and no others', async () => {
    const images = ['nginx', 'certbot'].flatMap((name) => ['--image', `${name}=${name}@${DIGEST}`]);
    const folder = await written({}, '--base', `node@${DIGEST}`, ...images);
    expect(servicesOf(folder)['nginx']?.image).toBe(`nginx@${DIGEST}`);
    expect(readFileSync(join(folder, 'Dockerfile'), 'utf8')).toContain(`ARG NODE_IMAGE=node@${DIGEST}\n`);
    expect(readFileSync(join(folder, '.env.example'), 'utf8')).not.toContain('_IMAGE=');
    const file = join(folder, '..', 'sallyport.json');
    const ran = await sallyport(['deploy', 'compose', '--config', file, '--dry-run', '--base', 'node:24']);
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('no digest') });
  });
});

describe('how its nginx starts', () => {
  it('with port 80 alone, with the rest when there is a certificate, and anew when that was renewed', async () => {
    const folder = await written({});
    const at = (...path: string[]): string => join(folder, ...path);
    for (const name of ['active', 'bin']) mkdirSync(at(name));
    // The paths of a container, here; and an nginx that writes down what it is told.
    const script = readFileSync(at('nginx/start.sh'), 'utf8')
      .replaceAll('/etc/sallyport', at('nginx'))
      .replaceAll('/etc/nginx/conf.d', at('active'));
    writeFileSync(at('start.sh'), script);
    const program = `#!/bin/sh\necho "$* $(ls ${at('active')} | tr '\\n' ' ')" >>${at('told')}\ncase "$*" in
  *daemon*) echo $$ >${at('pid')}; exec sleep 600 ;;
  *quit*) kill "$(cat ${at('pid')})" ;;
esac
`;
    writeFileSync(at('bin/nginx'), program);
    chmodSync(at('bin/nginx'), 0o755);
    const certificate = at('fullchain.pem');
    const env = { ...process.env, PATH: [at('bin'), process.env['PATH']].join(delimiter) };
    const running = start('sh', [at('start.sh'), certificate, '0.1'], { env });
    onTestFinished(async () => void (await running.stop(1000)));
    const told = (): string => spawnSync('cat', [at('told')], { encoding: 'utf8' }).stdout;
    await eventually('it has started', () => told().includes('daemon off'));
    expect(told()).toContain('daemon off; sallyport-http.conf \n');
    writeFileSync(certificate, 'first');
    const reloads = (): number => told().split('-s reload sallyport-http.conf sallyport.conf').length - 1;
    await eventually('it has reloaded', () => reloads() === 1);
    utimesSync(certificate, 1, 1);
    await eventually('it has reloaded again', () => reloads() === 2);
    const ended = await running.stop(5000);
    expect(ended.signal).toBeNull();
    expect(told()).toContain('-s quit');
  });
});
