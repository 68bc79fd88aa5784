import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { child, type Gateway, startGateway } from '../support/gateway.ts';
import { type Answer, callTool, modern, textOf } from '../support/http.ts';
import { eventually, ROOT } from '../support/processes.ts';
import { connectClient } from '../support/versions/clients.ts';
import { abilitiesOf, ANSWERS, type Params, type Version } from '../support/versions/messages.ts';

/** Calls whose server has asked something, and whose client does not come back as it should. */
const CHILD = join(ROOT, 'test', 'support', 'versions', 'over-stdio.ts');
const raw = (version: Version) => ({ command: process.execPath, args: [CHILD, version] });
const INPUT_MS = 400;

let gateway: Gateway;
/** One that does not wait long for people. */
let hasty: Gateway;
beforeAll(async () => {
  const mcpServers = {
    old: raw('2025-11-25'),
    new: raw('2026-07-28'),
    child: child(),
    // Each with a process that no other test has touched.
    left: raw('2025-06-18'),
    late: raw('2025-11-25'),
  };
  const auth = { basic: { mallory: 'the password of mallory' } };
  [gateway, hasty] = await Promise.all([
    startGateway({ config: { mcpServers, auth } }),
    startGateway({ config: { mcpServers, timeouts: { input: `${INPUT_MS}ms` } } }),
  ]);
});
afterAll(() => Promise.all([gateway?.stop(), hasty?.stop()]));

const META = { 'io.modelcontextprotocol/clientCapabilities': abilitiesOf('2026-07-28') };
const INPUT = { kind: 'elicitation', label: 'Really?' };
const MALLORY = {
  authorization: `Basic ${Buffer.from('mallory:the password of mallory').toString('base64')}`,
};

interface Asked {
  readonly inputRequests: Readonly<Record<string, unknown>>;
  readonly requestState: string;
}

/** Calls a tool that asks, and stops there. */
async function ask(at: Gateway, server: string, name = 'ask', input: Params = INPUT): Promise<Asked> {
  const answer = await callTool(at, name, input, { path: `/servers/${server}/mcp`, meta: META });
  expect(answer.last.result, answer.text).toMatchObject({ resultType: 'input_required' });
  return answer.last.result as unknown as Asked;
}

interface Changes {
  requestState?: string;
  tool?: string;
  input?: Params;
  path?: string;
  headers?: Record<string, string>;
}

/** Comes back with the answers. */
function comeBack(at: Gateway, server: string, asked: Asked, changes: Changes = {}): Promise<Answer> {
  const { requestState = asked.requestState, tool = 'ask', input = INPUT, headers = {} } = changes;
  const inputResponses = Object.fromEntries(
    Object.keys(asked.inputRequests).map((key) => [key, ANSWERS.elicitation]),
  );
  const params = { name: tool, arguments: input, inputResponses, requestState };
  const path = changes.path ?? `/servers/${server}/mcp`;
  return modern(at, 'tools/call', params, { path, meta: META, headers });
}

const reasonOf = ({ last }: Answer): unknown => last.error?.data?.['reason'];
const ANSWERED = JSON.stringify(ANSWERS.elicitation);

/** What a server counts, asked of the process that a client of 2026-07-28 gets when it is free. */
const count = async (at: Gateway, server: string, name: string): Promise<string | undefined> =>
  textOf(await callTool(at, name, {}, { path: `/servers/${server}/mcp`, meta: META }));

