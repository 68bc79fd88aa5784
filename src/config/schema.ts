import { z } from 'zod';
import { accessLog, type AccessLogConfig, audit, type AuditConfig } from './audit.ts';
import { guard, type GuardConfig } from './guard.ts';
import { metrics, type MetricsConfig } from './metrics.ts';
import { telemetry, type TracesConfig } from './traces.ts';
import { pins, type PinsConfig } from './pins.ts';
import { authSection, trustedProxies, type AuthConfig } from './auth.ts';
import { containerKey, type ExecContainer, type RunContainer } from './container.ts';
import { count, duration, processText, readable, reading, size, variableName } from './fields.ts';
import { rateLimits, type RateLimitsConfig } from './rate-limits.ts';
import { rules, type RuleConfig } from './rules.ts';
import { sandboxKey, type Sandbox } from './sandbox.ts';
import { commonLife, type Life, processLife } from './isolation.ts';
import { withoutReferences } from './template.ts';
import { listenMap, type ListenConfig } from './tls.ts';
import { checkListen, DEFAULT_LISTEN, parseListen } from './units.ts';
import { parseAllowedHost, parseAllowedOrigin, parsePublicUrl, parseServerUrl } from './web-names.ts';

/** The configuration as the gateway sees it: complete, checked, every reference resolved. */
export interface Config {
  readonly listen: ListenConfig;
  /** Without a slash at the end. */
  readonly publicUrl: string | undefined;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  /** In the order of the file, without the disabled ones. */
  readonly servers: readonly ServerConfig[];
  readonly limits: Limits;
  readonly timeouts: Timeouts;
  readonly log: { readonly level: LogLevel };
  /** Undefined: whoever has a token of this gateway. */
  readonly auth?: AuthConfig | undefined;
  readonly trustedProxies?: readonly string[] | undefined;
  readonly pins: PinsConfig;
  /** Undefined: nothing is recorded. */
  readonly audit?: AuditConfig | undefined;
  readonly accessLog?: AccessLogConfig | undefined;
  readonly metrics?: MetricsConfig | undefined;
  readonly telemetry?: { readonly traces?: TracesConfig | undefined } | undefined;
  /** Undefined: nothing is searched for personal data. */
  readonly guard?: GuardConfig | undefined;
  /** Undefined: everybody may do everything. */
  readonly rules?: readonly RuleConfig[] | undefined;
  /** Undefined: the defaults, where others reach the gateway. */
  readonly rateLimits?: RateLimitsConfig | undefined;
}

export type Limits = z.output<typeof limits>;
export type Timeouts = z.output<typeof timeouts>;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type ServerConfig = {
  readonly name: string;
  readonly life?: Life;
  readonly identity?: boolean;
} & ServerKind;
export type ServerKind = StdioServer | HttpServer | BuiltinServer | ContainerServer;

