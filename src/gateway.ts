/**
 * The composition root, and the only file that knows every room. A request walks through it from top to bottom:
 *
 *   listener ─▶ auth ─▶ inbound ─▶ policies ─▶ router ─▶ upstream ─▶ a server
 *
 * and its reply walks the same way back.
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { openEntrance } from './auth/open.ts';
import type { Within } from './auth/server/within.ts';
import { ANYBODY, OWNER } from './auth/token.ts';
import { wantedHeaders } from './config/passed-headers.ts';
import type { Config, ContainerServer, HttpServer, ServerConfig, StdioServer } from './config/schema.ts';
import { chain, type Handler } from './core/handler.ts';
import type { Upstreams } from './core/upstream.ts';
import { without, withHeaders } from './gateway/passed-headers.ts';
import { Inbound } from './inbound/inbound.ts';
import { StdioEdge } from './inbound/stdio/edge.ts';
import { Listener } from './listener/listener.ts';
import { prefixOf } from './listener/routes.ts';
import { openWitness } from './gateway/witness.ts';
import type { Recorder } from './policy/audit.ts';
import { policies } from './policy/chain.ts';
import { openGuard } from './policy/guard-open.ts';
import { guardUpstreams } from './policy/guarded-upstreams.ts';
import { NOTHING_FORBIDDEN, permitted, type Permissions, permissionsOf } from './policy/permitted.ts';
import { LockFile } from './router/pins/lock-file.ts';
import { pinUpstreams } from './router/pins/pinned-upstreams.ts';
import { type Notice, PinBoard } from './router/pins/pins.ts';
import { Router } from './router/router.ts';
import type { Records } from './store/records.ts';
import type { Logger } from './telemetry/log.ts';
import { ServerOutput } from './telemetry/server-output.ts';
import type { OAuthCredentials } from './upstream/oauth/credentials.ts';
import type { Interaction } from './upstream/oauth/flow.ts';
import { Servers, type ServerState } from './upstream/servers.ts';
import { MemoryTransport } from './upstream/transport/memory.ts';
import { isEngine } from './upstream/transport/container/command-line.ts';
import { type StdioOptions, StdioTransport } from './upstream/transport/stdio.ts';
import type { Transport, TransportEvents } from './upstream/transport/transport.ts';

export { ListenError } from './listener/listener.ts';
export type { ChildState, ServerState, ServerSummary } from './upstream/servers.ts';

export interface GatewayOptions {
  readonly config: Config;
  readonly auth: { readonly kind: 'token'; readonly token: string } | { readonly kind: 'none' };
  readonly log: Logger;
  /** The folder of its state, by which containers that an earlier gateway left behind are told for its own. */
  readonly home?: string;
  /** Knows the secret values of the config, and takes them out of what servers print. */
  readonly secrets?: Redacting;
  /** Logins at remote servers; without it, only what the configuration says is sent to them. */
  readonly oauth?: OAuth;
  /** The store of the home, as soon as there is one. */
  readonly records?: () => Promise<Records | undefined>;
  /** Paths of one's own for the endpoints of all servers. The usual ones stay. */
  readonly paths?: Paths;
}

/** The gateway as an OAuth client of remote servers. */
export interface OAuth {
  /** Where logins are kept. */
  readonly folder: string;
  /** What somebody has to do who has to log in. */
  readonly advice: (server: string) => string;
  /** Present where a person is there to log in when it comes to that. */
  readonly interact?: () => Interaction;
}

/** Where the endpoints are: `/mcp`, `/sse`, `/messages` and `/health`, when it is not there. */
export interface Paths {
  readonly mcp?: string;
  readonly sse?: string;
  readonly messages?: string;
  readonly health?: readonly string[];
}

/** Takes secrets out of a text. */
interface Redacting {
  redact(text: string): string;
}

/** What a reload did, by server name, and the settings that only a restart takes over. */
export interface ReloadReport {
  readonly added: string[];
  readonly removed: string[];
  readonly changed: string[];
  readonly kept: string[];
  readonly needsRestart: string[];
}

export interface Gateway {
  /** The URL of all servers, such as `http://127.0.0.1:8080/mcp`. */
  readonly endpoint: string;
  readonly listening: { readonly host: string; readonly port: number };
  status(): ServerState[];
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
  const { auth, paths = {} } = options;
  let { config, secrets } = options;
  let wanted = wantedHeaders(config.servers);
  let permissions = await permissionsOf(config);
  const witness = await openWitness(config, options.home, options.log);
  const house = build({ ...options, recorder: witness.recorder }, () => ({ config, secrets, permissions }));
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

