import { serverApart } from '../../config/apart.ts';
import type { Config } from '../../config/schema.ts';
import { createStdioGateway, type OAuth } from '../../gateway.ts';
import { createLog } from '../../telemetry/log.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { errorMessage } from '../failure.ts';
import { homePath, openHome } from '../home.ts';
import { interaction, loginFolder } from '../interaction.ts';
import { interruptible } from '../interrupt.ts';
import { type AuthOptions, authOf, type RemoteOptions, remoteServer } from '../remote.ts';
import type { Terminal } from '../terminal.ts';
import { untilAborted } from '../up/stop-signal.ts';

export interface ConnectOptions extends RemoteOptions, AuthOptions {
  /** Log in when it comes to that. */
  readonly login?: boolean;
  readonly logLevel: string;
}

/**
 * `sallyport connect URL`: a remote server on stdin and stdout, for clients that only start commands. It is the whole
 * gateway with another door, so each side may speak its own version, and nothing is lost in either direction.
 */
export async function connect(url: string, options: ConnectOptions, terminal: Terminal): Promise<ExitCode> {
  const auth = authOf(options, terminal.env);
  const server = { ...remoteServer(url, options, terminal), ...(auth && { auth }) };
  const config = await serverApart(server);
  const over = new AbortController();
  const logins = await oauth(url, options.login ? () => interaction(terminal, over) : undefined, terminal);
  try {
    return await serveStdio(config, options.logLevel, logins, terminal);
  } finally {
    // Nobody waits any more for a person who has not logged in yet.
    over.abort(new Error('the client is gone'));
  }
}

/** The logins of this home. Where no home can be had they are missing, and a server that wants none works all the same. */
async function oauth(
  url: string,
  interact: OAuth['interact'],
  terminal: Terminal,
): Promise<OAuth | undefined> {
  try {
    return {
      folder: loginFolder(await openHome(homePath(terminal.env))),
      advice: () => `It needs a login: run sallyport login ${url}`,
      ...(interact && { interact }),
    };
  } catch (error) {
    terminal.stderr.write(`warning: no login can be kept: ${errorMessage(error)}\n`);
    return undefined;
  }
}

/** Serves on stdin and stdout until stdin ends, or a signal comes. Only JSON-RPC goes to stdout. */
async function serveStdio(
  config: Config,
  level: string,
  logins: OAuth | undefined,
  terminal: Terminal,
): Promise<ExitCode> {
  if (terminal.stdin.isTTY) {
    terminal.stderr.write(
      'This speaks MCP on stdin and stdout: it is for clients to start. Ctrl-D ends it.\n',
    );
  }
  const gateway = createStdioGateway({
    config,
    // What a client keeps of stderr is read by people.
    log: createLog({ level, pretty: true }),
    input: process.stdin,
    output: process.stdout,
    ...(logins && { oauth: logins }),
  });
  await interruptible((signal) => Promise.race([gateway.closed, untilAborted(signal)]));
  await gateway.close();
  return EXIT.OK;
}
