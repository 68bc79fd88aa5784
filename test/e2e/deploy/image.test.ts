import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeBase } from '../../support/base-images.ts';
import { type Engine, openEngine, tellSkipped } from '../../support/containers.ts';
import { sallyport } from '../../support/gateway.ts';
import { eventually, ROOT, temporaryFolder } from '../../support/processes.ts';

const found = openEngine();
const engine = found as Engine;
if ('missing' in found) tellSkipped('the image of the gateway', found.missing);

const BASE = 'localhost/sallyport-test-deploy-base';
const IMAGE = 'localhost/sallyport-test-deploy';

/** What this config does not load: without it the image is made in half of the time. */
const UNUSED = /^(?:@slack|@etalab|@opentelemetry|libphonenumber-js|oidc-provider|koa|acme-client|axios)/;

/** This checkout as npm would install it: the package, and whatever it depends on. */
function installed(folder: string): string {
  const packages = join(folder, 'packages');
  for (const part of ['bin', 'dist', 'package.json'])
    cpSync(join(ROOT, part), join(packages, 'sallyport', part), { recursive: true });
  const listed = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const path of listed.split('\n')) {
    const [, name] = /\/node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path.slice(ROOT.length)) ?? [];
    if (name !== undefined && !UNUSED.test(name) && path === join(ROOT, 'node_modules', name))
      cpSync(path, join(packages, name), { recursive: true });
  }
  mkdirSync(join(packages, '.bin'));
  symlinkSync('../sallyport/bin/sallyport.js', join(packages, '.bin', 'sallyport'));
  return packages;
}

describe.skipIf('missing' in found)(
  'the image of `deploy dockerfile`, on a stand-in base (SKIPPED without an engine)',
  () => {
    const folder = temporaryFolder();
    const config = join(folder.path, 'sallyport.json');
    let container: string;

    beforeAll(async () => {
      writeFileSync(config, JSON.stringify({ mcpServers: { net: { builtin: 'net' } } }), { mode: 0o644 });
      const out = join(folder.path, 'image');
      const written = await sallyport(['deploy', 'dockerfile', '--config', config, '--out', out]);
      expect(written).toMatchObject({ code: 0 });
      const packages = installed(folder.path);
      // podman can lend the packages to the build; in the base, as docker needs them, they are copied once more.
      const isPodman = engine.name === 'podman';
      const empty = join(folder.path, 'empty');
      mkdirSync(empty);
      nodeBase(engine, BASE, isPodman ? empty : packages);
      // The health check is in the format of docker, and not in that of OCI.
      const lent = isPodman
        ? ['--format', 'docker', '--layers=false', '--volume', `${packages}:/packages:ro`]
        : [];
      engine.run(
        'build',
        ...lent,
        '--network',
        'none',
        '--build-arg',
        `NODE_IMAGE=${BASE}`,
        '--tag',
        IMAGE,
        out,
      );
      const confined =
        '--read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges --network none';
      const mounted = ['--volume', `${config}:/etc/sallyport/sallyport.yaml:ro`];
      container = engine.run('run', '--detach', ...confined.split(' '), ...mounted, IMAGE);
    }, 180_000);
    afterAll(() => {
      if (container) engine.run('rm', '--force', '--volumes', container);
      engine.run('rmi', '--force', IMAGE, BASE);
      folder.remove();
    }, 60_000);

    const inside = (...command: string[]): string => engine.run('exec', container, ...command);

    it('is well, by its own health check', async () => {
      const inspected = engine.run('inspect', '--format', '{{json .Config.Healthcheck.Test}}', container);
      const [kind, ...command] = JSON.parse(inspected) as string[];
      expect(kind).toBe('CMD');
      await eventually(
        'the health check passes',
        () => {
          try {
            inside(...command);
            return true;
          } catch {
            return false;
          }
        },
        40_000,
      );
    });

    it('runs as nobody, and writes to its state and /tmp only', () => {
      expect(inside('id', '-u')).toBe('65532');
      for (const path of ['/file', '/opt/sallyport/file', '/etc/sallyport/file'])
        expect(() => inside('touch', path)).toThrow();
      inside('touch', '/tmp/file', '/var/lib/sallyport/file');
    });

    it('makes tokens that the gateway takes, and has none in its log', async () => {
      const token = inside('sallyport', 'token', 'create', '--name', 'me');
      const answer = inside(
        'sallyport',
        'tools',
        '--url',
        'http://127.0.0.1:8080/mcp',
        '--token',
        token,
        '--json',
      );
      expect(answer).toContain('ping_host');
      const kept = inside('cat', '/var/lib/sallyport/token');
      const log = execFileSync('sh', ['-c', `${engine.name} logs ${container} 2>&1`], {
        encoding: 'utf8',
        env: { ...process.env, ...engine.env },
      });
      expect(kept.length).toBeGreaterThan(20);
      expect(log).not.toContain(kept);
      expect(log).not.toContain(token);
    });
  },
);
