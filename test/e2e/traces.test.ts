import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCollector } from '../support/collector.ts';
import { child, environment, startGateway } from '../support/gateway.ts';
import { callTool, type Message, Session, textOf } from '../support/http.ts';
import { eventually, ROOT, start, temporaryFolder } from '../support/processes.ts';
import { recordingServer } from '../support/recording-server.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;
const other = `00-${TRACE}-1111111111111111-01`;
const foreign = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const tracestate = 'rojo=00f067aa0ba902b7';

/** The `_meta` of the last call that a child was sent. */
function metaIn(answer: { last: Message }): unknown {
  const received = JSON.parse(textOf(answer) ?? '[]') as Message[];
  return received.findLast(({ method }) => method === 'tools/call')?.params?.['_meta'];
}

describe('a trace goes on to the servers, without any SDK', () => {
  it('from headers into _meta, and from _meta as it came', async () => {
    await using gateway = await startGateway({ config: { mcpServers: { child: child() } } });
    const byHeader = await callTool(gateway, 'received', {}, { headers: { traceparent, tracestate } });
    expect(metaIn(byHeader)).toMatchObject({ traceparent, tracestate });
    const meta = { traceparent, tracestate, baggage: 'a=b' };
    expect(metaIn(await callTool(gateway, 'received', {}, { meta }))).toMatchObject(meta);
    // What _meta says is about this very call; headers are about the request that it came in.
    const both = await callTool(gateway, 'received', {}, { meta, headers: { traceparent: other } });
    expect(metaIn(both)).toMatchObject(meta);
    const broken = await callTool(gateway, 'received', {}, { headers: { traceparent: '00-x', tracestate } });
    expect(JSON.stringify(metaIn(broken) ?? {})).not.toMatch(/trace/);
    const session = await Session.open(gateway, { headers: { traceparent } });
    expect(metaIn(await session.call('received'))).toMatchObject({ traceparent });
  });

  it.each(['modern', 'legacy'] as const)('to a %s one behind HTTP in both places', async (era) => {
    await using server = await recordingServer(era);
    await using gateway = await startGateway({ config: { mcpServers: { far: { url: server.url } } } });
    await callTool(gateway, 'a', {}, { headers: { traceparent, tracestate } });
    expect(server.last('tools/call')).toMatchObject({
      headers: { traceparent, tracestate },
      message: { params: { _meta: { traceparent, tracestate } } },
    });
    await callTool(gateway, 'a', {}, { meta: { traceparent: other, baggage: 'user=jane' } });
    const second = server.last('tools/call');
    expect(second?.headers).toMatchObject({ traceparent: other });
    expect(second?.headers).not.toHaveProperty('baggage');
    await callTool(gateway, 'a', {}, { meta: { traceparent: 'x\r\nevil: yes' } });
    expect(server.last('tools/call')?.headers).not.toHaveProperty('traceparent');
    expect(server.last('tools/call')?.headers).not.toHaveProperty('evil');
    await callTool(gateway, 'a');
    expect(server.last('tools/call')?.headers).not.toHaveProperty('traceparent');
  });
});