describe.each(['old', 'new'])('threat 13: the requestState of a server that is %s', (server) => {
  it('is taken once', async () => {
    const asked = await ask(gateway, server);
    expect(textOf(await comeBack(gateway, server, asked))).toBe(ANSWERED);
    expect(reasonOf(await comeBack(gateway, server, asked))).toBe('invalid_request_state');
  });

  it('is taken once of two that come at the same time', async () => {
    const asked = await ask(gateway, server);
    const answers = await Promise.all([1, 2, 3].map(() => comeBack(gateway, server, asked)));
    expect(answers.filter((answer) => textOf(answer) === ANSWERED)).toHaveLength(1);
    expect(answers.map(reasonOf).filter((reason) => reason === 'invalid_request_state')).toHaveLength(2);
  });

  it.each<[string, (asked: Asked) => Changes]>([
    [
      'with a letter changed',
      ({ requestState: is }) => ({ requestState: (is[0] === 'A' ? 'B' : 'A') + is.slice(1) }),
    ],
    ['with its end cut off', ({ requestState: is }) => ({ requestState: is.slice(0, -4) })],
    ['made up', () => ({ requestState: 'x'.repeat(80) })],
    ['of another user', () => ({ headers: MALLORY })],
    ['with other arguments', () => ({ input: { ...INPUT, label: 'Delete everything?' } })],
    ['with another tool', () => ({ tool: 'work' })],
    ['at another server', () => ({ path: `/servers/${server === 'old' ? 'new' : 'old'}/mcp` })],
    ['at the endpoint of all servers', () => ({ path: '/mcp', tool: `${server}__ask` })],
  ])('is refused %s, and still good for its own call', async (_what, change) => {
    const asked = await ask(gateway, server);
    const refused = await comeBack(gateway, server, asked, change(asked));
    expect([refused.last.error?.code, reasonOf(refused)]).toEqual([-32602, 'invalid_request_state']);
    expect(textOf(await comeBack(gateway, server, asked))).toBe(ANSWERED);
  });

  it('is refused after its time', async () => {
    const asked = await ask(hasty, server);
    await new Promise((resolve) => setTimeout(resolve, INPUT_MS));
    const refused = await comeBack(hasty, server, asked);
    expect([refused.last.error?.code, reasonOf(refused)]).toEqual([-32602, 'invalid_request_state']);
  });
});

describe('a call that nobody comes back for', () => {
  it('is given up, the server is told, and its process is free', async () => {
    await ask(hasty, 'late');
    await eventually('the server is told', async () => (await count(hasty, 'late', 'cancelled')) === '1');
  });

  it.each(['2025-06-18', '2025-11-25'] as const)(
    'of a client of %s that vanished: its question is answered with an error',
    async (version) => {
      const target = {
        base: `${hasty.origin}/servers/${version === '2025-06-18' ? 'left' : 'late'}`,
        authorization: `Bearer ${hasty.token}`,
        answer: () => undefined,
      };
      const client = await connectClient(version, target);
      const before = Number(await count(hasty, target.base.split('/').at(-1) ?? '', 'unanswered'));
      void client.request('tools/call', { name: 'ask', arguments: INPUT }).catch(() => {});
      await eventually('it is asked', () => client.asked.length > 0);
      await client[Symbol.asyncDispose]();
      await eventually('the server is told', async () => {
        const now = Number(await count(hasty, target.base.split('/').at(-1) ?? '', 'unanswered'));
        return now > before;
      });
    },
  );

  it('of a client of HTTP+SSE whose stream is gone: the server is told at once', async () => {
    const sampling = { kind: 'sampling' };
    const target = {
      base: `${gateway.origin}/servers/left`,
      authorization: `Bearer ${gateway.token}`,
      answer: () => undefined,
    };
    const client = await connectClient('2024-11-05', target);
    void client.request('tools/call', { name: 'ask', arguments: sampling }).catch(() => {});
    await eventually('it is asked', () => client.asked.length > 0);
    await client[Symbol.asyncDispose]();
    await using other = await connectClient('2024-11-05', { ...target, answer: () => ({}) });
    await eventually('the server is told', async () => {
      const { result } = await other.request('tools/call', { name: 'cancelled' });
      return textOf(result ?? {}) === '1';
    });
  });
});

describe('a server that dies while a call waits for its client', () => {
  it('fails that call when the client comes back, and serves the next one', async () => {
    const at = { path: '/servers/child/mcp', meta: META };
    const { pid } = JSON.parse(textOf(await callTool(gateway, 'whoami', {}, at)) ?? '') as { pid: number };
    const input = { method: 'elicitation/create', params: { message: '?', requestedSchema: {} } };
    const asked = await ask(gateway, 'child', 'ask', input);
    process.kill(pid, 'SIGKILL');
    const failed = await comeBack(gateway, 'child', asked, { tool: 'ask', input });
    expect(['server_exited', 'input_expired']).toContain(reasonOf(failed));
    await eventually('it is back', async () => {
      const echo = await callTool(gateway, 'echo', { text: 'again' }, at);
      return textOf(echo) === 'again';
    });
  });
});
