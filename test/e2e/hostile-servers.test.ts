import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { child, type Gateway, startGateway } from '../support/gateway.ts';
import { callTool, modern, textOf } from '../support/http.ts';
import { eventually } from '../support/processes.ts';

const LINE_LIMIT = 4 * 1024 * 1024;

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({
    config: {
      mcpServers: { child: child(), noisy: child('--junk', '--name', 'noisy'), endless: child() },
      limits: { line: LINE_LIMIT },
    },
    args: ['--log-level', 'debug'],
  });
});
afterAll(() => gateway?.stop());

const stillThere = async (server = 'child'): Promise<void> => {
  expect(textOf(await callTool(gateway, `${server}__echo`, { text: 'still here' }))).toBe('still here');
};

describe('threat 26: a server that says too much', () => {
  it('a line over the limit ends that call, and nothing else', async () => {
    const other = callTool(gateway, 'noisy__echo', { text: 'unharmed', delayMs: 500 });
    const answer = await callTool(gateway, 'child__flood_line', { bytes: LINE_LIMIT + 1_000_000 });
    expect(answer.last.error?.data).toMatchObject({ reason: 'server_reply_too_large' });
    expect(textOf(await other)).toBe('unharmed');
    await stillThere();
  });

  it('a line that never ends does not eat up the memory', async () => {
    const answer = callTool(gateway, 'endless__flood_line', { bytes: 200_000_000, ended: false });
    const ended = await Promise.race([answer, new Promise((settle) => setTimeout(settle, 8000, undefined))]);
    // The call may end or go on waiting for its limit; what may not happen is that the line is kept.
    if (ended !== undefined) expect((ended as { status: number }).status).toBe(200);
    expect(await residentBytes(gateway.pid)).toBeLessThan(300_000_000);
    await stillThere('noisy');
    answer.catch(() => {});
  });

  it('a flood on stderr is kept short in the log, and delays nobody', async () => {
    const before = gateway.program.stderr().length;
    const flood = callTool(gateway, 'noisy__stderr', { lines: 200_000, width: 200 });
    const from = performance.now();
    await stillThere('noisy');
    expect(performance.now() - from).toBeLessThan(10_000);
    expect(textOf(await flood)).toBe('printed');
    expect(gateway.program.stderr().length - before).toBeLessThan(1_000_000);
  });

  it('stderr without a line end does not eat up the memory', async () => {
    expect(textOf(await callTool(gateway, 'noisy__stderr_without_end', { bytes: 100_000_000 }))).toBe(
      'printed',
    );
    expect(await residentBytes(gateway.pid)).toBeLessThan(300_000_000);
  });
});

describe('a server that prints what is no message', () => {
  it('is understood all the same, from its start', async () => {
    await stillThere('noisy');
    expect(textOf(await callTool(gateway, 'noisy__junk'))).toBe('after junk');
  });

  it.each([
    ['an error that is a string', '{"jsonrpc":"2.0","id":ID,"error":"no"}'],
    ['a result that is a string', '{"jsonrpc":"2.0","id":ID,"result":"no"}'],
    ['a result that is null', '{"jsonrpc":"2.0","id":ID,"result":null}'],
    ['both', '{"jsonrpc":"2.0","id":ID,"error":{"code":1,"message":"e"},"result":{"content":[]}}'],
    ['an error without a code', '{"jsonrpc":"2.0","id":ID,"error":{"message":"e"}}'],
  ])('an answer with %s ends the call, and nothing else', async (_what, line) => {
    const answer = await callTool(gateway, 'child__raw', { line }, { timeoutMs: 5000 });
    expect(answer.status).toBeLessThan(500);
    expect(answer.last).toMatchObject({ jsonrpc: '2.0', id: 1 });
    await stillThere();
  });

  it('an answer with neither result nor error ends the call', async () => {
    const answer = await callTool(gateway, 'child__neither', {}, { timeoutMs: 5000 });
    expect(answer.last.error?.data).toMatchObject({ reason: 'server_reply_invalid' });
    await stillThere();
  });
});

