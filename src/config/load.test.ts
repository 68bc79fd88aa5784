import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError } from './diagnose.ts';
import { loadConfig, type Loaded } from './load.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function load(file: string, content: string | Buffer, env: NodeJS.ProcessEnv = {}): Promise<Loaded> {
  writeFileSync(join(folder, file), content);
  return loadConfig(file, { cwd: folder, env });
}

/** The first thing that is wrong with a file. */
async function problemOf(loading: Promise<unknown>): Promise<string> {
  const error = await loading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConfigError)) throw new Error(`not a ConfigError: ${String(error)}`);
  return `${error.diagnostics[0]?.message} ${error.diagnostics[0]?.hint ?? ''}`.trim();
}

describe('loadConfig', () => {
  it('completes what is not written', async () => {
    const { config, notes } = await load('least.yaml', 'mcpServers: {net: {builtin: net}}\n');
    expect(config).toEqual({
      listen: { host: '127.0.0.1', port: 8080 },
      publicUrl: undefined,
      allowedHosts: [],
      allowedOrigins: [],
      servers: [{ name: 'net', kind: 'builtin', builtin: 'net', options: {} }],
      limits: {
        bodyBytes: 4 * 1024 * 1024,
        lineBytes: 64 * 1024 * 1024,
        sessions: 1000,
        sessionsPerPrincipal: 100,
        connections: 10_000,
        connectionsPerAddress: 1000,
        processes: 200,
        processesPerPrincipal: 128,
        processesPerServer: 100,
        startQueue: 64,
      },
      timeouts: {
        headersMs: 10_000,
        bodyMs: 30_000,
        idleMs: 65_000,
        callMs: 300_000,
        callMaxMs: 3_600_000,
        inputMs: 600_000,
        startMs: 60_000,
        stopMs: 5_000,
        startQueueMs: 30_000,
        drainMs: 10_000,
        sessionMs: 1_800_000,
      },
      log: { level: 'info' },
      pins: { mode: 'warn' },
    });
    expect(notes).toEqual([]);
  });

  const RESOLVED = {
    listen: { host: '::1', port: 0 },
    publicUrl: 'https://mcp.example.com/gate',
    allowedHosts: ['mcp.internal'],
    allowedOrigins: ['https://app.example.com'],
    servers: [
      {
        name: 'zeta',
        kind: 'stdio',
        command: './run.sh',
        args: ['--port', '8080'],
        env: { A: 'b' },
        cwd: join(folder, 'sub/dir'),
      },
      { name: '10', kind: 'http', type: 'sse', url: 'https://example.com/sse', headers: { 'X-Key': 'k' } },
      { name: '9', kind: 'builtin', builtin: 'net', options: { allow: ['10.0.0.0/8'] } },
    ],
    limits: {
      bodyBytes: 1_048_576,
      lineBytes: 1024,
      sessions: 5,
      sessionsPerPrincipal: 2,
      connections: 7,
      connectionsPerAddress: 6,
      processes: 8,
      processesPerPrincipal: 4,
      processesPerServer: 3,
      startQueue: 1,
    },
    timeouts: {
      headersMs: 1000,
      bodyMs: 2000,
      idleMs: 3000,
      callMs: 4000,
      callMaxMs: 3_600_000,
      inputMs: 600_000,
      startMs: 5000,
      stopMs: 6000,
      startQueueMs: 8000,
      drainMs: 9000,
      sessionMs: 7000,
    },
    log: { level: 'debug' },
    pins: { mode: 'warn' },
  };

  it('reads all keys, the servers in the order of the file', async () => {
    const text = `listen: {host: "::1", port: 0}
$schema: https://example.com/schema.json
publicUrl: https://mcp.example.com/gate/
allowedHosts: [MCP.internal]
allowedOrigins: [https://app.example.com]
mcpServers:
  zeta: {type: stdio, command: ./run.sh, args: [--port, 8080], env: {A: b}, cwd: sub/dir}
  10: {type: sse, url: https://example.com/sse, headers: {X-Key: k}}
  9: {type: builtin, builtin: net, options: {allow: [10.0.0.0/8]}}
limits: {body: 1MiB, line: 1024, sessions: "5", sessionsPerUser: 2, connections: 7, connectionsPerAddress: 6, processes: 8, processesPerUser: 4, processesPerServer: 3, startQueue: 1}
timeouts: {headers: 1s, body: 2000, idle: 3s, call: 4s, start: 5s, stop: 6s, startQueue: 8s, drain: 9s, session: 7s}
log: {level: debug}
`;
    expect((await load('full.yaml', text)).config).toEqual(RESOLVED);
  });

  it('takes references in every kind of value', async () => {
    const text = `listen: "\${env:PORT}"
limits: {sessions: "\${env:COUNT}", body: "\${env:COUNT}KiB"}
log: {level: "\${env:LEVEL:-warn}"}
mcpServers: {a: {command: "\${env:PROGRAM}"}}
`;
    const { config } = await load('refs.yaml', text, { PORT: '9000', COUNT: '12', PROGRAM: '/bin/x' });
    expect(config).toMatchObject({
      listen: { host: '127.0.0.1', port: 9000 },
      limits: { sessions: 12, bodyBytes: 12_288 },
      log: { level: 'warn' },
      servers: [{ command: '/bin/x' }],
    });
  });

  it.each([
    ['listen: 9000', { host: '127.0.0.1', port: 9000 }],
    ['listen: "9000"', { host: '127.0.0.1', port: 9000 }],
    ['listen: localhost:0', { host: 'localhost', port: 0 }],
    ['listen: "[::]:443"', { host: '::', port: 443 }],
    ['listen: {port: 5}', { host: '127.0.0.1', port: 5 }],
    ['listen: {host: 0.0.0.0}', { host: '0.0.0.0', port: 8080 }],
  ])('%s', async (text, listen) => {
    expect((await load('listen.yaml', text)).config.listen).toEqual(listen);
  });

  it('takes numbers and flags of a process as text, as they were written', async () => {
    const text =
      'mcpServers:\n  a: {command: x, args: [-p, 08, 1.10, true, 1e3], env: {A: 1.10, B: yes, C: true, D: ""}}\n';
    expect((await load('text.yaml', text)).config.servers).toMatchObject([
      { args: ['-p', '08', '1.10', 'true', '1e3'], env: { A: '1.10', B: 'yes', C: 'true', D: '' } },
    ]);
  });

  it.each([
    ['a.json', '{"mcpServers": {"a": {"command": "x"},},} // JSON with comments'],
    ['a.jsonc', '/* x */ {"mcpServers": {"a": {"command": "x"}}}'],
    ['a.conf', '// x\n{"mcpServers": {"a": {"command": "x"}}}'],
    ['a.conf', 'mcpServers: {a: {command: x}} # YAML'],
    ['a.yaml', '{mcpServers: {a: {command: x}}} # YAML in braces'],
    ['a.yml', '\uFEFFmcpServers:\r\n  a:\r\n    command: x\r\n'],
    ['a.JSON', '\uFEFF{\r\n"mcpServers": {"a": {"command": "x"}}}'],
  ])('tells the syntax of %s by its name, else by how it begins: %j', async (file, text) => {
    expect((await load(file, text)).config.servers).toMatchObject([{ name: 'a', command: 'x' }]);
  });

  it('says which files it read, also when it fails', async () => {
    writeFileSync(join(folder, 'token'), 'canary', { mode: 0o600 });
    const text = 'mcpServers: {a: {url: "https://x", headers: {A: "${file:token}", B: "${file:missing}"}}}';
    await expect(load('sources.yaml', text)).rejects.toMatchObject({
      sources: ['sources.yaml', 'token', 'missing'].map((name) => join(folder, name)),
    });
    writeFileSync(join(folder, 'missing'), '', { mode: 0o600 });
    await expect(load('sources.yaml', text)).resolves.toMatchObject({
      sources: ['sources.yaml', 'token', 'missing'].map((name) => join(folder, name)),
    });
  });

  it('an envFile that is not there is a mistake at its place', async () => {
    const text = 'mcpServers:\n  a: {command: x, envFile: no.env}\n';
    await expect(load('envfile.yaml', text)).rejects.toMatchObject({
      diagnostics: [{ line: 2, column: 28, message: 'There is no such file.' }],
    });
  });

  it.each([
    ['mcpServers: {}\n', 1, 1],
    ['listen: 80\n', undefined, undefined],
    ['mcpServers:\n  a: {command: x, disabled: true}\n', 1, 1],
  ])('tells when there is nothing to serve: %j', async (text, line, column) => {
    const { config, notes } = await load('empty.yaml', text);
    expect(config.servers).toEqual([]);
    expect(notes).toContainEqual(
      expect.objectContaining({
        severity: 'note',
        message: 'There is no server to serve: mcpServers is empty.',
        ...(line === undefined ? {} : { line, column }),
      }),
    );
  });
});

