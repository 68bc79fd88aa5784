import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANARIES, PLANTED, PLANTED_EACH, TRACES } from '../support/canaries.ts';
import { type Collector, openCollector } from '../support/collector.ts';
import { child, type Gateway, sallyport, startGateway } from '../support/gateway.ts';
import { callTool, modern, post, send, Session } from '../support/http.ts';
import { eventually, ROOT } from '../support/processes.ts';
import { connectClient } from '../support/versions/clients.ts';

/** The text that holds a canary, and which: empty when it holds none. */
function tracesIn(text: string): string[] {
  // As it is, as JSON escapes it, and as a URL does.
  return TRACES.filter((trace) =>
    [trace, JSON.stringify(trace).slice(1, -1), encodeURIComponent(trace)].some((form) =>
      text.includes(form),
    ),
  );
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

const HIDING = ['mask', 'hash', 'encrypt', 'tokenize', 'redact', 'reject'] as const;
/** Asks its client for something. */
const ASKING = {
  command: process.execPath,
  args: [join(ROOT, 'test', 'support', 'versions', 'over-stdio.ts'), '2025-11-25'],
};

let gateway: Gateway;
let collector: Collector;
beforeAll(async () => {
  collector = await openCollector();
  gateway = await startGateway({
    config: {
      log: { level: 'trace' },
      audit: {},
      accessLog: { file: 'access.jsonl' },
      metrics: {},
      telemetry: { traces: { endpoint: collector.endpoint, interval: '100ms' } },
      guard: {
        policies: HIDING.map((action) => ({ name: action, servers: [action, `${action}_asks`], action })),
        restore: ['seen'],
      },
      mcpServers: {
        // Nobody hides anything from these: their callers see it, and no log does.
        seen: child(),
        seen_asks: ASKING,
        ...Object.fromEntries(
          HIDING.flatMap((name) => [
            [name, child()],
            [`${name}_asks`, ASKING],
          ]),
        ),
      },
    },
  });
}, 60_000);
afterAll(async () => {
  await gateway?.stop();
  await collector?.[Symbol.asyncDispose]();
});

/** Sends the canaries every way there is through a server; what came back, each with the way it took. */
async function plant(server: string): Promise<[way: string, answer: string][]> {
  const came: [string, string][] = [];
  const values = Object.fromEntries(CANARIES);
  const tool = async (way: string, name: string, input: Record<string, unknown>): Promise<void> => {
    came.push([way, (await callTool(gateway, `${server}__${name}`, input)).text]);
  };
  await tool('a text', 'echo', { text: PLANTED });
  await tool('a value with a key', 'structured', { value: { ...values, list: [values] } });
  await tool('keys', 'structured', { value: Object.fromEntries(PLANTED_EACH.map((text) => [text, 1])) });
  await tool('a failure', 'fail', { message: PLANTED });
  await tool('an error', 'rpc_error', { code: -32000, message: PLANTED, data: { PLANTED } });
  const region = CANARIES.get('EMAIL_ADDRESS') ?? '';
  const headers = { 'mcp-param-region': region, 'x-note': region, cookie: `email=${region}` };
  const routed = await callTool(gateway, `${server}__route`, { region }, { headers });
  came.push(['a header', routed.text]);
  const prompt = { name: `${server}__greeting`, arguments: { who: PLANTED } };
  came.push(['a prompt', (await modern(gateway, 'prompts/get', prompt)).text]);
  const completion = { ref: { type: 'ref/prompt', name: `${server}__greeting` } };
  const argument = { name: 'who', value: PLANTED };
  came.push([
    'a completion',
    (await modern(gateway, 'completion/complete', { ...completion, argument })).text,
  ]);

  const session = await Session.open(gateway);
  await session.request('logging/setLevel', { level: 'debug' });
  for (const [way, name, input] of [
    ['progress', 'progress', { steps: 1, label: PLANTED }],
    ['a log message', 'log', { data: { PLANTED } }],
  ] as const) {
    const params = { name: `${server}__${name}`, arguments: input, _meta: { progressToken: 1 } };
    came.push([way, (await session.request('tools/call', params)).text]);
  }
  await session.close();
  return came;
}

/** A question with the canaries in it, and an answer with them. */
async function ask(server: string): Promise<{ asked: string; answer: string }> {
  const asked: unknown[] = [];
  await using client = await connectClient('2025-11-25', {
    base: `${gateway.origin}/servers/${server}_asks`,
    authorization: `Bearer ${gateway.token}`,
    answer(_method, params) {
      asked.push(params);
      return { action: 'accept', content: { name: PLANTED } };
    },
  });
  const input = { kind: 'elicitation', label: PLANTED };
  const answer = await client.request('tools/call', { name: 'ask', arguments: input });
  return { asked: JSON.stringify(asked), answer: JSON.stringify(answer) };
}

describe('canaries', () => {
  it('are all of types that the guard finds', async () => {
    await plant('seen');
    await ask('seen');
    const { text } = await callTool(gateway, 'redact__echo', { text: PLANTED });
    expect([...CANARIES.keys()].filter((type) => !text.includes(`[${type}]`))).toEqual([]);
  });

  it('reach whoever may see them', async () => {
    const { text } = await callTool(gateway, 'seen__echo', { text: PLANTED });
    expect(tracesIn(text)).toEqual([...TRACES]);
  });

  it.each(HIDING)('reach nobody where the policy is %s, on no way', async (action) => {
    for (const [way, answer] of await plant(action)) expect([way, ...tracesIn(answer)]).toEqual([way]);
    const { asked, answer } = await ask(action);
    expect(tracesIn(asked)).toEqual([]);
    expect(tracesIn(answer)).toEqual([]);
  });

  it('are in no refusal, of whatever kind', async () => {
    const region = CANARIES.get('EMAIL_ADDRESS') ?? '';
    const refusals = [
      send(gateway, { headers: { authorization: `Bearer ${CANARIES.get('SECRET')}` }, body: PLANTED }),
      send(gateway, { body: PLANTED }),
      send(gateway, { path: `/mcp?email=${encodeURIComponent(region)}`, body: '{' }),
      send(gateway, { headers: { origin: `https://${region}` }, body: '{}' }),
      post(gateway, { jsonrpc: '2.0', id: 1, method: 'tools/call', params: PLANTED }),
      post(gateway, { jsonrpc: '2.0', id: PLANTED, method: 'tools/list', params: { _meta: { PLANTED } } }),
      modern(gateway, 'tools/list', { cursor: PLANTED }),
      modern(gateway, 'resources/read', { uri: `none://${region}` }),
      callTool(gateway, 'seen__route', { region }, { headers: { 'mcp-param-region': 'another' } }),
    ];
    const statuses = (await Promise.all(refusals)).map(({ status }) => status);
    expect(statuses.filter((status) => status >= 400).length).toBeGreaterThanOrEqual(5);
  });

  it('29: are in no sink: logs, audit, access log, metrics, traces, health, admin answers, files', async () => {
    const run = (...args: string[]) =>
      sallyport(args, { env: { SALLYPORT_HOME: join(gateway.home, 'home') } });
    await eventually('the refusals are recorded', () =>
      readFileSync(join(gateway.home, 'home', 'audit', 'audit.jsonl'), 'utf8').includes(
        '"event_type":"refusal"',
      ),
    );
    const [health, ready, metrics, status, logs, tail, report] = await Promise.all([
      send(gateway, { method: 'GET', path: '/health', headers: { authorization: undefined } }),
      send(gateway, { method: 'GET', path: '/health' }),
      send(gateway, { method: 'GET', path: '/metrics' }),
      run('status', '--json'),
      run('logs', '--json'),
      run('audit', 'search', '--json'),
      run('audit', 'report'),
    ]);
    const sinks: Record<string, string> = {
      stdout: gateway.program.stdout(),
      stderr: gateway.program.stderr(),
      health: health.text + ready.text,
      metrics: metrics.text,
      status: status.stdout + status.stderr,
      logs: logs.stdout + logs.stderr,
      audit: tail.stdout,
      report: report.stdout,
      traces: collector.bodies.join('\n'),
    };
    for (const file of filesUnder(gateway.home)) sinks[file] = readFileSync(file, 'utf8');
    // A test that looks into empty places finds nothing.
    expect(sinks['stderr']).toContain('"tools/call"');
    expect(sinks['audit']).toContain('"KR_RRN"');
    expect(sinks['metrics']).toContain('sallyport_audit_records_total');
    expect(sinks['traces']).toContain('tools/call');
    expect(Object.keys(sinks).filter((name) => name.endsWith('access.jsonl'))).toHaveLength(1);
    const found = Object.entries(sinks).flatMap(([name, text]) =>
      tracesIn(text).map((trace) => `${trace} in ${name}`),
    );
    expect(found).toEqual([]);
  });
});
