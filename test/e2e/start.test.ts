import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectV2 } from '../support/clients.ts';
import { child, environment, type Gateway, sallyport, startGateway } from '../support/gateway.ts';
import { callTool, modern, send, textOf } from '../support/http.ts';
import {
  CHILD,
  eventually,
  type Program,
  SALLYPORT,
  start,
  type TemporaryFolder,
  temporaryFolder,
} from '../support/processes.ts';

let folder: TemporaryFolder;
const running: { stop(): Promise<unknown> }[] = [];
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
  folder.remove();
});

/** `up` with whatever arguments, in the test's own folder, until its line on stdout. */
async function up(...args: readonly string[]): Promise<Program & { ready: Record<string, unknown> }> {
  const program = start(process.execPath, [SALLYPORT, 'up', '--json', '--listen', '127.0.0.1:0', ...args], {
    cwd: folder.path,
    env: environment(folder),
  });
  running.push(program);
  const line = await eventually(
    'it is ready',
    () => {
      if (program.child.exitCode !== null) throw new Error(program.stderr());
      return /^(.*)\n/.exec(program.stdout())?.[1];
    },
    20_000,
  );
  return { ...program, ready: JSON.parse(line) as Record<string, unknown> };
}

/** What the raw HTTP client needs of a gateway that `up` started. */
function target({ ready }: { ready: Record<string, unknown> }): Gateway {
  const { endpoint, token } = ready as { endpoint: string; token?: string };
  return { endpoint, token, port: Number(new URL(endpoint).port) } as Gateway;
}

async function toolNames(gateway: Gateway): Promise<string[]> {
  const { tools } = (await modern(gateway, 'tools/list')).last.result as { tools: { name: string }[] };
  return tools.map(({ name }) => name);
}

describe('the first start', () => {
  it('without a config serves the built-in net server', async () => {
    const program = await up();
    expect(program.ready).toMatchObject({
      event: 'ready',
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/) as string,
      token: expect.any(String) as string,
    });
    expect((await toolNames(target(program))).sort()).toEqual([
      'check_common_ports',
      'fetch_page',
      'ping_host',
    ]);
  });

  it('prints one line on stdout, and talks on stderr only', async () => {
    const program = await up();
    await callTool(target(program), 'check_common_ports', { host: '127.0.0.1' });
    expect(program.stdout().split('\n')).toHaveLength(2);
    expect(program.stderr()).not.toBe('');
  });

  it('makes a token of 256 bits that only its owner can read', async () => {
    const program = await up();
    const token = String(program.ready['token']);
    expect(Buffer.from(token.replace(/^[a-z]+_/, ''), 'base64url').length).toBeGreaterThanOrEqual(32);
    const home = join(folder.path, 'home');
    expect(statSync(home).mode & 0o777).toBe(0o700);
    const holders = readdirSync(home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => readFileSync(file, 'utf8').includes(token));
    expect(holders.length).toBeGreaterThan(0);
    for (const file of holders) expect(statSync(file).mode & 0o777, file).toBe(0o600);
  });

  it('the token is the same at the next start', async () => {
    const first = await up();
    await first.stop();
    const second = await up();
    expect(second.ready['token']).toBe(first.ready['token']);
  });

  it('a token file that others can read is not used', async () => {
    const first = await up();
    await first.stop();
    const token = String(first.ready['token']);
    const home = join(folder.path, 'home');
    const { chmodSync } = await import('node:fs');
    for (const name of readdirSync(home)) {
      const file = join(home, name);
      if (statSync(file).isFile() && readFileSync(file, 'utf8').includes(token)) chmodSync(file, 0o644);
    }
    const outcome = await up().then(
      (program) => program.ready['token'],
      (error: unknown) => String(error),
    );
    expect(outcome).not.toBe(token);
  });

  it('the token is on no command line', async () => {
    const program = await up();
    const token = String(program.ready['token']);
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      let line = '';
      try {
        line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        // It ended in between.
      }
      expect(line).not.toContain(token);
    }
  });
});

