import { describe, expect, it } from 'vitest';
import { type Family, readExposition, valueOf } from '../../test/support/exposition.ts';
import { Body } from '../core/body.ts';
import type { Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import { chain } from '../core/handler.ts';
import type { JsonObject } from '../core/json.ts';
import { failure, type Reply, result } from '../core/reply.ts';
import { Trail } from '../core/trail.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { CallMeter } from './measure.ts';

function call(method: string, params: JsonObject = {}): Call {
  return {
    id: '1',
    principal: { id: 'token:ci', via: 'token', user: 'alice', email: 'alice@example.com' },
    address: '203.0.113.7',
    client: { era: 'modern', protocolVersion: '2026-07-28', info: undefined, capabilities: {} },
    scope: undefined,
    method,
    params,
    meta: undefined,
    answers: undefined,
    wantsProgress: false,
    logLevel: undefined,
    cancellation: new Cancellation(),
    trail: new Trail(),
    notify: () => {},
  };
}

/** A meter around a server that answers as it is told, and what is counted afterwards. */
function meter(reply: (asked: Call) => Reply | Promise<Reply>, { tools = 10 } = {}) {
  const metrics = new Metrics();
  const calls = new CallMeter(metrics, tools);
  const handle = chain([calls.policy, calls.policyFor('files')], async (asked) => reply(asked));
  const scrape = async (): Promise<Map<string, Family>> => readExposition(await metrics.text());
  return { handle, scrape, metrics };
}

const LIST = result({ tools: [{ name: 'read' }, { name: 'write' }] });
const read = (asked: Call): Reply => (asked.method === 'tools/list' ? LIST : result({ content: [] }));

describe('a call', () => {
  it('is counted by server, method, tool and how it went, with the time it took', async () => {
    const { handle, scrape } = meter(read);
    await handle(call('tools/list'));
    await handle(call('tools/call', { name: 'read' }));
    await handle(call('tools/call', { name: 'read' }));
    const families = await scrape();
    const labels = { server: 'files', method: 'tools/call', tool: 'read' };
    expect(valueOf(families, 'sallyport_calls_total', { ...labels, outcome: 'ok' })).toBe(2);
    expect(valueOf(families, 'sallyport_call_duration_seconds_count', labels)).toBe(2);
    expect(valueOf(families, 'sallyport_calls_total', { method: 'tools/list', tool: '' })).toBe(1);
  });

  it.each<[string, Reply, string]>([
    ['a result', result({ content: [] }), 'ok'],
    ['a result that says isError', result({ content: [], isError: true }), 'tool_error'],
    ['one of its own bytes', { kind: 'result', body: Body.wire('{"isError": true}') }, 'tool_error'],
    ['isError in a text', result({ content: [{ type: 'text', text: '"isError":true' }] }), 'ok'],
    ['isError further in', result({ structuredContent: { isError: true } }), 'ok'],
    ['isError: false', result({ isError: false }), 'ok'],
    ['a question', { kind: 'input_required', inputRequests: {} }, 'input_required'],
    ['a refusal', failure('pinned'), 'denied'],
    ['the end of its client', failure('cancelled'), 'cancelled'],
    ['a failure', failure('call_timeout'), 'error'],
    ["a server's error", { kind: 'failure', error: { code: 42, message: 'no' } }, 'error'],
  ])('that ends with %s', async (_title, reply, outcome) => {
    const { handle, scrape } = meter(() => reply);
    expect(await handle(call('prompts/get'))).toBe(reply);
    const samples = (await scrape()).get('sallyport_calls_total')?.samples;
    expect(samples?.map(({ labels, value }) => [labels['outcome'], value])).toEqual([[outcome, 1]]);
  });

  it('is in flight until it has an answer, or broke', async () => {
    let end = (_reply: Reply): void => {};
    let fail = (_error: Error): void => {};
    const { handle, scrape } = meter(
      ({ method }) =>
        new Promise((resolve, reject) => {
          if (method === 'a/b') end = resolve;
          else fail = reject;
        }),
    );
    const [one, two] = [handle(call('a/b')), handle(call('c/d'))];
    expect(valueOf(await scrape(), 'sallyport_calls_in_flight')).toBe(2);
    end(result({}));
    fail(new Error('broke'));
    await Promise.allSettled([one, two]);
    expect(valueOf(await scrape(), 'sallyport_calls_in_flight')).toBe(0);
  });
});

describe('a failure', () => {
  it.each<[Reply, string | undefined, string | undefined]>([
    [failure('server_exited'), 'server_exited', undefined],
    [failure('call_timeout'), 'call_timeout', undefined],
    [failure('at_capacity'), 'at_capacity', undefined],
    [{ kind: 'failure', error: { code: -32000, message: 'no' } }, 'server_error', undefined],
    [
      { kind: 'failure', error: { code: -1, message: 'no', data: { reason: 'mine' } } },
      'server_error',
      undefined,
    ],
    [failure('rate_limited'), undefined, 'rate_limited'],
    [failure('forbidden'), undefined, 'forbidden'],
    [failure('unknown_tool'), undefined, 'unknown_tool'],
    [failure('cancelled'), undefined, undefined],
  ])('%j is the doing of the server (%s), or of the gateway (%s)', async (reply, upstream, refusal) => {
    const { handle, scrape } = meter(() => reply);
    await handle(call('tools/call', { name: 'read' }));
    const families = await scrape();
    const reasons = (name: string) => families.get(name)?.samples.map(({ labels }) => labels['reason']);
    expect(reasons('sallyport_upstream_errors_total')).toEqual(upstream === undefined ? [] : [upstream]);
    expect(reasons('sallyport_refusals_total')).toEqual(refusal === undefined ? [] : [refusal]);
  });
});

describe('personal data', () => {
  it('that the guard found is counted by type, with what was done', async () => {
    const { handle, scrape } = meter(({ trail }) => {
      for (let i = 0; i < 3; i++) trail.found('EMAIL_ADDRESS');
      trail.did('mask');
      return result({});
    });
    await handle(call('tools/call', { name: 'read' }));
    const families = await scrape();
    expect(valueOf(families, 'sallyport_pii_entities_total', { type: 'EMAIL_ADDRESS' })).toBe(3);
    expect(valueOf(families, 'sallyport_guard_actions_total', { action: 'mask' })).toBe(1);
  });
});

describe('labels', () => {
  it('have an end, whatever callers and servers say', async () => {
    const { handle, scrape } = meter(
      ({ method }) =>
        method === 'tools/list'
          ? result({ tools: Array.from({ length: 500 }, (_, i) => ({ name: `tool-${i}` })) })
          : result({}),
      { tools: 5 },
    );
    await handle(call('tools/list'));
    for (let i = 0; i < 300; i++) {
      await handle(call('tools/call', { name: `tool-${i}` }));
      await handle(call(`method/${i}`));
    }
    const families = await scrape();
    const samples = families.get('sallyport_calls_total')?.samples ?? [];
    expect(new Set(samples.map(({ labels }) => labels['tool']))).toEqual(
      new Set(['', 'other', ...[0, 1, 2, 3, 4].map((i) => `tool-${i}`)]),
    );
    expect(valueOf(families, 'sallyport_calls_total', { tool: 'other' })).toBe(295);
    expect(valueOf(families, 'sallyport_calls_total', { method: 'other' })).toBe(300);
  });

  it('hold nothing that a caller says: a tool that no server lists is other', async () => {
    const { handle, scrape, metrics } = meter(read);
    for (const name of ['alice', '010-1234-5678', 'alice@example.com', '__proto__', 7])
      await handle(call('tools/call', { name }));
    expect(valueOf(await scrape(), 'sallyport_calls_total', { tool: 'other' })).toBe(5);
    expect(await metrics.text()).not.toMatch(/alice|1234|203\.0\.113|proto/);
  });

  it('of a tool that is called as a method are not those of the method', async () => {
    const { handle, scrape } = meter(({ method }) =>
      method === 'tools/list' ? result({ tools: [{ name: 'tools/list' }] }) : result({}),
    );
    await handle(call('tools/list'));
    await handle(call('tools/call', { name: 'tools/list' }));
    const families = await scrape();
    expect(valueOf(families, 'sallyport_calls_total', { tool: 'tools/list', method: 'tools/call' })).toBe(1);
    expect(valueOf(families, 'sallyport_calls_total', { tool: '', method: 'tools/list' })).toBe(1);
  });
});
