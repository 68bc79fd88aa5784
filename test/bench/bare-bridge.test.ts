import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { HERE } from './folders.ts';
import { freePort } from './free-port.ts';
import { Client } from './load/client.ts';
import type { Endpoint } from './load/request.ts';

const NODE_CHILD = [process.execPath, join(HERE, 'echo-child.mjs')];

let bridge: ChildProcess | undefined;
let endpoint: Endpoint;

async function startBridge(child: readonly string[]): Promise<void> {
  const port = await freePort();
  endpoint = { host: '127.0.0.1', port, path: '/mcp', headers: [] };
  bridge = spawn(process.execPath, [join(HERE, 'bare-bridge.mjs'), ...child], {
    env: { ...process.env, PORT: String(port), SESSIONS: '1' },
    stdio: 'inherit',
  });
  for (let i = 0; i < 500; i += 1) {
    try {
      (await Client.open(endpoint)).close();
      return;
    } catch {
      await sleep(10);
    }
  }
  throw new Error('The bare bridge does not listen.');
}

afterAll(() => {
  bridge?.kill();
});

/** Answers the n-th call in two writes, the first one n bytes long. */
const SPLITTING_CHILD = `
  let n = 0;
  require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, params } = JSON.parse(line);
    const result = { content: [{ type: 'text', text: params.arguments.text }] };
    const answer = JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n';
    n += 1;
    process.stdout.write(answer.slice(0, n));
    setTimeout(() => process.stdout.write(answer.slice(n)), 5);
  });
`;

describe('the bare bridge before a child that writes in pieces', () => {
  beforeAll(() => startBridge([process.execPath, '--eval', SPLITTING_CHILD]));
  afterAll(() => bridge?.kill());

  it('finds the id wherever an answer is cut', async () => {
    const client = await Client.open(endpoint);
    let calls = 0;
    await client.repeat({ era: 'modern', tool: 'echo', bytes: 50 }, 0, () => {
      calls += 1;
      return calls < 120;
    });
    client.close();
    expect(calls).toBe(120);
  });
});

describe('the bare bridge', () => {
  beforeAll(() => startBridge(NODE_CHILD));

  it.each([
    { era: 'legacy', tool: 'echo', bytes: 100 },
    { era: 'modern', tool: 'echo', bytes: 10_000 },
    { era: 'legacy', tool: 'blob', bytes: 10 },
    { era: 'legacy', tool: 'blob', bytes: 2_000_000 },
  ] as const)('answers many clients at once: $era $tool of $bytes bytes', async (call) => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => Client.open(endpoint)));
    await Promise.all(
      clients.map(async (client, number) => {
        await client.openSession();
        let calls = 0;
        await client.repeat(call, number, () => {
          calls += 1;
          return calls < 10;
        });
        client.close();
        expect(calls).toBe(10);
      }),
    );
  });

  it('knows no session that it did not open', async () => {
    const client = await Client.open(endpoint);
    const { status } = await client.exchange(
      Buffer.from('POST /mcp HTTP/1.1\r\nhost: x\r\nmcp-session-id: y\r\ncontent-length: 8\r\n\r\n{"id":1}'),
    );
    client.close();
    expect(status).toBe(404);
  });
});

const REQUESTS = [
  { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25' } },
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  {
    params: { arguments: { text: 'a "quoted" {text}, é€😀\n' }, name: 'echo' },
    method: 'tools/call',
    id: 'x"1',
  },
  { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'echo', arguments: {} } },
  { jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'blob', arguments: { size: 100_000 } } },
  { jsonrpc: '2.0', id: 4, method: 'tools/call', params: { name: 'blob', arguments: { size: 0 } } },
  { jsonrpc: '2.0', id: 5, method: 'tools/list' },
  { jsonrpc: '2.0', id: 6, method: 'ping' },
  { jsonrpc: '2.0', id: 7, method: 'server/discover', params: {} },
];

/** All answers to REQUESTS, without the name that a child gives itself. */
function answers(command: readonly string[]): unknown[] {
  const [program = '', ...args] = command;
  const input = REQUESTS.map((request) => `${JSON.stringify(request)}\n`).join('');
  const { stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8' });
  expect(stderr).toBe('');
  const lines = stdout.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line.replace(/echo-(?:c|node)/, 'echo')) as unknown);
}

describe('the echo child', () => {
  it('answers each request, and nothing else', () => {
    expect(answers(NODE_CHILD)).toMatchObject([
      { id: 1, result: { protocolVersion: '2025-11-25', serverInfo: { name: 'echo' } } },
      { id: 'x"1', result: { content: [{ type: 'text', text: 'a "quoted" {text}, é€😀\n' }] } },
      { id: 2, result: { content: [{ text: '' }] } },
      { id: 3, result: { content: [{ text: 'x'.repeat(100_000) }] } },
      { id: 4, result: { content: [{ text: '' }] } },
      { id: 5, result: { tools: [{ name: 'echo' }, { name: 'blob' }] } },
      { id: 6, result: {} },
      { id: 7, error: { code: -32601 } },
    ]);
  });

  it('answers in C what it answers in Node', (context) => {
    if (spawnSync('gcc', ['--version']).error) context.skip('gcc is not installed');
    const folder = mkdtempSync(join(tmpdir(), 'echo-child-'));
    try {
      const program = join(folder, 'echo-child');
      const source = join(HERE, 'echo-child.c');
      const { status, stderr } = spawnSync('gcc', ['-O2', '-Wall', '-Wextra', '-o', program, source]);
      expect([status, stderr.toString()]).toEqual([0, '']);
      expect(answers([program])).toEqual(answers(NODE_CHILD));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
