// A small MCP server whose tools never give personal data out in the clear.
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { secureTool } from 'sallyport/toolkit';
import * as z from 'zod';

const CUSTOMERS = [
  { id: 1, name: 'Camille Martin', email: 'camille.martin@example.fr', city: 'Lyon' },
  { id: 2, name: '김민지', email: 'minji.kim@example.kr', city: '서울' },
];

const text = (value) => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });
const keyFile = process.env.PII_KEYS ?? 'pii-keys.json';

serveStdio(() => {
  const server = new McpServer({ name: 'customers', version: '1.0.0' });

  // The model sees ⟦EMAIL_ADDRESS:…⟧, and can hand it on.
  server.registerTool(
    'find_customers',
    { description: 'Finds customers of a city.', inputSchema: z.object({ city: z.string() }) },
    secureTool(({ city }) => text(CUSTOMERS.filter((customer) => customer.city === city)), {
      name: 'find_customers',
      piiPolicy: 'encrypt',
      keyFile,
    }),
  );

  // Here it comes back: the handler gets the address itself, and an address in the clear is refused.
  server.registerTool(
    'send_mail',
    {
      description: 'Sends a mail to a customer, by the address that find_customers gave out.',
      inputSchema: z.object({ to: z.string(), subject: z.string() }),
    },
    secureTool(({ to, subject }) => text({ sent: true, domain: to.split('@')[1], subject }), {
      name: 'send_mail',
      piiPolicy: 'encrypt',
      requiresEncryption: true,
      keyFile,
    }),
  );
  return server;
});
