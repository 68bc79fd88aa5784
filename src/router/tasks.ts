import { Body } from '../core/body.ts';
import type { Call } from '../core/call.ts';
import { isObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { failure, type Reply, result } from '../core/reply.ts';
import { binding, Seal } from '../core/seal.ts';
import { isTaskMethod, RELATED_TASK, takesTasks, taskCapability, TASKS_EXTENSION } from '../core/tasks.ts';
import type { TaskStatus, Upstream } from '../core/upstream.ts';
import { fetchAll } from './catalogue.ts';

/** Tasks of legacy servers whose owners are remembered; the oldest is forgotten first. */
const MOST_KNOWN = 10_000;
/** Tasks that a server's list does not have and that are asked for one by one. */
const MOST_MISSING = 100;

/** What a client's task id stands for. */
interface Task {
  readonly server: string;
  /** As the server calls it. */
  readonly id: string;
  /** The tool that works on it, by the server's own name. */
  readonly tool: string;
}

/** Whose task this is, and what its client calls it. */
interface Known {
  readonly server: string;
  readonly id: string;
  readonly principal: string;
  readonly sealed: string;
}

/**
 * Tasks belong to whoever made the call they came from. A server binds them to *its* caller at most, and that is this
 * gateway, for all users alike; so the id that a client gets is sealed for its principal. It also says which server and
 * tool the task is of: nothing needs to be remembered to find the way back.
 */
export class Tasks {
  readonly #seal = new Seal();
  /** The tasks of legacy servers, which list them all and tell of any: only here is known whose they are. */
  readonly #known = new Map<string, Known>();

  /** Calls a tool, its name the server's own. Where that makes a task, its id becomes one for this caller only. */
  callTool(server: Upstream, call: Call): Promise<Reply> {
    const { client, params } = call;
    const asks = params['task'] !== undefined;
    const mayMake = takesTasks(client) && (client.era === 'modern' || asks);
    // > A server MUST NOT promote a call to a task because of it  (SEP-2663, on the parameter of 2025-11-25)
    const asked =
      asks && (client.era === 'modern' || !mayMake) ? { ...call, params: withoutTask(params) } : call;
    return mayMake ? this.#make(server, asked) : server.handle(asked);
  }

  async #make(server: Upstream, call: Call): Promise<Reply> {
    const reply = await server.handle(call);
    if (reply.kind !== 'result') return reply;
    if (call.client.era === 'modern') {
      if (reply.resultType !== 'task') return reply;
      const sealed = this.#given(server, call, reply.body.tryParse()?.['taskId']);
      return sealed === undefined ? NO_ID : { ...reply, body: withTaskId(reply.body, sealed) };
    }
    const value = reply.body.tryParse();
    const task = value?.['task'];
    if (!isObject(task)) return reply;
    const sealed = this.#given(server, call, task['taskId']);
    return sealed === undefined ? NO_ID : result({ ...value, task: { ...task, taskId: sealed } });
  }

  /** `tasks/*`, in the words of either era. */
  async handle(call: Call, servers: readonly Upstream[]): Promise<Reply> {
    if (!isTaskMethod(call)) return failure('method_not_found', call.method);
    // > servers MUST … return … -32021 … for tasks/get, tasks/update, and tasks/cancel … that do not declare it  (SEP-2663)
    if (!takesTasks(call.client))
      return failure('missing_capability', 'It is tasks.', { requiredCapabilities });
    if (call.method === 'tasks/list') return this.#list(call, servers);
    const sealed = call.params['taskId'];
    const task = typeof sealed === 'string' ? this.#open(call, sealed) : undefined;
    const server = task && servers.find(({ name }) => name === task.server);
    if (!task || !server || typeof sealed !== 'string') return failure('unknown_task');
    const reply = await server.handle({
      ...call,
      params: { ...call.params, taskId: task.id },
      tool: task.tool,
      notify: ({ method, params }) => call.notify({ method, params: related(params, sealed) }),
    });
    return answered(reply, sealed, call.method);
  }

  /**
   * What a legacy server tells of one of its tasks, as its owner is to hear it; undefined when that is nobody who is
   * known, or not the one on whose connection it came.
   */
  told({ server, principal, params }: TaskStatus): { principal: string; params: JsonObject } | undefined {
    const known = this.#known.get(keyOf(server, params['taskId']));
    if (!known || (principal !== undefined && principal !== known.principal)) return undefined;
    return { principal: known.principal, params: { ...params, taskId: known.sealed } };
  }

  /** Every page of every server that has such a list, and of each only what is the caller's. */
  async #list(call: Call, servers: readonly Upstream[]): Promise<Reply> {
    if (call.params['cursor'] !== undefined)
      return failure('invalid_params', 'This cursor is not one of ours.');
    const lists = await Promise.all(servers.map((server) => this.#listOf(server, call)));
    if (lists.every((list) => list === undefined)) return failure('method_not_found', call.method);
    return result({ tasks: lists.flatMap((list) => list ?? []) });
  }

  async #listOf(server: Upstream, call: Call): Promise<JsonObject[] | undefined> {
    const description = await server.describe(call);
    if ('code' in description) return undefined;
    const tasks = taskCapability(call.client, description.capabilities)?.['tasks'];
    if (!isObject(tasks) || !isObject(tasks['list'])) return undefined;
    const listing = await fetchAll(server, call.method, 'tasks', call);
    if ('code' in listing) return [];
    const listed = listing.items.flatMap((task) => {
      const known = this.#known.get(keyOf(server.name, task['taskId']));
      return known?.principal === call.principal.id ? [{ ...task, taskId: known.sealed }] : [];
    });
    return [...listed, ...(await this.#missing(server, call, new Set(listed.map(({ taskId }) => taskId))))];
  }

  /** A server may run in several processes, and each of them lists its own tasks only. */
  async #missing(server: Upstream, call: Call, listed: ReadonlySet<JsonValue>): Promise<JsonObject[]> {
    const own = [...this.#known.values()].filter(
      (known) => known.server === server.name && known.principal === call.principal.id,
    );
    const missing = own.filter(({ sealed }) => !listed.has(sealed)).slice(-MOST_MISSING);
    const found = await Promise.all(
      missing.map(async ({ id, sealed }) => {
        const reply = await server.handle({ ...call, method: 'tasks/get', params: { taskId: id } });
        const task = reply.kind === 'result' ? reply.body.tryParse() : undefined;
        if (!task) this.#known.delete(keyOf(server.name, id));
        return task && { ...task, taskId: sealed };
      }),
    );
    return found.filter((task) => task !== undefined);
  }

  /** The id under which the caller gets a new task. */
  #given(
    server: Upstream,
    { client, principal, params }: Call,
    id: JsonValue | undefined,
  ): string | undefined {
    const { name } = params;
    if (typeof id !== 'string' || typeof name !== 'string') return undefined;
    const sealed = this.#seal.seal(JSON.stringify([server.name, id, name]), binding(principal.id));
    if (client.era === 'modern') return sealed;
    this.#known.set(keyOf(server.name, id), { server: server.name, id, principal: principal.id, sealed });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    return sealed;
  }

  #open({ principal }: Call, sealed: string): Task | undefined {
    const text = this.#seal.open(sealed, binding(principal.id));
    if (text === undefined) return undefined;
    const [server, id, tool] = JSON.parse(text) as [string, string, string];
    return { server, id, tool };
  }
}

