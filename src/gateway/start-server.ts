import type { Config, ContainerServer, HttpServer, ServerConfig, StdioServer } from '../config/schema.ts';
import type { OwnAuthorization } from '../core/own-authorization.ts';
import type { Logger } from '../telemetry/log.ts';
import type { OAuthCredentials } from '../upstream/oauth/credentials.ts';
import type { SubjectTokens } from '../upstream/oauth/subject-tokens.ts';
import type { Credentials } from '../upstream/transport/http-client.ts';
import { MemoryTransport } from '../upstream/transport/memory.ts';
import { isEngine } from '../upstream/transport/container/command-line.ts';
import { type StdioOptions, StdioTransport } from '../upstream/transport/stdio.ts';
import type { Transport, TransportEvents } from '../upstream/transport/transport.ts';
import type { OAuth } from './options.ts';

/** One for each server, whoever uses it: they share the login. */
export function credentialsBy({ folder, advice, interact }: OAuth, log: Logger): CredentialsOf {
  const known = new WeakMap<HttpServer, OAuthCredentials>();
  return async (server) => {
    // Somebody has seen to it already.
    if (Object.keys(server.headers).some((name) => name.toLowerCase() === 'authorization')) return undefined;
    const { OAuthCredentials: Made } = await import('../upstream/oauth/credentials.ts');
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
  /** The configuration of later: a reload may bring another one. */
  readonly current: () => Config;
  /** The authorization server within, where there is one. */
  readonly authorization: () => OwnAuthorization | undefined;
  readonly home: string | undefined;
  readonly log: Logger;
  /** Takes secrets out of a text. */
  readonly hide: (text: string) => string;
  readonly onStderr: (line: string) => void;
  readonly credentialsOf: CredentialsOf | undefined;
  /** What callers came with, for servers that their tokens are exchanged for. */
  readonly subjects: SubjectTokens;
}

/** Starts what the entry of a server names: a command, a container, a built-in server, or a connection. */
export function startServer(
  server: ServerConfig,
  events: TransportEvents,
  { config, current, authorization, home, log, hide, onStderr, credentialsOf, subjects }: Surroundings,
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
        const { serveOver } = await import('../servers/stdio.ts');
        const around = { config: current, authorization, home };
        return serveOver(server.builtin, server.options, input, output, undefined, around);
      },
      lineBytes,
      events,
    );
  return remote(server, events, config, () =>
    server.auth?.grant === 'token_exchange' ? exchangeFor(server, subjects, log) : credentialsOf?.(server),
  );
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
    import('../upstream/transport/contained.ts'),
    import('../upstream/transport/prepared.ts'),
  ]);
  const onLeft = (problem: string): void => log.warn({ server: server.name, problem }, 'something is left');
  return startPrepared(() => prepare(server, { server: server.name, home }), { ...options, onLeft }, events);
}

/** Loaded only where it is used: an HTTP client is a tenth of the memory of an idle gateway. */
async function remote(
  server: HttpServer & { readonly name: string },
  events: TransportEvents,
  config: Config,
  credentials: () => Promise<Credentials | undefined> | undefined,
): Promise<Transport> {
  const { RemoteTransport } = await import('../upstream/transport/remote.ts');
  const { url, headers, allowPrivate = false } = server;
  return new RemoteTransport(
    {
      server: { url, headers, allowPrivate, transport: transportOf(server) },
      messageLimit: config.limits.lineBytes,
      stopMs: config.timeouts.stopMs / 2,
      credentials: await credentials(),
    },
    events,
  );
}

/** Is there a server that callers' tokens are exchanged for? */
export function exchangesTokens(servers: readonly ServerConfig[]): boolean {
  return servers.some((server) => server.kind === 'http' && server.auth?.grant === 'token_exchange');
}

/** The tokens of whoever this connection is for, exchanged for those of the server. */
async function exchangeFor(
  server: HttpServer & { readonly name: string },
  subjects: SubjectTokens,
  log: Logger,
): Promise<Credentials> {
  const { TokenExchange } = await import('../upstream/oauth/token-exchange.ts');
  const subject = server.auth?.subject ?? '';
  return new TokenExchange({
    server,
    subject: () => subjects.of(subject),
    warn: (problem) => log.warn({ server: server.name, problem }, 'no exchanged token'),
  });
}

/** Which of the two transports of HTTP the configuration asks for; undefined: whichever the server has. */
function transportOf({ type, protocol }: HttpServer): 'http' | 'sse' | undefined {
  if (protocol === undefined || type === 'sse') return type;
  return protocol === '2024-11-05' ? 'sse' : 'http';
}
