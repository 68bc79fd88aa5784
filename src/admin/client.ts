import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { createInterface } from 'node:readline';
import { isObject } from '../core/json.ts';
import type { OutputLine } from '../telemetry/server-output.ts';
import type { GatewayReport, ServerReport } from './report.ts';
import { liveSockets } from './socket.ts';

/** How long an answer may take, in milliseconds; a restart waits for the server to start. */
const ANSWER_MS = 5000;
const RESTART_MS = 15 * 60_000;

/** There is no server of the name that was given. */
export class NoSuchServer extends Error {
  override name = 'NoSuchServer';
  readonly server: string;
  /** Those that there are. */
  readonly servers: readonly string[];

  constructor(server: string, servers: readonly string[]) {
    super(`there is no server ${server}`);
    this.server = server;
    this.servers = servers;
  }
}

export interface LogOptions {
  /** How many of the last lines. */
  readonly lines: number;
  /** Go on with what is printed from now on. */
  readonly follow: boolean;
  readonly signal?: AbortSignal;
}

/** Speaks to a gateway that runs, over its admin socket. */
export class AdminClient {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  async status(signal?: AbortSignal): Promise<GatewayReport> {
    const timeout = AbortSignal.timeout(ANSWER_MS);
    const response = await this.#ask('GET', '/status', signal ? AbortSignal.any([signal, timeout]) : timeout);
    // Behind a socket that only its user can make is the gateway of this user.
    return (await json(response)) as GatewayReport;
  }

  /**
   * Resolves with how the server is then, ready or failed.
   * @throws {NoSuchServer}
   */
  async restart(server: string, signal?: AbortSignal): Promise<ServerReport> {
    const timeout = AbortSignal.timeout(RESTART_MS);
    const path = `/servers/${encodeURIComponent(server)}/restart`;
    const response = await this.#ask(
      'POST',
      path,
      signal ? AbortSignal.any([signal, timeout]) : timeout,
      server,
    );
    return (await json(response)) as ServerReport;
  }

  /**
   * What a server printed on stderr. It ends with the gateway, or when it is aborted.
   * @throws {NoSuchServer}
   */
  async *logs(server: string, { lines, follow, signal }: LogOptions): AsyncGenerator<OutputLine> {
    const path = `/servers/${encodeURIComponent(server)}/logs?lines=${lines}${follow ? '&follow' : ''}`;
    const response = await this.#ask('GET', path, signal, server);
    try {
      for await (const line of createInterface({ input: response })) yield JSON.parse(line) as OutputLine;
    } catch (error) {
      // A gateway that ends in the midst of it is an end like any other.
      if (!isReset(error)) throw error;
    }
  }

  async #ask(
    method: string,
    path: string,
    signal: AbortSignal | undefined,
    server = '',
  ): Promise<IncomingMessage> {
    const asking = request({ socketPath: this.#socketPath, method, path, ...(signal && { signal }) });
    asking.end();
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    if (response.statusCode === 200) return response;
    const body = await json(response);
    const { error, servers } = isObject(body) ? body : {};
    if (response.statusCode === 404 && Array.isArray(servers))
      throw new NoSuchServer(server, servers.map(String));
    throw new Error(
      `the gateway answers ${response.statusCode}: ${typeof error === 'string' ? error : 'nothing'}`,
    );
  }
}

function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}

/** The gateway that runs from this home; of several, the one that started last. Undefined where there is none. */
export async function findGateway(home: string): Promise<AdminClient | undefined> {
  const [newest] = await liveSockets(home);
  return newest === undefined ? undefined : new AdminClient(newest);
}