describe('spans', () => {
  const secret = 'collector-key-4711';

  /** A gateway that sends spans to a collector, and the spans once there are so many. */
  async function traced(servers: Record<string, unknown>, more: Record<string, unknown> = {}) {
    const collector = await openCollector();
    const traces = {
      endpoint: collector.endpoint,
      interval: '100ms',
      headers: { 'x-api-key': '${env:COLLECTOR_KEY}' },
      ...more,
    };
    const gateway = await startGateway({
      config: { mcpServers: servers, telemetry: { traces } },
      env: { COLLECTOR_KEY: secret },
    });
    const spans = (count: number) =>
      eventually(`${count} spans are there`, () => collector.spans.length >= count && collector.spans);
    return {
      collector,
      gateway,
      spans,
      async [Symbol.asyncDispose]() {
        await gateway.stop();
        await collector[Symbol.asyncDispose]();
      },
    };
  }

  it('tell of a call by the conventions for MCP, and of what a server makes of it', async () => {
    await using server = await recordingServer('modern');
    await using test = await traced({ far: { url: server.url } });
    const answer = await callTool(
      test.gateway,
      'a',
      { text: 'canary-argument' },
      { id: 'request-7', meta: { traceparent, tracestate }, headers: { traceparent: foreign } },
    );
    expect(answer.status).toBe(200);
    const spans = await test.spans(2);
    const [inner, outer] = ['tools/call', 'tools/call'].map((name, i) =>
      spans.filter((span) => span.name === `${name} a`).find(({ kind }) => kind === (i === 0 ? 3 : 2)),
    );
    const common = {
      'mcp.method.name': 'tools/call',
      'mcp.protocol.version': '2026-07-28',
      'gen_ai.tool.name': 'a',
      'gen_ai.operation.name': 'execute_tool',
      'network.transport': 'tcp',
      'network.protocol.name': 'http',
      'sallyport.call': expect.any(String) as string,
    };
    expect(outer).toMatchObject({
      traceId: TRACE,
      parentSpanId: '00f067aa0ba902b7',
      traceState: tracestate,
      links: [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }],
      resource: { 'service.name': 'sallyport' },
      status: { code: 0 },
    });
    expect(outer?.attributes).toEqual({ ...common, 'jsonrpc.request.id': 'request-7' });
    expect(inner).toMatchObject({ traceId: TRACE, parentSpanId: outer?.spanId });
    expect(inner?.attributes).toEqual({
      ...common,
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(server.url).port),
      'sallyport.server': 'far',
    });
    // The server goes on from the inner span, in both places.
    const handedOn = `00-${TRACE}-${inner?.spanId}-01`;
    expect(server.last('tools/call')).toMatchObject({
      headers: { traceparent: handedOn, tracestate },
      message: { params: { _meta: { traceparent: handedOn, tracestate } } },
    });
    expect(test.collector.headers[0]).toMatchObject({ 'x-api-key': secret });
    expect(test.collector.bodies.join()).not.toContain('canary');
  });

  it('say how a call failed, and nothing of what was in it', async () => {
    await using test = await traced({ child: child() });
    const message = 'canary of jane@example.com';
    await callTool(test.gateway, 'fail', { message });
    await callTool(test.gateway, 'rpc_error', { code: -32_000, message });
    await callTool(test.gateway, 'rpc_error', { code: -32_602, message });
    await callTool(test.gateway, 'name of canary');
    await callTool(test.gateway, 'crash', { message });
    const spans = await test.spans(10);
    const ends = (kind: number) =>
      spans
        .filter((span) => span.kind === kind && span.attributes['mcp.method.name'] === 'tools/call')
        .map(({ attributes, status }) => [attributes['error.type'], status.code]);
    expect(ends(2)).toEqual(
      expect.arrayContaining([
        ['tool_error', 2],
        ['-32000', 2],
        [undefined, 0],
        ['-32603', 2],
      ]),
    );
    expect(ends(3)).toEqual(expect.arrayContaining([['-32602', 2]]));
    expect(spans.map(({ attributes }) => attributes['sallyport.reason'])).toContain('server_exited');
    expect(spans.find(({ status }) => status.message)?.status.message).toBe(
      'The server ended before it answered.',
    );
    expect(test.collector.bodies.join()).not.toMatch(/canary|jane/);
  });

  it('of a session have its hash, and never its id', async () => {
    await using test = await traced({ child: child() });
    const session = await Session.open(test.gateway);
    await session.call('echo');
    await session.call('echo');
    const ids = await eventually('the calls are there', () => {
      const found = test.collector.spans.flatMap(({ attributes }) => attributes['mcp.session.id'] ?? []);
      return found.length >= 2 && found;
    });
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(test.collector.bodies.join()).not.toContain(session.id);
  });

  it('are as many as the config wants, but callers who record their trace get theirs', async () => {
    await using test = await traced({ child: child() }, { sample: 0 });
    const meta = metaIn(await callTool(test.gateway, 'received'));
    expect(meta).toMatchObject({ traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/) });
    await callTool(test.gateway, 'echo', {}, { meta: { traceparent } });
    const spans = await test.spans(2);
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
  });

  it('that nobody takes are told of in the log, and keep nothing from working', async () => {
    await using collector = await openCollector(400);
    const traces = { endpoint: collector.endpoint, interval: '50ms' };
    await using gateway = await startGateway({
      config: { mcpServers: { child: child() }, telemetry: { traces } },
    });
    expect(textOf(await callTool(gateway, 'echo', { text: 'x' }))).toBe('x');
    await eventually('it is in the log', () => gateway.program.stderr().includes('no traces were sent'));
    expect(textOf(await callTool(gateway, 'echo', { text: 'y' }))).toBe('y');
  });
});

describe('without the packages of OpenTelemetry', () => {
  /** Sallyport as it is installed where nobody wanted traces: with everything but the optional packages. */
  function installed(folder: string): string {
    for (const part of ['bin', 'dist', 'package.json'])
      cpSync(join(ROOT, part), join(folder, part), { recursive: true });
    mkdirSync(join(folder, 'node_modules'));
    for (const name of readdirSync(join(ROOT, 'node_modules')))
      if (name !== '@opentelemetry')
        symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
    return join(folder, 'bin', 'sallyport.js');
  }

  it('a gateway that is to send traces says what to install, and others start', async () => {
    using folder = temporaryFolder();
    const script = installed(folder.path);
    const config = join(folder.path, 'config.json');
    const run = (keys: Record<string, unknown>) => {
      writeFileSync(config, JSON.stringify({ mcpServers: { child: child() }, ...keys }));
      const args = [script, 'up', '--json', '--listen=127.0.0.1:0', '--config', config];
      return start(process.execPath, args, { cwd: folder.path, env: environment(folder) });
    };
    const traces = { endpoint: 'http://127.0.0.1:4318/v1/traces' };
    const refused = run({ telemetry: { traces } });
    expect((await refused.ended).code).toBe(1);
    expect(refused.stderr()).toContain('telemetry.traces needs the packages of OpenTelemetry');
    expect(refused.stderr()).toContain('npm install @opentelemetry/api @opentelemetry/sdk-trace');
    const plain = run({});
    await eventually('it is ready', () => plain.stdout().includes('"endpoint"'), 30_000);
    await plain.stop();
  });
});
