import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  LoggingMessageNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it } from 'vitest';
import { environment, sallyport, startGateway } from '../support/gateway.ts';
import { eventually, ROOT, SALLYPORT, start, temporaryFolder } from '../support/processes.ts';

const SERVER = join(ROOT, 'test/conformance/upstream/server.mjs');

/** A remote server with the tools of the conformance suite. */
async function remote(...args: readonly string[]): Promise<AsyncDisposable & { url: string; port: string }> {
  const program = start(process.execPath, [SERVER, ...args]);
  const url = await eventually('the server listens', () => /http:\S+/.exec(program.stderr())?.[0]);
  return {
    url,
    port: new URL(url).port,
    async [Symbol.asyncDispose]() {
      await program.stop(500);
    },
  };
}

/** What the tests ask of a client, whichever it is. */
interface Connected extends AsyncDisposable {
  readonly version: () => string | undefined;
  readonly call: (name: string, input?: object) => Promise<{ content?: unknown; isError?: boolean }>;
  readonly tools: () => Promise<string[]>;
  readonly prompt: (name: string) => Promise<unknown>;
  /** What it heard: `progress 50`, `log info`, `elicitation`, `sampling`, `tools changed`. */
  readonly heard: string[];
  readonly listen: () => Promise<void>;
}

type Connect = (args: readonly string[]) => Promise<Connected>;

const CAPABILITIES = { elicitation: { form: {} }, sampling: {}, roots: {} };
const INFO = { name: 'sallyport-tests', version: '1.0.0' };
const SAMPLED = { model: 'm', role: 'assistant', content: { type: 'text', text: 'sampled' } } as const;
const ACCEPTED = { action: 'accept', content: { username: 'ada', email: 'ada@example.com' } } as const;

function command(args: readonly string[], home: ReturnType<typeof temporaryFolder>): object {
  const env = environment(home) as Record<string, string>;
  return { command: process.execPath, args: [SALLYPORT, 'connect', ...args], env, stderr: 'inherit' };
}

function clientV2(mode: 'legacy' | { pin: string }): Connect {
  return async (args) => {
    const home = temporaryFolder();
    const heard: string[] = [];
    const client = new Client(INFO, { capabilities: CAPABILITIES, versionNegotiation: { mode } });
    client.setRequestHandler('elicitation/create', async () => (heard.push('elicitation'), ACCEPTED));
    client.setRequestHandler('sampling/createMessage', async () => (heard.push('sampling'), SAMPLED));
    client.setNotificationHandler(
      'notifications/message',
      ({ params }) => void heard.push(`log ${params.level}`),
    );
    client.setNotificationHandler('notifications/tools/list_changed', () => void heard.push('tools changed'));
    await client.connect(new StdioClientTransport(command(args, home) as { command: string }));
    const meta = mode === 'legacy' ? {} : { 'io.modelcontextprotocol/logLevel': 'info' };
    return {
      heard,
      version: () => client.getNegotiatedProtocolVersion(),
      tools: async () => (await client.listTools()).tools.map(({ name }) => name),
      prompt: (name) => client.getPrompt({ name }),
      call: (name, input = {}) =>
        client.callTool(
          { name, arguments: { ...input }, _meta: meta },
          { onprogress: ({ progress }) => heard.push(`progress ${progress}`) },
        ),
      listen: async () => {
        if (mode !== 'legacy') await client.listen({ toolsListChanged: true });
      },
      async [Symbol.asyncDispose]() {
        await client.close();
        home.remove();
      },
    };
  };
}

const clientV1: Connect = async (args) => {
  const home = temporaryFolder();
  const heard: string[] = [];
  const client = new ClientV1(INFO, { capabilities: CAPABILITIES });
  client.setRequestHandler(ElicitRequestSchema, async () => (heard.push('elicitation'), ACCEPTED));
  client.setRequestHandler(CreateMessageRequestSchema, async () => (heard.push('sampling'), SAMPLED));
  client.setNotificationHandler(
    LoggingMessageNotificationSchema,
    ({ params }) => void heard.push(`log ${params.level}`),
  );
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void heard.push('tools changed'));
  await client.connect(new TransportV1(command(args, home) as { command: string }));
  return {
    heard,
    version: () => client.getServerCapabilities() && '2025-11-25',
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    prompt: (name) => client.getPrompt({ name }),
    call: async (name, input = {}) =>
      (await client.callTool({ name, arguments: { ...input } }, undefined, {
        onprogress: ({ progress }) => heard.push(`progress ${progress}`),
      })) as { content?: unknown },
    listen: async () => {},
    async [Symbol.asyncDispose]() {
      await client.close();
      home.remove();
    },
  };
};

