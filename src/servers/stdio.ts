import type { Readable, Writable } from 'node:stream';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import type { Surroundings } from './builtin.ts';
import { loadBuiltin } from './index.ts';

/** A built-in server that is being served. */
export interface Served {
  /** Resolves when it has ended: its input did, its output broke, or it was closed. */
  readonly closed: Promise<void>;
  /** Ends it: calls in flight are aborted, what they had open is closed. */
  close(): Promise<void>;
}

/**
 * Serves a built-in server over a pair of streams, as if they were its stdin and stdout, in whichever protocol era the
 * other side opens with.
 * @param options as they stand in the config
 * @param onerror told what goes wrong beside the protocol
 * @param around the gateway that serves it
 * @throws {BuiltinOptionsError} before anything is read
 */
export async function serveOver(
  name: string,
  options: unknown,
  input: Readable,
  output: Writable,
  onerror?: (error: Error) => void,
  around?: Surroundings,
): Promise<Served> {
  const factory = await loadBuiltin(name, options, around);
  const transport = new StdioServerTransport(input, output);
  const served = serveStdio(factory, { transport, ...(onerror && { onerror }) });
  const closed = new Promise<void>((resolve) => {
    const endServer = transport.onclose;
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport has this one place, and serveStdio took it
    transport.onclose = () => {
      endServer?.();
      resolve();
    };
  });
  return { closed, close: () => served.close() };
}

/**
 * Runs a built-in server alone on this process's stdio, until its input ends or the signal aborts.
 * @throws {BuiltinOptionsError}
 */
export async function runOnStdio(name: string, options: unknown, signal?: AbortSignal): Promise<void> {
  const { stdin, stdout, stderr } = process;
  const served = await serveOver(name, options, stdin, stdout, (error) => {
    stderr.write(`${name}: ${error.message}\n`);
  });
  const stop = (): void => void served.close();
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  await served.closed;
  signal?.removeEventListener('abort', stop);
}
