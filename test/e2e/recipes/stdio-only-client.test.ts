import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, it } from 'vitest';
import { openSites } from '../../../src/upstream/oauth/testing.ts';
import { startGateway } from '../../support/gateway.ts';
import { ROOT } from '../../support/processes.ts';
import { openRecipe } from '../../support/recipe.ts';

/** The browser of a person who agrees to everything. */
const BROWSER = join(ROOT, 'test/conformance/client-browser.mjs');

it('examples/stdio-only-client: one login, and a client of pipes calls a server on the web', async () => {
  await using remote = await startGateway({ args: ['--no-auth'] });
  await using sites = await openSites();
  sites.behaviour.behind = remote.endpoint;
  await using recipe = openRecipe('stdio-only-client', { 'https://mcp.example.com/mcp': sites.url });
  await recipe.run('sallyport login https://mcp.example.com/mcp', { BROWSER });

  const { mcpServers } = JSON.parse(readFileSync(join(recipe.folder, 'mcp.json'), 'utf8')) as {
    mcpServers: Record<string, { command: string; args: string[] }>;
  };
  const [entry] = Object.values(mcpServers);
  const client = new Client({ name: 'pipes-only', version: '1.0.0' });
  await client.connect(new StdioClientTransport({ ...(entry ?? { command: '' }), env: recipe.env }));
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toContain('ping_host');
  const answer = await client.callTool({
    name: 'check_common_ports',
    arguments: { host: '127.0.0.1' },
  });
  expect(answer.content).toBeDefined();
  expect(sites.authorised()).toBeGreaterThan(0);
  await client.close();

  await recipe.run('sallyport login https://mcp.example.com/mcp --forget');
  expect(recipe.unused()).toEqual([]);
});
