// The fixtures over the HTTP+SSE transport of 2024-11-05.
import { SSEServerTransport } from '@modelcontextprotocol/server-legacy/sse';
import express from 'express';
import { buildServer } from './fixtures.mjs';

/** @param {{ port: number }} options */
export function serveSse({ port }) {
  const app = express();
  const sessions = new Map();
  app.get('/sse', async (_request, response) => {
    const transport = new SSEServerTransport('/messages', response);
    sessions.set(transport.sessionId, transport);
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport is no event target
    transport.onclose = () => sessions.delete(transport.sessionId);
    await buildServer({ era: 'legacy' }).connect(transport);
  });
  // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 takes a rejected promise as an error
  app.post('/messages', async (request, response) => {
    const transport = sessions.get(request.query.sessionId);
    if (transport) await transport.handlePostMessage(request, response);
    else response.status(404).end();
  });
  const server = app.listen(port, '127.0.0.1', () => {
    console.error(`conformance upstream (sse) http://127.0.0.1:${server.address().port}/sse`);
  });
}
