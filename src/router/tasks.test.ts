import { describe, expect, it } from 'vitest';
import { Body } from '../core/body.ts';
import type { Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import type { JsonObject } from '../core/json.ts';
import { failure, type Reply, result } from '../core/reply.ts';
import { Trail } from '../core/trail.ts';
import type { Upstream } from '../core/upstream.ts';
import { Tasks } from './tasks.ts';

const EXTENSION = 'io.modelcontextprotocol/tasks';
const RELATED = 'io.modelcontextprotocol/related-task';
const MODERN: Call['client'] = {
  era: 'modern',
  protocolVersion: '2026-07-28',
  info: undefined,
  capabilities: { extensions: { [EXTENSION]: {} } },
};
const LEGACY: Call['client'] = { ...MODERN, era: 'legacy', protocolVersion: '2025-11-25', capabilities: {} };

function callOf(
  method: string,
  params: JsonObject = {},
  options: Partial<Call> & { who?: string } = {},
): Call {
  const { who = 'alice', ...others } = options;
  return {
    id: '1',
    principal: { id: who, via: 'token' },
    client: MODERN,
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
    ...others,
  };
}

/** A server that remembers what it was asked and says what the test says. */
function serverOf(answer: (call: Call) => Reply, name = 'jobs'): Upstream & { readonly calls: Call[] } {
  const calls: Call[] = [];
  return {
    name,
    calls,
    describe: async () => ({
      info: {},
      capabilities: { tasks: { list: {}, cancel: {} } },
      instructions: undefined,
    }),
    handle: async (call) => {
      calls.push(call);
      return answer(call);
    },
    view: () => '',
    watch: async () => undefined,
  };
}

const made = (id: string): Reply => ({
  kind: 'result',
  resultType: 'task',
  body: Body.value({ taskId: id, status: 'working' }),
});
const madeOld = (id: string): Reply => result({ task: { taskId: id, status: 'working', ttl: null } });

function valueOf(reply: Reply): JsonObject {
  if (reply.kind !== 'result') throw new Error(JSON.stringify(reply));
  return reply.body.parse();
}
function reasonOf(reply: Reply): unknown {
  return reply.kind === 'failure' ? reply.error.data : reply;
}

/** A task that alice has, and the id she knows it by. */
async function begin(answer: (call: Call) => Reply = () => result({}), options: Partial<Call> = {}) {
  const tasks = new Tasks();
  const isOld = options.client?.era === 'legacy';
  const server = serverOf((call) =>
    call.method === 'tools/call' ? (isOld ? madeOld('t1') : made('t1')) : answer(call),
  );
  const params: JsonObject = { name: 'work', ...(isOld && { task: {} }) };
  const value = valueOf(await tasks.callTool(server, callOf('tools/call', params, options)));
  const task = isOld ? (value['task'] as JsonObject) : value;
  server.calls.length = 0;
  const { taskId: id } = task;
  if (typeof id !== 'string') throw new Error('it has no id');
  return { tasks, server, value, id };
}

describe('a tool call that may make a task', () => {
  it('is answered with an id that says nothing of the server', async () => {
    const { value, id } = await begin();
    expect(value).toEqual({ taskId: id, status: 'working' });
    expect(Buffer.from(id, 'base64url').toString('latin1')).not.toMatch(/t1|jobs|work/);
  });

  it('is an invalid reply where the task has no id, in either era', async () => {
    const nameless: Reply = { kind: 'result', resultType: 'task', body: Body.value({ status: 'working' }) };
    const reply = await new Tasks().callTool(
      serverOf(() => nameless),
      callOf('tools/call', { name: 'work' }),
    );
    expect(reasonOf(reply)).toMatchObject({ reason: 'server_reply_invalid' });
    const old = await new Tasks().callTool(
      serverOf(() => result({ task: { taskId: 7 } })),
      callOf('tools/call', { name: 'work', task: {} }, { client: LEGACY }),
    );
    expect(reasonOf(old)).toMatchObject({ reason: 'server_reply_invalid' });
  });

  it.each([
    ['a modern client', MODERN],
    ['one that takes no tasks', { ...MODERN, capabilities: {} }],
    ['one of before 2025-11-25', { ...LEGACY, protocolVersion: '2025-06-18' }],
  ])('does not take the parameter of 2025-11-25 from %s', async (_who, client) => {
    const server = serverOf(() => result({ content: [] }));
    const call = callOf(
      'tools/call',
      { name: 'work', task: { ttl: 1 }, arguments: { task: 'kept' } },
      { client },
    );
    await new Tasks().callTool(server, call);
    expect(server.calls[0]?.params).toEqual({ name: 'work', arguments: { task: 'kept' } });
  });

  it('gives every other reply as it is, not even looked into', async () => {
    for (const reply of [result({ content: [] }), failure('call_timeout')])
      for (const client of [MODERN, LEGACY])
        expect(
          await new Tasks().callTool(
            serverOf(() => reply),
            callOf('tools/call', { name: 'work', task: {} }, { client }),
          ),
        ).toBe(reply);
    const notJson: Reply = { kind: 'result', body: Body.wire('{"content":') };
    const call = callOf('tools/call', { name: 'work' });
    expect(
      await new Tasks().callTool(
        serverOf(() => notJson),
        call,
      ),
    ).toBe(notJson);
  });
});

describe('what is asked about a task', () => {
  it('goes to its server under the server’s id, with the tool it is of', async () => {
    const { tasks, server, id } = await begin();
    const other = serverOf(() => result({}), 'other');
    const params = { taskId: id, inputResponses: { a: { action: 'accept' } } };
    await tasks.handle(callOf('tasks/update', params), [other, server]);
    expect(other.calls).toEqual([]);
    expect(server.calls[0]).toMatchObject({ tool: 'work', params: { ...params, taskId: 't1' } });
  });

  it.each([
    ['first', '{"taskId":"t1","big":12345678901234567890,"a":"\\u00e9"}'],
    ['last', '{"big":12345678901234567890,"a":"\\u00e9","taskId":"t1"}'],
  ])(
    'comes back under the client’s id, the rest byte for byte, where the id stands %s',
    async (_where, text) => {
      const { tasks, server, id } = await begin(() => ({ kind: 'result', body: Body.wire(text) }));
      const reply = await tasks.handle(callOf('tasks/get', { taskId: id }), [server]);
      expect(reply.kind === 'result' && reply.body.text).toBe(
        `{"big":12345678901234567890,"a":"\\u00e9","taskId":"${id}"}`,
      );
    },
  );

  it('has one id only, also where it stands in the middle or the result has one of its own', async () => {
    const task = { status: 'completed', taskId: 't1', result: { taskId: 'of the tool', content: [] } };
    const { tasks, server, id } = await begin(() => result(task));
    const reply = await tasks.handle(callOf('tasks/get', { taskId: id }), [server]);
    expect(valueOf(reply)).toEqual({ ...task, taskId: id });
  });

  it.each([
    ['another principal', { who: 'bob' }],
    ['an endpoint without its server', { servers: [] }],
    ['an id with a letter more', { more: 'A' }],
  ])(
    'is refused from %s, and no server hears of it',
    async (
      _who,
      {
        who = 'alice',
        servers,
        more = '',
      }: {
        who?: string;
        servers?: Upstream[];
        more?: string;
      },
    ) => {
      const { tasks, server, id } = await begin();
      const call = callOf('tasks/get', { taskId: id + more }, { who });
      expect(reasonOf(await tasks.handle(call, servers ?? [server]))).toEqual({ reason: 'unknown_task' });
      expect(server.calls).toEqual([]);
    },
  );

  it.each([undefined, null, 7, '', 't1', ['t1'], { taskId: 't1' }])('knows no task %o', async (taskId) => {
    const { tasks, server } = await begin();
    const params: JsonObject = taskId === undefined ? {} : { taskId };
    const reply = await tasks.handle(callOf('tasks/cancel', params), [server]);
    expect(reasonOf(reply)).toEqual({ reason: 'unknown_task' });
  });

  it('does not open under the key of another gateway', async () => {
    const { server, id } = await begin();
    const reply = await new Tasks().handle(callOf('tasks/get', { taskId: id }), [server]);
    expect(reasonOf(reply)).toEqual({ reason: 'unknown_task' });
  });

  it.each([
    ['modern', MODERN, ['tasks/list', 'tasks/result']],
    ['2025-11-25', LEGACY, ['tasks/update']],
    ['2025-06-18', { ...LEGACY, protocolVersion: '2025-06-18' }, ['tasks/get', 'tasks/list', 'tasks/result']],
  ])('is no method where its version has none: %s', async (_version, client, methods) => {
    for (const method of methods) {
      const reply = await new Tasks().handle(callOf(method, { taskId: 'x' }, { client }), []);
      expect(reply).toMatchObject({ error: { code: -32601 } });
    }
  });

  it('needs the extension, and the error says so', async () => {
    const client = { ...MODERN, capabilities: { extensions: { other: {} } } };
    const reply = await new Tasks().handle(callOf('tasks/get', { taskId: 'x' }, { client }), []);
    expect(reply).toMatchObject({
      error: { code: -32021, data: { requiredCapabilities: { extensions: { [EXTENSION]: {} } } } },
    });
  });
});

describe('tasks of 2025-11-25', () => {
  const old = { client: LEGACY };
  const related = (taskId: string): JsonObject => ({ _meta: { other: 1, [RELATED]: { taskId } } });

  it('name the client’s id in results, questions and notifications that belong to them', async () => {
    let next: Reply = result({ taskId: 'of the tool', ...related('t1') });
    const { tasks, server, id } = await begin((call) => {
      call.notify({ method: 'notifications/message', params: { data: 1, ...related('t1') } });
      return next;
    }, old);
    const told: unknown[] = [];
    const call = callOf(
      'tasks/result',
      { taskId: id },
      { ...old, notify: ({ params }) => void told.push(params) },
    );
    expect(valueOf(await tasks.handle(call, [server]))).toEqual({ taskId: 'of the tool', ...related(id) });
    next = {
      kind: 'input_required',
      requestState: 's',
      inputRequests: {
        a: { method: 'elicitation/create', params: { message: 'm', ...related('t1') } },
        b: 7,
      },
    };
    expect(await tasks.handle(call, [server])).toEqual({
      ...next,
      inputRequests: { a: { method: 'elicitation/create', params: { message: 'm', ...related(id) } }, b: 7 },
    });
    expect(told).toEqual([
      { data: 1, ...related(id) },
      { data: 1, ...related(id) },
    ]);
  });

  it('are listed for their owner only, and those that are nobody’s for nobody', async () => {
    const list: JsonObject = {
      tasks: [{ taskId: 't1', status: 'working' }, { taskId: 'stray' }, { status: 'working' }],
    };
    const { tasks, server, id } = await begin(() => result(list), old);
    const listed = (who: string): Promise<Reply> =>
      tasks.handle(callOf('tasks/list', {}, { ...old, who }), [server]);
    expect(valueOf(await listed('alice'))).toEqual({ tasks: [{ taskId: id, status: 'working' }] });
    expect(valueOf(await listed('bob'))).toEqual({ tasks: [] });
  });

  it('that a list does not have are asked for, and forgotten when they are gone', async () => {
    let get: Reply = result({ taskId: 't1', status: 'completed' });
    const { tasks, server, id } = await begin(
      ({ method }) => (method === 'tasks/list' ? result({ tasks: [] }) : get),
      old,
    );
    const list = async (): Promise<unknown> =>
      valueOf(await tasks.handle(callOf('tasks/list', {}, old), [server]))['tasks'];
    expect(await list()).toEqual([{ taskId: id, status: 'completed' }]);
    get = failure('invalid_params');
    expect(await list()).toEqual([]);
    server.calls.length = 0;
    await list();
    expect(server.calls.map(({ method }) => method)).toEqual(['tasks/list']);
  });

  it('have no list where no server has one, and no cursor', async () => {
    const { tasks, server } = await begin(() => result({}), old);
    const none = {
      ...server,
      describe: async () => ({ info: {}, capabilities: {}, instructions: undefined }),
    };
    expect(await tasks.handle(callOf('tasks/list', {}, old), [none])).toMatchObject({
      error: { code: -32601 },
    });
    const reply = await tasks.handle(callOf('tasks/list', { cursor: 'x' }, old), [server]);
    expect(reasonOf(reply)).toMatchObject({ reason: 'invalid_params' });
  });

  it('are told of to their owner, from the owner’s own process or one that is everybody’s', async () => {
    const { tasks, id } = await begin(() => result({}), old);
    const params = { taskId: 't1', status: 'completed' };
    const told = { principal: 'alice', params: { taskId: id, status: 'completed' } };
    expect(tasks.told({ server: 'jobs', principal: 'alice', params })).toEqual(told);
    expect(tasks.told({ server: 'jobs', principal: undefined, params })).toEqual(told);
    expect(tasks.told({ server: 'jobs', principal: 'bob', params })).toBeUndefined();
    expect(tasks.told({ server: 'other', principal: 'alice', params })).toBeUndefined();
    expect(
      tasks.told({ server: 'jobs', principal: 'alice', params: { status: 'completed' } }),
    ).toBeUndefined();
  });
});
