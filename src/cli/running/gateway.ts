import { type AdminClient, findGateway, NoSuchServer } from '../../admin/client.ts';
import { suggest } from '../../config/suggest.ts';
import { EXIT } from '../exit-codes.ts';
import { errorCode, Failure } from '../failure.ts';
import { findHome, homePath } from '../home.ts';
import { interruptCode, interruptible } from '../interrupt.ts';
import type { Terminal } from '../terminal.ts';

/**
 * Does something with the gateway that runs from this home, until Ctrl-C or SIGTERM.
 * @throws Failure in words where none runs, where it has no such server, and where it ends in the midst of it
 */
export async function withGateway<T>(
  { env }: Pick<Terminal, 'env'>,
  work: (gateway: AdminClient, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const home = homePath(env);
  const gateway = (await findHome(home)) ? await findGateway(home) : undefined;
  if (!gateway)
    throw new Failure(EXIT.UNREACHABLE, 'no gateway runs here', [
      'sallyport up   starts one',
      `one that runs from another home than ${home} is found with SALLYPORT_HOME`,
    ]);
  return interruptible((signal) =>
    work(gateway, signal).catch((error: unknown) => {
      throw signal.aborted ? new Failure(interruptCode(signal), 'interrupted') : inWords(error);
    }),
  );
}

function inWords(error: unknown): unknown {
  if (error instanceof NoSuchServer) return noSuchServer(error);
  const code = errorCode(error);
  if (code === 'ECONNRESET' || code === 'ECONNREFUSED' || code === 'ENOENT' || code === 'EPIPE')
    return new Failure(EXIT.UNREACHABLE, 'the gateway has ended', [], { cause: error });
  // An aborted request has the reason as its cause.
  if (error instanceof Error && error.cause instanceof Error && error.cause.name === 'TimeoutError')
    return new Failure(EXIT.UNREACHABLE, 'the gateway does not answer', [], { cause: error });
  return error;
}

function noSuchServer({ server, servers }: NoSuchServer): Failure {
  const meant = suggest(server, servers);
  return new Failure(EXIT.FAILED, `the gateway has no server ${server}`, [
    ...(meant === undefined ? [] : [`did you mean ${meant}?`]),
    servers.length === 0 ? 'it has none at all' : `there are: ${servers.join(', ')}`,
  ]);
}
