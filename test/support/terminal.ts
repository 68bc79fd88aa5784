import { Readable } from 'node:stream';
import type { Terminal } from '../../src/cli/terminal.ts';

/** A terminal that remembers what was written to it. */
export interface RecordingTerminal extends Terminal {
  out(): string;
  err(): string;
}

/** A pipe of 80 columns without colour, unless told otherwise. */
export function recordingTerminal(
  options: { env?: NodeJS.ProcessEnv; stdin?: string; tty?: boolean; color?: boolean; columns?: number } = {},
): RecordingTerminal {
  const { env = {}, stdin = '', tty = false, color = false, columns = 80 } = options;
  const written = { out: '', err: '' };
  return {
    stdout: { write: (text) => (written.out += text) },
    stderr: { write: (text) => (written.err += text) },
    stdin: Readable.from([Buffer.from(stdin)]),
    env,
    cwd: process.cwd(),
    color,
    tty,
    columns,
    data: { tty, color, columns },
    out: () => written.out,
    err: () => written.err,
  };
}
