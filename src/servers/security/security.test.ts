import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Client, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { describe, expect, it, onTestFinished } from 'vitest';
import { event, logbook } from '../../audit/testing.ts';
import { type AuditConfig, audit } from '../../config/audit.ts';
import { guard } from '../../config/guard.ts';
import type { Config } from '../../config/schema.ts';
import { openKeyFile } from '../../pii/vault/key-file.ts';
import type { Surroundings } from '../builtin.ts';
import { serveOver } from '../stdio.ts';

const EMAIL = 'kim.minji@example.com';
const MODERN = { pin: '2026-07-28' } as const;

async function connected(
  options: unknown = {},
  around?: Surroundings,
  mode: VersionNegotiationMode = MODERN,
): Promise<Client> {
  const input = new PassThrough();
  const output = new PassThrough();
  const served = await serveOver('security', options, input, output, undefined, around);
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StdioServerTransport(output, input));
  onTestFinished(async () => {
    await client.close();
    await served.close();
  });
  return client;
}

/** A gateway of which nothing but this is known. */
function gateway(changes: Partial<Config>, home?: string): Surroundings {
  const config = {
    listen: { host: '127.0.0.1', port: 8080 },
    publicUrl: undefined,
    allowedOrigins: [],
    servers: [],
    pins: { mode: 'enforce' },
    ...changes,
    // Nothing else of a configuration is looked at.
  } as unknown as Config;
  return { config: () => config, home };
}

function auditOf(section: object): AuditConfig {
  const parsed = audit.parse(section);
  if (!parsed) throw new Error('no section');
  return parsed;
}

async function call(client: Client, name: string, input: Record<string, unknown> = {}) {
  const result = await client.callTool({ name, arguments: input });
  const [first] = result.content;
  const text = first?.type === 'text' ? first.text : '';
  return { isError: result.isError === true, text, ...(result.structuredContent as Record<string, never>) };
}

/** A log with these events, and the options of a server that reads it. */
async function written(events: readonly Parameters<typeof event>[0][]) {
  const book = await logbook();
  onTestFinished(() => book[Symbol.dispose]());
  const writer = await book.open();
  for (const changes of events) writer.write(event(changes));
  await writer.close();
  writeFileSync(join(dirname(book.path), 'checkpoints.jsonl'), book.checkpoints.join(''));
  return { path: book.path, options: { auditLog: book.path } };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-security-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('the security server', () => {
  it.each<[string, VersionNegotiationMode]>([
    ['legacy', 'legacy'],
    ['modern', MODERN],
  ])('lists its tools with schemas and annotations (%s)', async (_era, mode) => {
    const { tools } = await (await connected({}, undefined, mode)).listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual([
      'generate_security_report',
      'get_security_audit_log',
      'simulate_data_breach_detection',
      'test_encryption',
      'test_pii_detection',
    ]);
    for (const { outputSchema, annotations } of tools) {
      expect(outputSchema?.type).toBe('object');
      expect(annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false, openWorldHint: false });
    }
  });

  it('takes only an absolute path for a log', async () => {
    await expect(connected({ auditLog: 'audit.jsonl' })).rejects.toThrow(/auditLog: .*absolute/);
  });
});

describe('test_pii_detection', () => {
  it('tells what was found, where, and what it looks like masked', async () => {
    const text = `Write to ${EMAIL} or call 010-1234-5678.`;
    const found = await call(await connected(), 'test_pii_detection', { text });
    expect(found).toMatchObject({
      contains_pii: true,
      counts: { EMAIL_ADDRESS: 1, PHONE_NUMBER: 1 },
      masked: 'Write to ***.*****@*******.*** or call ***-****-****.',
      threshold: 0.5,
    });
    expect(found).toHaveProperty(
      'entities.0',
      expect.objectContaining({ type: 'EMAIL_ADDRESS', start: 9, end: 30 }),
    );
  });

  it('reads the key, keeps to the types and the threshold', async () => {
    const client = await connected();
    const bare = { text: '9001011234567' };
    expect(await call(client, 'test_pii_detection', bare)).toMatchObject({ contains_pii: false });
    expect(await call(client, 'test_pii_detection', { ...bare, key: '주민번호' })).toMatchObject({
      counts: { KR_RRN: 1 },
    });
    const only = { text: `${EMAIL} 010-1234-5678`, types: ['PHONE_NUMBER'] };
    expect(await call(client, 'test_pii_detection', only)).toMatchObject({ counts: { PHONE_NUMBER: 1 } });
    const strict = { text: EMAIL, threshold: 1 };
    expect(await call(client, 'test_pii_detection', strict)).toMatchObject({ contains_pii: false });
  });

  it('knows the patterns of the guard', async () => {
    const patterns = join(folder(), 'pii_patterns.json');
    writeFileSync(patterns, '{"BADGE": "B-\\\\d{4}"}');
    const config = guard.parse({ patterns });
    const client = await connected({}, gateway({ guard: config }));
    expect(await call(client, 'test_pii_detection', { text: 'badge B-1234' })).toMatchObject({
      counts: { BADGE: 1 },
    });
  });
});

