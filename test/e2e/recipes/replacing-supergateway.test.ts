import { expect, it } from 'vitest';
import { eventually } from '../../support/processes.ts';
import { openRecipe } from '../../support/recipe.ts';

const BRIDGE = 'sallyport bridge --stdio "npx -y @modelcontextprotocol/server-everything stdio" --port 8000';

it('examples/replacing-supergateway: the same command line serves, and so does the file', async () => {
  const ours: Record<string, string> = { '--port 8000': '--port 0' };
  await using recipe = openRecipe('replacing-supergateway', ours);
  const bridge = recipe.begin(BRIDGE);
  const at = await eventually('the bridge listens', () => /HTTP at (http:\S+)/.exec(bridge.stderr())?.[1]);
  ours['http://127.0.0.1:8000/mcp'] = at;
  expect(await recipe.run('sallyport tools --url http://127.0.0.1:8000/mcp')).toContain('get-sum');
  expect((await bridge.stop()).code).toBe(0);

  const { endpoint, program } = await recipe.up('sallyport up');
  expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
  expect((await program.stop()).code).toBe(0);
  expect(recipe.unused()).toEqual([]);
});
