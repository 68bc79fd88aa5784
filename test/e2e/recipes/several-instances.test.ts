import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { NGINX, canConnect, frontPorts, startNginx } from '../deploy/front.ts';
import { freePort } from '../../bench/free-port.ts';
import { certify } from '../../support/certificates.ts';
import { CLIENTS } from '../../support/clients.ts';
import { fetchLocally } from '../../support/https.ts';
import { eventually } from '../../support/processes.ts';
import { openRecipe } from '../../support/recipe.ts';

/** One user has ten requests at once and five a second, and a client begins with about five. */
const A_CLIENTS_WORTH_MS = 1000;

describe.skipIf(NGINX === undefined)('examples/several-instances (SKIPPED without nginx)', () => {
  it('serves every client, also when one gateway is gone', async () => {
    const ports = await frontPorts();
    const [one, two] = [await freePort(), await freePort()];
    const ours: Record<string, string> = {
      'https://mcp.example.com': `https://mcp.example.com:${ports.https}`,
      '127.0.0.1:8081': `127.0.0.1:${one}`,
      '127.0.0.1:8082': `127.0.0.1:${two}`,
    };
    await using recipe = openRecipe('several-instances', ours);
    const { cert, key, ca } = certify(recipe.home.replace(/home$/, ''), { names: ['mcp.example.com'] });
    ours['--out nginx'] =
      `--out nginx --no-ipv6 --http-port ${ports.http} --https-port ${ports.https} --certificate ${cert} --key ${key} --logs .`;

    const first = await recipe.up('INSTANCE=1 sallyport up --listen 127.0.0.1:8081', one);
    await recipe.up('INSTANCE=2 sallyport up --listen 127.0.0.1:8082', two);
    await recipe.run(
      'sallyport deploy nginx --instance 127.0.0.1:8081 --instance 127.0.0.1:8082 --out nginx',
    );
    const [token] = /sp_\S+/.exec(await recipe.run('sallyport token create --name laptop')) ?? [];
    const nginx = startNginx(recipe.folder, join(recipe.folder, 'nginx'));
    try {
      await eventually('nginx listens', () => canConnect(ports.https), 20_000);
      const to = { endpoint: `https://mcp.example.com:${ports.https}/mcp`, token, fetch: fetchLocally(ca) };
      for (const [, connect] of CLIENTS) {
        await delay(A_CLIENTS_WORTH_MS);
        await using client = await connect(to);
        expect((await client.tools()).map(({ name }) => name)).toContain('net__ping_host');
      }
      await first.program.stop();
      for (const [, connect] of CLIENTS) {
        await delay(A_CLIENTS_WORTH_MS);
        await using client = await connect(to);
        expect((await client.tools()).map(({ name }) => name)).toContain('files__read_text_file');
      }
    } finally {
      await nginx.stop();
    }
    expect(recipe.unused()).toEqual([]);
  });
});
