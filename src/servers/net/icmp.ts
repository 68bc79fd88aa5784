import { execFile } from 'node:child_process';
import { isIPv6 } from 'node:net';
import { type EchoStatistics, parsePingOutput } from './ping-output.ts';

/** All pings send one packet a second unless told otherwise, and not all let everybody tell them otherwise. */
const INTERVAL_MS = 1000;
/** How long a ping may take to print its summary after it was asked to stop. */
const GRACE_MS = 1000;

/** The statistics, or why this machine cannot ping. */
export type IcmpOutcome = { readonly statistics: EchoStatistics } | { readonly unavailable: string };

/**
 * Pings an address with the system's `ping`.
 *
 * Only flags that iputils, inetutils, BusyBox and macOS share are used: `-n`, `-c` and `--`. How long to wait each of
 * them says differently, so it is told to stop by a SIGINT, on which each prints its summary.
 *
 * @param address an IP address and nothing else, so nothing in it can be an option or a name
 * @param timeoutMs how long to wait for the last echo
 */
export async function icmpPing(
  address: string,
  count: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<IcmpOutcome> {
  // inetutils and macOS have a program of its own for IPv6, and where both are one, either does.
  const programs = isIPv6(address) ? ['ping6', 'ping'] : ['ping'];
  let unavailable = '';
  for (const program of programs) {
    const { stdout, stderr, missing } = await run(
      program,
      ['-n', '-c', String(count), '--', address],
      (count - 1) * INTERVAL_MS + timeoutMs,
      signal,
    );
    if (missing) {
      unavailable ||= 'there is no ping program on this machine';
      continue;
    }
    const statistics = parsePingOutput(stdout);
    if (statistics) return { statistics };
    unavailable = `ping said: ${firstLine(stderr) ?? firstLine(stdout) ?? 'nothing'}`;
  }
  return { unavailable };
}

interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly missing: boolean;
}

/** Runs the program; asks it to stop after a time, and makes it stop when it does not, or is not wanted any more. */
function run(program: string, args: string[], timeMs: number, signal: AbortSignal): Promise<Run> {
  return new Promise((done, failed) => {
    signal.throwIfAborted();
    const child = execFile(
      program,
      args,
      // No secret of ours is its business, and its words are to be the ones we can read.
      { env: { PATH: process.env['PATH'], LC_ALL: 'C' }, maxBuffer: 64 * 1024, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        clearTimeout(stop);
        clearTimeout(kill);
        signal.removeEventListener('abort', end);
        // The exit code says nothing that the summary does not: it is 1 for a lost packet as for a lost cause.
        if (signal.aborted) failed(signal.reason);
        else done({ stdout, stderr, missing: error?.code === 'ENOENT' || error?.code === 'EACCES' });
      },
    );
    // Not execFile's own `signal` option: it ends the program by SIGTERM, which may be ignored.
    const end = (): void => void child.kill('SIGKILL');
    signal.addEventListener('abort', end);
    const stop = setTimeout(() => child.kill('SIGINT'), timeMs);
    const kill = setTimeout(end, timeMs + GRACE_MS);
  });
}

/** The first line, without the path of the program before it, as short as a message bears. */
function firstLine(text: string): string | undefined {
  const line = text
    .trim()
    .split('\n', 1)[0]
    ?.replace(/^\S*\//, '')
    .replace(/\p{Cc}/gu, ' ');
  return line === undefined || line === '' ? undefined : line.slice(0, 120);
}