describe('the id of an answer', () => {
  it.each([10, 50_000, 1_000_000])('is found behind a result of %i bytes', async (bytes) => {
    const answer = await callTool(gateway, 'child__tail_id', { bytes });
    expect(answer.last.id).toBe(1);
    expect(textOf(answer)).toBe('x'.repeat(bytes));
  });

  it.each([10, 50_000, 1_000_000])('is not taken from the result, of %i bytes', async (bytes) => {
    const answer = await callTool(gateway, 'child__decoy_ids', { bytes }, { id: 'real' });
    expect(answer.last.id).toBe('real');
    expect(textOf(answer)).toBe('x'.repeat(bytes));
    expect(answer.last.result?.['structuredContent']).toMatchObject({ id: 1, inner: { id: 3 } });
  });
});

describe('a large result', () => {
  it.each([15_000, 17_000, 65_536, 1_000_000, 3_900_000])('of %i bytes arrives whole', async (bytes) => {
    const canary = `end ${Math.random()} Grüße 안녕 👋`;
    const text = textOf(await callTool(gateway, 'child__big', { bytes, canary })) ?? '';
    expect(text.endsWith(canary)).toBe(true);
    expect(text).toHaveLength(bytes);
  });

  it('comes whole to sixteen callers at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_unused, index) =>
        callTool(gateway, 'child__big', { bytes: 500_000, canary: `canary ${index}.` }),
      ),
    );
    answers.forEach((answer, index) => expect(textOf(answer)?.endsWith(`canary ${index}.`)).toBe(true));
  });
});

describe('a server that asks', () => {
  it('is answered ping, and told what the gateway does not do', async () => {
    const ping = textOf(await callTool(gateway, 'child__ask', { method: 'ping' }));
    expect(JSON.parse(ping ?? '')).toEqual({ result: {} });
    const answer = textOf(await callTool(gateway, 'child__ask', { method: 'no/such' }));
    expect(JSON.parse(answer ?? '')).toMatchObject({ error: { code: -32601 } });
  });
});

describe('threat 28: text that would forge a line of the log', () => {
  const FORGED = '\n{"level":50,"msg":"forged"}\r\n\u2028{"event_type":"forged"}\u001b[31m';

  it('in a tool name, in what a server prints, in a header and a path', async () => {
    await modern(gateway, 'tools/call', { name: `x${FORGED}` }, { headers: { 'mcp-name': 'x' } });
    await modern(gateway, `x${FORGED}`, {}, { headers: { 'mcp-method': 'x' } });
    await callTool(gateway, 'child__stderr', { text: `on stderr \u001b[31m\r{"msg":"forged"}\u2028x` });
    await modern(gateway, 'tools/list', {}, { path: '/servers/%0A%7B%22msg%22%3A%22forged%22%7D/mcp' });
    await eventually('the log has it', () => gateway.program.stderr().includes('on stderr'));
    for (const line of gateway.program.stderr().split('\n')) {
      // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
      expect(line).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f\u2028\u2029]/);
      if (!line.startsWith('{')) continue;
      const entry = JSON.parse(line) as Record<string, unknown>;
      expect(entry['msg']).not.toBe('forged');
      expect(entry).not.toHaveProperty('event_type');
    }
  });

  it('the log holds no arguments, no results and no token', async () => {
    const secret = `canary-${Math.random()}`;
    await callTool(gateway, 'child__echo', { text: secret });
    await callTool(gateway, 'child__rpc_error', { code: -32000, message: 'no', data: { secret } });
    const log = gateway.program.stderr();
    expect(log).not.toContain(secret);
    const afterTheScreen = log.split('\n').filter((line) => line.startsWith('{'));
    expect(afterTheScreen.join('\n')).not.toContain(gateway.token);
  });

  it('every line about a call carries its id', async () => {
    const before = gateway.program.stderr().length;
    await callTool(gateway, 'child__echo', { text: 'x' });
    const lines = await eventually('the call is in the log', () => {
      const all = gateway.program.stderr().slice(before).split('\n');
      const calls = all.filter((line) => line.includes('tools/call'));
      return calls.length > 0 ? calls : undefined;
    });
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('call');
  });
});

/** Memory of a process that is really in use (proc(5), VmRSS). */
async function residentBytes(pid: number): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
