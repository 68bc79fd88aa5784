import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../core/call.ts';
import type { JsonObject } from '../../core/json.ts';
import { failure, result } from '../../core/reply.ts';
import { type Endpoint, type Message, serve, type Underway, type Waited, Waiting } from '../testing.ts';

type Headers = Record<string, string>;

const EVERYTHING = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

/** The messages that have come on a stream that is still open. */
function heard(stream: Underway): Message[] {
  return stream
    .received()
    .split('\n\n')
    .flatMap((event) => /^data: ?(\{.*\})$/m.exec(event)?.[1] ?? [])
    .map((text) => JSON.parse(text) as Message);
}

/** A session that listens, and what its edge asks for. */
async function listening(): Promise<{
  endpoint: Endpoint;
  session: Headers;
  stream: Underway;
  listens: Waiting;
}> {
  const listens = new Waiting();
  const endpoint = await serve({ listen: listens.handle });
  const session = await endpoint.open();
  const stream = endpoint.begin({ method: 'GET', headers: session });
  expect(await stream.status).toBe(200);
  return { endpoint, session, stream, listens };
}

function acknowledge({ call }: Waited, honoured?: JsonObject): void {
  const notifications = honoured ?? (call.params['notifications'] as JsonObject);
  call.notify({ method: 'notifications/subscriptions/acknowledged', params: { notifications } });
}

const wanted = ({ call }: Waited): unknown => call.params['notifications'];
const cancelled = ({ call }: Waited): boolean => call.cancellation.cancelled;
const changed = (call: Call, what: string): void =>
  call.notify({ method: `notifications/${what}/list_changed`, params: {} });

