// The fixtures over Streamable HTTP: sessions with an event store for the legacy versions, stateless for the modern one.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import {
  localhostHostValidation,
  localhostOriginValidation,
  NodeStreamableHTTPServerTransport,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import { classifyInboundRequest, createMcpHandler, isInitializeRequest } from '@modelcontextprotocol/server';
import { buildServer } from './fixtures.mjs';

/** @param {{ era: string, port: number }} options */
export function serveHttp({ era, port }) {
  const modern = createMcpHandler(
    () =>
      buildServer({
        era: 'modern',
        toolsChanged: () => modern.notify.toolsChanged(),
        promptsChanged: () => modern.notify.promptsChanged(),
      }),
    { legacy: 'reject' },
  );
  const serveModern = toNodeHandler(modern);
  const serveLegacy = legacySessions();
  const hostAllowed = localhostHostValidation();
  const originAllowed = localhostOriginValidation();

  const serve = async (request, response) => {
    if (!hostAllowed(request, response) || !originAllowed(request, response)) return;
    if (new URL(request.url, 'http://localhost').pathname !== '/mcp') {
      return fail(response, 404, -32600, 'Not found');
    }
    let body;
    if (request.method === 'POST') {
      try {
        body = await json(request);
      } catch {
        return fail(response, 400, -32700, 'Parse error');
      }
    }
    const isModern =
      era === 'modern' || (era === 'both' && body !== undefined && kindOf(request, body) !== 'legacy');
    await (isModern ? serveModern(request, response, body) : serveLegacy(request, response, body));
  };
  const server = createServer((request, response) => void serve(request, response));
  server.listen(port, '127.0.0.1', () => {
    console.error(`conformance upstream (http, ${era}) http://127.0.0.1:${server.address().port}/mcp`);
  });
}

function kindOf({ headers }, body) {
  return classifyInboundRequest({
    httpMethod: 'POST',
    protocolVersionHeader: headers['mcp-protocol-version'],
    mcpMethodHeader: headers['mcp-method'],
    mcpNameHeader: headers['mcp-name'],
    body,
  }).kind;
}

/** One transport a session. */
function legacySessions() {
  const sessions = new Map();
  return async (request, response, body) => {
    const id = request.headers['mcp-session-id'];
    if (id !== undefined) {
      const transport = sessions.get(id);
      if (!transport) return fail(response, 404, -32001, 'Session not found');
      return transport.handleRequest(request, response, body);
    }
    if (!isInitializeRequest(body)) return fail(response, 400, -32000, 'Bad Request: no session', body?.id);
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: eventStore(),
      retryInterval: 500,
      onsessioninitialized: (session) => void sessions.set(session, transport),
    });
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport is no event target
    transport.onclose = () => void sessions.delete(transport.sessionId);
    await buildServer({ era: 'legacy' }).connect(transport);
    return transport.handleRequest(request, response, body);
  };
}

/** Keeps all messages of one session; an id is the stream's name and a growing number. */
function eventStore() {
  const events = [];
  return {
    async storeEvent(streamId, message) {
      const id = `${streamId}_${String(events.length + 1).padStart(9, '0')}`;
      events.push({ id, streamId, message });
      return id;
    },
    async replayEventsAfter(last, { send }) {
      const streamId = last.slice(0, last.lastIndexOf('_'));
      for (const event of events) {
        const missed = event.streamId === streamId && event.id > last && event.message.jsonrpc;
        if (missed) await send(event.id, event.message);
      }
      return streamId;
    },
  };
}

function fail(response, status, code, message, id = null) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } }));
}
