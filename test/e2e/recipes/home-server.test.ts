import { expect, it } from 'vitest';
import { connectV2 } from '../../support/clients.ts';
import { fetchLocally } from '../../support/https.ts';
import { PEBBLE_MISSING, startPebble } from '../../support/pebble.ts';
import { openRecipe } from '../../support/recipe.ts';

if (PEBBLE_MISSING !== undefined)
  console.warn(`NOT TESTED: examples/home-server, since there is no ${PEBBLE_MISSING} here.`);

it.skipIf(PEBBLE_MISSING !== undefined)(
  'examples/home-server: a certificate, a token for each, a backup',
  async () => {
    await using pebble = await startPebble();
    await using recipe = openRecipe('home-server', {
      'directory: https://acme-staging-v02.api.letsencrypt.org/directory': `directory: ${pebble.directory}\n      ca: ${pebble.ca}`,
      'redirect: 0.0.0.0:8080': `redirect: 127.0.0.1:${pebble.httpPort}`,
      'http://home.example.com': `-H 'Host: home.example.com' http://127.0.0.1:${pebble.httpPort}`,
    });
    await recipe.run('sallyport validate');
    const served = await recipe.up('sallyport up', pebble.tlsPort);
    expect(served.endpoint).toBe('https://home.example.com/mcp');
    expect(await recipe.run('sallyport status')).toMatch(
      /✓ certificate for home\.example\.com: \d\d days left/,
    );
    expect(await recipe.run('curl -sI http://home.example.com/mcp')).toContain(
      'location: https://home.example.com/mcp',
    );

    const made = await recipe.run('sallyport token create --name ann --scope mcp.access --expires 90d');
    await using client = await connectV2(
      {
        endpoint: `https://home.example.com:${pebble.tlsPort}/mcp`,
        token: made.trim(),
        fetch: fetchLocally(await pebble.root()),
      },
      'modern',
    );
    const { content } = await client.call('notes__read_text_file', { path: 'shopping.md' });
    expect(content[0]?.text).toContain('lemons');

    await recipe.run('umask 077; openssl rand -base64 24 > backup-key');
    await recipe.run('sallyport backup nightly.backup --force --passphrase-file backup-key');
    expect(recipe.unused()).toEqual([]);
  },
  60_000,
);
