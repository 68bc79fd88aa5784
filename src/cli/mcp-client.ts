import {
  Client,
  ProtocolError,
  SdkError,
  SdkHttpError,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { EXIT } from './exit-codes.ts';
import { errorCode, errorMessage, Failure } from './failure.ts';
import { interruptCode } from './interrupt.ts';
import type { Io } from './io.ts';
import { isLoopback } from './loopback.ts';
import type { Target } from './target.ts';
import { oneLine, printable } from './text.ts';
import { version } from './version.ts';

export type { Client } from '@modelcontextprotocol/client';

/** A server that has not answered the first request after this long is not there. Milliseconds. */
const CONNECT_TIMEOUT = 15_000;

/**
 * Connects in whichever era the server speaks, does one thing and takes leave.
 * What the server logs meanwhile is talk, and goes to stderr.
 * @throws Failure for everything that is not our own mistake; the cause of one that the server sent is a ProtocolError.
 */
export async function withClient<T>(
  target: Target,
  io: Io,
  signal: AbortSignal,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  if (target.token !== null && target.url.protocol === 'http:' && !isLoopback(target.url.hostname)) {
    io.stderr.write(`warning: the token goes to ${target.url.host} unencrypted (http)\n`);
  }
  const client = new Client(
    { name: 'sallyport', version: version() },
    { versionNegotiation: { mode: 'auto' } },
  );
  client.setNotificationHandler('notifications/message', ({ params }) => {
    const text = typeof params.data === 'string' ? params.data : JSON.stringify(params.data);
    io.stderr.write(`${params.level}: ${oneLine(text ?? '')}\n`);
  });
  const headers: Record<string, string> =
    target.token === null ? {} : { Authorization: `Bearer ${target.token}` };
  const transport = new StreamableHTTPClientTransport(target.url, { requestInit: { headers } });
  try {
    await client.connect(transport, { timeout: CONNECT_TIMEOUT, signal });
    return await use(client);
  } catch (error) {
    throw signal.aborted ? new Failure(interruptCode(signal), 'interrupted') : explain(error, target);
  } finally {
    // A session that was opened is ended; a server that does not answer to that must not hold us.
    if (transport.sessionId !== undefined) await transport.terminateSession().catch(() => {});
    await client.close().catch(() => {});
  }
}

/** Turns what the client library throws into what the person can do. */
function explain(error: unknown, target: Target): unknown {
  if (error instanceof Failure) return error;
  // The endpoint is there and has answered, with an error.
  if (error instanceof ProtocolError) {
    return new Failure(EXIT.FAILED, printable(error.message), [], { cause: error });
  }
  const where = target.url.href;
  if (error instanceof SdkHttpError && error.status === 401) return unauthorised(where, target.token, error);
  if (error instanceof SdkHttpError && error.status === 403) {
    return new Failure(
      EXIT.NOT_AUTHORISED,
      `${where} refuses this client (403)`,
      ['its host name or origin may not be allowed: see allowedHosts of its config'],
      { cause: error },
    );
  }
  const problem = networkProblem(error);
  if (problem !== undefined) {
    return new Failure(
      EXIT.UNREACHABLE,
      `nothing answers at ${where} (${problem})`,
      ['is the gateway running? `sallyport up` starts one'],
      { cause: error },
    );
  }
  if (error instanceof SdkError) {
    return new Failure(
      EXIT.UNREACHABLE,
      `${where} does not answer as an MCP server: ${oneLine(error.message)}`,
      [],
      {
        cause: error,
      },
    );
  }
  return error;
}

function unauthorised(where: string, token: string | null, cause: Error): Failure {
  return token === null
    ? new Failure(
        EXIT.NOT_AUTHORISED,
        `${where} wants a token`,
        ['give it with --token, or in SALLYPORT_TOKEN'],
        { cause },
      )
    : new Failure(
        EXIT.NOT_AUTHORISED,
        `${where} does not take this token`,
        ['the start screen of `sallyport up` shows the right one'],
        { cause },
      );
}

/** Why no connection came about, however deep `fetch` wrapped it: `ECONNREFUSED`, else in its words (`bad port`). */
function networkProblem(error: unknown): string | undefined {
  let isNetwork = false;
  let deepest: unknown = error;
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = errorCode(at);
    if (code !== undefined && !(at instanceof SdkError) && /^(?:E[A-Z]+|UND_ERR_|CERT_|ERR_TLS)/.test(code))
      return code;
    // "fetch() rejects with a TypeError when a network error is encountered" (https://fetch.spec.whatwg.org)
    if (at instanceof TypeError) isNetwork = true;
    deepest = at;
  }
  return isNetwork ? oneLine(errorMessage(deepest)) : undefined;
}

/** A JSON-RPC error as `--json` shows it, or the words of anything else. */
export function errorObject(error: unknown): { code?: number; message: string; data?: unknown } {
  const source = error instanceof Failure ? error.cause : error;
  if (!(source instanceof ProtocolError)) return { message: errorMessage(error) };
  const { code, message, data } = source;
  return data === undefined ? { code, message } : { code, message, data };
}
