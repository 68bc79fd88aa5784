import { serverApart } from '../../config/apart.ts';
import type { Config } from '../../config/schema.ts';
import { createStdioGateway } from '../../gateway.ts';
import { createLog } from '../../telemetry/log.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { interruptible } from '../interrupt.ts';
import { type RemoteOptions, remoteServer } from '../remote.ts';
import type { Terminal } from '../terminal.ts';
import { untilAborted } from '../up/stop-signal.ts';

export interface ConnectOptions extends RemoteOptions {
  readonly logLevel: string;
}

/**
 * `sallyport connect URL`: a remote server on stdin and stdout, for clients that only start commands. It is the whole
 * gateway with another door, so each side may speak its own version, and nothing is lost in either direction.
 */
export async function connect(url: string, options: ConnectOptions, terminal: Terminal): Promise<ExitCode> {
  const server = remoteServer(url, options, terminal);
  return serveStdio(await serverApart(server), options.logLevel, terminal);
}

/** Serves on stdin and stdout until stdin ends, or a signal comes. Only JSON-RPC goes to stdout. */
export async function serveStdio(config: Config, level: string, terminal: Terminal): Promise<ExitCode> {
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
  });
  await interruptible((signal) => Promise.race([gateway.closed, untilAborted(signal)]));
  await gateway.close();
  return EXIT.OK;
}
