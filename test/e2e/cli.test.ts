import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { child, type Gateway, sallyport, startGateway } from '../support/gateway.ts';
import { ROOT, SALLYPORT, temporaryFolder } from '../support/processes.ts';

let gateway: Gateway;
const folder = temporaryFolder();
beforeAll(async () => {
  gateway = await startGateway({ config: { mcpServers: { child: child('--items', '3') } } });
});
afterAll(async () => {
  await gateway?.stop();
  folder.remove();
});

/** The command as a client of the test's gateway, by its home or by address and token. */
const atHome = (args: readonly string[]): ReturnType<typeof sallyport> =>
  sallyport(args, { env: { SALLYPORT_HOME: join(gateway.home, 'home') } });
const byUrl = (args: readonly string[], token = gateway.token): ReturnType<typeof sallyport> =>
  sallyport([...args, '--url', gateway.endpoint, ...(token === undefined ? [] : ['--token', token])]);

function file(name: string, text: string): string {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
}

const version = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;

/** How long Node takes with these arguments, in milliseconds. */
function timeOf(args: readonly string[]): number {
  const from = performance.now();
  spawnSync(process.execPath, [...args]);
  return performance.now() - from;
}

describe('sallyport', () => {
  it('--version prints the version and nothing else', async () => {
    expect(await sallyport(['--version'])).toEqual({
      code: 0,
      signal: null,
      stdout: `${version}\n`,
      stderr: '',
    });
  });

  it('--version is there soon after bare Node', () => {
    // The best of nine by turns: what else the machine does can only make a run slower.
    const pairs = Array.from({ length: 9 }, () => [timeOf(['-e', '0']), timeOf([SALLYPORT, '--version'])]);
    const [bare = 0, ours = 0] = [0, 1].map((at) => Math.min(...pairs.map((pair) => pair[at] ?? 0)));
    expect(ours - bare).toBeLessThan(60);
  });

  it('--help names every command', async () => {
    const { code, stdout } = await sallyport(['--help']);
    expect(code).toBe(0);
    for (const command of ['up', 'validate', 'schema', 'tools', 'call', 'server'])
      expect(stdout).toContain(command);
  });

  it.each([['no-such-command'], ['up', '--no-such-option'], ['up', '--listen', 'nowhere'], ['call']])(
    '%j %j: a wrong command line is exit code 2, on stderr',
    async (...args) => {
      const outcome = await sallyport(args.filter((arg) => typeof arg === 'string'));
      expect([outcome.code, outcome.stdout]).toEqual([2, '']);
      expect(outcome.stderr).not.toBe('');
    },
  );

  it('suggests what may have been meant', async () => {
    expect((await sallyport(['valdate'])).stderr).toContain('validate');
  });

  it('runs when it is started through a link, from another folder', async () => {
    const { symlinkSync } = await import('node:fs');
    const link = join(folder.path, 'sallyport');
    symlinkSync(SALLYPORT, link);
    const outcome = spawnSync(process.execPath, [link, '--version'], { cwd: '/', encoding: 'utf8' });
    expect(outcome.stdout).toBe(`${version}\n`);
  });
});

