import { Argument, Command, InvalidArgumentError, Option, type OutputConfiguration } from 'commander';
import type { CallOptions } from './commands/call.ts';
import type { BridgeOptions } from './commands/bridge.ts';
import type { ConnectOptions } from './commands/connect.ts';
import type { LoginOptions } from './commands/login.ts';
import type { ServerOptions } from './commands/server.ts';
import type { ToolsOptions } from './commands/tools.ts';
import type { UpOptions } from './commands/up.ts';
import { commandPath, everyCommand } from './command-path.ts';
import { EXAMPLES } from './examples.ts';
import { GROUPS } from './groups/groups.ts';
import { createStyle } from './style.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

export { CommanderError } from 'commander';

/** Those of the config; written here as well, since the schema is slow to load. */
export const LOG_LEVELS: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** The published versions of the protocol; those of the config, written here for the same reason. */
export const PROTOCOLS: readonly string[] = [
  '2026-07-28',
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
];

/**
 * The command line as it is typed: commands, arguments, options, help. What a command does is in `commands/`, and is
 * loaded when the command runs.
 * @param argv the command line as it was typed, without the program
 * @param finish takes the exit code of the command that ran.
 */
export function createProgram(
  argv: readonly string[],
  terminal: Terminal,
  finish: (exitCode: number) => void,
): Command {
  const program = new Command('sallyport')
    .description('Puts MCP servers online, safely: any of them becomes one authenticated endpoint.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this')
    .helpCommand('help [command]', 'show the help of a command')
    .option('--verbose', 'show where an error comes from (or SALLYPORT_DEBUG=1)')
    .configureOutput(output(terminal))
    .configureHelp({ showGlobalOptions: true, styleTitle: createStyle(terminal.color).strong })
    .exitOverride();

  program
    .command('up')
    .summary('serve MCP servers at one endpoint')
    .usage('[options] [-- command...]')
    .description('Serves MCP servers at one endpoint until it is stopped.')
    .addArgument(new Argument('[command...]', 'serve this one command; everything after `--` is its own'))
    .option('-c, --config <file>', 'what to serve (default: ./sallyport.yaml, else the built-in net server)')
    .option('-l, --listen <host:port>', 'where to listen (default: 127.0.0.1:8080; port 0 takes a free one)')
    .option('--no-auth', 'ask for no token; on a loopback address only')
    .option('--json', 'one line on stdout once it is ready, and logs as JSON')
    .addOption(
      new Option(
        '--log-level <level>',
        'how much to log (default: what the config says, else info, or warn at a terminal)',
      ).choices(LOG_LEVELS),
    )
    .action(async (words: string[], options: UpOptions) => {
      const { up } = await import('./commands/up.ts');
      finish(await up(words, options, terminal, argv));
    });

  program
    .command('validate')
    .summary('check a config')
    .description('Checks a config and shows every mistake with its place.')
    .argument('[file]', 'the config (default: ./sallyport.yaml)')
    .option('--json', 'the findings as JSON on stdout')
    .action(async (file: string | undefined, options) => {
      const { validate } = await import('./commands/validate.ts');
      finish(await validate(file, options, terminal));
    });

  program
    .command('schema')
    .summary('print the JSON Schema of the config')
    .description('Prints the JSON Schema of the config, for editors and other programs.')
    .action(async () => {
      const { schema } = await import('./commands/schema.ts');
      finish(await schema(terminal));
    });

  endpointOptions(program.command('tools'))
    .summary('list the tools of an endpoint')
    .description('Lists the tools of the gateway that runs here, or of any MCP endpoint.')
    .option('--json', '{"tools": […]} as the server describes them')
    .action(async (options: ToolsOptions) => {
      const { tools } = await import('./commands/tools.ts');
      finish(await tools(options, terminal));
    });

  endpointOptions(program.command('call'))
    .summary('call a tool')
    .description('Calls a tool and prints what it answers. Progress and logs go to stderr.')
    .argument('<tool>', 'the name of the tool')
    .argument('[json]', 'its arguments as a JSON object; - reads them from stdin')
    .option('--json', 'the result as the server sent it')
    .addOption(
      new Option('--timeout <seconds>', 'give up after so long without an answer or progress')
        .argParser(seconds)
        .default(300),
    )
    .action(async (tool: string, json: string | undefined, options: CallOptions) => {
      const { call } = await import('./commands/call.ts');
      finish(await call(tool, json, options, terminal));
    });

  authOptions(program.command('login'))
    .summary('log in at a remote server')
    .description(
      'Logs in at a remote server with a browser, for `up` and `connect`. What comes of it is kept in the home, encrypted, and renewed by whoever uses it.',
    )
    .argument('<server>', 'its name in the config, or its URL')
    .option('-c, --config <file>', 'the config (default: ./sallyport.yaml)')
    .option('--no-browser', 'only print the address to open')
    .option('--forget', 'forget the login instead')
    .action(async (server: string, options: LoginOptions) => {
      const { login } = await import('./commands/login.ts');
      finish(await login(server, options, terminal));
    });

  authOptions(program.command('connect'))
    .summary('put a remote server on stdio')
    .description(
      'Puts a remote MCP server on stdin and stdout, for clients that only start commands. Whatever version each side speaks, progress, logs, questions and subscriptions pass in both directions. It ends with its input.',
    )
    .argument('<url>', 'the MCP endpoint of the server')
    .option('-H, --header <line>', `a header for every request, 'Name: value'; may be repeated`, collect)
    .option('--bearer <token>', 'the bearer token (default: SALLYPORT_TOKEN)')
    .option('--login', 'log in with a browser when the server wants that')
    .addOption(
      new Option('--protocol <version>', 'the version that the server speaks (default: found out)').choices(
        PROTOCOLS,
      ),
    )
    .addOption(
      new Option(
        '--transport <kind>',
        'Streamable HTTP, or the HTTP+SSE of 2024-11-05 (default: found out)',
      ).choices(['http', 'sse']),
    )
    .option('--allow-private', 'its name may lead to an address that is not public')
    .addOption(
      new Option('--log-level <level>', 'how much to log on stderr').choices(LOG_LEVELS).default('warn'),
    )
    .action(async (url: string, options: ConnectOptions) => {
      const { connect } = await import('./commands/connect.ts');
      finish(await connect(url, options, terminal));
    });

  program
    .command('bridge')
    .summary('the options of supergateway')
    .description(
      'Takes the command line of supergateway 4: --stdio serves a command at a port, --sse and --streamableHttp put a remote server on stdio. What is different is said on stderr.',
    )
    .option('--stdio <command>', 'a command that speaks MCP on stdin and stdout')
    .option('--sse <url>', 'a remote server of HTTP+SSE, as `connect --transport sse`')
    .option('--streamableHttp <url>', 'a remote server of Streamable HTTP, as `connect --transport http`')
    .option('--outputTransport <kind>', 'sse or streamableHttp with --stdio (both are served), else stdio')
    .addOption(new Option('--port <port>', 'where to listen').default('8000'))
    .addOption(
      new Option(
        '--host <host>',
        'the address to listen on; one that is not loopback asks for a token',
      ).default('127.0.0.1'),
    )
    .option('--baseUrl <url>', 'the address that clients use, as publicUrl of the config')
    .addOption(new Option('--ssePath <path>', 'the stream of HTTP+SSE').default('/sse'))
    .addOption(new Option('--messagePath <path>', 'where its clients POST to').default('/message'))
    .addOption(new Option('--streamableHttpPath <path>', 'Streamable HTTP').default('/mcp'))
    .option('--healthEndpoint <paths...>', 'paths that answer 200')
    .option('--cors [origins...]', 'web pages that may call it, by their origin')
    .option('--header <lines...>', `headers for the remote server, 'Name: value'`)
    .option('--oauth2Bearer <token>', 'the bearer token for the remote server')
    .option('--stateful', 'taken and not needed: whoever opens a session has one')
    .option('--sessionTimeout <ms>', 'how long an unused session is kept')
    .addOption(
      new Option(
        '--protocolVersion <version>',
        'the version that the command speaks (default: found out)',
      ).choices(PROTOCOLS),
    )
    .addOption(
      new Option('--logLevel <level>', 'how much to log').choices(['debug', 'info', 'none']).default('info'),
    )
    .action(async (options: BridgeOptions) => {
      const { bridge } = await import('./commands/bridge.ts');
      finish(await bridge(options, terminal));
    });

  program
    .command('server')
    .summary('run a built-in server on stdio')
    .description('Runs a built-in MCP server on stdin and stdout, for clients that start their servers.')
    .argument('[name]', 'which one')
    .option('--list', 'show which there are')
    .option('--json', 'the list as JSON')
    .option('--options <json>', "the server's own options, as the config has them")
    .action(async (name: string | undefined, options: ServerOptions) => {
      const { server } = await import('./commands/server.ts');
      finish(await server(name, options, terminal));
    });

  for (const add of GROUPS) add(program, { terminal, finish });
  for (const command of everyCommand(program)) command.addHelpText('after', examplesOf(command, terminal));
  return program;
}

