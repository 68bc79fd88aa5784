import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordingTerminal, type RecordingTerminal } from '../../../test/support/terminal.ts';
import { main } from '../main.ts';

const hasCurl = spawnSync('curl', ['--version']).status === 0;

let folder: string;
let running: { terminal: RecordingTerminal; code: Promise<number> } | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-up-'));
});
afterEach(async () => {
  if (running !== undefined) await stop();
  rmSync(folder, { recursive: true });
});

interface Ready {
  endpoint: string;
  token: string | null;
  source: string;
  servers: { name: string; state: string }[];
  warnings: string[];
  clients: { curl: [{ text: string }] };
}

function begin(args: string[], options: { tty?: boolean } = {}): RecordingTerminal {
  const terminal: RecordingTerminal = {
    ...recordingTerminal({ env: { ...process.env, SALLYPORT_HOME: join(folder, 'home') }, ...options }),
    cwd: folder,
  };
  const argv = ['up', '--listen', '127.0.0.1:0', '--log-level', 'silent', ...args];
  running = { terminal, code: main(argv, terminal) };
  return terminal;
}

async function until<T>(find: () => T | null | undefined | false): Promise<T> {
  for (let tries = 0; tries < 500; tries += 1) {
    const found = find();
    if (found !== null && found !== undefined && found !== false) return found;
    await sleep(20);
  }
  throw new Error(`not after ten seconds: ${find.toString()}\n${running?.terminal.err()}`);
}

/** Starts with `--json` and waits for the line. */
async function up(...args: string[]): Promise<Ready> {
  const terminal = begin(['--json', ...args]);
  const line = await until(() => /^.*\n/.exec(terminal.out())?.[0]);
  return JSON.parse(line) as Ready;
}

async function stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | undefined> {
  process.emit(signal, signal);
  const code = await running?.code;
  running = undefined;
  return code;
}

const endpointFile = (): string => join(folder, 'home', 'endpoint.json');

