import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, type Diagnostic } from './diagnose.ts';
import { loadConfig } from './load.ts';
import { BUILTINS, configFile } from './schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-mistakes-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function diagnose(text: string, file = 'sallyport.yaml'): Promise<readonly Diagnostic[]> {
  writeFileSync(join(folder, file), text);
  try {
    await loadConfig(file, { cwd: folder, env: { SET: 'set', EMPTY: '' } });
  } catch (error) {
    if (error instanceof ConfigError) return error.diagnostics;
    throw error;
  }
  return [];
}

/** Each error as `line:column message | hint`. */
async function mistakes(text: string, file?: string): Promise<string[]> {
  const diagnostics = await diagnose(text, file);
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ line, column, message, hint }) => {
      const place = line === undefined ? '' : `${line}:${column} `;
      return `${place}${message}${hint === undefined ? '' : ` | ${hint}`}`;
    });
}

/** A file with one server `a`, whose entry is the given YAML flow map. */
const server = (entry: string): string => `mcpServers:\n  a: ${entry}\n`;

const LEVELS = '"trace", "debug", "info", "warn", "error", "fatal" or "silent"';
const ALL_KEYS =
  'type, command, args, env, envFile, cwd, sandbox, protocol, isolation, callTimeout, passHeaders, startTimeout, idle, maxLifetime, warm, identity, disabled, url, headers, allowPrivate, auth, builtin, options, container';

const NAMES = BUILTINS.map((name) => `"${name}"`);
const NO_BUILTIN = `The value of "builtin" must be ${NAMES.slice(0, -1).join(', ')} or ${NAMES.at(-1)} here.`;

describe('a mistake at the top of the file', () => {
  it.each([
    ['limts: {}\n', ['1:1 There is no key "limts" here. | Did you mean "limits"?']],
    ['mcpservers: {}\n', ['1:1 There is no key "mcpservers" here. | Did you mean "mcpServers"?']],
    ['allowed_hosts: []\n', ['1:1 There is no key "allowed_hosts" here. | Did you mean "allowedHosts"?']],
    [
      'listen: 80\nfoobar: 1\n',
      [`2:1 There is no key "foobar" here. | Known here: ${Object.keys(configFile.shape).join(', ')}.`],
    ],
    [
      '- a\n',
      [
        '1:1 A configuration is a map of keys and values. | A first server: mcpServers: { net: { builtin: net } }',
      ],
    ],
    [
      'just text\n',
      [
        '1:1 A configuration is a map of keys and values. | A first server: mcpServers: { net: { builtin: net } }',
      ],
    ],
    [
      '# only a comment\n',
      [
        '1:1 A configuration is a map of keys and values. | A first server: mcpServers: { net: { builtin: net } }',
      ],
    ],
    ['', ['There is nothing in this file. | A first server: mcpServers: { net: { builtin: net } }']],
    [' \n\t\n', ['There is nothing in this file. | A first server: mcpServers: { net: { builtin: net } }']],
    ['mcpServers: []\n', ['1:13 The value of "mcpServers" must be a map of names and values.']],
    ['mcpServers: npx\n', ['1:13 The value of "mcpServers" must be a map of names and values.']],
    ['limits: 5\n', ['1:9 The value of "limits" must be a map of keys and values.']],
    ['limits:\n', ['1:8 The value of "limits" must be a map of keys and values.']],
  ])('%j', async (text, expected) => {
    expect(await mistakes(text)).toEqual(expected);
  });
});

