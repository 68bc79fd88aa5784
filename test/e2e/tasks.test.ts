import { join } from 'node:path';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CallToolResultSchema,
  ElicitRequestSchema,
  type Task,
  TaskStatusNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Config, type Gateway, startGateway } from '../support/gateway.ts';
import { type Answer, modern } from '../support/http.ts';
import { eventually, ROOT } from '../support/processes.ts';

/** Tasks of both generations through the whole gateway: official servers, and two users on each of them. */
const OLD = { command: process.execPath, args: [join(ROOT, 'test', 'support', 'tasks-server.mjs')] };
const NEW = {
  command: process.execPath,
  args: [join(ROOT, 'test', 'conformance', 'upstream', 'server.mjs'), 'stdio', '--era', 'modern'],
};
const auth = { basic: { alice: 'the password of alice', bob: 'the password of bob' } };
const config = (servers: object): Config => ({ mcpServers: servers, auth });
const SERVERS = { old: OLD, common: { ...OLD, isolation: 'shared' }, new: NEW, other: NEW };

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ config: config(SERVERS) });
});
afterAll(() => gateway?.stop());

type User = 'alice' | 'bob';
const basic = (user: User): string =>
  `Basic ${Buffer.from(`${user}:the password of ${user}`).toString('base64')}`;

describe('the extension of 2026-07-28', () => {
  const EXTENSION = 'io.modelcontextprotocol/tasks';
  const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';

  interface How {
    user?: User;
    path?: string;
    /** Does the request declare the extension? */
    declared?: boolean;
  }

  function ask(method: string, params: Record<string, unknown>, how: How = {}): Promise<Answer> {
    const { user = 'alice', path = '/mcp', declared = true } = how;
    const { taskId } = params;
    const headers = {
      authorization: basic(user),
      ...(typeof taskId === 'string' && { 'mcp-name': taskId }),
    };
    const capabilities = declared ? { extensions: { [EXTENSION]: {} } } : {};
    return modern(gateway, method, params, { path, headers, meta: { [CAPABILITIES]: capabilities } });
  }

  const compute = (seconds: number, how: How & { server?: string } = {}): Promise<Answer> =>
    ask('tools/call', { name: `${how.server ?? 'new'}__slow_compute`, arguments: { seconds } }, how);

  async function taskOf(seconds: number, how: How = {}): Promise<string> {
    const { last } = await compute(seconds, how);
    expect(last.result).toMatchObject({ resultType: 'task', status: 'working' });
    return String(last.result?.['taskId']);
  }

  it('is promised where a server has it, to modern clients', async () => {
    const said = (await ask('server/discover', {})).last.result?.['capabilities'];
    expect(said).toMatchObject({ extensions: { [EXTENSION]: {} } });
    expect(said).not.toHaveProperty('tasks');
    const old = (await ask('server/discover', {}, { path: '/servers/old/mcp' })).last.result;
    expect(old?.['capabilities']).not.toHaveProperty('extensions');
  });

  it('leads a task to its end, on an endpoint of several servers', async () => {
    const taskId = await taskOf(0.2);
    const done = await eventually('it is completed', async () => {
      const { result } = (await ask('tasks/get', { taskId })).last;
      expect(result).toMatchObject({ resultType: 'complete', taskId });
      return result?.['status'] === 'completed' ? result : undefined;
    });
    expect(done['result']).toMatchObject({ content: [{ text: 'Computed it in 0.2 s' }] });
  });

  it('is never used on a client that did not declare it', async () => {
    const { last } = await compute(0, { declared: false });
    expect(last.result).toMatchObject({ resultType: 'complete', content: [{ type: 'text' }] });
    expect(last.result).not.toHaveProperty('taskId');
    const taskId = await taskOf(60);
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const answer = await ask(method, { taskId, inputResponses: {} }, { declared: false });
      expect(answer.status).toBe(400);
      expect(answer.last.error).toMatchObject({
        code: -32021,
        data: { requiredCapabilities: { extensions: { [EXTENSION]: {} } } },
      });
    }
  });

  it('gives nobody the task of another one, by whichever method', async () => {
    const taskId = await taskOf(60);
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const { last } = await ask(method, { taskId, inputResponses: {} }, { user: 'bob' });
      expect(last.error).toMatchObject({ code: -32602, data: { reason: 'unknown_task' } });
    }
    expect((await ask('tasks/get', { taskId })).last.result).toMatchObject({ status: 'working' });
  });

  it('knows no id that was changed, made up, or belongs to a server that the endpoint does not have', async () => {
    const taskId = await taskOf(60);
    const [head, tail] = [taskId.slice(0, 30), taskId.slice(31)];
    const ids = [`${head}${taskId[30] === 'A' ? 'B' : 'A'}${tail}`, `${taskId}A`, taskId.slice(1), 'x', ''];
    for (const changed of ids) {
      const { last } = await ask('tasks/get', { taskId: changed });
      expect(last.error).toMatchObject({ code: -32602, data: { reason: 'unknown_task' } });
    }
    const own = await ask('tasks/get', { taskId }, { path: '/servers/new/mcp' });
    expect(own.last.result).toMatchObject({ taskId, status: 'working' });
    const foreign = await ask('tasks/get', { taskId }, { path: '/servers/other/mcp' });
    expect(foreign.last.error).toMatchObject({ data: { reason: 'unknown_task' } });
  });

  it('refuses a Mcp-Name that is not the task of the body', async () => {
    const taskId = await taskOf(60);
    const headers = { authorization: basic('alice'), 'mcp-name': 'another' };
    const answer = await modern(gateway, 'tasks/get', { taskId }, { headers });
    expect(answer.status).toBe(400);
    expect(answer.last.error?.code).toBe(-32020);
  });

  it('loses the tasks of a server with its process, and knows none of a server that is gone', async () => {
    const taskId = await taskOf(60);
    const change = async (servers: object, isOver: (answer: Answer) => boolean): Promise<void> => {
      gateway.writeConfig(config(servers));
      gateway.program.child.kill('SIGHUP');
      await eventually('it has been taken over', async () => isOver(await ask('tasks/get', { taskId })));
    };
    const restarted = { ...NEW, env: { SOMETHING: 'else' } };
    // The id still opens, and it is the server that does not know it any more.
    await change({ ...SERVERS, new: restarted }, ({ last }) => {
      if (last.result) return false;
      expect(last.error).toMatchObject({ code: -32602 });
      return last.error?.message === 'No such task';
    });
    const { new: _, ...others } = SERVERS;
    await change(others, ({ last }) => last.error?.data?.['reason'] === 'unknown_task');
    await change(SERVERS, ({ last }) => last.error?.message === 'No such task');
  });
});