function ask(endpoint: Endpoint, session: Headers, method: string, params: JsonObject): Underway {
  return endpoint.begin({
    headers: session,
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
}

/** A server that agrees to everything. */
function agreeing(call: Call): Promise<never> {
  call.notify({
    method: 'notifications/subscriptions/acknowledged',
    params: { notifications: call.params['notifications'] ?? {} },
  });
  return new Promise(() => {});
}

describe('a session with a GET stream', () => {
  it('hears of every list that changes, by one subscription', async () => {
    const { endpoint, session, stream, listens } = await listening();
    await using _ = endpoint;
    const listen = await listens.next();
    expect(listen.call).toMatchObject({ method: 'subscriptions/listen', principal: { id: 'alice' } });
    expect(wanted(listen)).toEqual({ ...EVERYTHING, resourceSubscriptions: [] });
    acknowledge(listen);
    await setImmediate();
    for (const what of ['tools', 'prompts', 'resources']) changed(listen.call, what);
    await until(() => heard(stream).length === 3);
    expect(heard(stream)).toEqual(
      ['tools', 'prompts', 'resources'].map((what) => ({
        jsonrpc: '2.0',
        method: `notifications/${what}/list_changed`,
        params: {},
      })),
    );
    // Another stream of the session is no other subscription.
    const second = endpoint.begin({ method: 'GET', headers: session });
    await second.status;
    changed(listen.call, 'tools');
    await until(() => heard(second).length === 1);
    expect(heard(stream)).toHaveLength(3);
  });

  it('hears nothing of another session', async () => {
    const { endpoint, stream, listens } = await listening();
    await using _ = endpoint;
    const first = await listens.next();
    acknowledge(first);
    const other = endpoint.begin({
      method: 'GET',
      headers: await endpoint.open({}, { 'x-test-principal': 'bob' }),
    });
    const second = await listens.next();
    expect(second.call.principal.id).toBe('bob');
    acknowledge(second);
    await setImmediate();
    changed(second.call, 'tools');
    await until(() => heard(other).length === 1);
    expect(heard(stream)).toEqual([]);
  });

  it('ends its subscription when it ends', async () => {
    const { endpoint, session, listens } = await listening();
    await using _ = endpoint;
    const listen = await listens.next();
    acknowledge(listen);
    await endpoint.send({ method: 'DELETE', headers: session });
    expect(cancelled(listen)).toBe(true);
  });
});

describe('resources/subscribe', () => {
  it('is answered when the server has agreed, and takes the place of what was heard before, without a gap', async () => {
    const { endpoint, session, stream, listens } = await listening();
    await using _ = endpoint;
    const before = await listens.next();
    acknowledge(before);
    const asked = ask(endpoint, session, 'resources/subscribe', { uri: 'x:1' });
    const after = await listens.next();
    expect(wanted(after)).toEqual({ ...EVERYTHING, resourceSubscriptions: ['x:1'] });
    expect(cancelled(before), 'the old one lasts until the new one is there').toBe(false);
    changed(before.call, 'tools');
    acknowledge(after);
    expect((await asked.answer).last).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
    expect(cancelled(before)).toBe(true);
    changed(before.call, 'prompts');
    after.call.notify({ method: 'notifications/resources/updated', params: { uri: 'x:1', title: 'T' } });
    await until(() => heard(stream).length === 2);
    expect(heard(stream).map(({ method, params }) => [method, params])).toEqual([
      ['notifications/tools/list_changed', {}],
      ['notifications/resources/updated', { uri: 'x:1', title: 'T' }],
    ]);
  });

  it('adds up, one after the other, and is taken back by resources/unsubscribe', async () => {
    const { endpoint, session, listens } = await listening();
    await using _ = endpoint;
    acknowledge(await listens.next());
    const asked = ['x:1', 'x:2', '__proto__'].map((uri) =>
      ask(endpoint, session, 'resources/subscribe', { uri }),
    );
    let last: unknown;
    for (let i = 0; i < asked.length; i++) {
      const listen = await listens.next();
      last = (wanted(listen) as JsonObject)['resourceSubscriptions'];
      acknowledge(listen);
    }
    for (const { answer } of asked) expect((await answer).last.result).toEqual({});
    expect(new Set(last as string[])).toEqual(new Set(['x:1', 'x:2', '__proto__']));
    const back = ask(endpoint, session, 'resources/unsubscribe', { uri: 'x:2' });
    const listen = await listens.next();
    expect(new Set((wanted(listen) as JsonObject)['resourceSubscriptions'] as string[])).toEqual(
      new Set(['x:1', '__proto__']),
    );
    acknowledge(listen);
    expect((await back.answer).last.result).toEqual({});
  });

  it.each<[string, (listen: Waited) => void]>([
    ['does not agree', (listen) => acknowledge(listen, EVERYTHING)],
    ['agrees to something else', (listen) => acknowledge(listen, { resourceSubscriptions: ['x:2'] })],
    ['agrees in no form', (listen) => acknowledge(listen, { resourceSubscriptions: 'x:1' })],
  ])('is an error when the server %s', async (_title, answer) => {
    const { endpoint, session, listens } = await listening();
    await using _ = endpoint;
    acknowledge(await listens.next());
    const asked = ask(endpoint, session, 'resources/subscribe', { uri: 'x:1' });
    answer(await listens.next());
    const { last, wire } = await asked.answer;
    expect(last.error?.code).toBe(-32602);
    expect(wire).not.toContain('canary');
  });

  it.each<[string, (listen: Waited) => void]>([
    ['refused', (listen) => listen.reply(failure('subscription_limit'))],
    ['broken', (listen) => listen.fail(new Error('canary'))],
    ['ended at once', (listen) => listen.reply(result({}))],
  ])('that is %s is an error, and what was heard before is heard on', async (_title, answer) => {
    const { endpoint, session, stream, listens } = await listening();
    await using _ = endpoint;
    const before = await listens.next();
    acknowledge(before);
    const asked = ask(endpoint, session, 'resources/subscribe', { uri: 'x:1' });
    answer(await listens.next());
    const { last, wire } = await asked.answer;
    expect(last.error?.data).toMatchObject({ reason: 'subscription_limit' });
    expect(wire).not.toContain('canary');
    expect(cancelled(before)).toBe(false);
    changed(before.call, 'tools');
    await until(() => heard(stream).length === 1);
  });

  it.each<JsonObject>([{}, { uri: 1 }, { uri: null }, { uri: ['x'] }])(
    '%j is no subscription',
    async (params) => {
      await using endpoint = await serve();
      const session = await endpoint.open();
      for (const method of ['resources/subscribe', 'resources/unsubscribe'])
        expect((await ask(endpoint, session, method, params).answer).last.error?.code).toBe(-32602);
    },
  );

  it('is refused for a URI of a size that nobody should have to keep', async () => {
    await using endpoint = await serve({ listen: agreeing });
    const session = await endpoint.open();
    const uri = `x:${'y'.repeat(8191)}`;
    const { last } = await ask(endpoint, session, 'resources/subscribe', { uri }).answer;
    expect(last.error?.data).toMatchObject({ reason: 'subscription_limit' });
    const shorter = await ask(endpoint, session, 'resources/subscribe', { uri: uri.slice(1) }).answer;
    expect(shorter.last.result).toEqual({});
  });

  it('has a limit, so that one session cannot have everything watched', async () => {
    await using endpoint = await serve({ listen: agreeing });
    const session = await endpoint.open();
    const statuses = new Set<unknown>();
    for (let i = 0; i < 1100 && statuses.size < 2; i++) {
      const { last } = await ask(endpoint, session, 'resources/subscribe', { uri: `x:${i}` }).answer;
      statuses.add(last.error?.data?.['reason']);
    }
    expect(statuses).toEqual(new Set([undefined, 'subscription_limit']));
  }, 20_000);
});