describe('test_encryption', () => {
  it('makes the round trip, and every check passes', async () => {
    const result = await call(await connected(), 'test_encryption', { value: EMAIL });
    expect(result).toMatchObject({ passed: true, key_file: { state: 'not_configured' } });
    expect(result).toHaveProperty('envelope', expect.stringMatching(/^⟦EMAIL_ADDRESS:v2\.[0-9a-f]{8}\./));
    expect(result).toHaveProperty('token', expect.stringMatching(/^EMAIL_[0-9A-Z]{6}$/));
    expect((result as { checks?: object[] }).checks).toHaveLength(13);
  });

  it('holds with one letter, which is in every envelope, and with a long text', async () => {
    const client = await connected();
    for (const value of ['김민지', 'x'.repeat(10_000)])
      expect(await call(client, 'test_encryption', { value, entity: 'PERSON' })).toMatchObject({
        passed: true,
      });
  });

  it('tells the state of the key file, and no key', async () => {
    const keyFile = join(folder(), 'keys.json');
    const client = await connected({}, gateway({ guard: guard.parse({ keyFile }) }));
    const before = await call(client, 'test_encryption', { value: EMAIL });
    expect(before).toMatchObject({ key_file: { state: 'not_made' } });
    openKeyFile(keyFile);
    const after = await call(client, 'test_encryption', { value: EMAIL });
    expect(after).toMatchObject({ key_file: { state: 'good', keys: [{ state: 'active' }] } });
    const [key] = /"key": "([^"]+)"/.exec(readFileSync(keyFile, 'utf8'))?.slice(1) ?? [];
    expect(key).toHaveLength(43);
    expect(after.text).not.toContain(key);
    writeFileSync(keyFile, 'not JSON');
    const broken = await call(client, 'test_encryption', { value: EMAIL });
    expect(broken).toMatchObject({ passed: true, key_file: { state: 'bad' } });
  });
});

describe('get_security_audit_log', () => {
  it('gives the records that fit, the youngest of them', async () => {
    const { options } = await written([
      { id: 'a', user_id: 'alice' },
      { id: 'b', user_id: 'bob', outcome: 'denied', policy: 'forbidden' },
      { id: 'c', user_id: 'alice', contains_pii: true, pii: { KR_RRN: 2 } },
      { id: 'd', user_id: 'alice' },
    ]);
    const client = await connected(options);
    const all = await call(client, 'get_security_audit_log', { filter: 'user:alice', limit: 2 });
    expect(all).toMatchObject({ matching: 3, records: [{ id: 'c', pii: { KR_RRN: 2 } }, { id: 'd' }] });
    expect(await call(client, 'get_security_audit_log', { filter: 'outcome:denied since:1h' })).toMatchObject(
      {
        matching: 1,
      },
    );
  });

  it('says what is wrong with a filter, and where no log is', async () => {
    const { options } = await written([{}]);
    const wrong = await call(await connected(options), 'get_security_audit_log', { filter: 'who:alice' });
    expect(wrong).toMatchObject({ isError: true });
    expect(wrong.text).toContain('"who:alice" is no filter');
    const none = await call(await connected(), 'get_security_audit_log');
    expect(none.text).toContain('There is no audit log');
  });

  it('reads that of the gateway it is part of', async () => {
    const { path } = await written([{ id: 'here' }]);
    const around = gateway({ audit: auditOf({ file: path }) }, folder());
    expect(await call(await connected({}, around), 'get_security_audit_log')).toMatchObject({
      records: [{ event_type: 'audit_opened' }, { id: 'here' }],
    });
  });
});