  const within = await authorizationServer(config, options);
  const { entrance, close: closeEntrance } = await openEntrance({
    config,
    token: auth.kind === 'token' ? auth.token : undefined,
    records: options.records,
    issuers: within && [within.issuer],
    version: within?.version,
    log: options.log,
  });
  const listener = new Listener({
    ...config,
    ...config.timeouts,
    aliases: aliasesOf(paths),
    connections: config.limits.connections,
    observe: witness.observe,
    health: () => servers.states(),
    mcp(req: IncomingMessage, res: ServerResponse, scope, endpoint, address) {
      entrance.admit(req, res, { scope, endpoint, address }, (caller) => {
        witness.admitted(res, caller.principal);
        inbound.receive(req, res, withHeaders(caller, req, wanted), scope, endpoint);
      });
    },
    page(req, res, path, address) {
      if (entrance.describe(req, res, path, address)) return true;
      if (!within) return false;
      if (path !== within.hello) return within.handle(req, res, address);
      const asked = { scope: undefined, endpoint: 'mcp', address } as const;
      entrance.admit(req, res, asked, ({ principal }) => within.sayHello(req, res, principal));
      return true;
    },
  });
  const listening = await listener.open();

  // The owner's servers start now, so that the first call finds them running and a broken one is seen at once.
  const owner = auth.kind === 'token' ? OWNER : ANYBODY;
  let warming = servers.warm(owner.id);

