import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { eventually, ROOT } from '../support/processes.ts';
import { connectClient, type VersionClient } from '../support/versions/clients.ts';
import {
  ANSWERS,
  type QuestionKind,
  QUESTIONS,
  type Version,
  VERSIONS,
} from '../support/versions/messages.ts';
import { type Served, serveHttp } from '../support/versions/over-http.ts';
import { NOTE } from '../support/versions/server.ts';

/**
 * Every version of a client in front of every version of a server over every transport it has, through one gateway. The
 * clients and servers are written by hand: no SDK decides what a version is. What was seen becomes
 * docs/compatibility.md; `vitest run test/integration/compatibility.test.ts -u` writes it anew.
 */
const PAGE = join(ROOT, 'docs', 'compatibility.md');
const CHILD = join(ROOT, 'test', 'support', 'versions', 'over-stdio.ts');

interface Server {
  readonly version: Version;
  readonly transport: 'stdio' | 'HTTP' | 'HTTP+SSE';
}

const SERVERS: readonly Server[] = VERSIONS.flatMap((version) => {
  const remote = version === '2024-11-05' ? ('HTTP+SSE' as const) : ('HTTP' as const);
  return [
    { version, transport: 'stdio' as const },
    { version, transport: remote },
  ];
});

const nameOf = ({ version, transport }: Server): string => `v${version}-${transport.replace('+', '-')}`;

/** What is tried, and since when either side has it. */
const FEATURES = [
  { name: 'Call', since: VERSIONS[0], works: calls },
  { name: 'Progress', since: VERSIONS[0], works: reportsProgress },
  { name: 'Logging', since: VERSIONS[0], works: logs },
  { name: 'Elicitation', since: QUESTIONS.elicitation.since, works: asks('elicitation') },
  { name: 'Sampling', since: QUESTIONS.sampling.since, works: asks('sampling') },
  { name: 'Roots', since: QUESTIONS.roots.since, works: asks('roots') },
  { name: 'Cancellation', since: VERSIONS[0], works: cancels },
  { name: 'List changes', since: VERSIONS[0], works: hearsOfLists },
  { name: 'Resource updates', since: VERSIONS[0], works: hearsOfResources },
] as const;

function call(client: VersionClient, name: string, input: object = {}, progressToken?: string) {
  const meta = progressToken === undefined ? {} : { _meta: { progressToken } };
  return client.request('tools/call', { name, arguments: input, ...meta });
}

async function textOf(answer: ReturnType<typeof call>): Promise<string | undefined> {
  const { result } = await answer;
  return (result?.['content'] as { text?: string }[] | undefined)?.[0]?.text;
}

async function calls(client: VersionClient): Promise<boolean> {
  return (await textOf(call(client, 'work'))) === 'worked';
}

async function reportsProgress(client: VersionClient): Promise<boolean> {
  await call(client, 'work', {}, 'mine');
  return eventually('two steps are told', () => {
    const steps = client.heard.filter(({ params }) => params?.['progressToken'] === 'mine');
    return steps.map(({ params }) => params?.['progress'] as unknown).join() === '1,2';
  });
}

async function logs(client: VersionClient): Promise<boolean> {
  await call(client, 'log');
  return eventually('the log message comes', () =>
    client.heard.some(
      ({ method, params }) => method === 'notifications/message' && params?.['data'] === 'logged',
    ),
  );
}

function asks(kind: QuestionKind) {
  return async (client: VersionClient): Promise<boolean> => {
    const answer = (await textOf(call(client, 'ask', { kind }))) ?? '{}';
    if (!client.asked.includes(QUESTIONS[kind].method)) return false;
    expect(JSON.parse(answer)).toEqual(ANSWERS[kind]);
    return true;
  };
}

async function cancels(client: VersionClient): Promise<boolean> {
  const cancel = client.start('hang');
  const began = client.heard.length;
  await eventually('it has begun', () =>
    client.heard.slice(began).some(({ method }) => method === 'notifications/progress'),
  );
  await cancel();
  return eventually('the server is told', async () => (await textOf(call(client, 'cancelled'))) !== '0');
}

