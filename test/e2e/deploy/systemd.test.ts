import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { child, sallyport, startGateway } from '../../support/gateway.ts';
import { eventually, temporaryFolder } from '../../support/processes.ts';

const missing = spawnSync('systemd-analyze', ['--version']).status !== 0;
if (missing) process.stderr.write('\n  SKIPPED: the unit: systemd-analyze is not installed\n\n');

const plain = { mcpServers: { child: child() } };
const CONFIGS: Readonly<Record<string, object>> = {
  'a plain config': plain,
  'a config with low ports': { ...plain, listen: '0.0.0.0:443', publicUrl: 'https://mcp.example.com' },
  'a config with a sandbox': { mcpServers: { child: { ...child(), sandbox: 'bwrap' } } },
  'a config with a credential': { mcpServers: { child: { ...child(), env: { TOKEN: '${file:github}' } } } },
};

/** Writes the unit with the real command. @returns its folder */
async function written(config: object): Promise<string> {
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const file = join(folder.path, 'sallyport.json');
  writeFileSync(file, JSON.stringify(config));
  const out = join(folder.path, 'units');
  const args = ['deploy', 'systemd', '--config', file, '--out', out, '--program', '/bin/true'];
  const ran = await sallyport(args);
  expect(ran).toMatchObject({ code: 0 });
  const check = await sallyport([...args, '--check']);
  expect(check).toMatchObject({ code: 0 });
  return out;
}

describe.skipIf(missing).each(Object.entries(CONFIGS))(
  'the unit of %s (SKIPPED without systemd)',
  (_name, config) => {
    it('has nothing that systemd does not know, and little that an attacker could use', async () => {
      const unit = join(await written(config), 'sallyport.service');
      const verified = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
      expect(verified.stdout + verified.stderr).not.toContain('sallyport');
      expect(verified.status).toBe(0);
      const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', unit], {
        encoding: 'utf8',
      });
      const [, exposure] = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout) ?? [];
      expect(Number(exposure)).toBeLessThanOrEqual(2.5);
    });
  },
);

const python = spawnSync('python3', ['--version']).status === 0 && !missing;
if (!python) process.stderr.write('\n  SKIPPED: what the gateway says to systemd: no python3 or systemd\n\n');

describe.skipIf(!python)('a gateway that systemd started (SKIPPED without python3 and systemd)', () => {
  it('says that it is ready when it is, that it lives, and that it stops', async () => {
    const folder = temporaryFolder();
    onTestFinished(() => folder.remove());
    mkdirSync(folder.path, { recursive: true });
    const [socket, log] = [join(folder.path, 'socket'), join(folder.path, 'log')];
    const listening = `import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(${JSON.stringify(socket)})
while True: open(${JSON.stringify(log)}, "a").write(s.recv(4096).decode() + "\\n")`;
    const manager = spawn('python3', ['-c', listening], { stdio: 'ignore' });
    onTestFinished(() => void manager.kill());
    await eventually('the socket is there', () => spawnSync('test', ['-S', socket]).status === 0);
    const env = { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '400000' };
    const gateway = await startGateway({ config: plain, env });
    onTestFinished(async () => void (await gateway.stop()));
    const heard = (): string => spawnSync('cat', [log], { encoding: 'utf8' }).stdout;
    await eventually('it says that it is ready', () => heard().includes('READY=1'), 20_000);
    await eventually('it says that it lives', () => heard().split('WATCHDOG=1').length > 3, 20_000);
    expect(heard()).toContain(`STATUS=serving ${gateway.endpoint}`);
    await gateway.stop();
    await eventually('it says that it stops', () => readFileSync(log, 'utf8').includes('STOPPING=1'));
  });
});
