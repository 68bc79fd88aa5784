import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { child, type Gateway, sallyport, startGateway } from '../support/gateway.ts';
import { callTool, modern, textOf } from '../support/http.ts';
import { join } from 'node:path';
import { eventually } from '../support/processes.ts';

describe('the security server in a gateway', () => {
  let gateway: Gateway;
  let auditor: { authorization: string };
  beforeAll(async () => {
    gateway = await startGateway({
      config: {
        audit: { alerts: [{ name: 'pii-volume', threshold: 3 }] },
        guard: { policies: [{ servers: ['one'], entities: ['EMAIL_ADDRESS'], action: 'mask' }] },
        mcpServers: { one: child(), watch: { builtin: 'security' } },
      },
    });
    const { stdout } = await sallyport(['token', 'create', '--name', 'auditor', '--scope', 'audit.read'], {
      env: { SALLYPORT_HOME: join(gateway.home, 'home') },
    });
    auditor = { authorization: `Bearer ${stdout.trim()}` };
  });
  afterAll(() => gateway.stop());

  it('35: keeps the audit log from tokens that are not for it, with 403 and the scope', async () => {
    for (const tool of ['watch__get_security_audit_log', 'watch__generate_security_report']) {
      const refused = await callTool(gateway, tool);
      expect(refused.status).toBe(403);
      expect(refused.headers['www-authenticate']).toContain('scope="audit.read"');
      expect(refused.last.error?.data).toMatchObject({ reason: 'insufficient_scope' });
    }
    const { last } = await modern(gateway, 'tools/list');
    expect(JSON.stringify(last.result), 'whoever asks is told what to ask for').toContain(
      'get_security_audit_log',
    );
  });

  it('reads the log that the gateway writes, with no value in it', async () => {
    await callTool(gateway, 'one__echo', { text: 'kim.minji@example.com' });
    const read = await eventually('the call is in the log', async () => {
      const answer = await callTool(
        gateway,
        'watch__get_security_audit_log',
        { filter: 'tool:one__echo' },
        { headers: auditor },
      );
      return answer.text.includes('one__echo') ? answer : undefined;
    });
    expect(read.last.result).toMatchObject({
      structuredContent: { matching: 1, records: [{ action_taken: 'masked', pii: { EMAIL_ADDRESS: 1 } }] },
    });
    expect(read.text).not.toContain('minji');
  });

  it('reports on it, on the chain and on the configuration', async () => {
    const answer = await callTool(gateway, 'watch__generate_security_report', {}, { headers: auditor });
    expect(answer.last.result).toMatchObject({
      structuredContent: {
        chain: { valid: true },
        denials: [{ value: 'insufficient_scope', count: 2 }],
        weaknesses: expect.arrayContaining([expect.objectContaining({ id: 'pins_only_warn' })]),
      },
    });
    expect(textOf(answer)).toContain('# Audit report');
  });

  it('plays breaches to the rules of this configuration', async () => {
    const answer = await callTool(gateway, 'watch__simulate_data_breach_detection', {
      scenarios: ['bulk_export'],
    });
    expect(answer.last.result).toMatchObject({
      structuredContent: { scenarios: [{ alerts: [{ rule: 'pii-volume', after_events: 1 }] }] },
    });
  });
});
