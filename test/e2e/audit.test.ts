import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { child, type Gateway, sallyport, startGateway } from '../support/gateway.ts';
import { callTool, send } from '../support/http.ts';
import { eventually } from '../support/processes.ts';

type Line = Record<string, unknown>;

const linesOf = (file: string): Line[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

const logOf = (gateway: Gateway): string => join(gateway.home, 'home', 'audit', 'audit.jsonl');

const eventsOf = (gateway: Gateway, type: string): Line[] =>
  linesOf(logOf(gateway)).filter((line) => line['event_type'] === type);

const SERVERS = { mcpServers: { child: child() } };

/** A command on the log of this gateway. */
const audit = (gateway: Gateway, ...words: string[]) =>
  sallyport(['audit', ...words], { env: { SALLYPORT_HOME: join(gateway.home, 'home') } });

describe('a gateway with audit: {}', () => {
  it('records each call and each refusal, and no value of either', async () => {
    await using gateway = await startGateway({ config: { ...SERVERS, audit: {} } });
    await callTool(gateway, 'echo', { text: 'canary-4711', more: 1 });
    await callTool(gateway, 'no_such_tool', {});
    await send({ ...gateway, token: 'canary-token' }, { body: '{}' });
    await send({ ...gateway, token: undefined }, { body: '{}', path: '/mcp?key=canary-query' });
    await send(gateway, { body: 'no JSON, canary-body' });
    await eventually('it is written', () => eventsOf(gateway, 'refusal').length === 3);
    expect(eventsOf(gateway, 'tool_call')[0]).toMatchObject({
      user_id: expect.any(String) as string,
      tool_name: 'echo',
      method: 'tools/call',
      parameter_count: 2,
      outcome: 'ok',
      action_taken: 'forwarded',
      contains_pii: false,
      ip: '127.0.0.1',
    });
    expect(eventsOf(gateway, 'refusal').map(({ policy }) => policy)).toEqual([
      'unauthorized',
      'unauthorized',
      'parse_error',
    ]);
    expect(readFileSync(logOf(gateway), 'utf8')).not.toContain('canary');
    const found = await audit(gateway, 'search', 'event:refusal', 'policy:unauth*', '--json');
    expect(found.stdout.trim().split('\n')).toHaveLength(2);
  });

  it('is verified, and a changed record is named', async () => {
    await using gateway = await startGateway({ config: { ...SERVERS, audit: {} } });
    for (let i = 0; i < 5; i++) await callTool(gateway, 'echo', { text: 'x' });
    await eventually('it is written', () => linesOf(logOf(gateway)).length > 5);
    const good = await audit(gateway, 'verify');
    expect([good.code, good.stdout]).toEqual([0, expect.stringContaining('whole')]);
    const nowhere = join(gateway.home, 'nowhere');
    const keyless = await audit(gateway, 'verify', '--keys', nowhere);
    expect([keyless.code, keyless.stderr]).toEqual([
      1,
      expect.stringContaining('keys of the log are not in'),
    ]);
    expect(existsSync(nowhere)).toBe(false);
    const text = readFileSync(logOf(gateway), 'utf8');
    writeFileSync(logOf(gateway), text.replace('"seq":3', '"seq":4'));
    const bad = await audit(gateway, 'verify', '--json');
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.stdout)).toMatchObject({ valid: false, problem: { seq: 3, line: 3 } });
  });

  it('tells what occurs most, exports and reports', async () => {
    await using gateway = await startGateway({ config: { ...SERVERS, audit: {} } });
    for (let i = 0; i < 3; i++) await callTool(gateway, 'echo', { text: 'x' });
    await eventually(
      'it is written',
      () => readFileSync(logOf(gateway), 'utf8').match(/tool_call/g)?.length === 3,
    );
    expect((await audit(gateway, 'top', 'tool')).stdout).toBe('3  echo\n');
    expect((await audit(gateway, 'export', 'tool:echo')).stdout.split('\r\n')).toHaveLength(5);
    const report = await audit(gateway, 'report');
    expect(report.stdout).toContain('| echo | 3 |');
    expect(report.stdout).toContain('**The chain**: whole.');
    expect((await audit(gateway, 'search', 'nonsense')).code).toBe(2);
  });

  it('raises alerts: in the log, and to a webhook', async () => {
    const posted: Line[] = [];
    const hook = createServer((req, res) => {
      let body = '';
      req.on('data', (part: Buffer) => (body += part.toString()));
      req.on('end', () => {
        posted.push(JSON.parse(body) as Line);
        res.end();
      });
    });
    await new Promise<void>((resolve) => {
      hook.listen(0, '127.0.0.1', resolve);
    });
    const { port } = hook.address() as AddressInfo;
    const config = {
      ...SERVERS,
      audit: {
        webhook: `http://127.0.0.1:${port}/alerts`,
        alerts: [{ name: 'echoes', when: 'tool:echo', threshold: 3, window: '1m' }],
      },
    };
    await using gateway = await startGateway({ config });
    for (let i = 0; i < 5; i++) await callTool(gateway, 'echo', { text: 'x' });
    await eventually('it is written', () => posted.length === 1);
    expect(posted[0]).toMatchObject({ event: 'sallyport.alert', rule: 'echoes', count: 3, threshold: 3 });
    await eventually('it is written', () => eventsOf(gateway, 'alert').length === 1);
    hook.close();
  });
});

describe('audit.required', () => {
  it('answers a call when its record is on the disk', async () => {
    await using gateway = await startGateway({ config: { ...SERVERS, audit: { required: true } } });
    await callTool(gateway, 'echo', { text: 'x' });
    expect(linesOf(logOf(gateway)).at(-1)).toMatchObject({ tool_name: 'echo' });
  });

  it('refuses calls that cannot be recorded, before the server works on them', async () => {
    // Every write to this device fails with ENOSPC.
    const config = { ...SERVERS, audit: { required: true, file: '/dev/full' } };
    await expect(startGateway({ config })).rejects.toThrow();
  });
});

it('accessLog: one line for each request, without its query', async () => {
  await using gateway = await startGateway({ config: { ...SERVERS, accessLog: { file: 'access.jsonl' } } });
  await callTool(gateway, 'echo', { text: 'x' });
  await send({ ...gateway, token: undefined }, { body: '{}', path: '/mcp?key=canary' });
  const file = join(gateway.configFile, '..', 'access.jsonl');
  await eventually('it is written', () => linesOf(file).length >= 2);
  expect(linesOf(file).at(-1)).toMatchObject({
    method: 'POST',
    uri: '/mcp',
    status: 401,
    user_id: null,
    client_ip: '127.0.0.1',
  });
  expect(linesOf(file)[0]).toMatchObject({ status: 200, user_id: expect.any(String) as string });
  expect(readFileSync(file, 'utf8')).not.toContain('canary');
});
