import { expect, it } from 'vitest';
import { type Message, modern } from '../../support/http.ts';
import { startIssuer } from '../../support/issuer.ts';
import { openRecipe, type Served } from '../../support/recipe.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';

it('examples/team-keycloak: each role sees its own tools, and the log has the names', async () => {
  await using idp = await startIssuer();
  const ours: Record<string, string> = { 'https://idp.example.com/realms/company': idp.issuer };
  await using recipe = openRecipe('team-keycloak', ours);
  await recipe.run('sallyport validate');
  for (const command of [
    'sallyport explain --as bob@example.com --tool files__read_text_file',
    'sallyport explain --as eve@example.com --role developer --tool files__write_file',
    '! sallyport explain --as bob@example.com --tool files__write_file',
    '! sallyport explain --as eve@example.com --role developer --tool files__move_file',
  ])
    await recipe.run(command);

  const served = await recipe.up('sallyport up');
  const nobody = await modern(as(served, undefined), 'tools/list', {}, HOST);
  expect(nobody.status).toBe(401);
  expect(nobody.headers['www-authenticate']).toContain(
    'https://mcp.example.com/.well-known/oauth-protected-resource/mcp',
  );
  ours['http://127.0.0.1:8080'] = `http://127.0.0.1:${served.port}`;
  const described = await recipe.run(
    "curl -s http://127.0.0.1:8080/.well-known/oauth-protected-resource/mcp -H 'Host: mcp.example.com'",
  );
  expect(JSON.parse(described)).toMatchObject({
    resource: AUDIENCE,
    authorization_servers: [idp.issuer],
  });

  const token = (name: string, ...roles: string[]): string =>
    idp.token({
      aud: AUDIENCE,
      sub: name,
      preferred_username: name,
      email: `${name}@example.com`,
      email_verified: true,
      scope: 'mcp.access',
      realm_access: { roles },
    });
  const tools = async (user: string): Promise<string[]> => {
    const { result } = (await modern(as(served, user), 'tools/list', {}, HOST)).last;
    return (result as { tools: { name: string }[] }).tools.map(({ name }) => name);
  };
  const [bob, eve, root] = [token('bob'), token('eve', 'developer'), token('root', 'mcp-admin')];
  const [reader, developer, all] = [await tools(bob), await tools(eve), await tools(root)];
  expect(reader).toContain('files__read_text_file');
  expect(reader).not.toContain('files__write_file');
  expect(developer).toContain('files__write_file');
  expect(developer).not.toContain('files__move_file');
  expect(all).toContain('files__move_file');

  const call = (user: string, name: string, args: object): Promise<{ last: Message }> =>
    modern(as(served, user), 'tools/call', { name, arguments: args }, HOST);
  const read = await call(bob, 'files__read_text_file', { path: 'welcome.txt' });
  expect(JSON.stringify(read.last.result)).toContain('everybody of the team');
  const written = await call(bob, 'files__write_file', { path: 'x.txt', content: 'x' });
  expect(written.last.error?.data).toMatchObject({ reason: 'forbidden' });

  expect(await recipe.run('sallyport audit top user')).toContain('bob');
  expect(await recipe.run('sallyport audit search outcome:denied since:1d')).toContain('files__write_file');
  expect(recipe.unused()).toEqual([]);
});

const HOST = { headers: { host: 'mcp.example.com' } };

function as({ port }: Served, token: string | undefined): { port: number; token: string | undefined } {
  return { port, token };
}
