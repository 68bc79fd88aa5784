import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Family, readExposition, valueOf } from '../support/exposition.ts';
import { child, type Gateway, sallyport, startGateway } from '../support/gateway.ts';
import { begin, callTool, modern, modernRequest, send, Session } from '../support/http.ts';
import { eventually } from '../support/processes.ts';

const SERVERS = { mcpServers: { child: child() } };
const PLAIN = { method: 'GET', path: '/metrics', headers: { authorization: undefined } };

/** What Prometheus gets, read as strictly as its own tool reads it. */
async function scrape(gateway: Gateway, port = gateway.port): Promise<Map<string, Family>> {
  const answer = await send({ port, token: undefined }, PLAIN);
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  return readExposition(answer.text);
}

describe('a scrape', () => {
  it('says what was called, how that ended, and what was refused', async () => {
    await using gateway = await startGateway({ config: { ...SERVERS, metrics: {}, audit: {} } });
    await modern(gateway, 'tools/list');
    await callTool(gateway, 'echo', { text: 'canary-4711' });
    await callTool(gateway, 'canary-of-nobody');
    await send({ ...gateway, token: 'canary-token' }, { body: '{}' });
    await send(gateway, { body: '{}', path: '/canary-path?x=canary' });
    const session = await Session.open(gateway);
    await session.call('echo');
    const families = await eventually('the log is written', async () => {
      const now = await scrape(gateway);
      return valueOf(now, 'sallyport_audit_records_total') > 5 && now;
    });
    const echo = { server: 'child', method: 'tools/call', tool: 'echo' };
    expect(valueOf(families, 'sallyport_calls_total', { ...echo, outcome: 'ok' })).toBe(2);
    expect(valueOf(families, 'sallyport_call_duration_seconds_count', echo)).toBe(2);
    expect(valueOf(families, 'sallyport_calls_total', { server: 'child', tool: 'other' })).toBe(1);
    expect(valueOf(families, 'sallyport_refusals_total', { reason: 'unauthorized' })).toBe(1);
    expect(valueOf(families, 'sallyport_refusals_total', { reason: 'no_such_path' })).toBe(1);
    expect(valueOf(families, 'sallyport_sessions')).toBe(1);
    expect(valueOf(families, 'sallyport_server_up', { server: 'child' })).toBe(1);
    expect(valueOf(families, 'sallyport_children', { server: 'child', state: 'ready' })).toBeGreaterThan(0);
    const requests = { endpoint: 'mcp', method: 'POST' };
    expect(valueOf(families, 'sallyport_http_requests_total', { ...requests, status: '401' })).toBe(1);
    expect(valueOf(families, 'process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
    const { text } = await send(gateway, PLAIN);
    expect(text).not.toMatch(/canary|127\.0\.0\.1/);
    expect(text).not.toContain(session.id);
  });

  it('counts a call while it is in flight, and restarts of what ended', async () => {
    await using gateway = await startGateway({ config: { ...SERVERS, metrics: {} } });
    const underway = begin(
      gateway,
      modernRequest('tools/call', { name: 'echo', arguments: { text: 'x', delayMs: 60_000 } }),
    );
    await eventually(
      'it is in flight',
      async () => valueOf(await scrape(gateway), 'sallyport_calls_in_flight') === 1,
    );
    underway.close();
    await eventually(
      'it is over',
      async () => valueOf(await scrape(gateway), 'sallyport_calls_in_flight') === 0,
    );
    await callTool(gateway, 'crash');
    const families = await scrape(gateway);
    const exited = { server: 'child', reason: 'server_exited' };
    expect(valueOf(families, 'sallyport_upstream_errors_total', exited)).toBe(1);
    await eventually('it is started again', async () => {
      await callTool(gateway, 'echo');
      return valueOf(await scrape(gateway), 'sallyport_child_restarts_total', { server: 'child' }) > 0;
    });
  });

  it('counts personal data by type, and alerts by rule', async () => {
    const guard = { policies: [{ entities: ['EMAIL_ADDRESS'], action: 'mask' }] };
    const alerts = [{ name: 'mail', when: 'pii:true', threshold: 1 }];
    await using gateway = await startGateway({
      config: { ...SERVERS, metrics: {}, guard, audit: { alerts } },
    });
    await callTool(gateway, 'echo', { text: 'write to jane.roe@example.com' });
    const families = await eventually('the alert is out', async () => {
      const now = await scrape(gateway);
      return valueOf(now, 'sallyport_alerts_total', { rule: 'mail' }) === 1 && now;
    });
    expect(valueOf(families, 'sallyport_pii_entities_total', { type: 'EMAIL_ADDRESS' })).toBeGreaterThan(0);
    expect(valueOf(families, 'sallyport_guard_actions_total', { action: 'mask' })).toBe(1);
    expect((await send(gateway, PLAIN)).text).not.toContain('jane');
  });
});

describe('/metrics', () => {
  it('is not there where nobody asked for it', async () => {
    await using gateway = await startGateway({ config: SERVERS });
    expect((await send(gateway, PLAIN)).status).toBe(404);
  });

  it('is nothing for those who may not read it, and for whoever a proxy speaks for that is not trusted', async () => {
    await using strangers = await startGateway({
      config: { ...SERVERS, metrics: { allow: ['192.0.2.0/24'] } },
    });
    const [no, nothing] = [
      await send(strangers, PLAIN),
      await send(strangers, { ...PLAIN, path: '/nothing' }),
    ];
    expect([no.status, no.text]).toEqual([nothing.status, nothing.text]);
    await using gateway = await startGateway({ config: { ...SERVERS, metrics: {} } });
    for (const header of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'])
      expect((await send(gateway, { ...PLAIN, headers: { [header]: '127.0.0.1' } })).status).toBe(404);
    expect((await send(gateway, { ...PLAIN, headers: { host: 'evil.example' } })).status).toBe(403);
    expect((await send(gateway, { ...PLAIN, method: 'POST', body: '{}' })).status).toBe(405);
  });

  it('goes by whom a trusted proxy speaks for', async () => {
    const allow = ['10.0.0.0/8', '127.0.0.1'];
    const config = { ...SERVERS, metrics: { allow }, trustedProxies: ['127.0.0.1'] };
    await using gateway = await startGateway({ config });
    const from = async (address: string) =>
      (await send(gateway, { ...PLAIN, headers: { 'x-forwarded-for': address } })).status;
    for (const address of ['10.1.2.3', '127.0.0.1', '203.0.113.7, 10.1.2.3'])
      expect(await from(address)).toBe(200);
    for (const address of ['203.0.113.7', '10.1.2.3, 203.0.113.7', '127.0.0.1, unknown', ''])
      expect(await from(address)).toBe(404);
    // It passes something on, and does not say for whom.
    expect((await send(gateway, { ...PLAIN, headers: { 'x-real-ip': '10.1.2.3' } })).status).toBe(404);
    expect((await send(gateway, PLAIN)).status).toBe(200);
  });

  it('has an address of its own where the config gives it one, and nothing else is there', async () => {
    const port = 20_000 + (process.pid % 20_000);
    await using gateway = await startGateway({
      config: { ...SERVERS, metrics: { listen: `127.0.0.1:${port}` } },
    });
    expect((await send(gateway, PLAIN)).status).toBe(404);
    await callTool(gateway, 'echo');
    expect(valueOf(await scrape(gateway, port), 'sallyport_calls_total')).toBeGreaterThan(0);
    expect((await callTool({ port, token: gateway.token }, 'echo')).status).toBe(404);
  });
});

describe('sallyport deploy observability', () => {
  it('asks for no metric that a gateway of this config does not have', async () => {
    await using gateway = await startGateway({ config: { ...SERVERS, metrics: {}, audit: {}, guard: {} } });
    const args = ['deploy', 'observability', '--config', gateway.configFile, '--out', gateway.home];
    const { code, stderr } = await sallyport(args);
    expect([code, stderr]).toEqual([0, expect.anything()]);
    const written = ['prometheus/sallyport.rules.yaml', 'grafana/sallyport.json'].map((file) =>
      readFileSync(join(gateway.home, file), 'utf8'),
    );
    const families = await scrape(gateway);
    const names = written.join().match(/\b(?:sallyport|process|nodejs)_[a-z0-9]+_[a-z0-9_]+/g) ?? [];
    expect(names.length).toBeGreaterThan(20);
    for (const name of new Set(names)) expect([...families.keys()]).toContain(name.replace(/_bucket$/, ''));
  });
});
