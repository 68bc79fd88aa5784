import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { secretStore } from '../../src/cli/secrets.ts';
import { child, type Gateway, sallyport, startGateway } from '../support/gateway.ts';
import { callTool, textOf } from '../support/http.ts';
import { eventually, SALLYPORT, start, temporaryFolder, type TemporaryFolder } from '../support/processes.ts';

/** Each way for a secret to get into the config has one of its own. */
const CANARIES = {
  stored: 'c4n4ry-st0red-1',
  file: 'c4n4ry-f1le-22',
  environment: 'c4n4ry-env-333',
  dotEnv: 'c4n4ry-d0tenv-4',
};
const PEM = ['-----BEGIN PRIVATE KEY-----', 'c4n4ryPemLine1', 'c4n4ryPemLine2', '-----END PRIVATE KEY-----'];

let gateway: Gateway | undefined;
let folder: TemporaryFolder | undefined;
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
  folder?.remove();
  folder = undefined;
});

/** A folder with a home, two kept secrets, and the files a config takes secrets from. */
async function prepare(): Promise<{ path: string; env: Record<string, string> }> {
  folder = temporaryFolder();
  const { path } = folder;
  const env = { SALLYPORT_HOME: join(path, 'home'), CANARY: CANARIES.environment };
  const inputs = { stored: `${CANARIES.stored}\n`, pem: PEM.join('\n') };
  for (const [name, input] of Object.entries(inputs)) {
    const { code, stdout, stderr } = await sallyport(['secret', 'set', name], { env, input });
    expect({ code, stdout, stderr: stderr.includes('c4n4ry') }).toEqual({
      code: 0,
      stdout: '',
      stderr: false,
    });
  }
  writeFileSync(join(path, 'token'), CANARIES.file, { mode: 0o600 });
  writeFileSync(join(path, '.env'), `DOT_ENV=${CANARIES.dotEnv}\n`, { mode: 0o600 });
  return { path, env };
}

/** The argument lists of every process of this machine, as `ps` shows them. */
function everyCommandLine(): string {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .join('\n');
}

async function environmentOf(running: Gateway, server: string): Promise<string> {
  const who = JSON.parse(textOf(await callTool(running, `${server}__whoami`)) ?? '') as { pid: number };
  return readFileSync(`/proc/${who.pid}/environ`, 'utf8');
}

describe.runIf(process.platform === 'linux')('threat 33: the secrets of one server', () => {
  it('are in its environment, and nowhere else', async () => {
    const { path, env } = await prepare();
    const secrets = {
      STORED: '${secret:stored}',
      PEM: '${secret:pem}',
      FILE: `\${file:${join(path, 'token')}}`,
      ENVIRONMENT: '${env:CANARY}',
    };
    const running = (gateway = await startGateway({
      env,
      args: ['--log-level', 'trace'],
      config: {
        mcpServers: {
          owner: { ...child(), env: secrets, envFile: join(path, '.env') },
          other: child(),
          broken: { ...child('--refuse', `the key ${CANARIES.stored} is wrong`), env: secrets },
        },
      },
    }));
    const own = await environmentOf(running, 'owner');
    for (const canary of [...Object.values(CANARIES), ...PEM]) expect(own).toContain(canary);
    expect(await environmentOf(running, 'other')).not.toMatch(/c4n4ry/);

    // The server itself tells everybody, and its words go through the log, `status` and `logs`.
    for (const text of [...Object.values(CANARIES), ...PEM])
      await callTool(running, 'owner__stderr', { text: `my key is ${text}, really` });
    const run = (...args: string[]): ReturnType<typeof sallyport> => sallyport(args, { env });
    const logs = await eventually('all of it was printed', async () => {
      const { stdout } = await run('logs', 'owner');
      return stdout.trim().split('\n').length >= 8 && stdout;
    });
    expect(logs).toContain('my key is [redacted], really');

    const failed = await callTool(running, 'broken__echo', { text: 'x' });
    expect(JSON.stringify(failed.last)).toContain('[redacted]');
    const health = await (await fetch(`${running.origin}/health/ready`)).text();
    const seen = {
      logs,
      health,
      failed: failed.text,
      status: (await run('status')).stdout,
      statusJson: (await run('status', '--json')).stdout,
      brokenLogs: (await run('logs', 'broken', '--json')).stdout,
      list: (await run('secret', 'list', '--json')).stdout,
      commandLines: everyCommandLine().replaceAll(/^.*--refuse[^\n]*$/gm, ''),
      stdout: running.program.stdout(),
      log: running.program.stderr(),
    };
    for (const [where, text] of Object.entries(seen)) {
      expect(text, `${where} is looked at`).not.toBe('');
      expect(text, where).not.toMatch(/c4n4ry/);
    }
  });

  it('are not told when the gateway crashes', async () => {
    const { path, env } = await prepare();
    const config = {
      mcpServers: { owner: { ...child(), env: { STORED: '${secret:stored}', FILE: '${file:token}' } } },
    };
    writeFileSync(join(path, 'sallyport.json'), JSON.stringify(config));
    // Something that no code of ours expects, in the midst of its work.
    const crash = `process.on('SIGUSR2', () => { throw new Error('a mistake') })`;
    const program = start(
      process.execPath,
      [
        '--import',
        `data:text/javascript,${encodeURIComponent(crash)}`,
        SALLYPORT,
        'up',
        '--verbose',
        '--listen',
        '127.0.0.1:0',
      ],
      { cwd: path, env: { PATH: process.env['PATH'], ...env } },
    );
    await eventually('it serves', () => program.stderr().includes('✓ owner'), 30_000);
    program.child.kill('SIGUSR2');
    const { code } = await program.ended;
    expect(code).not.toBe(0);
    expect(program.stderr()).toContain('a mistake');
    expect(program.stdout() + program.stderr()).not.toMatch(/c4n4ry/);
  });
});

