/** For tests of the servers: processes that do what the test says, and calls. */
import { pino } from 'pino';
import { vi } from 'vitest';
import type { ServerConfig } from '../config/schema.ts';
import type { Life } from '../config/isolation.ts';
import { toWire } from '../core/body.ts';
import type { Answer, Call, CallSession } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import type { Reply } from '../core/reply.ts';
import { Trail } from '../core/trail.ts';
import type { ListChange, ResourceUpdate } from '../core/upstream.ts';
import { readLine } from '../wire/response-line.ts';
import type { CapacityLimits } from './capacity.ts';
import { Servers } from './servers.ts';
import type { Transport, TransportEvents } from './transport/transport.ts';

/** A process of a server, as the test sees it. */
export interface Process {
  readonly server: string;
  readonly pid: number;
  readonly sent: JsonObject[];
  running: boolean;
  says(message: JsonObject): void;
  crash(...stderr: string[]): void;
  /** The requests of this method that it has not answered yet. */
  open(method: string): JsonObject[];
}

/**
 * A server of this era. `tools/call` of `echo` is answered with its process id at once, `ask` with a question and then
 * with the answer, `hang` never; `fail` as a config's command means that it does not start.
 */
function startProcess(
  config: ServerConfig,
  pid: number,
  era: 'legacy' | 'modern',
  events: TransportEvents,
): [Process, Transport] {
  const answered = new Set<unknown>();
  const asking = new Map<unknown, unknown>();
  const end = (reason: string, stderr: string[]): void => {
    if (!process.running) return;
    process.running = false;
    events.closed({ reason, stderr });
  };
  const process: Process = {
    server: config.name,
    pid,
    sent: [],
    running: true,
    says(message) {
      answered.add(message['id']);
      const incoming = readLine(toWire(JSON.stringify({ jsonrpc: '2.0', ...message })));
      if (incoming && process.running) events.message(incoming);
    },
    crash: (...stderr) => end('it exited with code 9', stderr),
    open: (method) => process.sent.filter((each) => each['method'] === method && !answered.has(each['id'])),
  };
  const capabilities = { tools: { listChanged: true }, resources: { subscribe: true } };
  const receive = (message: JsonObject): void => {
    const { id, method, params, result = null } = message;
    if (id === undefined) return;
    if (method === undefined) {
      const call = asking.get(id);
      return process.says({ id: call as number, result: { ...dressed(), heard: result } });
    }
    if (method === 'initialize' && era === 'legacy')
      return process.says({ id, result: { protocolVersion: '2025-11-25', capabilities } });
    if (method === 'server/discover' && era === 'modern')
      return process.says({ id, result: { ...dressed(), supportedVersions: ['2026-07-28'], capabilities } });
    if (method === 'subscriptions/listen') return;
    const name = isObject(params) ? params['name'] : undefined;
    if (method === 'tools/call' && name === 'hang') return;
    if (method === 'tools/call' && name === 'ask') {
      const question = `q${asking.size}`;
      asking.set(question, id);
      return process.says({ id: question, method: 'elicitation/create', params: { message: 'Who?' } });
    }
    if (method === 'server/discover' || method === 'initialize')
      return process.says({ id, error: { code: -32601, message: 'unknown' } });
    process.says({ id, result: { ...dressed(), pid } });
  };
  const dressed = (): JsonObject => (era === 'modern' ? { resultType: 'complete' } : {});
  if (config.kind === 'stdio' && (config.command === 'fail' || config.env['KEY'] === 'wrong'))
    queueMicrotask(() => end('it exited with code 1', ['no API key']));
  return [
    process,
    {
      send(text) {
        const message = JSON.parse(text) as JsonObject;
        process.sent.push(message);
        setTimeout(() => process.running && receive(message), 1);
        return true;
      },
      close: async () => end('it exited with code 0', []),
    },
  ];
}

export const command = (
  name: string,
  options: { command?: string; args?: string[]; life?: Life } = {},
): ServerConfig => ({
  name,
  kind: 'stdio',
  command: options.command ?? 'server',
  args: options.args ?? [],
  env: {},
  cwd: undefined,
  ...(options.life && { life: options.life }),
});