describe('simulate_data_breach_detection', () => {
  const alertOf = (result: object, scenario: string): object[] =>
    (result as { scenarios: { name: string; alerts: object[] }[] }).scenarios.find(
      ({ name }) => name === scenario,
    )?.alerts ?? [];

  it('tells which rules fire, and after how many events', async () => {
    const result = await call(await connected(), 'simulate_data_breach_detection');
    // Three values each; one hundred are too many.
    expect(alertOf(result, 'bulk_export')).toMatchObject([
      { rule: 'pii-volume', after_events: 34, after_seconds: 165, values: 102, threshold: 100 },
    ]);
    expect(alertOf(result, 'permission_probing')).toMatchObject([{ rule: 'denied-burst', after_events: 10 }]);
    expect(alertOf(result, 'token_guessing')).toMatchObject([
      { rule: 'denied-burst', after_events: 10 },
      { rule: 'refusal-burst', after_events: 20 },
    ]);
    expect(alertOf(result, 'mass_decryption')).toMatchObject([{ rule: 'decrypt-burst', after_events: 20 }]);
    expect(alertOf(result, 'policy_evasion')).toMatchObject([
      { rule: 'repeated-rejects', after_events: 5, after_seconds: 40 },
      { rule: 'pii-volume', after_events: 100 },
    ]);
    expect(result).toMatchObject({ silent_rules: [], configured: false, detected: 6 });
  });

  it('takes the rules of the configuration: a threshold that is never reached detects nothing', async () => {
    const alerts = [
      { name: 'pii-volume', threshold: 5 },
      { name: 'decrypt-burst', disabled: true },
    ];
    const client = await connected({}, gateway({ audit: auditOf({ alerts }) }));
    const result = await call(client, 'simulate_data_breach_detection', {
      scenarios: ['bulk_export', 'mass_decryption'],
    });
    expect(alertOf(result, 'bulk_export')).toMatchObject([{ rule: 'pii-volume', after_events: 2 }]);
    expect(alertOf(result, 'mass_decryption')).toEqual([]);
    expect(result).toMatchObject({ detected: 1, configured: true });
    const few = await call(client, 'simulate_data_breach_detection', { events: 1 });
    expect(few).toMatchObject({ detected: 0 });
  });
});

describe('generate_security_report', () => {
  const EVENTS = [
    { user_id: 'alice', contains_pii: true, pii: { EMAIL_ADDRESS: 3 } },
    { user_id: 'alice' },
    { user_id: 'mallory|*', outcome: 'denied' as const, policy: 'forbidden' },
  ];

  it('is a page and an object from the real log', async () => {
    const { options } = await written(EVENTS);
    const report = await call(await connected(options), 'generate_security_report');
    expect(report).toMatchObject({
      volumes: { records: 4, calls: 3, denied: 1, errors: 0, with_pii: 1 },
      top_users: [{ value: 'alice', count: 2 }, { count: 1 }],
      pii_by_type: [{ value: 'EMAIL_ADDRESS', count: 3 }],
      denials: [{ value: 'forbidden', count: 1 }],
      chain: { valid: true, records: 4, checkpoints: 1 },
      weaknesses: null,
    });
    expect(report.text).toContain('| alice | 2 |');
    expect(report.text).toContain(String.raw`mallory\|\*`);
    expect(report).toHaveProperty('markdown', report.text);
  });

  it('says that the log was changed, and where', async () => {
    const { path, options } = await written(EVENTS);
    const lines = readFileSync(path, 'utf8');
    writeFileSync(path, lines.replace('"user_id":"alice"', '"user_id":"bob"'));
    const changed = await call(await connected(options), 'generate_security_report');
    expect(changed).toMatchObject({ chain: { valid: false } });
    expect(changed.text).toContain('Record 2 ');
    writeFileSync(path, lines.split('\n').slice(0, 2).join('\n'));
    appendFileSync(path, '\n');
    expect(await call(await connected(options), 'generate_security_report')).toMatchObject({
      chain: { valid: false },
    });
  });

  it('names the weaknesses of the configuration it is part of, the gravest first', async () => {
    const { path } = await written(EVENTS);
    const around = gateway(
      {
        listen: { host: '0.0.0.0', port: 8080 },
        audit: auditOf({ file: path }),
        guard: guard.parse({ onError: 'allow', policies: [{ action: 'mask' }] }),
      },
      folder(),
    );
    const report = await call(await connected({}, around), 'generate_security_report');
    // The keys of this log are elsewhere.
    expect(report).toMatchObject({
      volumes: { calls: expect.any(Number) as number },
      chain: { valid: false, state: expect.stringContaining('not checked') as string },
    });
    const ids = (report as { weaknesses?: { id: string }[] }).weaknesses?.map(({ id }) => id);
    expect(ids).toEqual([
      'no_tls',
      'guard_fails_open',
      'no_rules',
      'checkpoints_beside_log',
      'audit_may_lose',
      'nobody_alarmed',
    ]);
    expect(report.text).toContain('- **high**: What the guard cannot search passes.');
  });
});