describe('a mistake in a value', () => {
  it.each([
    [
      'listen: true\n',
      [
        '1:9 The value of "listen" must be text, a number or a map of keys and values. | For example: "127.0.0.1:8080"',
      ],
    ],
    [
      'listen: 127.0.0.1\n',
      [
        '1:9 This is not an address to listen on. | HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080, or a port alone.',
      ],
    ],
    [
      'listen: ":8080"\n',
      ['1:9 The host before the colon is missing. | For every address of this machine write 0.0.0.0:PORT.'],
    ],
    ['listen: 70000\n', ['1:9 A port is a whole number from 0 to 65535.']],
    ['listen: {host: localhost, prot: 1}\n', ['1:27 There is no key "prot" here. | Did you mean "port"?']],
    ['listen: {port: x}\n', ['1:16 The value of "port" must be a number.']],
    ['listen: {host: "a b"}\n', ['1:9 The host is neither a name nor an IP address.']],
    [
      'publicUrl: http://example.com\n',
      ['1:12 The public URL begins with https://. | Only localhost may go without.'],
    ],
    [
      'publicUrl: 5\n',
      ['1:12 The value of "publicUrl" must be text. | For example: "https://mcp.example.com"'],
    ],
    [
      'allowedHosts: ["*.example.com", ok]\n',
      ['1:16 This is not a host. | A name or an address, with or without a port; no wildcard.'],
    ],
    ['allowedHosts: [1]\n', ['1:16 This must be text.']],
    [
      'allowedHosts: a\n',
      ['1:15 The value of "allowedHosts" must be a list. | For example: ["mcp.internal","10.0.0.5:8080"]'],
    ],
    [
      'allowedOrigins:\n  - https://a.com\n  - "*"\n',
      [
        '3:5 This is not an origin. | Scheme, host and perhaps a port, and nothing after: https://app.example.com.',
      ],
    ],
    [
      'limits: {body: 4Mb!}\n',
      ['1:16 This is not a size. | A number and B, kB, KiB, MB, MiB, GB or GiB: 4MiB.'],
    ],
    ['limits: {body: -1}\n', ['1:16 A size is at least 1 byte and less than 2GiB.']],
    ['limits: {body: .nan}\n', ['1:16 The value of "body" must be a number or text.']],
    ['limits: {sessions: 0.5}\n', ['1:20 The value of "sessions" must be a whole number or text.']],
    ['limits: {sessions: many}\n', ['1:20 This is not a whole number from 1 to 1000000.']],
    ['limits:\n  sesions: 5\n', ['2:3 There is no key "sesions" here. | Did you mean "sessions"?']],
    ['timeouts: {call: 1y}\n', ['1:18 This is not a length of time. | A number and ms, s, m, h or d: 30s.']],
    ['timeouts: {call: []}\n', ['1:18 The value of "call" must be a number or text.']],
    ['timeouts: {idle: 30d}\n', ['1:18 A length of time is at least 1ms and at most 24 days.']],
    ['log: {level: inf}\n', [`1:14 The value of "level" must be ${LEVELS} here. | Did you mean "info"?`]],
    ['log: {level: 5}\n', [`1:14 The value of "level" must be ${LEVELS} here.`]],
  ])('%j', async (text, expected) => {
    expect(await mistakes(text)).toEqual(expected);
  });
});

