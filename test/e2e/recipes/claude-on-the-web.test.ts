import { expect, it } from 'vitest';
import { Browser, PERSON } from '../../../src/auth/server/testing.ts';
import { freePort } from '../../bench/free-port.ts';
import { connectWith, Login } from '../../support/official-client.ts';
import { openRecipe } from '../../support/recipe.ts';

it('examples/claude-on-the-web: Claude registers, somebody logs in and agrees, and it reads the notes', async () => {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  await using recipe = openRecipe('claude-on-the-web', {
    'https://mcp.example.com': origin,
    ' me': ` ${PERSON.name}`,
  });
  await recipe.run('sallyport user add me', {}, `${PERSON.password}\n`);
  const { endpoint } = await recipe.up('sallyport up', port);
  expect(endpoint).toBe(`${origin}/mcp`);

  const login = new Login('https://claude.ai/api/mcp/auth_callback', { way: 'registration', name: 'Claude' });
  const browser = new Browser();
  const client = await connectWith(login, endpoint, (url) => browser.allow(url.href));
  const answer = await client.callTool({
    name: 'notes__read_text_file',
    arguments: { path: 'shopping.md' },
  });
  expect(JSON.stringify(answer.content)).toContain('birthday present');
  await client.close();

  // The tunnel is for the address of the page, not for that of the test.
  await using asItStands = openRecipe('claude-on-the-web');
  await asItStands.run('sallyport deploy cloudflared --out tunnel');
  const unused = asItStands.unused();
  expect(recipe.unused().filter((command) => !command.includes('deploy'))).toEqual([]);
  expect(unused).toHaveLength(2);
});
