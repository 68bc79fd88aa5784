import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { AddressBlocks, plainAddress } from '../config/address-block.ts';
import type { MetricsConfig } from '../config/metrics.ts';
import type { Config } from '../config/schema.ts';
import { failure } from '../core/reply.ts';
import { Listener } from '../listener/listener.ts';
import { prefixOf, routeOf } from '../listener/routes.ts';
import { CallMeter } from '../policy/measure.ts';
import type { Cell } from '../telemetry/cells.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ServerState } from '../upstream/servers.ts';
import { refuse, refusalOf } from '../wire/refuse.ts';

/** What is known elsewhere in the house, and is read when somebody scrapes. */
export interface Sources {
  /** Of the gateway. */
  readonly version: string;
  servers(): readonly ServerState[];
  sessions(): number;
  /** Undefined where nothing is recorded. */
  audit(): AuditState | undefined;
}

interface AuditState {
  readonly lag: number;
  readonly lost: number;
  readonly records: number;
  /** How often each rule has fired. */
  readonly alerts: ReadonlyMap<string, number>;
}

/** Where Prometheus asks. */
const PATH = '/metrics';

/** Opens what counts, where the configuration asks for it; the library behind it is loaded only then. */
export async function openMeter(config: Config): Promise<Meter | undefined> {
  if (!config.metrics) return undefined;
  const { Metrics: Made } = await import('../telemetry/metrics.ts');
  return new Meter(config, config.metrics, new Made());
}

/** Counts what happens in a gateway, and tells whoever may know. */
export class Meter {
  /** For calls; {@link Meter.observe} is for requests. */
  readonly calls: CallMeter;
  readonly #config: Config;
  readonly #settings: MetricsConfig;
  readonly #metrics: Metrics;
  readonly #allowed: AddressBlocks;
  readonly #proxies: AddressBlocks | undefined;
  readonly #prefix: string;
  /** By endpoint, method and status: the same few come again and again. */
  readonly #requests = new Map<string, Cell>();
  #listener: Listener | undefined;

  constructor(config: Config, settings: MetricsConfig, metrics: Metrics) {
    this.#config = config;
    this.#settings = settings;
    this.#metrics = metrics;
    this.#allowed = new AddressBlocks(settings.allow);
    this.#proxies = config.trustedProxies && new AddressBlocks(config.trustedProxies);
    this.#prefix = prefixOf(config.publicUrl);
    this.calls = new CallMeter(metrics, settings.tools);
  }

  /** Counts an HTTP request when its answer is over. */
  observe(_req: IncomingMessage, res: ServerResponse): void {
    res.on('close', () => {
      this.#requestOf(res).value += 1;
      const reason = refusalOf(res);
      if (reason !== undefined) this.#metrics.count('refusals', { reason });
    });
  }

  #requestOf({ req, headersSent, statusCode }: ServerResponse): Cell {
    const { url = '/', method = '' } = req;
    const endpoint = routeOf(url, this.#prefix)?.kind ?? (url === PATH ? 'metrics' : 'other');
    // As nginx has it: the client was gone before the answer.
    const status = `${headersSent ? statusCode : 499}`;
    const known = METHODS.has(method) ? method : 'other';
    const key = `${endpoint} ${known} ${status}`;
    const cell =
      this.#requests.get(key) ?? this.#metrics.counter('httpRequests', { endpoint, method: known, status });
    this.#requests.set(key, cell);
    return cell;
  }

  /** Reads these at each scrape. */
  watch(sources: Sources): void {
    const metrics = this.#metrics;
    metrics.set('build', { version: sources.version }, 1);
    metrics.onScrape(() => {
      metrics.set('sessions', {}, sources.sessions());
      readServers(metrics, sources.servers());
      readAudit(metrics, sources.audit());
    });
  }

  /**
   * Opens the address of its own, where there is one.
   * @throws {ListenError} when it cannot be had
   */
  async open(health: () => readonly ServerState[]): Promise<void> {
    const { listen } = this.#settings;
    if (!listen) return;
    const { timeouts, limits } = this.#config;
    this.#listener = new Listener({
      ...this.#config,
      ...timeouts,
      listen,
      connections: limits.connections,
      health,
      mcp: (_req, res) => refuse(res, failure('no_such_path', `There is ${PATH}.`)),
      page: (req, res, path, address) => this.#page(req, res, path, address),
    });
    await this.#listener.open();
  }

  /** A request on the address of the endpoints. @returns false when it has to look as if there were nothing */
  page(req: IncomingMessage, res: ServerResponse, path: string, address: string | undefined): boolean {
    return this.#settings.listen === undefined && this.#page(req, res, path, address);
  }

  async close(): Promise<void> {
    await this.#listener?.close(0);
  }

  #page(req: IncomingMessage, res: ServerResponse, path: string, address: string | undefined): boolean {
    if (path !== PATH || !this.#mayRead(req, address)) return false;
    if (req.method === 'GET' || req.method === 'HEAD')
      this.#send(res).catch(() => refuse(res, failure('internal_error')));
    else refuse(res, failure('method_not_allowed'), { allow: 'GET, HEAD' });
    return true;
  }

  /**
   * A proxy that is not trusted passes on what others ask, and all of it seems to come from the proxy's own address. So
   * what was passed on counts only where somebody who is trusted says for whom.
   */
  #mayRead({ headers, socket }: IncomingMessage, address: string | undefined): boolean {
    if (address === undefined || !this.#allowed.has(address)) return false;
    if (!FORWARDED.some((name) => headers[name] !== undefined)) return true;
    const last =
      String(headers['x-forwarded-for'] ?? '')
        .split(',')
        .at(-1)
        ?.trim() ?? '';
    return isIP(last) !== 0 && this.#proxies?.has(plainAddress(socket.remoteAddress ?? '')) === true;
  }

  async #send(res: ServerResponse): Promise<void> {
    const text = await this.#metrics.text();
    res.writeHead(200, {
      'content-type': this.#metrics.contentType,
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
    });
    res.end(text);
  }
}

/** What clients of MCP send, and browsers before them. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS']);
/** Headers by which proxies say that they are some. */
const FORWARDED = [
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-real-ip',
  'forwarded',
  'via',
];

function readServers(metrics: Metrics, servers: readonly ServerState[]): void {
  // A server that the configuration no longer has is not there any more either.
  for (const key of ['serverUp', 'breakerOpen', 'children', 'restarts'] as const) metrics.reset(key);
  for (const { name: server, state, breaker, children, spares, restarts } of servers) {
    metrics.set('serverUp', { server }, state === 'failed' ? 0 : 1);
    metrics.set('breakerOpen', { server }, breaker ? 1 : 0);
    metrics.count('restarts', { server }, restarts);
    const counts = new Map([['spare', spares]]);
    for (const child of children) counts.set(child.state, (counts.get(child.state) ?? 0) + 1);
    for (const [each, count] of counts) metrics.set('children', { server, state: each }, count);
  }
}

function readAudit(metrics: Metrics, audit: AuditState | undefined): void {
  if (!audit) return;
  for (const key of ['auditRecords', 'auditLost', 'alerts'] as const) metrics.reset(key);
  metrics.count('auditRecords', {}, audit.records);
  metrics.count('auditLost', {}, audit.lost);
  metrics.set('auditLag', {}, audit.lag);
  for (const [rule, count] of audit.alerts) metrics.count('alerts', { rule }, count);
}