async function hearsOfLists(client: VersionClient): Promise<boolean> {
  await call(client, 'grow');
  return eventually('the change is told', () =>
    client.heard.some(({ method }) => method === 'notifications/tools/list_changed'),
  );
}

async function hearsOfResources(client: VersionClient): Promise<boolean> {
  await call(client, 'touch');
  return eventually('the update is told', () =>
    client.heard.some(
      ({ method, params }) => method === 'notifications/resources/updated' && params?.['uri'] === NOTE,
    ),
  );
}

let gateway: Gateway;
const served: Served[] = [];
beforeAll(async () => {
  const entries = await Promise.all(
    SERVERS.map(async (server) => {
      const { version, transport } = server;
      if (transport === 'stdio')
        return [nameOf(server), { command: process.execPath, args: [CHILD, version] }] as const;
      const far = await serveHttp(version, transport === 'HTTP' ? 'http' : 'sse');
      served.push(far);
      return [nameOf(server), { url: far.url, ...(transport === 'HTTP+SSE' && { type: 'sse' }) }] as const;
    }),
  );
  gateway = await startGateway({ config: { mcpServers: Object.fromEntries(entries) } });
});
afterAll(async () => {
  await gateway?.stop();
  await Promise.all(served.map((each) => each[Symbol.asyncDispose]()));
});

/** What each pair was seen to carry. */
const seen = new Map<string, ReadonlyMap<string, boolean>>();

describe.each(VERSIONS)('a client of %s', (version) => {
  it.each(SERVERS)('and a server of $version over $transport', async (server) => {
    const target = {
      base: `${gateway.origin}/servers/${nameOf(server)}`,
      authorization: `Bearer ${gateway.token}`,
    };
    await using client = await connectClient(version, target);
    await client.listen(NOTE);
    const carried = new Map<string, boolean>();
    for (const { name, works } of FEATURES) carried.set(name, await works(client));
    seen.set(`${version} ${nameOf(server)}`, carried);
    const expected = FEATURES.map(({ name, since }) => [name, version >= since && server.version >= since]);
    expect(Object.fromEntries(carried)).toEqual(Object.fromEntries(expected));
  });
});

it('docs/compatibility.md says what was seen', async () => {
  await expect(page()).toMatchFileSnapshot(PAGE);
});

/** The page, from what was seen and nothing else. */
function page(): string {
  const head = ['Client', 'Server', 'Over', ...FEATURES.map(({ name }) => name)];
  const rows = VERSIONS.flatMap((client) =>
    SERVERS.map((server) => {
      const carried = seen.get(`${client} ${nameOf(server)}`);
      const marks = FEATURES.map(({ name }) => (carried?.get(name) ? '✓' : '·'));
      return [client, server.version, server.transport, ...marks];
    }),
  );
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [INTRODUCTION, [line(head), rule, ...rows.map(line)].join('\n'), ''].join('\n\n').trimEnd() + '\n';
}

const INTRODUCTION = `# Compatibility

<!-- Written by test/integration/compatibility.test.ts, which runs every row. Do not edit. -->

Every published version of the protocol as a client, in front of every version as a server, over every transport that it
has: ${VERSIONS.length} × ${SERVERS.length} rows, each of which was run through a gateway. Clients of 2024-11-05 connect over HTTP+SSE, all
others over Streamable HTTP. What a server speaks is found out by asking it; no version is configured.

✓ was seen to arrive. · is not in the version of the client or of the server: elicitation came with ${QUESTIONS.elicitation.since}. A server
that asks all the same is told that the client does not know it, and goes on.

- **Progress** arrives under the client's own token, **logging** at the level that it asked for.
- **Elicitation, sampling, roots**: the server asks in the middle of a call, and gets the client's answer.
- **Cancellation**: the server is told which request, whether the client said so or closed its stream.
- **List changes** and **resource updates** arrive on the client's stream for them: of its session, or of its
  \`subscriptions/listen\`.

There is no WebSocket on either side, on purpose: no version of MCP has it.

Which _tools_ ask and tell is up to the server. [Conformance runs](../test/conformance/run.ts) of the official suites in
front of servers of both eras are part of the tests, too.`;
