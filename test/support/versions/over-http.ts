import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { KEYS, type Message, MODERN, type Version } from './messages.ts';
import { VersionServer } from './server.ts';

/** A server of one version behind a URL. */
export interface Served extends AsyncDisposable {
  readonly url: string;
}

/**
 * @param transport Streamable HTTP, or the HTTP+SSE of 2024-11-05
 * @param at the port; by default any that is free
 */
export async function serveHttp(version: Version, transport: 'http' | 'sse', at = 0): Promise<Served> {
  const answer =
    transport === 'sse'
      ? sseSessions(version)
      : version === MODERN
        ? modernRequests()
        : httpSessions(version);
  const server: Server = createServer((req, res) => void answer(req, res).catch(() => res.destroy()));
  await new Promise<void>((resolve) => {
    server.listen(at, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/${transport === 'sse' ? 'sse' : 'mcp'}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

type Answer = (req: IncomingMessage, res: ServerResponse) => Promise<unknown>;

/** The responses that are streams, by the id of the request each belongs to; `undefined`: the stream for everything else. */
class Streams {
  readonly #open = new Map<Message['id'], ServerResponse>();

  open(id: Message['id'], res: ServerResponse, headers: Readonly<Record<string, string>> = {}): void {
    res.writeHead(200, { 'content-type': 'text/event-stream', ...headers }).flushHeaders();
    this.#open.set(id, res);
  }

  readonly send = (message: Message, about: Message['id']): void => {
    const stream = this.#open.get(about);
    stream?.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
    const isAnswer = message.method === undefined && message.id === about;
    if (isAnswer) stream?.end();
  };
}

/** 2025-03-26 to 2025-11-25: a session, a stream for each POST, and one by GET. */
function httpSessions(version: Version): Answer {
  const sessions = new Map<unknown, { server: VersionServer; streams: Streams }>();
  return async (req, res) => {
    const session = sessions.get(req.headers['mcp-session-id']);
    if (req.method === 'GET' && session) return session.streams.open(undefined, res);
    if (req.method === 'DELETE') return res.writeHead(200).end();
    const message = req.method === 'POST' ? ((await json(req)) as Message) : {};
    if (message.method === 'initialize') {
      const streams = new Streams();
      const server = new VersionServer(version, streams);
      const id = randomUUID();
      sessions.set(id, { server, streams });
      streams.open(message.id, res, { 'mcp-session-id': id });
      return server.receive(message);
    }
    // > When a client receives HTTP 404 … it MUST start a new session  (2025-11-25, transports)
    if (!session) return res.writeHead(req.headers['mcp-session-id'] === undefined ? 400 : 404).end();
    if (message.id !== undefined && message.method !== undefined) session.streams.open(message.id, res);
    else res.writeHead(202).end();
    return session.server.receive(message);
  };
}

/** 2026-07-28: every POST for itself; whoever closes its stream has cancelled it. */
function modernRequests(): Answer {
  const streams = new Streams();
  const server = new VersionServer(MODERN, streams);
  return async (req, res) => {
    if (req.method !== 'POST') return res.writeHead(405).end();
    const message = (await json(req)) as Message;
    const isModern = message.params?.['_meta']?.[KEYS.version] === MODERN;
    if (!isModern || req.headers['mcp-method'] !== message.method) return res.writeHead(400).end();
    // The ids are the client's, and this server has but one.
    streams.open(message.id, res);
    res.once('close', () => res.writableFinished || server.cancel(message.id));
    return server.receive(message);
  };
}

/** 2024-11-05: one stream for everything, and POSTs that are only taken in. */
function sseSessions(version: Version): Answer {
  const sessions = new Map<string | null, VersionServer>();
  return async (req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://localhost');
    if (req.method === 'GET' && pathname === '/sse') {
      const streams = new Streams();
      const id = randomUUID();
      // Whatever it belongs to, there is one stream.
      sessions.set(id, new VersionServer(version, { send: (message) => streams.send(message, undefined) }));
      streams.open(undefined, res);
      return res.write(`event: endpoint\ndata: /messages?sessionId=${id}\n\n`);
    }
    const server = sessions.get(searchParams.get('sessionId'));
    if (req.method !== 'POST' || !server) return res.writeHead(404).end();
    const message = (await json(req)) as Message;
    res.writeHead(202).end('Accepted');
    return server.receive(message);
  };
}