  return {
    endpoint: `${config.publicUrl?.replace(/\/+$/, '') ?? `http://${hostOf(listening.host)}:${listening.port}`}${paths.mcp ?? '/mcp'}`,
    listening,
    status: () => servers.states(),
    sessions: () => inbound.sessions,
    settled: (timeoutMs = config.timeouts.startMs) =>
      Promise.race([
        warming,
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
      await Promise.all([inbound.drain(drainMs), listener.close(drainMs)]);
      await servers.stop();
      closeEntrance();
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

/** Everything behind the door. */
interface House {
  /** Tells clients that their lists may be others now. */
  readonly announce: () => void;
  readonly self: { readonly name: string; readonly version: string };
  readonly servers: Servers;
  readonly router: Router;
  readonly handle: Handler;
  readonly output: ServerOutput;
  /** Resolves when calls can be let in. */
  readonly ready: Promise<void>;
}

/** @param current what the configuration is now: a reload takes another one over */
function build(
  {
    config,
    home,
    log,
    oauth,
    records,
    recorder,
  }: Pick<GatewayOptions, 'config' | 'home' | 'log' | 'oauth' | 'records'> & {
    readonly recorder?: Recorder | undefined;
  },
  current: () => Pick<GatewayOptions, 'config' | 'secrets'> & { readonly permissions: Permissions },
): House {
  const self = { name: 'sallyport', version: ownVersion() };
  const credentialsOf = oauth && credentialsBy(oauth, log);
  const output = new ServerOutput();
  const servers = new Servers(config.servers, {
    self,
    times: config.timeouts,
    limits: { ...config.limits, startQueueMs: config.timeouts.startQueueMs },
    log,
    start: (server, events, conceal) =>
      startServer(server, events, {
        config: current().config,
        home,
        log,
        hide: (text) => without(conceal, current().secrets?.redact(text) ?? text),
        onStderr: (line) => {
          log.info({ server: server.name }, line);
          output.write(server.name, line);
        },
        credentialsOf,
      }),
  });
  const permissions = (): Permissions => current().permissions;
  const guard = config.guard && openGuard(config.guard, log, records);
  const pinned = pinsOf(servers, config, home, log);
  const upstreams = permitted(guard ? guardUpstreams(pinned, guard.policyFor) : pinned, permissions);
  const router = new Router({
    upstreams,
    self,
    shows: (call, server, method, item) =>
      permissions().authorization?.shows(call, server, method, item) ?? true,
  });
  const ready = guard?.ready ?? Promise.resolve();
  const handle = chain(policies(log, { validMs: config.timeouts.inputMs }, recorder), router.handle);
  return { self, servers, router, output, ready, handle, announce: () => upstreams.announce() };
}

/** The servers behind what was agreed to about them, where there is a place to keep it. */
function pinsOf(servers: Servers, { pins }: Config, home: string | undefined, log: Logger): Upstreams {
  const path = pins.file ?? (home === undefined ? undefined : join(home, 'sallyport.lock'));
  if (pins.mode === 'off' || path === undefined) return servers;
  const file = new LockFile(path);
  file.refresh();
  const tell = (notice: Notice): void => log.warn({ ...notice }, 'not what was agreed to');
  return pinUpstreams(servers, new PinBoard({ file, mode: pins.mode, tell }));
}

/** One for each server, whoever uses it: they share the login. */
function credentialsBy({ folder, advice, interact }: OAuth, log: Logger): CredentialsOf {
  const known = new WeakMap<HttpServer, OAuthCredentials>();
  return async (server) => {
    // Somebody has seen to it already.
    if (Object.keys(server.headers).some((name) => name.toLowerCase() === 'authorization')) return undefined;
    const { OAuthCredentials: Made } = await import('./upstream/oauth/credentials.ts');
    const warn = (problem: string): void => log.warn({ server: server.name, problem }, 'no login');
    const options = { server, folder, advice: advice(server.name), interact, warn };
    const credentials = known.get(server) ?? new Made(options);
    known.set(server, credentials);
    return credentials;
  };
}

type CredentialsOf = (
  server: HttpServer & { readonly name: string },
) => Promise<OAuthCredentials | undefined>;

interface Surroundings {
  readonly config: Config;
  readonly home: string | undefined;
  readonly log: Logger;
  /** Takes secrets out of a text. */
  readonly hide: (text: string) => string;
  readonly onStderr: (line: string) => void;
  readonly credentialsOf: CredentialsOf | undefined;
}

function startServer(
  server: ServerConfig,
  events: TransportEvents,
  { config, home, log, hide, onStderr, credentialsOf }: Surroundings,
): Transport | Promise<Transport> {
  const { lineBytes } = config.limits;
  if (server.kind === 'stdio' || server.kind === 'container') {
    const options = {
      lineLimit: lineBytes,
      stopMs: config.timeouts.stopMs,
      hide,
      onStderr,
    };
    if (server.kind === 'stdio' && !server.sandbox && !isEngine(server.command))
      return new StdioTransport({ ...options, command: server }, events);
    return contained(server, events, { home, log, options });
  }
  if (server.kind === 'builtin')
    return new MemoryTransport(
      // Loaded only where it is used: the built-in servers bring the SDK with them.
      async (input, output) => {
        const { serveOver } = await import('./servers/stdio.ts');
        return serveOver(server.builtin, server.options, input, output);
      },
      lineBytes,
      events,
    );
  return remote(server, events, config, credentialsOf);
}

/** A server in a container or a sandbox. */
async function contained(
  server: (StdioServer | ContainerServer) & { readonly name: string },
  events: TransportEvents,
  {
    home,
    log,
    options,
  }: Pick<Surroundings, 'home' | 'log'> & { readonly options: Omit<StdioOptions, 'command'> },
): Promise<Transport> {
  const [{ prepare }, { startPrepared }] = await Promise.all([
    import('./upstream/transport/contained.ts'),
    import('./upstream/transport/prepared.ts'),
  ]);
  const onLeft = (problem: string): void => log.warn({ server: server.name, problem }, 'something is left');
  return startPrepared(() => prepare(server, { server: server.name, home }), { ...options, onLeft }, events);
}

/** Loaded only where it is used: an HTTP client is a tenth of the memory of an idle gateway. */
async function remote(
  server: HttpServer & { readonly name: string },
  events: TransportEvents,
  config: Config,
  credentialsOf: CredentialsOf | undefined,
): Promise<Transport> {
  const { RemoteTransport } = await import('./upstream/transport/remote.ts');
  const { url, headers, allowPrivate = false } = server;
  return new RemoteTransport(
    {
      server: { url, headers, allowPrivate, transport: transportOf(server) },
      messageLimit: config.limits.lineBytes,
      stopMs: config.timeouts.stopMs / 2,
      credentials: await credentialsOf?.(server),
    },
    events,
  );
}

/** Which of the two transports of HTTP the configuration asks for; undefined: whichever the server has. */
function transportOf({ type, protocol }: HttpServer): 'http' | 'sse' | undefined {
  if (protocol === undefined || type === 'sse') return type;
  return protocol === '2024-11-05' ? 'sse' : 'http';
}

function compare(before: Config, after: Config): ReloadReport {
  const old = new Map(before.servers.map((server) => [server.name, server]));
  const fresh = new Map(after.servers.map((server) => [server.name, server]));
  const names = [...fresh.keys()];
  const isKept = (name: string): boolean => isDeepStrictEqual(old.get(name), fresh.get(name));
  // These are built into the listener and the sessions when the gateway starts.
  const fixed = [
    'listen',
    'publicUrl',
    'allowedHosts',
    'allowedOrigins',
    'limits',
    'timeouts',
    'log',
    'pins',
    'audit',
    'accessLog',
    'guard',
    'auth',
    'trustedProxies',
    'rateLimits',
  ] as const;
  return {
    added: names.filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !fresh.has(name)),
    changed: names.filter((name) => old.has(name) && !isKept(name)),
    kept: names.filter(isKept),
    needsRestart: fixed.filter((key) => !isDeepStrictEqual(before[key], after[key])),
  };
}

/** A host as it stands in a URL. What means every address of this machine is no address to connect to. */
function hostOf(host: string): string {
  if (host === '0.0.0.0' || host === '') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function ownVersion(): string {
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}
