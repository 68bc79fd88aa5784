import type { OutputLine } from '../../telemetry/server-output.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { withGateway } from '../running/gateway.ts';
import { createStyle } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { printable } from '../text.ts';

export interface LogsOptions {
  readonly follow?: boolean;
  readonly lines: number;
  readonly json?: boolean;
}

/** `sallyport logs SERVER`: what a server of the gateway that runs here printed on stderr. */
export async function logs(server: string, options: LogsOptions, terminal: Terminal): Promise<ExitCode> {
  const { lines, follow = false, json = false } = options;
  return withGateway(terminal, async (gateway, signal) => {
    try {
      for await (const line of gateway.logs(server, { lines, follow, signal }))
        terminal.stdout.write(`${json ? JSON.stringify(line) : textOf(line, terminal)}\n`);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (follow && !signal.aborted) terminal.stderr.write('The gateway has ended.\n');
    return EXIT.OK;
  });
}

/** A program gets the lines as they are, a person the time as well. */
function textOf({ at, text }: OutputLine, { data }: Terminal): string {
  if (!data.tty) return text;
  const time = new Date(at).toTimeString().slice(0, 8);
  return `${createStyle(data.color).faint(time)} ${printable(text)}`;
}
