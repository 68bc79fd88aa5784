/**
 * The composition root, and the only file that knows every room. A request walks through it from top to bottom:
 *
 *   listener ─▶ auth ─▶ inbound ─▶ policies ─▶ router ─▶ upstream ─▶ a server
 *
 * and its reply walks the same way back.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { openEntrance } from './auth/open.ts';
import type { Within } from './auth/server/within.ts';
import { ANYBODY, OWNER } from './auth/token.ts';
import type { Config } from './config/schema.ts';
import { keepTickShape } from './core/tick-shape.ts';
import { build, ownVersion } from './gateway/house.ts';
import type { GatewayOptions, Paths, Redacting } from './gateway/options.ts';
import { wantedHeaders, withHeaders, withTrace } from './gateway/passed-headers.ts';
import { compare, type ReloadReport } from './gateway/reload-report.ts';
import { openMeter } from './gateway/meter.ts';
import { exchangesTokens } from './gateway/start-server.ts';
import { openTracer } from './gateway/tracer.ts';
import { openWitness } from './gateway/witness.ts';
import { Inbound } from './inbound/inbound.ts';
import { StdioEdge } from './inbound/stdio/edge.ts';
import { Listener } from './listener/listener.ts';
import type { CertificateState, Tls } from './listener/tls/open.ts';
import { prefixOf } from './listener/routes.ts';
import { NOTHING_FORBIDDEN, permissionsOf } from './policy/permitted.ts';
import type { ServerOutput } from './telemetry/server-output.ts';
import type { CapacityState, ServerState } from './upstream/servers.ts';

export type { GatewayOptions, OAuth, Paths } from './gateway/options.ts';
export type { ReloadReport } from './gateway/reload-report.ts';
export { ListenError } from './listener/listener.ts';
export { CertificateError } from './listener/tls/certificate-error.ts';
export type { CertificateState } from './listener/tls/open.ts';
export type { CapacityState, ChildState, ServerState, ServerSummary } from './upstream/servers.ts';

export interface Gateway {
  /** The URL of all servers, such as `http://127.0.0.1:8080/mcp`. */
  readonly endpoint: string;
  readonly listening: { readonly host: string; readonly port: number };
  status(): ServerState[];
  /** How many processes run, wait to be started, and may be. */
  capacity(): CapacityState;
  /** Of TLS of its own; empty where there is none. */
  certificates(): readonly CertificateState[];
  /** How many sessions of legacy clients are open. */
  sessions(): number;
  /** Resolves when every server is ready or has failed, or after the time given. */
  settled(timeoutMs?: number): Promise<void>;
  reload(config: Config, secrets?: Redacting): Promise<ReloadReport>;
  /** What the servers printed on stderr. */
  readonly output: ServerOutput;
  /**
   * Starts a server afresh, for all who use it; resolves when it is ready or has failed.
   * @returns false where there is no server of this name
   */
  restart(server: string): Promise<boolean>;
  /** Takes the secret values of the config out of a text. */
  readonly redact: (text: string) => string;
  /** Finishes what is under way and stops every server. */
  close(): Promise<void>;
}

/** The same when the one client of a stdio gateway is gone: whoever closes our stdin will not wait long for us. */
const STDIO_DRAIN_MS = 2000;