const CLIENTS: readonly (readonly [string, Connect])[] = [
  ['client 2.x at 2026-07-28', clientV2({ pin: '2026-07-28' })],
  ['client 2.x at 2025-11-25', clientV2('legacy')],
  ['sdk 1.x', clientV1],
];
const SERVERS = [
  ['a modern server', ['http', '--era', 'modern']],
  ['a legacy server', ['http', '--era', 'legacy']],
  ['a server of 2024-11-05', ['sse']],
] as const;

describe.each(CLIENTS)('%s through connect', (_client, connect) => {
  it.each(SERVERS)('talks to %s, and nothing is lost in either direction', async (_server, args) => {
    await using server = await remote(...args);
    await using client = await connect([server.url]);
    expect(await client.tools()).toContain('test_simple_text');
    expect(JSON.stringify(await client.call('test_simple_text'))).toContain('text');
    expect(JSON.stringify(await client.prompt('test_simple_prompt'))).toContain('messages');

    await client.call('test_tool_with_progress');
    expect(client.heard).toEqual(expect.arrayContaining(['progress 0', 'progress 50']));
    await client.call('test_tool_with_logging');
    expect(client.heard).toContain('log info');

    await client.listen();
    // The server says it once; whoever listens since a moment ago must hear it.
    await eventually('the change of the tools is heard of', async () => {
      await client.call('test_trigger_tool_change');
      return client.heard.includes('tools changed');
    });
    await client.call('test_sampling', { prompt: 'Hi' });
    expect(client.heard).toContain('sampling');
    await client.call('test_elicitation', { message: 'Who?' });
    expect(client.heard).toContain('elicitation');
  });
});

/** The command itself, spoken to line by line. */
async function raw(args: readonly string[]): Promise<{
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly say: (message: object) => void;
  readonly ended: Promise<number | null>;
}> {
  const home = temporaryFolder();
  const child = spawn(process.execPath, [SALLYPORT, 'connect', ...args], { env: environment(home) });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      home.remove();
      resolve(code);
    });
  });
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    say: (message) => void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`),
    ended,
  };
}

const HELLO = {
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: INFO },
};

describe('sallyport connect', () => {
  it('sends the headers and the bearer, and ends with its input', async () => {
    await using gateway = await startAuthorised();
    const { stdout, say, child, ended } = await raw([gateway.url, '--bearer', gateway.token]);
    say(HELLO);
    say({ id: 2, method: 'ping' });
    await eventually('both are answered', () => stdout().split('\n').length === 3);
    child.stdin?.end();
    expect(await ended).toBe(0);
    for (const line of stdout().trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('result');
  });

  it('says what is wrong, where the server does not take the token', async () => {
    await using gateway = await startAuthorised();
    const { stdout, say, child, stderr, ended } = await raw([
      gateway.url,
      '--header',
      'Authorization: Bearer no',
    ]);
    say(HELLO);
    await eventually('it is answered', () => stdout().includes('\n'));
    expect(stdout()).toContain('wants a login');
    expect(stderr()).not.toContain('Bearer no');
    child.stdin?.end();
    expect(await ended).toBe(0);
  });

  it('comes back to a server that was away', async () => {
    let server = await remote('http', '--era', 'both');
    const { url, port } = server;
    const { stdout, say, child, ended } = await raw([url]);
    say(HELLO);
    await eventually('it is connected', () => stdout().includes('"id":1'));
    await server[Symbol.asyncDispose]();
    say({ id: 2, method: 'tools/call', params: { name: 'test_simple_text', arguments: {} } });
    await eventually('it is told', () => stdout().includes('"id":2'));
    server = await remote('http', '--era', 'both', '--port', port);
    let id = 2;
    await eventually('a call works again', async () => {
      id += 1;
      say({ id, method: 'tools/call', params: { name: 'test_simple_text', arguments: {} } });
      await eventually('it is answered', () => stdout().includes(`"id":${id}`));
      return stdout().includes('"content"');
    });
    child.stdin?.end();
    expect(await ended).toBe(0);
    await server[Symbol.asyncDispose]();
  });

  it('ends at SIGTERM', async () => {
    await using server = await remote('http', '--era', 'both');
    const { child, ended, say, stdout } = await raw([server.url]);
    say(HELLO);
    await eventually('it is connected', () => stdout().includes('"id":1'));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it.each([
    [['ftp://example.com'], 'not an http:// or https:// URL'],
    [['http://127.0.0.1:1/mcp', '--header', 'no-colon secret'], 'not of the form'],
    [['http://127.0.0.1:1/mcp', '--protocol', '2020-01-01'], 'Allowed choices'],
  ])('refuses %j', async (args, reason) => {
    const { code, stderr, stdout } = await sallyport(['connect', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain('no-colon secret');
    expect(stdout).toBe('');
  });
});

/** A gateway with a token, as the remote server. */
async function startAuthorised(): Promise<AsyncDisposable & { url: string; token: string }> {
  const gateway = await startGateway();
  return {
    url: gateway.endpoint,
    token: gateway.token ?? '',
    async [Symbol.asyncDispose]() {
      await gateway.stop();
    },
  };
}