describe('validate', () => {
  it('a good config: exit code 0', async () => {
    const good = file('good.yaml', 'mcpServers:\n  a:\n    command: node\n');
    expect((await sallyport(['validate', good])).code).toBe(0);
  });

  it('every mistake with its place, a caret and what may have been meant: exit code 1', async () => {
    const bad = file(
      'bad.yaml',
      'lisen: 127.0.0.1:80\nmcpServers:\n  a:\n    comand: node\n  b__c:\n    command: 7\n',
    );
    const outcome = await sallyport(['validate', bad]);
    const text = outcome.stdout + outcome.stderr;
    expect(outcome.code).toBe(1);
    expect(text).toMatch(/bad\.yaml:1:1\b/);
    expect(text).toMatch(/bad\.yaml:4:5\b/);
    expect(text).toMatch(/bad\.yaml:5:3\b/);
    expect(text).toMatch(/bad\.yaml:6:\d+/);
    expect(text).toMatch(/^\s*\|?\s*\^/m);
    expect(text).toContain('listen');
    expect(text).toContain('command');
    // oxlint-disable-next-line no-control-regex -- no terminal, so no colours
    expect(text).not.toMatch(/\u001b\[/);
  });

  it('--json tells the same to programs', async () => {
    const bad = file('bad2.json', '{"lisen": "x"}');
    const outcome = await sallyport(['validate', bad, '--json']);
    expect(outcome.code).toBe(1);
    expect(JSON.stringify(JSON.parse(outcome.stdout))).toMatch(/"line":1.*"column":2|"column":2.*"line":1/);
  });

  it('prints no value of a secret', async () => {
    const text =
      'mcpServers:\n  a:\n    command: node\n    env:\n      KEY: ${env:SECRET}\n      KEY2: [1]\n';
    const outcome = await sallyport(['validate', file('secret.yaml', text)], {
      env: { SECRET: 'canary-value' },
    });
    expect(outcome.stdout + outcome.stderr).not.toContain('canary-value');
  });

  it.each([
    ['nothing', ''],
    ['a list', '[]'],
    ['broken YAML', 'a: [\n'],
    [
      'a bomb',
      'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c]\n',
    ],
    [
      'keys of JavaScript',
      '{"__proto__": {"listen": "x"}, "constructor": {}, "mcpServers": {"__proto__": {}}}',
    ],
    ['bytes', '\0\x01\x02'],
  ])('a file with %s in it: an answer, never a crash', async (_what, text) => {
    const outcome = await sallyport(['validate', file('odd.yaml', text)]);
    expect([0, 1]).toContain(outcome.code);
    expect(outcome.stderr).not.toMatch(/\n\s+at .*\.js:\d+/);
  });

  it('a file that is not there says so', async () => {
    const outcome = await sallyport(['validate', '/no/such/file.yaml']);
    expect(outcome.code).toBeGreaterThan(0);
    expect(outcome.stderr + outcome.stdout).toContain('/no/such/file.yaml');
  });
});

describe('schema', () => {
  it('prints a JSON Schema that says what every key is for', async () => {
    const { code, stdout } = await sallyport(['schema']);
    expect(code).toBe(0);
    const schema = JSON.parse(stdout) as {
      $schema: string;
      properties: Record<string, { description?: string }>;
    };
    expect(schema.$schema).toContain('json-schema.org');
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['listen', 'mcpServers']));
    for (const [key, value] of Object.entries(schema.properties)) {
      if (!key.startsWith('$')) expect(value.description, key).toMatch(/\w/);
    }
  });
});

describe('tools', () => {
  it.each([
    ['by home', atHome],
    ['by address', byUrl],
  ] as const)('lists them %s', async (_way, run) => {
    const outcome = await run(['tools']);
    expect(outcome.stderr).toBe('');
    expect(outcome.code).toBe(0);
    for (const name of ['echo', 'item_2']) expect(outcome.stdout).toContain(name);
  });

  it('--json is what the server said', async () => {
    const { stdout } = await byUrl(['tools', '--json']);
    const { tools } = JSON.parse(stdout) as { tools: { name: string; inputSchema: object }[] };
    expect(tools.find(({ name }) => name === 'echo')).toMatchObject({ inputSchema: { type: 'object' } });
  });
});