describe('what it serves', () => {
  it('one command after --, under its own names', async () => {
    const program = await up('--', process.execPath, CHILD, '--name', 'the only one');
    const gateway = target(program);
    expect(await toolNames(gateway)).toContain('echo');
    expect(textOf(await callTool(gateway, 'whoami'))).toContain('the only one');
  });

  it('./sallyport.yaml, if there is one', async () => {
    const { command, args } = child('--name', 'from yaml');
    const yaml = `mcpServers:\n  it: # a comment\n    command: ${command}\n    args: ${JSON.stringify(args)}\n`;
    writeFileSync(join(folder.path, 'sallyport.yaml'), yaml);
    expect(textOf(await callTool(target(await up()), 'whoami'))).toContain('from yaml');
  });

  it('the unchanged file of Cursor, Claude or VS Code', async () => {
    const entry = {
      type: 'stdio',
      ...child(),
      env: { GREETING: 'hello' },
      autoApprove: ['echo'],
      disabled: false,
    };
    const cursor = join(folder.path, '.cursor');
    mkdirSync(cursor);
    writeFileSync(join(cursor, 'mcp.json'), JSON.stringify({ mcpServers: { mine: entry } }));
    const first = await up('--config', join(cursor, 'mcp.json'));
    const who = JSON.parse(textOf(await callTool(target(first), 'whoami')) ?? '') as { env: object };
    expect(who.env).toMatchObject({ GREETING: 'hello' });

    const vscode = join(folder.path, 'vscode.json');
    writeFileSync(vscode, `{\n  // with a comment\n  "servers": { "mine": ${JSON.stringify(entry)} },\n}\n`);
    expect(await toolNames(target(await up('--config', vscode)))).toContain('echo');
  });

  it('several servers under their names, each at an address of its own, one alone without a prefix', async () => {
    const config = { mcpServers: { a: child('--name', 'A'), b: child('--name', 'B') } };
    const gateway = await startGateway({ config });
    running.push(gateway);
    for (const path of ['/mcp', '/mcp/']) {
      const { tools } = (await modern(gateway, 'tools/list', {}, { path })).last.result as {
        tools: { name: string }[];
      };
      const names = tools.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(['a__echo', 'b__echo']));
      expect(names).not.toContain('echo');
    }
    const who = await callTool(gateway, 'whoami', {}, { path: '/servers/b/mcp' });
    expect(JSON.parse(textOf(who) ?? '')).toMatchObject({ name: 'B' });
    expect(textOf(await callTool(gateway, 'a__whoami'))).toContain('"name":"A"');
    // From the address of one there is no way to the other.
    const astray = await callTool(gateway, 'a__echo', { text: 'x' }, { path: '/servers/b/mcp' });
    expect(astray.last.error?.code ?? astray.last.result?.['isError']).toBeTruthy();
  });

  it('what a server may know: what the config names, and no secret of ours', async () => {
    const entry = { ...child(), env: { NAMED: '${env:WANTED}' } };
    const env = { WANTED: 'wanted-value', UNNAMED_SECRET: 'hidden-value' };
    const gateway = await startGateway({ config: { mcpServers: { it: entry } }, env });
    running.push(gateway);
    const text = textOf(await callTool(gateway, 'whoami')) ?? '';
    expect((JSON.parse(text) as { env: object }).env).toMatchObject({ NAMED: 'wanted-value' });
    expect(text).not.toContain('hidden-value');
    expect(text).not.toContain(gateway.home + '/home');
    expect(gateway.program.stderr()).not.toContain('wanted-value');
  });
});

describe('health', () => {
  it('is told without a token, and tells no secrets', async () => {
    const gateway = await startGateway({ config: { mcpServers: { fine: child() } } });
    running.push(gateway);
    const headers = { authorization: undefined };
    for (const path of ['/health', '/health/live', '/health/ready']) {
      const answer = await send(gateway, { method: 'GET', path, headers });
      expect(answer.status, path).toBe(200);
      expect(answer.text).not.toContain(gateway.token);
      expect(answer.text).not.toContain(CHILD);
    }
  });
});

describe('the start screen', () => {
  it('shows what a newcomer needs', async () => {
    const program = start(process.execPath, [SALLYPORT, 'up', '--listen', '127.0.0.1:0'], {
      cwd: folder.path,
      env: environment(folder),
    });
    running.push(program);
    const screen = await eventually('the screen is there', () => {
      const text = program.stderr();
      return /curl/.test(text) ? text : undefined;
    });
    expect(screen).toMatch(/http:\/\/127\.0\.0\.1:\d+\/mcp/);
    for (const word of ['Claude', 'Cursor', 'VS Code', 'curl', 'net']) expect(screen).toContain(word);
    expect(program.stdout()).toBe('');
    // oxlint-disable-next-line no-control-regex -- no terminal, so no colours
    expect(screen).not.toMatch(/\u001b\[/);
  });
});

describe('what it refuses', () => {
  it('an open door where others can reach it', async () => {
    for (const address of ['0.0.0.0:0', '[::]:0']) {
      const outcome = await sallyport(['up', '--no-auth', '--listen', address]);
      expect(outcome.code, address).toBeGreaterThan(0);
      expect(outcome.stderr).toMatch(/--no-auth/);
      expect(outcome.stdout).toBe('');
    }
  });

  it('an open door on loopback it allows, and says so', async () => {
    const program = await up('--no-auth');
    const gateway = target(program);
    expect(program.ready['token']).toBeFalsy();
    expect((await modern(gateway, 'tools/list')).status).toBe(200);
    expect(
      (await modern(gateway, 'tools/list', {}, { headers: { origin: 'https://evil.example' } })).status,
    ).toBe(403);
    expect((await modern(gateway, 'tools/list', {}, { headers: { host: 'evil.example' } })).status).toBe(403);
    await using client = await connectV2(gateway, 'modern');
    expect((await client.tools()).length).toBe(3);
  });

  it('an address that is taken: exit code 3, and it says which', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((settle) => taken.once('listening', settle));
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const outcome = await sallyport(['up', '--listen', `127.0.0.1:${port}`]);
    taken.close();
    expect(outcome.code).toBe(3);
    expect(outcome.stderr).toContain(String(port));
  });

  it('a config with a mistake: exit code 1, and where it is', async () => {
    const file = join(folder.path, 'bad.json');
    writeFileSync(file, '{\n  "mcpServers": {\n    "x": { "comand": "node" }\n  }\n}\n');
    const outcome = await sallyport(['up', '--config', file]);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/bad\.json:3:\d+/);
    expect(outcome.stderr).toMatch(/did you mean .?command/i);
    expect(outcome.stdout).toBe('');
  });

  it('a config that is not there: it says which', async () => {
    const outcome = await sallyport(['up', '--config', '/no/such/file.yaml']);
    expect(outcome.code).toBeGreaterThan(0);
    expect(outcome.stderr).toContain('/no/such/file.yaml');
  });
});
