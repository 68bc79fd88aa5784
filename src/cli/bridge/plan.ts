import { nameOfCommand } from '../../config/command-name.ts';
import type { ProtocolVersion, StdioServer } from '../../config/schema.ts';
import type { Paths } from '../../gateway.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

/** The options of supergateway 4.0.0, under their own names, and `--host`, which it does not have. */
export interface BridgeOptions {
  readonly stdio?: string;
  readonly sse?: string;
  readonly streamableHttp?: string;
  readonly outputTransport?: string;
  readonly port: string;
  readonly host: string;
  readonly baseUrl?: string;
  readonly ssePath: string;
  readonly messagePath: string;
  readonly streamableHttpPath: string;
  readonly healthEndpoint?: readonly string[];
  /** True without an origin. */
  readonly cors?: true | readonly string[];
  readonly header?: readonly string[];
  readonly oauth2Bearer?: string;
  readonly stateful?: boolean;
  readonly sessionTimeout?: string;
  readonly protocolVersion?: ProtocolVersion;
  readonly logLevel: 'debug' | 'info' | 'none';
}

/** What the options come to: a command at a port, or a remote server on stdio. */
export type Plan =
  | {
      readonly kind: 'serve';
      readonly server: StdioServer & { readonly name: string };
      /** As a configuration file has them. */
      readonly settings: Readonly<Record<string, unknown>>;
      readonly paths: Paths;
      readonly notes: readonly string[];
    }
  | {
      readonly kind: 'connect';
      readonly url: string;
      readonly transport: 'http' | 'sse';
      readonly notes: readonly string[];
    };

const NO_WEBSOCKET = [
  'MCP has no WebSocket transport; no client but those made for it speaks one',
  'serve --outputTransport streamableHttp instead',
];

/** The levels of supergateway in our words. */
export const LEVELS = { debug: 'debug', info: 'info', none: 'silent' } as const;

/**
 * What supergateway would do with these options, in our words, and the differences as sentences.
 * @param env goes to the command, as there
 * @throws Failure for what cannot be done, or is not done on purpose
 */
export function planOf(options: BridgeOptions, env: NodeJS.ProcessEnv): Plan {
  const { stdio, sse, streamableHttp, outputTransport: output } = options;
  const named = [stdio, sse, streamableHttp].filter((each) => each !== undefined);
  if (named.length !== 1) throw usage('name one of --stdio, --sse and --streamableHttp');
  if (output === 'ws') throw usage('--outputTransport ws is left out on purpose', NO_WEBSOCKET);
  if (stdio !== undefined) return serving(stdio, options, env);
  if (output !== undefined && output !== 'stdio')
    throw usage(`a remote server is put on stdio, not on ${output}`, [
      'to serve a remote server at a port, write it into a config: sallyport up --config …',
    ]);
  return sse === undefined
    ? { kind: 'connect', url: streamableHttp ?? '', transport: 'http', notes: [] }
    : { kind: 'connect', url: sse, transport: 'sse', notes: [] };
}

function serving(command: string, options: BridgeOptions, env: NodeJS.ProcessEnv): Plan {
  const { outputTransport: output = 'sse', baseUrl, cors, sessionTimeout, protocolVersion } = options;
  if (output !== 'sse' && output !== 'streamableHttp')
    throw usage(`--outputTransport ${output} does not go with --stdio`, ['there are: sse, streamableHttp']);
  const {
    ssePath: sse,
    messagePath: messages,
    streamableHttpPath: mcp,
    healthEndpoint: health = [],
  } = options;
  for (const path of [sse, messages, mcp, ...health]) checkPath(path);
  if (new Set([sse, messages, mcp, ...health]).size < 3 + health.length)
    throw usage('two endpoints have the same path');
  const origins = cors === true || cors === undefined ? [] : cors;
  return {
    kind: 'serve',
    server: {
      name: nameOfCommand(command.trim().split(/\s+/)),
      kind: 'stdio',
      ...startable(command),
      env: inherited(env),
      cwd: undefined,
      ...(protocolVersion !== undefined && { protocol: protocolVersion }),
    },
    settings: {
      listen: { host: options.host, port: wholeNumber('--port', options.port) },
      ...(baseUrl ? { publicUrl: baseUrl } : {}),
      allowedOrigins: origins.map(originOf),
      ...(sessionTimeout !== undefined && {
        timeouts: { session: wholeNumber('--sessionTimeout', sessionTimeout) },
      }),
      log: { level: LEVELS[options.logLevel] },
    },
    paths: { mcp, sse, messages, health },
    notes: differences(options),
  };
}

/** Where this is not what supergateway does. */
function differences({ cors, header, oauth2Bearer, stateful }: BridgeOptions): string[] {
  const found: string[] = [];
  if (cors === true)
    found.push(
      '--cors without an origin would let every web page call the server: only pages of this machine may. Name the others: --cors https://app.example.com',
    );
  if (header ?? oauth2Bearer)
    found.push(
      '--header and --oauth2Bearer are for remote servers: with --stdio they would be put on answers, and are left out.',
    );
  if (stateful) found.push('--stateful changes nothing: whoever opens a session has one.');
  return found;
}

/** Programs and arguments that mean the same with and without a shell. */
const PLAIN = /^[\w@%+:,./-]+(?: +[\w@%+=:,./-]+)*$/;

/** A command line as a shell would read it. Where there is nothing for a shell to do, none is started. */
function startable(line: string): Pick<StdioServer, 'command' | 'args'> {
  const words = line.trim().split(/\s+/);
  const [command = '', ...args] = words;
  if (command === '') throw usage('--stdio has no command');
  if (PLAIN.test(line.trim())) return { command, args };
  return process.platform === 'win32'
    ? { command: 'cmd.exe', args: ['/d', '/s', '/c', line] }
    : { command: '/bin/sh', args: ['-c', line] };
}

/** All that this process has but what is ours: whoever writes one command line sets the variables for that command. */
function inherited(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || name.startsWith('SALLYPORT_') ? [] : [[name, value] as const],
    ),
  );
}

function originOf(text: string): string {
  if (text === '*' || /^\/.*\/$/.test(text))
    throw usage(`--cors ${text} is not an origin`, [
      'patterns let in more than was meant, and are left out: name each, --cors https://app.example.com',
    ]);
  return text;
}

function checkPath(path: string): void {
  if (!/^\/[\w.~!$&'()*+,;=:@/-]{0,200}$/.test(path))
    throw usage(`${path} is not a path`, ['for example /mcp']);
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw usage(`${option} ${text} is not a whole number`);
}

function usage(message: string, advice: readonly string[] = []): Failure {
  return new Failure(EXIT.USAGE, message, advice);
}
