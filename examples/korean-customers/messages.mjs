// A stand-in for a text message service. It writes down what it would send, and to whom.
import { appendFileSync } from 'node:fs';
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import * as z from 'zod';

serveStdio(() => {
  const server = new McpServer({ name: 'messages', version: '1.0.0' });
  server.registerTool(
    'send',
    {
      description: 'Sends a text message to a phone number.',
      inputSchema: z.object({ to: z.string(), text: z.string() }),
    },
    ({ to, text }) => {
      appendFileSync('sent.txt', `${to}: ${text}\n`);
      return { content: [{ type: 'text', text: 'sent' }] };
    },
  );
  return server;
});
