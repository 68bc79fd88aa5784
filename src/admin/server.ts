import { chmod } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from '../core/node-http.ts';
import { type Administered, reportOf } from './report.ts';
import { newSocketPath, removeStaleSockets } from './socket.ts';

/** What a follower may leave unread, in bytes, before it is let go. */
const MOST_UNREAD = 1024 * 1024;
const CONNECTIONS = 32;

export interface AdminOptions {
  readonly gateway: Administered;
  readonly home: string;
  readonly version: string;
}

/** The admin socket of a gateway that runs. */
export interface Admin {
  readonly path: string;
  close(): Promise<void>;
}

/**
 * Opens the admin socket: HTTP and JSON on a Unix domain socket that only the user who runs the gateway can reach.
 *
 *   GET  /status                        the gateway, its servers and their processes
 *   GET  /servers/NAME/logs?lines=N     what a server printed on stderr: a line of JSON each; with `follow`, for ever
 *   POST /servers/NAME/restart          starts a server afresh, and answers when it is ready or has failed
 *
 * @throws {AdminSocketError} where there can be no such socket
 */
export async function openAdmin(options: AdminOptions): Promise<Admin> {
  await removeStaleSockets(options.home);
  const path = await newSocketPath(options.home);
  const startedAt = Date.now();
  const server = createServer((req, res) => {
    serve(req, res, { ...options, startedAt }).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      answer(res, 500, { error: options.gateway.redact(message) });
    });
  });
  server.maxConnections = CONNECTIONS;
  await listen(server, path);
  // The folder keeps others out from the first moment on; this is for those who look at the socket alone.
  await chmod(path, 0o600);
  return {
    path,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // Followers would stay as long as they like.
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

interface Surroundings extends AdminOptions {
  readonly startedAt: number;
}

async function serve(req: IncomingMessage, res: ServerResponse, surroundings: Surroundings): Promise<void> {
  const { gateway } = surroundings;
  // Nothing is said in a body.
  req.resume();
  const { pathname, searchParams } = new URL(req.url ?? '/', 'http://admin.invalid');
  if (pathname === '/status')
    return req.method === 'GET'
      ? answer(res, 200, await reportOf(gateway, surroundings))
      : notAllowed(res, 'GET');

  const [, encoded, verb] = /^\/servers\/([^/]+)\/(logs|restart)$/.exec(pathname) ?? [];
  if (encoded === undefined) return answer(res, 404, { error: 'there is no such path' });
  const name = decodeURIComponent(encoded);
  const servers = gateway.status().map((state) => state.name);
  if (!servers.includes(name)) return answer(res, 404, { error: 'there is no such server', servers });
  if (verb === 'logs')
    return req.method === 'GET' ? sendLogs(res, name, gateway, searchParams) : notAllowed(res, 'GET');
  if (req.method !== 'POST') return notAllowed(res, 'POST');
  await gateway.restart(name);
  const { servers: reports } = await reportOf(gateway, surroundings);
  answer(
    res,
    200,
    reports.find((each) => each.name === name),
  );
}

function sendLogs(
  res: ServerResponse,
  server: string,
  { output }: Administered,
  parameters: URLSearchParams,
): void {
  const most = Number(parameters.get('lines') ?? 100);
  res.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const write = (line: unknown): void => {
    res.write(`${JSON.stringify(line)}\n`);
    // Somebody who does not read would have us keep what a noisy server prints.
    if (res.writableLength > MOST_UNREAD) res.destroy();
  };
  for (const line of output.tail(server, Number.isSafeInteger(most) ? most : 100)) write(line);
  if (!parameters.has('follow')) return void res.end();
  res.flushHeaders();
  res.once('close', output.follow(server, write));
}

function notAllowed(res: ServerResponse, allow: string): void {
  res.setHeader('allow', allow);
  answer(res, 405, { error: `this path takes ${allow}` });
}

function answer(res: ServerResponse, status: number, body: unknown): void {
  if (res.headersSent) return void res.destroy();
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(`${JSON.stringify(body)}\n`);
}
