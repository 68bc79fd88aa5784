import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { child, environment, type Gateway, startGateway } from '../support/gateway.ts';
import { callTool, modern, Session, textOf } from '../support/http.ts';
import { SALLYPORT, start, temporaryFolder } from '../support/processes.ts';

const EMAIL = 'canary.minsu@example.com';
const RRN = '900101-1234567';

describe('a gateway with a guard', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway({
      config: {
        log: { level: 'debug' },
        guard: {
          policies: [
            { name: 'strict', entities: ['KR_RRN'], action: 'reject' },
            { servers: ['crm'], entities: ['EMAIL_ADDRESS'], action: 'tokenize', direction: 'results' },
            { tools: ['route', 'received'], entities: ['EMAIL_ADDRESS'], action: 'mask' },
          ],
          restore: ['mail'],
        },
        mcpServers: { crm: child(), mail: child() },
      },
    });
  });
  afterAll(() => gateway.stop());

  it('gives the model a token, and the server that may see it the value', async () => {
    const told = textOf(await callTool(gateway, 'crm__echo', { text: `It is ${EMAIL}.` })) ?? '';
    expect(told).toMatch(/^It is EMAIL_[0-9A-Z]{6}\.$/);
    const token = /EMAIL_\w+/.exec(told)?.[0] ?? '';
    expect(textOf(await callTool(gateway, 'mail__echo', { text: `To: ${token}` }))).toBe(`To: ${EMAIL}`);
    expect(textOf(await callTool(gateway, 'crm__echo', { text: token }))).toBe(token);
  });

  it('refuses what its policy rejects, in both directions, and never says it', async () => {
    for (const [tool, input] of [
      ['mail__echo', { text: `주민번호는 ${RRN}입니다` }],
      ['mail__structured', { value: { 주민번호: '9001011234567' } }],
    ] as const) {
      const answer = await callTool(gateway, tool, input);
      expect(answer.last.result).toMatchObject({ isError: true });
      expect(textOf(answer)).toContain('KR_RRN, by the policy strict');
      expect(answer.text).not.toContain('1234567');
    }
  });

  it('compares headers with what the client sent, and sends on what is left of it', async () => {
    const answer = await modern(
      gateway,
      'tools/call',
      { name: 'mail__route', arguments: { region: EMAIL } },
      { headers: { 'mcp-param-region': EMAIL } },
    );
    expect(textOf(answer)).toBe('******.*****@*******.***');
    const received = textOf(await callTool(gateway, 'mail__received', {}));
    expect(received).toContain('******.*****@*******.***');
  });

  it('hides what servers say while they work, and what they log', async () => {
    const session = await Session.open(gateway);
    const answer = await session.request('tools/call', {
      name: 'crm__progress',
      arguments: { steps: 1, label: `${EMAIL} ` },
      _meta: { progressToken: 7 },
    });
    expect(answer.text).toContain('EMAIL_');
    expect(answer.text).not.toContain('canary');
  });

  it('leaves nothing of a value in its log, and the key file to its owner', () => {
    expect(gateway.program.stderr()).toContain('"tools/call"');
    expect(gateway.program.stderr() + gateway.program.stdout()).not.toContain('canary');
    const keys = join(gateway.home, 'pii-keys.json');
    expect(statSync(keys).mode & 0o777).toBe(0o600);
    expect(Object.keys((JSON.parse(readFileSync(keys, 'utf8')) as { keys: object }).keys)).toHaveLength(1);
  });
});

describe('a guard that cannot work', () => {
  it('keeps the gateway from starting, and says where it is wrong', async () => {
    using folder = temporaryFolder();
    const config = join(folder.path, 'sallyport.json');
    writeFileSync(join(folder.path, 'pii_patterns.json'), '{\n  "BADGE": "("\n}\n');
    writeFileSync(
      config,
      JSON.stringify({ guard: { patterns: 'pii_patterns.json' }, mcpServers: { one: child() } }),
    );
    const program = start(
      process.execPath,
      [SALLYPORT, 'up', '--config', config, '--listen', '127.0.0.1:0'],
      {
        env: environment(folder),
        cwd: folder.path,
      },
    );
    const { code } = await program.ended;
    expect(code).toBe(1);
    expect(program.stderr()).toContain('pii_patterns.json:2:12');
  });
});