describe('a mistake in a server', () => {
  it.each([
    ['{comand: npx}', ['2:7 There is no key "comand" here. | Did you mean "command"?']],
    [
      '{comand: npx, args: 5}',
      [
        '2:7 There is no key "comand" here. | Did you mean "command"?',
        '2:26 The value of "args" must be a list.',
      ],
    ],
    ['{command: npx, agrs: [x]}', ['2:21 There is no key "agrs" here. | Did you mean "args"?']],
    [
      '{command: npx, foobar: 1}',
      [
        '2:21 There is no key "foobar" here. | Known here: type, command, args, env, envFile, cwd, sandbox, protocol, isolation, callTimeout, passHeaders, startTimeout, idle, maxLifetime, warm, identity, disabled.',
      ],
    ],
    ['{ulr: "https://x"}', ['2:7 There is no key "ulr" here. | Did you mean "url"?']],
    [
      '{foobar: 1}',
      [
        '2:3 One of the keys "command", "url", "builtin" or "container" is needed here.',
        `2:7 There is no key "foobar" here. | Known here: ${ALL_KEYS}.`,
      ],
    ],
    ['{}', ['2:3 One of the keys "command", "url", "builtin" or "container" is needed here.']],
    ['{args: [x]}', ['2:3 One of the keys "command", "url", "builtin" or "container" is needed here.']],
    ['npx', ['2:6 The value of "a" must be a map of keys and values.']],
    ['[npx]', ['2:6 The value of "a" must be a map of keys and values.']],
    ['', ['2:6 The value of "a" must be a map of keys and values.']],
    ['{command: npx, url: "https://x"}', ['2:21 The key "url" cannot stand beside "command".']],
    ['{command: npx, builtin: net}', ['2:21 The key "builtin" cannot stand beside "command".']],
    ['{builtin: net, args: [x]}', ['2:21 The key "args" cannot stand beside "builtin".']],
    ['{command: ""}', ['2:16 The command is empty.']],
    ['{command: [npx, -y]}', ['2:16 The value of "command" must be text.']],
    ['{command: 5}', ['2:16 The value of "command" must be text.']],
    ['{command: x, args: -y}', ['2:25 The value of "args" must be a list.']],
    ['{command: x, args: [a, [b]]}', ['2:29 This must be text.']],
    ['{command: x, args: [a, null]}', ['2:29 This must be text.']],
    ['{command: "x\\0y"}', ['2:16 This contains a NUL character.']],
    ['{command: x, env: [A=b]}', ['2:24 The value of "env" must be a map of names and values.']],
    ['{command: x, env: {A: [b]}}', ['2:28 The value of "A" must be text.']],
    ['{command: x, env: {A: }}', ['2:28 The value of "A" must be text.']],
    ['{command: x, env: {"A=B": c}}', ['2:25 This cannot be the name of a variable.']],
    ['{command: x, cwd: 1}', ['2:24 The value of "cwd" must be text.']],
    ['{command: x, disabled: "yes"}', ['2:29 The value of "disabled" must be true or false.']],
    ['{command: x, type: http}', ['2:25 The value of "type" must be "stdio" here.']],
    ['{url: "https://x", type: stdio}', ['2:31 The value of "type" must be "http" or "sse" here.']],
    ['{url: "https://x", type: websocket}', ['2:31 The value of "type" must be "http" or "sse" here.']],
    [
      '{url: "https://x", type: ssse}',
      ['2:31 The value of "type" must be "http" or "sse" here. | Did you mean "sse"?'],
    ],
    ['{url: "x"}', ['2:12 This is not an http:// or https:// URL.']],
    ['{url: "file:///etc/passwd"}', ['2:12 This is not an http:// or https:// URL.']],
    ['{url: "https://x", headers: {"A b": c}}', ['2:35 This cannot be the name of a header.']],
    [
      '{url: "https://x", headers: {A: "b\\r\\nC: d"}}',
      ['2:38 This cannot be the value of a header. | One line, without control characters.'],
    ],
    [
      '{url: "https://x", headers: {A: "한"}}',
      ['2:38 This cannot be the value of a header. | One line, without control characters.'],
    ],
    [
      '{url: "https://x", serverUrl: "https://y"}',
      ['2:25 The keys "url" and "serverUrl" say the same. | Keep one of the two.'],
    ],
    [
      '{serverUrl: "https://x", url: "https://y"}',
      ['2:31 The keys "serverUrl" and "url" say the same. | Keep one of the two.'],
    ],
    [
      '{command: x, type: stdio, transportType: http}',
      ['2:32 The keys "type" and "transportType" say the same. | Keep one of the two.'],
    ],
    ['{builtin: nett}', [`2:16 ${NO_BUILTIN} | Did you mean "net"?`]],
    ['{builtin: net, options: 5}', ['2:30 The value of "options" must be a map of names and values.']],
    [
      '{builtin: net, quarter: 1}',
      [
        '2:21 There is no key "quarter" here. | Known here: type, builtin, options, isolation, callTimeout, passHeaders, identity, disabled.',
      ],
    ],
  ])('%s', async (entry, expected) => {
    expect(await mistakes(server(entry))).toEqual(expected);
  });
});

