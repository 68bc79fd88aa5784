import { BUILTINS, BuiltinOptionsError } from '../../servers/index.ts';
import { runOnStdio } from '../../servers/stdio.ts';
import { suggest } from '../../config/suggest.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { errorMessage, Failure } from '../failure.ts';
import { interruptible } from '../interrupt.ts';
import type { Terminal } from '../terminal.ts';
import { displayWidth, pad } from '../text.ts';

export interface ServerOptions {
  readonly list?: boolean;
  readonly json?: boolean;
  /** The server's own options, as JSON. */
  readonly options?: string;
}

/** `sallyport server NAME`: a built-in MCP server on stdin and stdout, until its input ends. */
export async function server(
  name: string | undefined,
  options: ServerOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (options.list) return list(options, terminal);
  if (name === undefined || !BUILTINS.has(name)) throw unknown(name);
  const own = parseOptions(options.options);
  if (terminal.stdin.isTTY) {
    terminal.stderr.write(
      `${name} speaks MCP on stdin and stdout: it is for clients to start. Ctrl-D ends it.\n`,
    );
  }
  try {
    await interruptible((signal) => runOnStdio(name, own, signal));
    return EXIT.OK;
  } catch (error) {
    throw error instanceof BuiltinOptionsError
      ? new Failure(EXIT.FAILED, error.message, [], { cause: error })
      : error;
  }
}

function list(options: ServerOptions, terminal: Terminal): ExitCode {
  const servers = [...BUILTINS].map(([name, { title, summary }]) => ({ name, title, summary }));
  if (options.json) {
    terminal.stdout.write(`${JSON.stringify({ servers })}\n`);
    return EXIT.OK;
  }
  const width = Math.max(...servers.map(({ name }) => displayWidth(name)));
  for (const { name, summary } of servers) terminal.stdout.write(`${pad(name, width)}  ${summary}\n`);
  return EXIT.OK;
}

function unknown(name: string | undefined): Failure {
  const names = [...BUILTINS.keys()];
  const there = `there are: ${names.join(', ')}`;
  if (name === undefined) return new Failure(EXIT.USAGE, 'which server?', [there]);
  const meant = suggest(name, names);
  return new Failure(EXIT.USAGE, `there is no built-in server ${name}`, [
    ...(meant === undefined ? [] : [`did you mean ${meant}?`]),
    there,
  ]);
}

function parseOptions(text: string | undefined): unknown {
  try {
    return text === undefined ? {} : JSON.parse(text);
  } catch (error) {
    throw new Failure(EXIT.USAGE, `--options is not JSON: ${errorMessage(error)}`);
  }
}
