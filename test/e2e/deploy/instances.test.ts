import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { child, type Gateway, startGateway } from '../../support/gateway.ts';
import { temporaryFolder } from '../../support/processes.ts';
import { type Answered, type Front, frontPorts, listeningOf, NGINX, startFront } from './front.ts';

/** Two gateways, with one home and so with one set of tokens, whose servers say which one they belong to. */
describe.skipIf(NGINX === undefined)('nginx in front of two gateways (SKIPPED without nginx)', () => {
  const home = temporaryFolder();
  const gateways: Gateway[] = [];
  let front: Front;
  let authorization: string;

  beforeAll(async () => {
    const ports = await frontPorts();
    const config = (name: string) => ({
      publicUrl: `https://localhost:${ports.https}`,
      trustedProxies: ['127.0.0.1'],
      auth: { basic: PASSWORDS },
      rateLimits: { perAddress: false, perUser: false },
      mcpServers: { child: child('--name', name) },
    });
    const env = { SALLYPORT_HOME: home.path };
    // One after the other: the first one makes the home.
    gateways.push(await startGateway({ config: config('one'), env }));
    gateways.push(await startGateway({ config: config('two'), env }));
    authorization = `Bearer ${gateways[0]?.token}`;
    const instances = gateways.map(listeningOf);
    front = await startFront({
      instances,
      ports,
      config: config('front'),
      args: ['--rate', '5000', '--burst', '5000'],
    });
  });
  afterAll(async () => {
    await front?.[Symbol.asyncDispose]();
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    home.remove();
  });

  const post = (message: object, headers: Record<string, string>): Promise<Answered> =>
    front.ask('/mcp', {
      method: 'POST',
      body: JSON.stringify({ jsonrpc: '2.0', ...message }),
      headers: { 'content-type': 'application/json', ...headers },
    });

  async function openSession(as: string): Promise<Record<string, string>> {
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'test', version: '1' },
    };
    const { status, headers } = await post({ id: 0, method: 'initialize', params }, { authorization: as });
    expect(status).toBe(200);
    return {
      'mcp-session-id': String(headers['mcp-session-id']),
      'mcp-protocol-version': '2025-11-25',
      authorization: as,
    };
  }

  async function whoAnswers(session: Record<string, string>): Promise<string> {
    const params = { name: 'whoami', arguments: {} };
    const { status, text } = await post({ id: 1, method: 'tools/call', params }, session);
    expect([status, text]).toEqual([200, expect.stringContaining('name')]);
    return /\\"name\\":\\"(\w+)\\"/.exec(text)?.[1] ?? text;
  }

  it('shares the callers between them, and each finds his own again', async () => {
    const sessions = await Promise.all(Object.entries(PASSWORDS).map((pair) => openSession(basic(pair))));
    const first = await Promise.all(sessions.map(whoAnswers));
    expect(new Set(first)).toEqual(new Set(['one', 'two']));
    for (let turn = 0; turn < 3; turn += 1)
      expect(await Promise.all(sessions.map(whoAnswers))).toEqual(first);
  });

  it('finds the way by the session when the token was renewed', async () => {
    const session = await openSession(authorization);
    const first = await whoAnswers(session);
    // As many spellings of the same token as it takes to come to the other gateway without a session.
    const renewed = Array.from({ length: 16 }, (_, i) => `Bearer ${' '.repeat(i)}${authorization.slice(7)}`);
    for (const token of renewed) expect(await whoAnswers({ ...session, authorization: token })).toBe(first);
  });

  it('ends a session where it is, and nobody finds it afterwards', async () => {
    const session = await openSession(authorization);
    const ended = await front.ask('/mcp', { method: 'DELETE', headers: session });
    expect(ended.status).toBeLessThan(300);
    const { status } = await post({ id: 2, method: 'tools/list' }, session);
    expect(status).toBe(404);
  });

  it('takes the other one while one is down', async () => {
    await gateways[1]?.stop();
    const callers = Object.entries(PASSWORDS).map(basic);
    const answers = await Promise.all(callers.map(async (as) => whoAnswers(await openSession(as))));
    expect(new Set(answers)).toEqual(new Set(['one']));
  });
});

const PASSWORDS = Object.fromEntries(
  Array.from({ length: 12 }, (_, i) => [`user${i}`, `a-long-password-${i}`]),
);

function basic([name, password]: [string, string]): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}
