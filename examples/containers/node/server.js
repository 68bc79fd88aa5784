// An MCP server with one tool. Messages go over stdin and stdout, so that anything else is printed with console.error.
import { randomInt } from 'node:crypto';
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

function create() {
  const server = new McpServer({ name: 'dice', version: '1.0.0' });
  server.registerTool(
    'roll_dice',
    {
      title: 'Roll dice',
      description: 'Rolls dice and tells what each of them shows.',
      inputSchema: z.strictObject({
        count: z.int().min(1).max(100).default(1).describe('How many dice'),
        sides: z.int().min(2).max(1000).default(6).describe('How many sides each has'),
      }),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ count, sides }) => {
      const rolls = Array.from({ length: count }, () => randomInt(1, sides + 1));
      return { content: [{ type: 'text', text: rolls.join(' ') }] };
    },
  );
  return server;
}

serveStdio(create);