describe('the tasks of 2025-11-25', () => {
  interface Connected extends AsyncDisposable {
    readonly client: ClientV1;
    readonly told: Record<string, unknown>[];
    readonly asked: unknown[];
  }

  /** The official client, which can be asked something where the test says so. */
  async function connect(user: User, server: string, answers = false): Promise<Connected> {
    const client = new ClientV1(
      { name: 'test', version: '1' },
      { capabilities: answers ? { elicitation: {} } : {} },
    );
    const told: Record<string, unknown>[] = [];
    const asked: unknown[] = [];
    client.setNotificationHandler(TaskStatusNotificationSchema, ({ params }) => void told.push(params));
    if (answers)
      client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
        asked.push(params);
        return { action: 'accept', content: { name: `${user} on ${params.message}` } };
      });
    const url = new URL(`${gateway.origin}/servers/${server}/mcp`);
    const requestInit = { headers: { authorization: basic(user) } };
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
    return { client, told, asked, [Symbol.asyncDispose]: () => client.close() };
  }

  /** Everything that the SDK's own way through a task says. */
  async function run(client: ClientV1, name: string, input: Record<string, unknown>) {
    const stream = client.experimental.tasks.callToolStream(
      { name, arguments: input },
      CallToolResultSchema,
      { task: { ttl: 60_000 } },
    );
    let created: Task | undefined;
    for await (const message of stream) {
      if (message.type === 'taskCreated') created = message.task;
      if (message.type === 'error') throw message.error;
      if (message.type === 'result' && created) return { created, result: message.result };
    }
    throw new Error('it had no result');
  }

  async function begin(client: ClientV1, name: string, input: Record<string, unknown>): Promise<Task> {
    const stream = client.experimental.tasks.callToolStream(
      { name, arguments: input },
      CallToolResultSchema,
      { task: { ttl: 60_000 } },
    );
    for await (const message of stream) if (message.type === 'taskCreated') return message.task;
    throw new Error('no task was made');
  }

  it('are promised to the clients that know them, and go their whole way', async () => {
    await using connected = await connect('alice', 'old');
    const { client, told } = connected;
    expect(client.getServerCapabilities()?.tasks).toMatchObject({ list: {}, cancel: {} });
    const { created, result } = await run(client, 'wait', { ms: 100 });
    expect(result['content']).toMatchObject([{ text: expect.stringMatching(/^waited/) }]);
    expect(result['_meta']).toMatchObject({
      'io.modelcontextprotocol/related-task': { taskId: created.taskId },
    });
    expect(await client.experimental.tasks.getTask(created.taskId)).toMatchObject({ status: 'completed' });
    await eventually('its end was told', () =>
      told.some(({ taskId, status }) => taskId === created.taskId && status === 'completed'),
    );
  });

  it('ask the one who waits for their result, and nobody else, several at once', async () => {
    const users: readonly User[] = ['alice', 'bob'];
    await Promise.all(
      users.map(async (user) => {
        await using connected = await connect(user, 'old', true);
        const { client, asked } = connected;
        const labels = ['one', 'two', 'three'];
        const ends = await Promise.all(labels.map((label) => run(client, 'ask', { label })));
        for (const [i, { result, created }] of ends.entries()) {
          const name = `${user} on ${labels[i]}`;
          expect(result['content']).toEqual([{ type: 'text', text: JSON.stringify({ name }) }]);
          expect(asked).toContainEqual(
            expect.objectContaining({
              message: labels[i],
              _meta: { 'io.modelcontextprotocol/related-task': { taskId: created.taskId } },
            }),
          );
        }
        expect(asked).toHaveLength(labels.length);
      }),
    );
  });

  it.each(['old', 'common'])(
    'are cancelled, listed and read by their owner only, server %s',
    async (name) => {
      await using alice = await connect('alice', name);
      await using bob = await connect('bob', name);
      const { taskId } = await begin(alice.client, 'wait', { ms: 60_000 });
      const theirs = await begin(bob.client, 'wait', { ms: 60_000 });
      const tasks = bob.client.experimental.tasks;
      await expect(tasks.getTask(taskId)).rejects.toMatchObject({ code: -32602 });
      await expect(tasks.cancelTask(taskId)).rejects.toMatchObject({ code: -32602 });
      await expect(tasks.getTaskResult(taskId, CallToolResultSchema)).rejects.toMatchObject({ code: -32602 });
      expect((await tasks.listTasks()).tasks.map((task) => task.taskId)).toEqual([theirs.taskId]);
      const own = alice.client.experimental.tasks;
      expect(await own.cancelTask(taskId)).toMatchObject({ taskId, status: 'cancelled' });
      const short = await begin(alice.client, 'wait', { ms: 50 });
      await eventually('alice is told of it', () =>
        alice.told.some((task) => task['taskId'] === short.taskId),
      );
      expect((await own.listTasks()).tasks.map((task) => task.taskId)).toEqual(
        expect.arrayContaining([taskId, short.taskId]),
      );
      expect(bob.told).toEqual([]);
    },
  );

  it('are listed from every process that a pipe was given', async () => {
    await using connected = await connect('alice', 'old', true);
    const { client } = connected;
    // As many at once as there may be processes that work for somebody who can be asked.
    const runs: Awaited<ReturnType<typeof run>>[] = [];
    const processes = new Set<string>();
    // A process that is done with making one task makes the next: on a busy machine it may take a few goes to need two.
    for (let go = 0; go < 20 && processes.size < 2; go++) {
      runs.push(...(await Promise.all([1, 2, 3].map(() => run(client, 'wait', { ms: 100 })))));
      for (const { result } of runs) processes.add(JSON.stringify(result['content']));
    }
    expect(processes.size).toBeGreaterThan(1);
    const listed = (await client.experimental.tasks.listTasks()).tasks.map((task) => task.taskId);
    expect(listed).toEqual(expect.arrayContaining(runs.map(({ created }) => created.taskId)));
  });

  it('cannot be made by a client of the other generation', async () => {
    const params = { name: 'old__wait', arguments: { ms: 1 }, task: { ttl: 60_000 } };
    const headers = { authorization: basic('alice') };
    const { last } = await modern(gateway, 'tools/call', params, { headers });
    // The tool wants a task, and nobody asked for one.
    expect(last.result).not.toHaveProperty('task');
    expect(JSON.stringify(last)).not.toContain('taskId');
  });
});