describe('a file that cannot be read', () => {
  it('is told by what is wrong with it', async () => {
    mkdirSync(join(folder, 'dir.yaml'));
    expect(await problemOf(loadConfig('nowhere.yaml', { cwd: folder, env: {} }))).toBe(
      'There is no such file.',
    );
    expect(await problemOf(loadConfig('dir.yaml', { cwd: folder, env: {} }))).toBe(
      'This is a folder, not a file.',
    );
    expect(await problemOf(loadConfig('a\0b', { cwd: folder, env: {} }))).toBe('This file cannot be read.');
    expect(await problemOf(load('utf16.yaml', Buffer.from('\uFEFFa: b', 'utf16le')))).toBe(
      'This file is not UTF-8 text. Save it as UTF-8.',
    );
    expect(await problemOf(load('nul.yaml', 'a: b\0'))).toBe(
      'This file contains NUL characters: it is not text.',
    );
  });

  it('is at most 1 MiB', async () => {
    const comment = `#${'x'.repeat(1024 * 1024 - 2)}\n`;
    expect(await problemOf(load('big.yaml', `${comment}x`))).toBe('This file is larger than 1 MiB.');
    expect(await problemOf(load('big.yaml', comment))).toMatch(/^A configuration is a map/);
  });

  it('may be a pipe: sallyport up --config <(generate)', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writer = spawn('sh', ['-c', `echo 'mcpServers: {a: {command: x}}' > ${pipe}`]);
    expect((await loadConfig(pipe, { env: {} })).config.servers).toMatchObject([{ name: 'a' }]);
    if (writer.exitCode === null) await once(writer, 'exit');
  });
});