describe('call', () => {
  it('prints what the tool answers', async () => {
    const outcome = await byUrl(['call', 'echo', '{"text":"Grüße, 안녕"}']);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout.trimEnd()).toBe('Grüße, 안녕');
    expect((await atHome(['call', 'echo', '{"text":"at home"}'])).stdout.trimEnd()).toBe('at home');
  });

  it('takes the arguments from stdin', async () => {
    const args = ['call', 'echo', '-', '--url', gateway.endpoint, '--token', gateway.token ?? ''];
    expect((await sallyport(args, { input: '{"text":"piped"}' })).stdout.trimEnd()).toBe('piped');
  });

  it('--json is the result as the server sent it', async () => {
    const { stdout } = await byUrl(['call', 'structured', '{"value":{"a":[1,2]}}', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ structuredContent: { a: [1, 2] } });
  });

  it('progress is talk: it goes to stderr', async () => {
    const outcome = await byUrl(['call', 'progress', '{"steps":3,"label":"step "}']);
    expect(outcome.stderr).toContain('step 2');
    expect(outcome.stdout).not.toContain('step 2');
  });

  it('a tool that fails: exit code 1, its words on stderr', async () => {
    const outcome = await byUrl(['call', 'fail', '{"message":"the tool says no"}']);
    expect([outcome.code, outcome.stdout]).toEqual([1, '']);
    expect(outcome.stderr).toContain('the tool says no');
  });

  it('a tool that is not there: exit code 1, and what may have been meant', async () => {
    const outcome = await byUrl(['call', 'ecko', '{}']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('echo');
  });

  it('arguments that are not JSON: exit code 2', async () => {
    expect((await byUrl(['call', 'echo', '{text:1}'])).code).toBe(2);
    expect((await byUrl(['call', 'echo', '[1]'])).code).toBe(2);
  });

  it('a wrong token, or none: exit code 4', async () => {
    expect((await byUrl(['call', 'echo', '{}'], 'wrong')).code).toBe(4);
    const outcome = await sallyport(['tools', '--url', gateway.endpoint]);
    expect(outcome.code).toBe(4);
    expect(outcome.stderr).toMatch(/token/);
  });

  it('nobody there: exit code 5', async () => {
    const outcome = await sallyport(['tools', '--url', 'http://127.0.0.1:9/mcp']);
    expect([outcome.code, outcome.stdout]).toEqual([5, '']);
    expect((await sallyport(['tools'])).code).toBe(5);
  });

  it('the token of a home is not sent to another address', async () => {
    const { createServer } = await import('node:http');
    const seen: string[] = [];
    const spy = createServer((request, response) => {
      seen.push(JSON.stringify(request.headers));
      response.writeHead(500).end();
    }).listen(0, '127.0.0.1');
    await new Promise((settle) => spy.once('listening', settle));
    const address = spy.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const outcome = await atHome(['tools', '--url', `http://127.0.0.1:${port}/mcp`]);
    spy.close();
    expect(outcome.code).toBe(5);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.join()).not.toContain(gateway.token);
  });

  it('colours only where somebody sees them', async () => {
    const colourful = await sallyport(['tools', '--url', gateway.endpoint, '--token', gateway.token ?? ''], {
      env: { FORCE_COLOR: '1', NO_COLOR: '1' },
    });
    // oxlint-disable-next-line no-control-regex -- NO_COLOR wins
    expect(colourful.stdout).not.toMatch(/\u001b\[/);
  });
});

describe('server net', () => {
  it('is an MCP server on stdio, in both eras, with data on stdout only', async () => {
    for (const mode of ['legacy', { pin: '2026-07-28' }] as const) {
      const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
      const args = [SALLYPORT, 'server', 'net'];
      await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'pipe' }));
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name).sort()).toEqual(['check_common_ports', 'fetch_page', 'ping_host']);
      for (const tool of tools) {
        expect(tool.outputSchema, tool.name).toBeDefined();
        expect(tool.annotations, tool.name).toBeDefined();
      }
      const result = await client.callTool({ name: 'fetch_page', arguments: { host: '127.0.0.1' } });
      expect(result.isError).toBe(true);
      await client.close();
    }
  });

  it('one that is not there: the ones that are, and an exit code', async () => {
    const outcome = await sallyport(['server', 'nett']);
    expect([outcome.code, outcome.stdout]).toEqual([2, '']);
    expect(outcome.stderr).toContain('net');
  });
});
