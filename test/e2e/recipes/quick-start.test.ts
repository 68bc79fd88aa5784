import { describe, expect, it } from 'vitest';
import { openGuide, type Recipe } from '../../support/recipe.ts';

describe.each(['quick-start.md', 'quick-start.ko.md', 'quick-start.fr.md'])('docs/%s', (page) => {
  it('each command does what the page says', async () => {
    await using guide = openGuide(page, { 'https://mcp.example.com': 'https://mcp.example.com' });
    await guide.run('npm install -g sallyport');
    await oneServer(guide);
    await severalServers(guide);
    await otherPeople(guide);
    await online(guide);
    await noPersonalData(guide);
    expect(guide.unused()).toEqual([]);
  });
});

async function oneServer(guide: Recipe): Promise<void> {
  const { program } = await guide.up('sallyport up -- npx -y @modelcontextprotocol/server-everything stdio');
  expect(await guide.run('sallyport tools')).toContain('get-sum');
  expect(await guide.run(`sallyport call get-sum '{"a": 2, "b": 3}'`)).toContain('5');
  await program.stop();
}

async function severalServers(guide: Recipe): Promise<void> {
  guide.writeNext();
  await guide.run('sallyport validate');
  const { program } = await guide.up('sallyport up');
  expect(await guide.run(`sallyport call files__list_directory '{"path": "."}'`)).toContain('sallyport.yaml');
  expect(await guide.run('sallyport status')).toContain('files');
  expect(await guide.run('sallyport logs files')).toContain('Secure MCP Filesystem');
  await program.stop();
}

async function otherPeople(guide: Recipe): Promise<void> {
  const made = await guide.run('sallyport token create --name laptop-of-alice --user alice --expires 90d');
  expect(made).toMatch(/^sp_\S+/m);
  expect(await guide.run('sallyport token list')).toContain('laptop-of-alice');
  guide.writeNext();
  await guide.run('sallyport explain --as alice --tool files__read_text_file');
  await guide.run('! sallyport explain --as alice --tool files__write_file');
  const { program } = await guide.up('sallyport up');
  await guide.run('sallyport audit search outcome:denied');
  await program.stop();
}

async function online(guide: Recipe): Promise<void> {
  guide.writeNext();
  await guide.run('sallyport user add alice --email alice@example.com', {}, 'correct horse battery\n');
  await guide.run('sallyport deploy nginx --out nginx');
  const { endpoint, program } = await guide.up('sallyport up');
  expect(endpoint).toBe('https://mcp.example.com/mcp');
  // It is somebody else's name, so that there is nothing to find there.
  await expect(guide.run('sallyport doctor --public https://mcp.example.com')).rejects.toThrow(/DNS|public/);
  await program.stop();
}

async function noPersonalData(guide: Recipe): Promise<void> {
  guide.writeNext();
  const found = await guide.run(`echo 'Call Mr. John Smith, john.smith@example.com' | sallyport pii scan`);
  expect(found).toContain('EMAIL_ADDRESS');
  expect(found).toContain('PERSON');
  await guide.run('sallyport validate');
}