/** A megabyte of pieces. */
function repeat(piece: (index: number) => string): string {
  const pieces: string[] = [];
  for (let size = 0; size < 1_000_000; size += pieces.at(-1)?.length ?? 0) pieces.push(piece(pieces.length));
  return pieces.join('').slice(0, 1_000_000);
}

/** Loads it, or refuses it as it should. */
async function isFine(file: string, content: string | Buffer): Promise<void> {
  try {
    const { config } = await load(file, content, { X: 'x' });
    expect(config.servers.every((server) => 'kind' in server)).toBe(true);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
    expect(error.diagnostics.every(({ line = 1, column = 1 }) => line >= 1 && column >= 1)).toBe(true);
  }
}

describe('whatever the file says', () => {
  const file = fc.constantFrom('fuzz.yaml', 'fuzz.json', 'fuzz');

  it('bytes: it is loaded, or refused with a ConfigError', async () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
    await fc.assert(fc.asyncProperty(file, bytes, isFine), { numRuns: 100 });
  }, 30_000);

  it('words and punctuation: it is loaded, or refused with a ConfigError', async () => {
    const words = fc.constantFrom(
      ...'mcpServers servers command args env url headers builtin net listen limits timeouts log level'.split(
        ' ',
      ),
      ...'{ } [ ] , : - ? & * ! | > # % @ ` " \' // /* */ \n \t ${ } ${env:X} ${file:x} __proto__ << null true 1.5'.split(
        ' ',
      ),
      '\n',
      '\n  ',
      '\n    ',
      ' ',
      ': ',
      '- ',
      '&a ',
      '*a ',
    );
    const text = fc.array(words, { maxLength: 60 }).map((list) => list.join(''));
    await fc.assert(fc.asyncProperty(file, text, isFine), { numRuns: 250 });
  }, 30_000);

  it('values of any shape under real keys: it is loaded, or refused with a ConfigError', async () => {
    const key = fc.constantFrom(
      ...'mcpServers a b command args env url headers type disabled listen host port publicUrl allowedHosts'.split(
        ' ',
      ),
      ...'limits body sessions timeouts call log level inputs $schema constructor toString builtin options'.split(
        ' ',
      ),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5, withCrossShrink: true },
        fc.oneof(
          fc.string(),
          fc.double(),
          fc.boolean(),
          fc.constant(null),
          fc.constantFrom('net', 'stdio', '80', '1s'),
        ),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    }));
    const server = fc.dictionary(key, value, { maxKeys: 5 });
    const root = fc.record({
      mcpServers: fc.dictionary(fc.string({ maxLength: 8 }), server, { maxKeys: 3 }),
    });
    const text = fc
      .oneof(fc.dictionary(key, value, { maxKeys: 5 }), root)
      .map((data) => JSON.stringify(data));
    await fc.assert(fc.asyncProperty(file, text, isFine), { numRuns: 250 });
  }, 30_000);

  it('a megabyte of anything is read in good time', async () => {
    for (const text of [
      `{"mcpServers": {${repeat((index) => `"s${index}":{"command":"x"},`)}`.replace(/,[^,]*$/, '}}'),
      `{"mcpServers": {"a": {"command": "x", "env": {${repeat((index) => `"V${index}":"x",`)}`.replace(
        /,[^,]*$/,
        '}}}}',
      ),
      `{"mcpServers": {"a": {${repeat((index) => `"k${index}":1,`)}`.replace(/,[^,]*$/, '}}}'),
      `{${repeat((index) => `"k${index}":1,`)}`.replace(/,[^,]*$/, '}'),
      `{"mcpServers": {"a": {"command": "x", "args": [${repeat(() => '"${env:X}",')}`.replace(
        /,[^,]*$/,
        ']}}}',
      ),
      `{"mcpServers": {"a": {"command": "${repeat(() => '${env:X}')}`.replace(/\$[^$]*$/, '"}}}'),
      `{"mcpServers": {"a": {"command": "${repeat(() => '${')}"}}}`,
    ]) {
      // The processor's time: other tests run beside this one. It takes a second or two; with what counts the coverage
      // on a busy machine it took nine, and what is quadratic would take minutes.
      const before = process.cpuUsage();
      await isFine('large.json', text);
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1000, text.slice(0, 60)).toBeLessThan(30_000);
    }
  }, 240_000);
});