/** A local program that speaks MCP on its standard input and output. */
export interface StdioServer {
  readonly kind: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  /** What the configuration adds to the environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string | undefined;
  readonly sandbox?: Sandbox | undefined;
  readonly protocol?: ProtocolVersion | undefined;
}

/** A remote server. */
export interface HttpServer {
  readonly kind: 'http';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Streamable HTTP or the older SSE; undefined: to be found out. */
  readonly type: 'http' | 'sse' | undefined;
  readonly protocol?: ProtocolVersion | undefined;
  /** May its name lead to an address that is not public? */
  readonly allowPrivate?: boolean | undefined;
  /** How to log in there, as far as it is not found out by asking. */
  readonly auth?: UpstreamAuth | undefined;
}

/** The gateway as an OAuth client of a remote server. */
export interface UpstreamAuth {
  readonly grant: 'authorization_code' | 'client_credentials' | 'token_exchange';
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  /** Scopes to ask for, with spaces between them. */
  readonly scope?: string | undefined;
  /** The only authorization server that the client is for. */
  readonly issuer?: string | undefined;
  /** The https address of a Client ID Metadata Document, which then is the client's id. */
  readonly clientMetadataUrl?: string | undefined;
  /** The port of loopback that the browser comes back to. */
  readonly callbackPort?: number | undefined;
  /** What an exchanged token is for, in the words of its authorization server. Default: the URL of the server. */
  readonly audience?: string | undefined;
  /** Whose token is exchanged: the id of the principal that the server is started for. */
  readonly subject?: string | undefined;
}

/** A program in a container that speaks MCP on its standard input and output. */
export interface ContainerServer {
  readonly kind: 'container';
  readonly container: RunContainer | ExecContainer;
  readonly protocol?: ProtocolVersion | undefined;
}

/** A server that comes with Sallyport. Its options are its own to check. */
export interface BuiltinServer {
  readonly kind: 'builtin';
  readonly builtin: BuiltinName;
  readonly options: Readonly<Record<string, unknown>>;
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** The published versions of the protocol, newest first. */
export const PROTOCOL_VERSIONS = [
  '2026-07-28',
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
] as const;
export type ProtocolVersion = (typeof PROTOCOL_VERSIONS)[number];

export const BUILTINS = ['net', 'localities', 'oauth', 'security', 'slack'] as const;
export type BuiltinName = (typeof BUILTINS)[number];

const listen = z
  .union([
    z.string().transform(reading(parseListen)),
    z.int().transform(reading((port) => checkListen({ ...DEFAULT_LISTEN, port }))),
    listenMap,
  ])
  .prefault(`${DEFAULT_LISTEN.host}:${DEFAULT_LISTEN.port}`)
  .describe(
    'Where to listen: HOST:PORT, a port alone, or both as a map, with tls where it is https (tls.md). Anything but loopback is reachable by others.',
  )
  .meta({ examples: ['127.0.0.1:8080', '[::1]:8080', '0.0.0.0:8080'] });

const limits = z
  .strictObject({
    body: size('4MiB').describe('The largest request body.'),
    line: size('64MiB').describe('The largest message of a local server, which is one line of its output.'),
    sessions: count(1000).describe('Open sessions of all users together.'),
    sessionsPerUser: count(100).describe('Open sessions of one user.'),
    connections: count(10_000).describe('Open TCP connections.'),
    connectionsPerAddress: count(1000).describe(
      'The same, of one address (IPv6: of one /64) other than this machine and trustedProxies.',
    ),
    processes: count(200).describe(
      'Processes of local servers, of all users together. At a limit the one that nobody used for longest ends; when all are in use, starts wait.',
    ),
    processesPerUser: count(128).describe('The same, of one user.'),
    processesPerServer: count(100).describe('The same, of one server.'),
    startQueue: count(64).describe('Starts that may wait for a place among them.'),
  })
  .prefault({})
  .transform(({ body, line, sessionsPerUser, processesPerUser, ...counts }) => ({
    ...counts,
    bodyBytes: body,
    lineBytes: line,
    sessionsPerPrincipal: sessionsPerUser,
    processesPerPrincipal: processesPerUser,
  }))
  .describe('How much of everything. Sizes are bytes, or a number with B, kB, KiB, MB, MiB, GB or GiB.');

const timeouts = z
  .strictObject({
    headers: duration('10s').describe("Until a request's headers are complete."),
    body: duration('30s').describe("Until a request's body is complete."),
    idle: duration('65s').describe('Until a connection without a request is closed.'),
    call: duration('5m').describe(
      'Until a server has answered a call. Each sign of progress begins it anew.',
    ),
    callMax: duration('1h').describe('The same, however much progress it tells of.'),
    input: duration('10m').describe('Until a question that a server asks a person is given up.'),
    start: duration('60s').describe('Until a server that was started is ready.'),
    stop: duration('5s').describe('Until a server that was told to stop is killed.'),
    startQueue: duration('30s').describe('Until a start that waits for a place is refused.'),
    drain: duration('10s').describe('How long calls under way may take when the gateway stops.'),
    session: duration('30m').describe('Until an unused session is closed.'),
  })
  .prefault({})
  .transform((time) => ({
    headersMs: time.headers,
    bodyMs: time.body,
    idleMs: time.idle,
    callMs: time.call,
    callMaxMs: time.callMax,
    inputMs: time.input,
    startMs: time.start,
    stopMs: time.stop,
    startQueueMs: time.startQueue,
    drainMs: time.drain,
    sessionMs: time.session,
  }))
  .describe('How long things may take. Milliseconds, or a number with ms, s, m, h or d.');

const log = z
  .strictObject({
    level: z.enum(LOG_LEVELS).default('info').describe('The mildest that is logged.'),
  })
  .prefault({})
  .describe('The operational log, on standard error.');

const headerName = z.string().check(
  readable((name) =>
    // RFC 9110, section 5.6.2: a field name is a token.
    /^[\w!#$%&'*+.^`|~-]+$/.test(name)
      ? { value: name }
      : { problem: 'This cannot be the name of a header.' },
  ),
);
const headerValue = z.string().check(
  readable((value) =>
    // RFC 9110, section 5.5: a line break would begin another header.
    /^[\t\x20-\x7e\x80-\xff]*$/.test(withoutReferences(value))
      ? { value }
      : { problem: 'This cannot be the value of a header.', hint: 'One line, without control characters.' },
  ),
);

const protocol = z
  .enum(PROTOCOL_VERSIONS)
  .optional()
  .describe('The version of the protocol that it speaks. Default: found out by asking.');
const identity = z
  .boolean()
  .optional()
  .describe(
    'true tells it who is calling: in X-User-Id, X-User-Email and X-User-Roles where it is behind a URL, in `_meta` of every request otherwise.',
  );
const disabled = z.boolean().optional().describe('true leaves the server out.');

const stdioServer = z
  .strictObject({
    type: z.literal('stdio').optional().describe('What other clients call a local server.'),
    command: processText
      .check(readable((text) => (text.trim() ? { value: text } : { problem: 'The command is empty.' })))
      .describe('The program to start. It is started as it stands here, without a shell.'),
    args: z.array(processText).default([]).describe('Its arguments.'),
    env: z
      .record(variableName, processText)
      .default({})
      .describe('Variables for its environment. Never shown.'),
    envFile: z.string().optional().describe('A file with more variables, NAME=VALUE lines; env wins.'),
    cwd: processText
      .optional()
      .describe("The folder to start it in, relative to the configuration's. Default: the gateway's own."),
    sandbox: sandboxKey,
    protocol,
    ...processLife,
    identity,
    disabled,
  })
  .describe('A local program that speaks MCP on its standard input and output.');

const httpsUrl = z.string().check(
  readable((text) => {
    const url = URL.parse(text);
    const isFine = url?.protocol === 'https:' && url.pathname !== '/';
    return isFine ? { value: text } : { problem: 'This is not an https:// URL with a path.' };
  }),
);

const upstreamAuth = z
  .strictObject({
    grant: z
      .enum(['authorization_code', 'client_credentials', 'token_exchange'])
      .default('authorization_code')
      .describe(
        'Who logs in: a person, with `sallyport login NAME`; the gateway itself, with clientId and clientSecret; or whoever calls, whose token is exchanged for one of this server (RFC 8693).',
      ),
    clientId: z
      .string()
      .min(1)
      .optional()
      .describe('A client that was registered by hand. Default: registered when somebody logs in.'),
    clientSecret: z.string().min(1).optional().describe('Its secret. Never shown.'),
    scope: z
      .string()
      .optional()
      .describe('Scopes to ask for, with spaces between them. Default: what the server says.'),
    issuer: z
      .string()
      .transform(reading(parseServerUrl))
      .optional()
      .describe(
        'The authorization server that the client is for. Default: the first one that the server names.',
      ),
    clientMetadataUrl: httpsUrl
      .optional()
      .describe('The address of a Client ID Metadata Document, for authorization servers that know them.'),
    callbackPort: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe('The port of 127.0.0.1 that the browser comes back to. Default: any.'),
    audience: z
      .string()
      .min(1)
      .optional()
      .describe('Of token_exchange: what the token is to be for. Default: the URL of the server.'),
  })
  .check(
    readable((auth) =>
      auth.grant === 'client_credentials' && (auth.clientId === undefined || auth.clientSecret === undefined)
        ? { problem: 'client_credentials needs a clientId and a clientSecret.' }
        : { value: auth },
    ),
  )
  .check(
    readable((auth) =>
      auth.grant === 'token_exchange' && !(auth.clientId && auth.clientSecret && auth.issuer)
        ? { problem: 'token_exchange needs an issuer, a clientId and a clientSecret.' }
        : { value: auth },
    ),
  )
  .optional()
  .describe(
    'How to log in at it, as far as that is not found out by asking. For a person, with `sallyport login NAME`: clientId and clientSecret (of a client that was registered by hand), or clientMetadataUrl; callbackPort. For the gateway itself: grant: client_credentials, with clientId and clientSecret. For the caller: grant: token_exchange, with issuer, clientId, clientSecret and perhaps audience. For all: scope, and issuer, the only authorization server that the client is for.',
  );

const httpServer = z
  .strictObject({
    type: z
      .enum(['http', 'sse'])
      .optional()
      .describe('Streamable HTTP, or the older SSE. Default: found out by trying.'),
    url: z.string().transform(reading(parseServerUrl)).describe('The address of its MCP endpoint.'),
    headers: z
      .record(headerName, headerValue)
      .default({})
      .describe('Headers for every request to it. Never shown.'),
    protocol: protocol.describe(
      'The version of the protocol that it speaks; 2024-11-05 is the older SSE. Default: found out by asking.',
    ),
    allowPrivate: z
      .boolean()
      .optional()
      .describe(
        'true lets the name in the URL lead to a private address. An address written in the URL itself, and localhost, need nothing.',
      ),
    auth: upstreamAuth,
    ...commonLife,
    identity,
    disabled,
  })
  .describe('A remote server.');

const builtinServer = z
  .strictObject({
    type: z.literal('builtin').optional().describe('May stand here for clearness.'),
    builtin: z.enum(BUILTINS).describe('Which one.'),
    options: z.record(z.string(), z.unknown()).default({}).describe("The server's own options."),
    ...commonLife,
    identity,
    disabled,
  })
  .describe('A server that comes with Sallyport.');

const containerServer = z
  .strictObject({
    type: z.literal('container').optional().describe('May stand here for clearness.'),
    container: containerKey,
    protocol,
    ...processLife,
    identity,
    disabled,
  })
  .describe(
    'A program in a container, of docker or podman, that speaks MCP on its standard input and output.',
  );

const mcpServers = z
  .record(z.string(), z.union([stdioServer, httpServer, builtinServer, containerServer]))
  .default({})
  .describe(
    'The servers, by name: the mcpServers of an mcp.json, so that a file of Cursor, Claude or VS Code can be copied, or used as it is.',
  );

/** The configuration file. */
export const configFile = z
  .strictObject({
    $schema: z
      .string()
      .optional()
      .describe('For editors: the address of the schema that `sallyport schema` prints.'),
    listen,
    publicUrl: z
      .string()
      .transform(reading(parsePublicUrl))
      .optional()
      .describe('The address that clients use, when it is another one: https://HOST or https://HOST/PREFIX.')
      .meta({ examples: ['https://mcp.example.com'] }),
    allowedHosts: z
      .array(z.string().transform(reading(parseAllowedHost)))
      .default([])
      .describe(
        'Further values of the Host header that are let in. Loopback names and that of publicUrl always are.',
      )
      .meta({ examples: [['mcp.internal', '10.0.0.5:8080']] }),
    allowedOrigins: z
      .array(z.string().transform(reading(parseAllowedOrigin)))
      .default([])
      .describe('Web pages that may call the gateway, by their origin. Without one, browsers are refused.')
      .meta({ examples: [['https://app.example.com']] }),
    mcpServers,
    auth: authSection.optional(),
    trustedProxies: trustedProxies.optional(),
    rules: rules.optional(),
    rateLimits: rateLimits.optional(),
    guard,
    pins,
    audit,
    accessLog,
    metrics,
    telemetry,
    limits,
    timeouts,
    log,
  })
  .describe('The configuration of Sallyport.');

export type ConfigFile = z.output<typeof configFile>;