/**
 * Builds the house and opens the door.
 * @throws {ListenError} when the address cannot be had
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  keepTickShape();
  const { auth, paths = {} } = options;
  let { config, secrets } = options;
  let wanted = wantedHeaders(config.servers);
  let exchanges = exchangesTokens(config.servers);
  let permissions = await permissionsOf(config);
  const meter = await openMeter(config);
  const witness = await openWitness(config, options.home, options.log, meter);
  const tracer = await openTracer(config, { version: ownVersion(), log: options.log, current: () => config });
  const watchers = [tracer, meter].flatMap((watcher) => (watcher ? [watcher.calls] : []));
  let within: Within | undefined;
  const house = build({ ...options, recorder: witness.recorder, watchers }, () => ({
    config,
    secrets,
    permissions,
    authorization: within?.own,
  }));
  const { self, servers, router, handle, output, ready } = house;
  await ready;
  const inbound = new Inbound({
    handle,
    self,
    bodyBytes: config.limits.bodyBytes,
    publicPath: prefixOf(config.publicUrl),
    ...(paths.messages !== undefined && { messagesPath: paths.messages }),
    sessions: { ...config.limits, ttlMs: config.timeouts.sessionMs, inputMs: config.timeouts.inputMs },
  });

  within = await authorizationServer(config, options);
  const { entrance, close: closeEntrance } = await openEntrance({
    config,
    token: auth.kind === 'token' ? auth.token : undefined,
    records: options.records,
    issuers: within && [within.issuer],
    version: within?.version,
    log: options.log,
  });
  const secure = await ownTls(config, options, self.version);
  const listener = new Listener({
    secure,
    ...config,
    ...config.timeouts,
    aliases: aliasesOf(paths),
    connections: config.limits.connections,
    connectionsPerAddress: config.limits.connectionsPerAddress,
    observe: witness.observe,
    health: () => servers.states(),
    mcp(req: IncomingMessage, res: ServerResponse, scope, endpoint, address) {
      entrance.admit(req, res, { scope, endpoint, address }, (caller) => {
        witness.admitted(res, caller.principal);
        if (exchanges) house.subjects.keep(caller.principal, req.headers.authorization);
        inbound.receive(req, res, withHeaders(withTrace(caller, req), req, wanted), scope, endpoint);
      });
    },
    page(req, res, path, address) {
      if (meter?.page(req, res, path, address) === true) return true;
      if (entrance.describe(req, res, path, address)) return true;
      if (!within) return false;
      if (path !== within.hello) return within.handle(req, res, address);
      const asked = { scope: undefined, endpoint: 'mcp', page: within.hello, address } as const;
      entrance.admit(req, res, asked, ({ principal }) => within.sayHello(req, res, principal));
      return true;
    },
  });
  meter?.watch({
    version: self.version,
    servers: () => servers.states(),
    sessions: () => inbound.sessions,
    audit: () => witness.recorder?.state,
  });
  await meter?.open(() => servers.states());
  const listening = await listener.open();
  await secure?.open(listening.port).catch(async (error: unknown) => {
    await listener.close(0);
    throw error;
  });

  // The owner's servers start now, so that the first call finds them running and a broken one is seen at once.
  const owner = auth.kind === 'token' ? OWNER : ANYBODY;
  let warming = servers.warm(owner.id);

  return {
    endpoint: `${config.publicUrl?.replace(/\/+$/, '') ?? `${secure ? 'https' : 'http'}://${hostOf(listening.host)}:${listening.port}`}${paths.mcp ?? '/mcp'}`,
    listening,
    status: () => servers.states(),
    capacity: () => servers.capacity(),
    certificates: () => secure?.certificates() ?? [],
    sessions: () => inbound.sessions,
    settled: (timeoutMs = config.timeouts.startMs) =>
      Promise.race([
        Promise.all([warming, secure?.settled]).then(() => {}),
        new Promise<void>((resolve) => {
          setTimeout(resolve, timeoutMs).unref();
        }),
      ]),
    async reload(next, nextSecrets) {
      const report = compare(config, next);
      const isRuledAnew = !isDeepStrictEqual(config.rules, next.rules);
      permissions = await permissionsOf(next);
      config = next;
      wanted = wantedHeaders(next.servers);
      exchanges = exchangesTokens(next.servers);
      secrets = nextSecrets;
      await servers.reload(next.servers);
      if (isRuledAnew) house.announce();
      output.keepOnly(next.servers.map(({ name }) => name));
      warming = servers.warm(owner.id);
      return report;
    },
    output,
    restart: (server) => servers.restart(server, owner.id),
    redact: (text) => secrets?.redact(text) ?? text,
    async close() {
      router.close();
      // Both wait for the calls under way.
      const { drainMs } = config.timeouts;
      await Promise.all([inbound.drain(drainMs), listener.close(drainMs), secure?.close()]);
      await servers.stop();
      closeEntrance();
      await meter?.close();
      await tracer?.close();
      await within?.close();
      // The last, for whatever the others still had to tell.
      await witness.close();
    },
  };
}

/** Loaded only where it is configured. */
async function authorizationServer(
  config: Config,
  { records, log }: Pick<GatewayOptions, 'records' | 'log'>,
): Promise<Within | undefined> {
  if (!config.auth?.server) return undefined;
  const { openWithin } = await import('./auth/server/within.ts');
  return openWithin(config, records, log);
}

/** Loaded only where it is configured. */
async function ownTls(
  { listen, ...config }: Config,
  { home, log }: Pick<GatewayOptions, 'home' | 'log'>,
  version: string,
): Promise<Tls | undefined> {
  if (!listen.tls) return undefined;
  const { openTls } = await import('./listener/tls/open.ts');
  return openTls(listen.tls, { ...config, listen, home, log, version });
}

function aliasesOf({ mcp, sse, messages, health = [] }: Paths): ReadonlyMap<string, string> {
  const own = [[mcp, '/mcp'] as const, [sse, '/sse'] as const, [messages, '/messages'] as const];
  const all = [...health.map((path) => [path, '/health'] as const), ...own];
  return new Map(all.flatMap(([path, means]) => (path === undefined ? [] : [[path, means]])));
}

/** What a gateway for one client on a pair of pipes is made of. */
export interface StdioGatewayOptions extends Omit<GatewayOptions, 'auth'> {
  readonly input: Readable;
  readonly output: Writable;
}

/** The same house with another door: whoever started this process holds the other ends of its pipes. */
export interface StdioGateway extends Pick<Gateway, 'status' | 'close'> {
  /** Resolves when the client has closed its end. */
  readonly closed: Promise<void>;
}

/** Serves one client on a pair of pipes. The servers start when it says what it can be asked. */
export function createStdioGateway(options: StdioGatewayOptions): StdioGateway {
  keepTickShape();
  const { self, servers, router, handle } = build(options, () => ({
    ...options,
    permissions: NOTHING_FORBIDDEN,
  }));
  const { input, output, config } = options;
  const { lineBytes } = config.limits;
  const edge = new StdioEdge({ handle, self, lineBytes, principal: ANYBODY, input, output });
  return {
    closed: edge.closed,
    status: () => servers.states(),
    async close() {
      router.close();
      await edge.drain(STDIO_DRAIN_MS);
      await servers.stop();
    },
  };
}

/** A host as it stands in a URL. What means every address of this machine is no address to connect to. */
function hostOf(host: string): string {
  if (host === '0.0.0.0' || host === '') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
