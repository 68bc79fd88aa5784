import type { Call } from '../core/call.ts';
import type { Handler, Policy } from '../core/handler.ts';
import type { Reply } from '../core/reply.ts';
import type { Trail } from '../core/trail.ts';
import { BoundedNames, OTHER } from '../telemetry/bounded-names.ts';
import type { Cell, Times } from '../telemetry/cells.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { isToolError, knownReasonOf, outcomeOf } from './outcome.ts';

/** The methods that a server is asked; whatever else a client says is one more word, and all of those are one. */
const METHODS: ReadonlySet<string> = new Set([
  'tools/call',
  'tools/list',
  'prompts/get',
  'prompts/list',
  'resources/read',
  'resources/list',
  'resources/templates/list',
  'completion/complete',
  'tasks/get',
  'tasks/update',
  'tasks/result',
  'tasks/list',
  'tasks/cancel',
]);

/** Reasons that are the server's doing, though the gateway says so. All others are refusals of the gateway's own. */
const UPSTREAM = /^(server_|call_timeout$|at_capacity$|input_expired$|too_many_rounds$|input_unsupported$)/;

/** Counts the calls of a gateway, at two places: where they come in, and before each server. */
export class CallMeter {
  readonly #metrics: Metrics;
  readonly #mostTools: number;
  /** By server: it keeps its numbers when it is started anew. */
  readonly #servers = new Map<string, ServerMeter>();
  #inFlight = 0;

  /** @param mostTools so many tools of each server are counted by name */
  constructor(metrics: Metrics, mostTools: number) {
    this.#metrics = metrics;
    this.#mostTools = mostTools;
    metrics.onScrape(() => metrics.set('callsInFlight', {}, this.#inFlight));
  }

  /** Around everything: what is in flight, what is refused, what the guard finds. */
  readonly policy: Policy = (next) => (call) => {
    this.#inFlight += 1;
    return next(call).then(
      (reply) => {
        this.#inFlight -= 1;
        if (reply.kind === 'failure') this.#refused(reply);
        this.#found(call.trail);
        return reply;
      },
      (error: unknown) => {
        this.#inFlight -= 1;
        throw error;
      },
    );
  };

  /** Around one server: how long it takes, and how that ends. */
  readonly policyFor = (server: string): Policy => {
    const meter = this.#servers.get(server) ?? new ServerMeter(server, this.#metrics, this.#mostTools);
    this.#servers.set(server, meter);
    return (next) => meter.around(next);
  };

  /** What the guard found, and did about it. */
  #found({ pii, actions }: Trail): void {
    for (const [type, count] of pii) this.#metrics.count('pii', { type }, count);
    for (const action of actions) this.#metrics.count('guardActions', { action });
  }

  #refused({ error }: Extract<Reply, { kind: 'failure' }>): void {
    const reason = knownReasonOf(error);
    if (reason !== undefined && reason !== 'cancelled' && !UPSTREAM.test(reason))
      this.#metrics.count('refusals', { reason });
  }
}

/** What is counted of one kind of call: found once, and then at hand. */
interface Series {
  readonly labels: { readonly server: string; readonly method: string; readonly tool: string };
  readonly took: Times;
  readonly ended: Map<string, Cell>;
}

class ServerMeter {
  readonly #server: string;
  readonly #metrics: Metrics;
  readonly #tools: BoundedNames;
  /** Of calls of tools by tool, of all others by method. Both are bounded. */
  readonly #byTool = new Map<string, Series>();
  readonly #byMethod = new Map<string, Series>();

  constructor(server: string, metrics: Metrics, mostTools: number) {
    this.#server = server;
    this.#metrics = metrics;
    this.#tools = new BoundedNames(mostTools);
  }

  around(next: Handler): Handler {
    return (call) => {
      const started = performance.now();
      return next(call).then((reply) => {
        this.#over(call, reply, performance.now() - started);
        return reply;
      });
    };
  }

  #over(call: Call, reply: Reply, ms: number): void {
    if (call.method === 'tools/list') this.#learn(reply);
    const { labels, took, ended } = this.#seriesOf(call);
    took.add(ms / 1000);
    const outcome = isToolError(reply) ? 'tool_error' : outcomeOf(reply);
    const cell = ended.get(outcome) ?? this.#metrics.counter('calls', { ...labels, outcome });
    ended.set(outcome, cell);
    cell.value += 1;
    if (reply.kind !== 'failure') return;
    const reason = knownReasonOf(reply.error) ?? 'server_error';
    if (UPSTREAM.test(reason)) this.#metrics.count('upstreamErrors', { server: this.#server, reason });
  }

  #seriesOf({ method, params }: Call): Series {
    const isTool = method === 'tools/call';
    const said = isTool ? params['name'] : method;
    const known = isTool ? this.#byTool : this.#byMethod;
    const series = typeof said === 'string' ? known.get(said) : undefined;
    if (series) return series;
    const name = isTool ? this.#tools.labelOf(said) : METHODS.has(method) ? method : OTHER;
    const made =
      known.get(name) ?? this.#newSeries(isTool ? { method, tool: name } : { method: name, tool: '' });
    known.set(name, made);
    return made;
  }

  #newSeries(which: { readonly method: string; readonly tool: string }): Series {
    const labels = { server: this.#server, ...which };
    return { labels, took: this.#metrics.histogram('callDuration', labels), ended: new Map() };
  }

  /** The names of tools that may be labels are those that the server lists. */
  #learn(reply: Reply): void {
    const tools = reply.kind === 'result' ? reply.body.tryParse()?.['tools'] : undefined;
    if (!Array.isArray(tools)) return;
    for (const tool of tools)
      if (typeof tool === 'object' && tool !== null && 'name' in tool) this.#tools.learn(tool.name);
  }
}