describe('sallyport up', () => {
  it('serves, says where, and ends with 0 when it is stopped', async () => {
    const ready = await up();
    expect(ready).toMatchObject({
      event: 'ready',
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/),
      token: expect.stringMatching(/^sp_/),
      servers: [{ name: 'net', kind: 'builtin', state: 'ready' }],
      warnings: [],
    });
    const response = await fetch(ready.endpoint, { method: 'POST' });
    expect(response.status).toBe(401);
    expect(await stop()).toBe(0);
    await expect(fetch(ready.endpoint)).rejects.toThrow('fetch failed');
  });

  it('ends with 0 at Ctrl-C too', async () => {
    await up();
    expect(await stop('SIGINT')).toBe(0);
  });

  it('ends at once while a server hangs at its start, and does not say that it is ready', async () => {
    const hangs = { command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] };
    writeFileSync(
      join(folder, 'sallyport.json'),
      JSON.stringify({ mcpServers: { hangs }, timeouts: { stop: '500ms' } }),
    );
    const terminal = begin(['--json']);
    await until(() => existsSync(endpointFile()));
    const from = performance.now();
    expect(await stop()).toBe(0);
    expect(performance.now() - from).toBeLessThan(5000);
    expect(terminal.out()).toBe('');
  });

  it('is found by tools and call while it runs, and no longer', async () => {
    const { endpoint } = await up();
    expect(JSON.parse(readFileSync(endpointFile(), 'utf8'))).toEqual({
      endpoint,
      pid: process.pid,
      auth: 'token',
    });
    expect(statSync(endpointFile()).mode & 0o777).toBe(0o600);
    const client = recordingTerminal({ env: { SALLYPORT_HOME: join(folder, 'home') } });
    expect(await main(['tools'], client)).toBe(0);
    expect(client.out()).toContain('ping_host\t');
    await stop();
    expect(existsSync(endpointFile())).toBe(false);
    expect(await main(['tools'], client)).toBe(5);
  });

  it.skipIf(!hasCurl)('shows a curl line that works (skipped where there is no curl)', async () => {
    const { clients } = await up();
    const { stdout } = await promisify(execFile)('sh', ['-c', clients.curl[0].text]);
    const answer = JSON.parse(stdout) as { result: { tools: { name: string }[] } };
    expect(answer.result.tools.map(({ name }) => name)).toContain('ping_host');
  });

  it.skipIf(!hasCurl)('shows one that works without a token as well', async () => {
    const { clients, token, warnings } = await up('--no-auth');
    expect(token).toBeNull();
    expect(warnings.join()).toContain('No authentication');
    const { stdout } = await promisify(execFile)('sh', ['-c', clients.curl[0].text]);
    expect(stdout).toContain('"tools"');
  });

  it('draws the start screen on stderr, and nothing on stdout', async () => {
    const terminal = begin([]);
    await until(() => terminal.err().includes('Ctrl-C stops it'));
    for (const words of [
      'Claude Code',
      'Cursor',
      'VS Code',
      'curl -sS',
      'Endpoint',
      '✓ net',
      'Ready: 1 server.',
    ]) {
      expect(terminal.err()).toContain(words);
    }
    expect(terminal.out()).toBe('');
    await stop();
    expect(terminal.err()).toContain('Stopping.');
  });

  it('draws it for a person even where a program reads the line', async () => {
    const terminal = begin(['--json'], { tty: true });
    await until(() => terminal.out() !== '');
    expect(terminal.err()).toContain('Claude Code');
  });

  it('says why a server did not start, and serves the others', async () => {
    const script = 'console.error("no database"); process.exit(3)';
    const mcpServers = {
      net: { builtin: 'net' },
      broken: { command: process.execPath, args: ['-e', script] },
    };
    writeFileSync(join(folder, 'sallyport.json'), JSON.stringify({ mcpServers }));
    const terminal = begin([]);
    await until(() => terminal.err().includes('Ready: 1 of 2 servers.'));
    expect(terminal.err()).toMatch(/✗ broken {2}.*3[\s\S]*│ no database/);
  });

  it('reloads when the file changes, refuses a bad one, and goes on', async () => {
    const file = join(folder, 'sallyport.json');
    writeFileSync(file, '{"mcpServers": {"one": {"builtin": "net"}}}');
    const terminal = begin([]);
    await until(() => terminal.err().includes('Ready: 1 server.'));
    writeFileSync(file, '{"mcpServers": {"one": {"builtin": "net"}, "two": {"builtin": "net"}}}');
    await until(() => /Config reloaded\n {2}\+ two\n {2}= one/.test(terminal.err()));
    writeFileSync(file, '{"mcpServer": {}}');
    await until(() => terminal.err().includes('Config refused'));
    expect(terminal.err()).toMatch(/sallyport\.json:1:2: error/);
    process.emit('SIGHUP', 'SIGHUP');
    await until(() => terminal.err().split('Config refused').length === 3);
    expect(await stop()).toBe(0);
  });

  it('is not moved by a reload from where --listen put it', async () => {
    const file = join(folder, 'sallyport.json');
    writeFileSync(file, '{"mcpServers": {"one": {"builtin": "net"}}}');
    const terminal = begin([]);
    await until(() => terminal.err().includes('Ready: 1 server.'));
    writeFileSync(file, '{"listen": "127.0.0.1:9", "mcpServers": {"two": {"builtin": "net"}}}');
    await until(() => terminal.err().includes('Config reloaded'));
    expect(terminal.err()).not.toContain('taken over at the next start');
  });

  it('ends with 3 where the address is taken', async () => {
    const { endpoint } = await up();
    const { host } = new URL(endpoint);
    const second = recordingTerminal({ env: { SALLYPORT_HOME: join(folder, 'home') } });
    expect(await main(['up', '--listen', host], second)).toBe(3);
    expect(second.err()).toContain(host);
    expect(JSON.parse(readFileSync(endpointFile(), 'utf8'))).toMatchObject({ endpoint });
  });

  it('ends with 1 where the config has mistakes, each with its place', async () => {
    writeFileSync(join(folder, 'bad.yaml'), 'lisen: x\nmcpServers: {a: {comand: x}}\n');
    const terminal = begin(['--config', 'bad.yaml']);
    expect(await running?.code).toBe(1);
    running = undefined;
    expect(terminal.err()).toMatch(/bad\.yaml:1:1: error[\s\S]*bad\.yaml:2:\d+: error/);
    expect(terminal.out()).toBe('');
    expect(existsSync(join(folder, 'home'))).toBe(false);
  });
});
