import { isatty } from 'node:tty';
import type { Io } from './io.ts';
import { wantsColor } from './style.ts';

/** The real surroundings, with what only the commands of a person at a terminal need besides. */
export interface Terminal extends Io {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** The data goes to a terminal: it may be laid out and coloured, and must not carry escape sequences of others. */
  readonly data: { readonly tty: boolean; readonly color: boolean; readonly columns: number };
  /** Cells of a line of talk. */
  readonly columns: number;
}

/** Lines are laid out for a width people like to read, and for this one where nothing tells. */
const COMFORTABLE = 100;

export function processTerminal(): Terminal {
  const { env, stdout, stderr, stdin } = process;
  const dataTty = isatty(stdout.fd);
  const tty = isatty(stderr.fd);
  return {
    stdout,
    stderr,
    stdin,
    env,
    cwd: process.cwd(),
    color: wantsColor(env, tty),
    tty,
    columns: width(stderr),
    data: { tty: dataTty, color: wantsColor(env, dataTty), columns: width(stdout) },
  };
}

function width(stream: NodeJS.WriteStream): number {
  return Math.min(Math.max(stream.columns ?? COMFORTABLE, 40), COMFORTABLE);
}
