import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  build,
  nodeBase,
  packageOfRegistry,
  packagesOfCheckout,
  pythonBase,
  uvBase,
} from '../support/base-images.ts';
import { type Engine, openEngine, tellSkipped } from '../support/containers.ts';
import { type Gateway, sallyport, startGateway } from '../support/gateway.ts';
import { callTool, modern, textOf } from '../support/http.ts';
import { ROOT, start, temporaryFolder } from '../support/processes.ts';

const EXAMPLES = join(ROOT, 'examples', 'containers');
const read = (file: string): string => readFileSync(join(EXAMPLES, file), 'utf8');

const found = openEngine();
const engine = found as Engine;
if ('missing' in found) tellSkipped('the Dockerfiles of examples/containers', found.missing);

/** The gateway's configuration of the examples, with only these of its servers. */
async function gatewayOf(...names: readonly string[]): Promise<Gateway> {
  const { stdout } = await sallyport(['validate', join(EXAMPLES, 'sallyport.yaml'), '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ valid: true });
  const config = names.map((name) => [name, { container: { image: `localhost/example-${name}` } }] as const);
  return startGateway({ config: { mcpServers: Object.fromEntries(config) }, env: engine.env });
}

async function toolsOf(gateway: Gateway): Promise<string[]> {
  const { tools } = (await modern(gateway, 'tools/list')).last.result as { tools: { name: string }[] };
  return tools.map(({ name }) => name);
}

/** The version that a Dockerfile installs. */
const specOf = (name: string): string => /\S+@\d[\w.]+$/m.exec(read(`${name}/Dockerfile`))?.[0] ?? '';

describe.skipIf('missing' in found)('the images of the examples (SKIPPED without an engine)', () => {
  const built: string[] = [];
  afterAll(() => {
    if (built.length > 0) engine.run('rmi', '--force', ...built);
  });

  function image(name: string, bases: Readonly<Record<string, string>>): void {
    const tag = `localhost/example-${name}`;
    const folder = name === 'dice' ? 'node' : name === 'clock' ? 'python' : name;
    build(engine, tag, join(EXAMPLES, folder), new Map(Object.entries(bases)));
    built.push(tag, ...Object.values(bases));
  }

  it('node: a server of your own', async () => {
    using folder = temporaryFolder();
    const names = ['@modelcontextprotocol/server', '@modelcontextprotocol/core', 'zod'];
    const base = 'localhost/sallyport-test-node-dice';
    nodeBase(engine, base, packagesOfCheckout(folder.path, names));
    image('dice', { 'node:24-slim': base });
    await using gateway = await gatewayOf('dice');
    expect(await toolsOf(gateway)).toEqual(['roll_dice']);
    const rolled = textOf(await callTool(gateway, 'roll_dice', { count: 3, sides: 2 }));
    expect(rolled).toMatch(/^[12] [12] [12]$/);
  });

  it('python: a server of your own', async () => {
    const base = 'localhost/sallyport-test-python';
    const uv = 'localhost/sallyport-test-uv';
    if (!pythonBase(engine, base))
      return tellSkipped('the Python image', "there is no Debian's python3 here");
    tellSkipped(
      'uv in the Python image',
      'a stand-in takes its place, since its image comes from a registry',
    );
    uvBase(engine, uv);
    image('clock', { 'python:3.13-slim': base, 'ghcr.io/astral-sh/uv:0.9': uv });
    await using gateway = await gatewayOf('clock');
    expect(await toolsOf(gateway)).toEqual(['time_in']);
    expect(textOf(await callTool(gateway, 'time_in', { zone: 'Asia/Seoul' }))).toMatch(/^20.*\+09:00$/);
    expect(textOf(await callTool(gateway, 'time_in', { zone: '../../etc/passwd' }))).toContain(
      'no time zone',
    );
  });

  it.each([
    ['sequential-thinking', ['sequentialthinking']],
    ['context7', ['resolve-library-id', 'query-docs']],
  ])('%s: as it comes from npm', async (name, tools) => {
    const packages = packageOfRegistry(specOf(name));
    if (packages === undefined) return tellSkipped(`the image of ${name}`, 'npm reaches no registry here');
    const base = `localhost/sallyport-test-node-${name}`;
    nodeBase(engine, base, packages);
    image(name, { 'node:24-slim': base });
    await using gateway = await gatewayOf(name);
    expect((await toolsOf(gateway)).toSorted()).toEqual(tools.toSorted());
  });
});

describe('the Python server of the examples', () => {
  it('speaks the protocol, and ends with its input', async () => {
    const server = join(EXAMPLES, 'python', 'server.py');
    const messages = [
      { jsonrpc: '2.0', id: 0, method: 'initialize', params: {} },
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', id: 1, method: 'ping' },
      { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'no_such_tool' } },
      { jsonrpc: '2.0', id: 3, method: 'no/such/method' },
    ];
    const input = messages.map((message) => `${JSON.stringify(message)}\n`).join('');
    let program;
    try {
      program = start('python3', ['-u', server], { input });
    } catch {
      return tellSkipped('the Python server', 'there is no python3 here');
    }
    expect(await program.ended).toEqual({ code: 0, signal: null });
    const lines = program.stdout().trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { id: 0, result: { protocolVersion: '2025-11-25', serverInfo: { name: 'clock' } } },
      { id: 1, result: {} },
      { id: 2, error: { code: -32602 } },
      { id: 3, error: { code: -32601 } },
    ]);
  });
});

describe('the client files of the examples', () => {
  it.each(['clients/mcp.json', 'sallyport.yaml'])(
    '%s is a configuration of all four servers',
    async (file) => {
      const { code, stdout } = await sallyport(['validate', join(EXAMPLES, file), '--json']);
      expect(code).toBe(0);
      const { servers } = JSON.parse(stdout) as { servers: { name: string }[] };
      const names = servers.map(({ name }) => name).toSorted();
      expect(names).toEqual(['clock', 'context7', 'dice', 'sequential-thinking']);
    },
  );

  it.each(['clients/cursor.mcp.json', 'clients/claude-code.mcp.json'])('%s leads to the gateway', (file) => {
    const { mcpServers } = JSON.parse(read(file)) as { mcpServers: Record<string, Record<string, unknown>> };
    expect(mcpServers['sallyport']?.['url']).toBe('http://127.0.0.1:8080/mcp');
    expect(mcpServers['sallyport']?.['headers']).toMatchObject({
      Authorization: expect.stringMatching(/^Bearer \$\{(?:env:)?SALLYPORT_TOKEN\}$/) as string,
    });
  });
});
