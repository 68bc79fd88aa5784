import { describe, expect, it } from 'vitest';
import { type Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import { chain } from '../core/handler.ts';
import { failure, type Reply, result } from '../core/reply.ts';
import { traceContextOf } from '../core/trace-context.ts';
import { Trail } from '../core/trail.ts';
import type { SpanFacts, SpanStart, Tracing } from '../telemetry/traces.ts';
import { CallTracer } from './trace.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanOf = (n: number) => `00-${TRACE}-${String(n).padStart(16, '0')}-01`;

interface Kept extends SpanStart {
  readonly said: SpanFacts;
  readonly failed: boolean;
  readonly message: string | undefined;
  readonly over: boolean;
}

/** Tracing that keeps its spans, in the order in which they began. */
function tracing(isRecorded = true) {
  const spans: Kept[] = [];
  const keep: Tracing = {
    begin(start) {
      const kept = {
        ...start,
        said: {},
        failed: false,
        message: undefined as string | undefined,
        over: false,
      };
      const own = spans.push(kept) + 100;
      return {
        context: { traceparent: spanOf(own) },
        isRecorded,
        say: (facts) => void Object.assign(kept.said, facts),
        fail: (message) => void Object.assign(kept, { failed: true, message }),
        end: () => void Object.assign(kept, { over: true }),
      };
    },
    close: () => Promise.resolve(),
  };
  return { keep, spans };
}

function call(more: Partial<Call> = {}): Call {
  return {
    id: 'call-1',
    requestId: 7,
    principal: { id: 'token:ci', via: 'token', user: 'canary-user', email: 'canary@example.com' },
    address: '203.0.113.7',
    client: { era: 'modern', protocolVersion: '2026-07-28', info: undefined, capabilities: {} },
    scope: undefined,
    method: 'tools/call',
    params: { name: 'read', arguments: { text: 'canary-argument' } },
    meta: undefined,
    answers: undefined,
    wantsProgress: false,
    logLevel: undefined,
    cancellation: new Cancellation(),
    trail: new Trail(),
    notify: () => {},
    ...more,
  };
}

async function traced(asked: Call, reply: Reply = result({ content: [] }), isRecorded = true) {
  const { keep, spans } = tracing(isRecorded);
  const tracer = new CallTracer(keep, () => ({ 'network.transport': 'pipe' }));
  const seen: Call[] = [];
  const handle = chain([tracer.policy, tracer.policyFor('files')], (got) => {
    seen.push(got);
    return Promise.resolve(reply);
  });
  expect(await handle(asked)).toBe(reply);
  expect(spans.map(({ over }) => over)).toEqual([true, true]);
  expect(JSON.stringify(spans)).not.toMatch(/canary|203\.0\.113/);
  return { spans, meta: seen[0]?.meta };
}

describe('a call', () => {
  it('is a span, and what a server makes of it one beneath; the server goes on from there', async () => {
    const { spans, meta } = await traced(call());
    expect(spans.map(({ name, kind, parent }) => [name, kind, parent])).toEqual([
      ['tools/call read', 'server', undefined],
      ['tools/call read', 'client', { traceparent: spanOf(101) }],
    ]);
    expect(meta).toEqual({ traceparent: spanOf(102) });
    expect(spans[0]?.said).toMatchObject({ 'network.transport': 'tcp', 'jsonrpc.request.id': '7' });
    expect(spans[1]?.said).toMatchObject({ 'network.transport': 'pipe', 'sallyport.server': 'files' });
  });

  it('goes on with the trace of _meta, linked to that of the headers', async () => {
    const trace = traceContextOf({ traceparent: spanOf(1) });
    const meta = { traceparent: spanOf(2), tracestate: 'a=b', baggage: 'c=d' };
    const both = await traced(call({ trace, meta }));
    expect(both.spans[0]).toMatchObject({
      parent: { traceparent: spanOf(2), tracestate: 'a=b' },
      link: trace,
    });
    expect(both.meta).toEqual({ traceparent: spanOf(102), baggage: 'c=d' });
    const headers = await traced(call({ trace }));
    expect(headers.spans[0]).toMatchObject({ parent: trace, link: undefined });
  });

  it('over pipes says so; of a session it has the hash', async () => {
    const session = { id: 'canary-session', ended: new Cancellation() };
    const { spans } = await traced(call({ address: undefined, session }));
    expect(spans[0]?.said).toMatchObject({
      'network.transport': 'pipe',
      'mcp.session.id': expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
    expect(spans[0]?.said).not.toHaveProperty('network.protocol.name');
  });

  it.each<[string, Partial<Call>, string]>([
    ['a prompt', { method: 'prompts/get', params: { name: 'hello' } }, 'prompts/get hello'],
    ['a resource', { method: 'resources/read', params: { uri: 'canary://x' } }, 'resources/read'],
    ['a name that is none', { params: { name: 'canary of a name' } }, 'tools/call'],
    ['a method that is none', { method: 'canary of a method' }, '_OTHER'],
    ['an id that is none', { requestId: 'canary of an id' }, 'tools/call read'],
  ])('for %s has a name of few kinds', async (_what, more, name) => {
    expect((await traced(call(more))).spans.map((span) => span.name)).toEqual([name, name]);
  });
});

describe('the end of a call', () => {
  it.each<[string, Reply, unknown[], unknown[]]>([
    ['a result', result({}), [false, undefined], [false, undefined]],
    ['isError', result({ isError: true }), [true, 'tool_error'], [true, 'tool_error']],
    ['wrong parameters', failure('unknown_tool'), [false, undefined], [true, '-32602']],
    ['a timeout', failure('call_timeout', 'canary'), [true, '-32603'], [true, '-32603']],
    [
      "a server's error",
      { kind: 'failure', error: { code: -1, message: 'canary' } },
      [true, '-1'],
      [true, '-1'],
    ],
  ])('%s is an error of the one side, or of the other', async (_what, reply, server, client) => {
    const { spans } = await traced(call(), reply);
    expect(spans.map(({ failed, said }) => [failed, said['error.type']])).toEqual([server, client]);
  });

  it('is told in the words of the error table', async () => {
    const { spans } = await traced(call(), failure('call_timeout', 'canary'));
    expect(spans[0]).toMatchObject({ message: 'The server did not answer in time.' });
    expect(spans[0]?.said).toMatchObject({ 'sallyport.reason': 'call_timeout' });
  });

  it('is not looked at where nobody records it', async () => {
    const { spans } = await traced(call(), failure('call_timeout'), false);
    expect(spans.map(({ said }) => said)).toEqual([{}, {}]);
  });

  it('that is no answer at all ends the spans, too', async () => {
    const { keep, spans } = tracing();
    const { policy } = new CallTracer(keep, () => ({ 'network.transport': 'pipe' }));
    await expect(policy(() => Promise.reject(new Error('canary')))(call())).rejects.toThrow('canary');
    expect(spans).toMatchObject([{ over: true, failed: true, said: { 'error.type': 'internal_error' } }]);
    expect(JSON.stringify(spans)).not.toContain('canary');
  });
});
