import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startGateway } from '../support/gateway.ts';
import { callTool, textOf } from '../support/http.ts';
import { ROOT, temporaryFolder } from '../support/processes.ts';

it('examples/secure-tool: an address goes through a model without being seen, and is refused in the clear', async () => {
  using folder = temporaryFolder();
  const server = {
    command: process.execPath,
    args: [join(ROOT, 'examples', 'secure-tool', 'server.mjs')],
    env: { PII_KEYS: join(folder.path, 'keys.json') },
  };
  await using gateway = await startGateway({ config: { mcpServers: { customers: server } } });
  const found = textOf(await callTool(gateway, 'find_customers', { city: 'Lyon' })) ?? '';
  const [envelope = ''] = /⟦EMAIL_ADDRESS:[^⟧]+⟧/.exec(found) ?? [];
  expect(found).not.toContain('camille.martin@');
  const sent = textOf(await callTool(gateway, 'send_mail', { to: envelope, subject: 'Bonjour' }));
  expect(JSON.parse(sent ?? '')).toEqual({ sent: true, domain: 'example.fr', subject: 'Bonjour' });
  const refused = await callTool(gateway, 'send_mail', { to: 'camille.martin@example.fr', subject: 'x' });
  expect(refused.last.result).toMatchObject({ isError: true });
});