export const open: Servers[] = [];

export function setUp(
  configs: readonly ServerConfig[],
  era: 'legacy' | 'modern' = 'legacy',
  limits?: CapacityLimits,
): {
  servers: Servers;
  processes: Process[];
  /** What each of them was started with. */
  started: { config: ServerConfig; secrets: readonly string[] }[];
  changes: ListChange[];
  updates: ResourceUpdate[];
} {
  const processes: Process[] = [];
  const started: { config: ServerConfig; secrets: readonly string[] }[] = [];
  const changes: ListChange[] = [];
  const updates: ResourceUpdate[] = [];
  const servers = new Servers(configs, {
    self: { name: 'sallyport', version: '1' },
    times: { callMs: 60_000, startMs: 10_000 },
    ...(limits && { limits }),
    log: pino({ level: 'silent' }),
    start(config, events, secrets) {
      started.push({ config, secrets });
      const [process, transport] = startProcess(config, processes.length + 1, era, events);
      processes.push(process);
      return transport;
    },
  });
  servers.onListChanged((change) => changes.push(change));
  servers.onResourceUpdated((update) => updates.push(update));
  open.push(servers);
  return { servers, processes, started, changes, updates };
}

export interface CallOptions {
  principal?: string;
  user?: string | undefined;
  passed?: Call['passed'];
  session?: CallSession;
  capabilities?: JsonObject;
  name?: string;
  method?: string;
  answers?: Call['answers'];
  cancellation?: Cancellation;
}

export function callOf(options: CallOptions = {}): Call {
  return {
    id: '1',
    principal: { id: options.principal ?? 'alice', via: 'token', user: options.user },
    passed: options.passed,
    client: { era: 'modern', protocolVersion: '', info: undefined, capabilities: options.capabilities ?? {} },
    session: options.session,
    scope: undefined,
    method: options.method ?? 'tools/call',
    params: { name: options.name ?? 'echo' },
    meta: undefined,
    answers: options.answers,
    wantsProgress: false,
    logLevel: undefined,
    cancellation: options.cancellation ?? new Cancellation(),
    trail: new Trail(),
    notify: () => {},
  };
}

export const ELICITATION: JsonObject = { elicitation: {} };
export const asking = (options: CallOptions = {}): CallOptions => ({
  name: 'ask',
  capabilities: ELICITATION,
  ...options,
});
export const hanging = (options: CallOptions = {}): CallOptions => ({
  name: 'hang',
  capabilities: ELICITATION,
  ...options,
});

export const tick = (ms = 50): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** Makes the call at `files`, and what became of it after a moment. */
export async function made(
  servers: Servers,
  options: CallOptions = {},
  server = 'files',
): Promise<Reply | 'pending'> {
  const reply = handle(servers, callOf(options), server);
  await tick();
  return now(reply);
}

export function handle(servers: Servers, call: Call, server = 'files'): Promise<Reply> {
  const found = servers.get(server);
  return found ? found.handle(call) : Promise.reject(new Error(`there is no server ${server}`));
}

/** What has become of a call by now. */
export function now(reply: Promise<Reply>): Promise<Reply | 'pending'> {
  return Promise.race([reply, tick(0).then(() => 'pending' as const)]);
}

/** The process that answered, or the reason why none did. */
export function by(reply: Reply | 'pending'): unknown {
  if (reply === 'pending') return reply;
  if (reply.kind === 'result') return reply.body.parse()['pid'];
  if (reply.kind === 'input_required') return reply.kind;
  return isObject(reply.error.data) ? reply.error.data['reason'] : reply.error.message;
}

/** The answer to a reply that asks, as the options of the next round. */
export function answering(reply: Reply | 'pending', options: CallOptions = {}): CallOptions {
  if (reply === 'pending' || reply.kind !== 'input_required') throw new Error('it asked nothing');
  const answer: Answer = { result: { action: 'accept' } };
  const responses = new Map(Object.keys(reply.inputRequests).map((key) => [key, answer]));
  return asking({ ...options, answers: { responses, state: reply.requestState } });
}