const NO_ID = failure('server_reply_invalid', 'It made a task without an id.');
const requiredCapabilities: JsonObject = { extensions: { [TASKS_EXTENSION]: {} } };

function keyOf(server: string, id: JsonValue | undefined): string {
  return JSON.stringify([server, id ?? null]);
}

function withoutTask(params: JsonObject): JsonObject {
  const { task: _, ...rest } = params;
  return rest;
}

/** What a server says of a task, under the id that the client knows. */
function answered(reply: Reply, sealed: string, method: string): Reply {
  if (reply.kind === 'failure') return reply;
  if (reply.kind === 'input_required') {
    const questions = Object.entries(reply.inputRequests).map(([key, question]): [string, JsonValue] => {
      const params = isObject(question) ? question['params'] : undefined;
      if (!isObject(question) || !isObject(params)) return [key, question];
      return [key, { ...question, params: related(params, sealed) }];
    });
    return { ...reply, inputRequests: Object.fromEntries(questions) };
  }
  // The result of the call itself, which may have a member of this name.
  if (method !== 'tasks/result') return { ...reply, body: withTaskId(reply.body, sealed) };
  const value = reply.body.has('_meta') ? reply.body.tryParse() : undefined;
  return value ? { ...reply, body: Body.value(related(value, sealed)) } : reply;
}

/** Only the id is written anew where it stands first or last; a large result in the same object stays as it is. */
function withTaskId(body: Body, sealed: string): Body {
  if (!body.has('taskId')) return body;
  const member = `"taskId":${JSON.stringify(body.parse()['taskId'])}`;
  return (body.withoutEnd(member) ?? body.without('taskId')).append(`"taskId":${JSON.stringify(sealed)}`);
}

/** The same parameters or result, said to belong to the task by the id that the client knows. */
function related(value: JsonObject, sealed: string): JsonObject {
  const { _meta: meta } = value;
  const task = isObject(meta) ? meta[RELATED_TASK] : undefined;
  if (!isObject(meta) || !isObject(task)) return value;
  return { ...value, _meta: { ...meta, [RELATED_TASK]: { ...task, taskId: sealed } } };
}