/** util-linux's `script` gives a program a terminal. */
const hasScript = spawnSync('script', ['--version']).stdout?.includes('util-linux') ?? false;

describe('sallyport secret set, at a terminal', () => {
  it.runIf(hasScript)(
    'asks, and does not show what is typed (skipped without util-linux script)',
    async () => {
      folder = temporaryFolder();
      const env = { PATH: process.env['PATH'], SALLYPORT_HOME: join(folder.path, 'home') };
      const line = `'${process.execPath}' '${SALLYPORT}' secret set typed`;
      const terminal = spawn('script', ['-qec', line, '/dev/null'], { env });
      let shown = '';
      terminal.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
      await eventually('it asks', () => shown.includes('(it is not shown)'), 30_000);
      // A letter too many, and the key that takes it back.
      terminal.stdin.write('c4n4ry-typedd\u007f\r');
      await eventually('it is kept', () => shown.includes('Kept.'), 30_000);
      expect(shown).not.toMatch(/c4n4ry/);
      terminal.stdin.end();
      expect(await secretStore(env.SALLYPORT_HOME).read('typed')).toBe('c4n4ry-typed');
    },
  );
});

describe('a secret of the config', () => {
  it('that is missing is a mistake at its place, with the command to run', async () => {
    const { path, env } = await prepare();
    const file = join(path, 'sallyport.yaml');
    writeFileSync(file, 'mcpServers:\n  a:\n    command: x\n    env: {KEY: "${secret:nope}"}\n');
    for (const command of [
      ['validate', file],
      ['up', '--config', file],
    ]) {
      const { code, stderr } = await sallyport(command, { env });
      expect(code).toBe(1);
      expect(stderr).toContain(`${file}:4:16: error: There is no secret "nope".`);
      expect(stderr).toContain('Run: sallyport secret set nope');
    }
  });

  it.runIf(process.platform === 'linux')('starts its server anew when it changes', async () => {
    const { env } = await prepare();
    const running = (gateway = await startGateway({
      env,
      config: { mcpServers: { a: { ...child(), env: { KEY: '${secret:stored}' } }, b: child() } },
    }));
    expect(await environmentOf(running, 'a')).toContain(`KEY=${CANARIES.stored}`);
    await sallyport(['secret', 'set', 'stored'], { env, input: 'another-value' });
    await eventually('the new value is there', async () =>
      // It may be gone in the midst of this.
      (await environmentOf(running, 'a').catch(() => '')).includes('KEY=another-value'),
    );
  });

  it.each(['.env', 'token'])(
    'in a %s that others may read is refused, with the chmod to run',
    async (name) => {
      const { path, env } = await prepare();
      chmodSync(join(path, name), 0o644);
      const file = join(path, 'sallyport.yaml');
      writeFileSync(
        file,
        'mcpServers:\n  a: {command: x, envFile: .env}\n  b: {command: x, env: {KEY: "${file:token}"}}\n',
      );
      const { code, stderr } = await sallyport(['validate', file], { env });
      expect(code).toBe(1);
      expect(stderr).toContain(`chmod 600 '${join(path, name)}'`);
      expect(stderr).not.toMatch(/c4n4ry/);
      chmodSync(join(path, name), 0o600);
      expect((await sallyport(['validate', file], { env })).code).toBe(0);
    },
  );
});