/** `--url` and `--token`, for whatever is a client. */
function endpointOptions(command: Command): Command {
  return command
    .option('--url <url>', 'the MCP endpoint (default: the gateway that runs here)')
    .option(
      '--token <token>',
      'the bearer token (default: SALLYPORT_TOKEN, else that of the gateway that runs here)',
    );
}

/** The OAuth client, for whatever logs in. A config has the same words. */
function authOptions(command: Command): Command {
  return command
    .option('--client-id <id>', 'a client that was registered by hand (its secret: SALLYPORT_CLIENT_SECRET)')
    .option('--client-metadata-url <url>', 'the https address of a Client ID Metadata Document')
    .option('--scope <scopes>', 'scopes to ask for (default: what the server says)')
    .addOption(
      new Option(
        '--callback-port <port>',
        'the port that the browser comes back to (default: any)',
      ).argParser(portNumber),
    );
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError('It is a number from 1 to 65535.');
}

/** The values of an option that may be repeated. */
function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0 || value > 86_400) {
    throw new InvalidArgumentError('It is a number of seconds, at most a day.');
  }
  return value;
}

function examplesOf(command: Command, terminal: Terminal): string {
  const examples = EXAMPLES.get(commandPath(command)) ?? [];
  const style = createStyle(terminal.data.color);
  const lines = examples.flatMap(([line, what]) => [`  ${line}`, `    ${style.faint(what)}`]);
  return ['', style.strong('Examples:'), ...lines].join('\n');
}

function output(terminal: Terminal): OutputConfiguration {
  const style = createStyle(terminal.color);
  return {
    writeOut: (text) => void terminal.stdout.write(text),
    writeErr: (text) => void terminal.stderr.write(text),
    outputError: (text, write) => write(text.replace(/^error:/, style.bad('error:'))),
    getOutHelpWidth: () => terminal.data.columns,
    getErrHelpWidth: () => terminal.columns,
    getOutHasColors: () => terminal.data.color,
    getErrHasColors: () => terminal.color,
  };
}
