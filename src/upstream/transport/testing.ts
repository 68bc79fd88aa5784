/** For tests of the transports over HTTP: a server that does what the test says, and a link to it. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { Notification } from '../../core/call.ts';
import { Cancellation } from '../../core/cancellation.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import type { Reply } from '../../core/reply.ts';
import { type Caller, Link } from '../link.ts';
import { type RemoteOptions, RemoteTransport } from './remote.ts';
import type { Ending } from './transport.ts';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** The method of the JSON-RPC message; empty where there is none. */
  readonly rpc: string;
  /** What was posted. */
  readonly body: JsonObject;
  /** Did the client close the connection before the answer was complete? */
  closedEarly: boolean;
}

export type Respond = (seen: SeenRequest, res: ServerResponse) => unknown;

/** A server on loopback; it writes down who came. */
export async function serve(
  respond: Respond,
): Promise<{ url: string; seen: SeenRequest[]; stop: () => void }> {
  const seen: SeenRequest[] = [];
  const server = createServer((req, res) => {
    const receive = (posted: string): void => {
      const parsed: unknown = posted === '' ? {} : JSON.parse(posted);
      const body = isObject(parsed) ? parsed : {};
      const rpc = typeof body['method'] === 'string' ? body['method'] : '';
      const { method = '', url = '', headers } = req;
      const entry = { method, url, headers, rpc, body, closedEarly: false };
      res.on('close', () => (entry.closedEarly = !res.writableEnded));
      seen.push(entry);
      respond(entry, res);
    };
    // A client may leave in the middle of its body: then it has said nothing.
    void text(req).then(receive, () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(stop);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/mcp`, seen, stop };
}

/** Answers with JSON. */
export function json(res: ServerResponse, status: number, body: unknown, headers: JsonHeaders = {}): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
type JsonHeaders = Readonly<Record<string, string>>;

/** Answers a request with an empty result. */
export function accept(seen: SeenRequest, res: ServerResponse, result: JsonObject = {}): void {
  const { id } = seen.body;
  if (id === undefined) res.writeHead(202).end();
  else json(res, 200, { jsonrpc: '2.0', id, result });
}

/** Begins an event stream. */
export function stream(res: ServerResponse): (message: object, id?: string) => void {
  res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  return (message, id) => {
    const data = JSON.stringify({ jsonrpc: '2.0', ...message });
    res.write(`${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`);
  };
}

export interface TestLink {
  readonly link: Link;
  readonly transport: RemoteTransport;
  readonly endings: Ending[];
  readonly heard: { method: string; params: JsonObject }[];
  readonly lost: string[];
  /** Sends a request; resolves with the result's text, or with the reason and message of the failure. */
  readonly ask: (method?: string, params?: JsonObject, caller?: Caller) => Promise<string>;
}

export function connect(
  url: string,
  options: Partial<RemoteOptions['server']> & Partial<Omit<RemoteOptions, 'server'>> = {},
): TestLink {
  const { headers = {}, transport: kind, allowPrivate = false, ...rest } = options;
  const endings: Ending[] = [];
  const heard: TestLink['heard'] = [];
  const lost: string[] = [];
  const transport: RemoteTransport = new RemoteTransport(
    {
      server: { url, headers, transport: kind, allowPrivate },
      messageLimit: 200_000,
      stopMs: 500,
      ...rest,
    },
    {
      message: (message, relatedTo) => link.receive(message, relatedTo),
      overflow: (id, size) => link.overflow(id, size),
      junk: (size) => lost.push(`junk of ${size}`),
      closed(ending) {
        endings.push(ending);
        link.end(ending);
      },
    },
  );
  const link: Link = new Link(transport, {
    notification: (method, params) => heard.push({ method, params }),
    lost: (what) => lost.push(what),
  });
  onTestFinished(() => transport.close());
  return {
    link,
    transport,
    endings,
    heard,
    lost,
    ask: async (method = 'tools/call', params = {}, caller) =>
      outcome(await link.send({ method, params: () => params, timeoutMs: 5000, ...(caller && { caller }) })),
  };
}

function outcome(reply: Reply): string {
  if (reply.kind === 'result') return reply.body.text;
  if (reply.kind === 'input_required') return reply.kind;
  const { code, data, message } = reply.error;
  const reason = isObject(data) ? data['reason'] : undefined;
  return `${typeof reason === 'string' ? reason : code}: ${message}`;
}

/** A caller that writes down what it is told. */
export function callerOf(options: Partial<Caller> = {}): Caller & { heard: Notification[] } {
  const heard: Notification[] = [];
  return {
    wantsProgress: false,
    logLevel: 'debug',
    cancellation: new Cancellation(),
    notify: (notification) => heard.push(notification),
    ...options,
    heard,
  };
}