describe('a mistake in the name of a server', () => {
  const hint = '1 to 64 letters, digits, - . and _; no __, no _ at the end.';

  it.each([
    ['a__b', 'A __ parts the server from its tool, so that no name contains one.'],
    ['a_', 'A __ parts the server from its tool, so that no name contains one.'],
    ['my server', 'This name cannot stand in URLs and tool names.'],
    ['"@a/b"', 'This name cannot stand in URLs and tool names.'],
    ['"../x"', 'This name cannot stand in URLs and tool names.'],
    ['..', 'This cannot be the name of a server.'],
    ['constructor', 'This cannot be the name of a server.'],
    ['x'.repeat(65), 'This name cannot stand in URLs and tool names.'],
  ])('%s', async (name, message) => {
    const text = `mcpServers:\n  ok: {builtin: net}\n  ${name}: {builtin: net}\n`;
    expect(await mistakes(text)).toEqual([`3:3 ${message} | ${hint}`]);
  });

  it('__proto__', async () => {
    expect(await mistakes('mcpServers:\n  __proto__: {builtin: net}\n')).toEqual([
      '2:3 The key "__proto__" is not allowed.',
    ]);
  });

  it('twice, with both places', async () => {
    const diagnostics = await diagnose(
      'mcpServers:\n  net: {builtin: net}\n  Net: {builtin: net}\n  net: {}\n',
    );
    expect(diagnostics).toMatchObject([
      {
        line: 3,
        column: 3,
        message: 'The server "Net" has the name of another one but for the case.',
        other: { line: 2, column: 3 },
      },
      {
        line: 4,
        column: 3,
        message: 'The key "net" stands here a second time.',
        other: { line: 2, column: 3 },
      },
    ]);
  });

  it('twice by being made plain', async () => {
    const text = '{"mcpServers": {"my-server": {"command": "a"}, "my server": {"command": "b"}}}';
    expect(await mistakes(text, 'mcp.json')).toEqual([
      '1:48 The server "my-server" has the name of another one but for the case. | Names must differ by more than upper and lower case.',
    ]);
  });
});

describe('every mistake at once', () => {
  it('in the order of the file, references and structure alike', async () => {
    const text = `listen: here
mcpServers:
  a: { comand: npx, env: { KEY: "\${env:NOT_SET}" } }
  b__c: { builtin: nett }
  d: { url: "\${env:ALSO_NOT_SET}/mcp", headers: { A: "\${file:no-such-file}" } }
timeouts: { call: soon, strat: 5s }
`;
    const errors = await mistakes(text);
    expect(errors.map((error) => error.replace(/ \| .*/, ''))).toEqual([
      '1:9 This is not an address to listen on.',
      '3:8 There is no key "comand" here.',
      '3:33 The environment variable NOT_SET is not set.',
      '4:3 A __ parts the server from its tool, so that no name contains one.',
      `4:20 ${NO_BUILTIN}`,
      '5:13 The environment variable ALSO_NOT_SET is not set.',
      '5:54 "no-such-file": There is no such file.',
      '6:19 This is not a length of time.',
      '6:25 There is no key "strat" here.',
    ]);
  });

  it('an anchor that is wrong is told once, however often it is used', async () => {
    const text =
      'x-env: &env {A: [1]}\nmcpServers:\n  a: {command: x, env: *env}\n  b: {command: x, env: *env}\n';
    expect(await mistakes(text)).toEqual(['1:17 The value of "A" must be text.']);
  });

  it('but not more than a person reads', async () => {
    const keys = Array.from({ length: 5000 }, (_, index) => `foobar${index}: 1`).join('\n');
    expect(await mistakes(keys)).toHaveLength(100);
  });
});
