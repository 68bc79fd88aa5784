import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENTS, firstText, type Progress, type TestClient } from '../support/clients.ts';
import { type Gateway, packaged, startGateway } from '../support/gateway.ts';
import { temporaryFolder } from '../support/processes.ts';

const files = temporaryFolder();
let everything: Gateway;
let filesystem: Gateway;

beforeAll(async () => {
  mkdirSync(join(files.path, 'notes'));
  writeFileSync(join(files.path, 'notes', 'hello.txt'), 'Grüße, 안녕 👋\n');
  [everything, filesystem] = await Promise.all([
    startGateway({ config: { mcpServers: { everything: packaged('server-everything', 'stdio') } } }),
    startGateway({ config: { mcpServers: { files: packaged('server-filesystem', files.path) } } }),
  ]);
});

afterAll(async () => {
  await Promise.all([everything?.stop(), filesystem?.stop()]);
  files.remove();
});

describe.each(CLIENTS)('%s, server-everything', (_name, connect) => {
  let client: TestClient;
  beforeAll(async () => void (client = await connect(everything)));
  afterAll(() => client?.close());

  it('is greeted by the server behind the gateway', () => {
    expect(client.server()?.name).toBe('mcp-servers/everything');
    expect(client.instructions()).toMatch(/\w/);
  });

  it('lists its tools under their own names', async () => {
    const names = (await client.tools()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['echo', 'get-sum', 'trigger-long-running-operation']));
  });

  it('calls a tool', async () => {
    expect(firstText(await client.call('get-sum', { a: 2, b: 40 }))).toBe('The sum of 2 and 40 is 42.');
    expect(firstText(await client.call('echo', { message: 'Grüße,\n"안녕" 👋\u2028' }))).toBe(
      'Echo: Grüße,\n"안녕" 👋\u2028',
    );
  });

  it('is told what is wrong with the arguments', async () => {
    const result = await client.call('get-sum', { a: 'two' });
    expect(result.isError).toBe(true);
    expect(firstText(result)).toMatch(/invalid/i);
  });

  it('is told that there is no such tool', async () => {
    const outcome = await client.call('no-such-tool').then(
      (result) => (result.isError === true ? firstText(result) : 'no error at all'),
      (error: unknown) => String(error),
    );
    expect(outcome).toMatch(/no-such-tool|not found|unknown/i);
  });

  it('gets structured content that fits its schema', async () => {
    await client.tools(); // The clients check results against the schemas they were listed.
    const result = await client.call('get-structured-content', { location: 'Chicago' });
    expect(result.structuredContent).toEqual({
      temperature: 36,
      conditions: 'Light rain / drizzle',
      humidity: 82,
    });
  });

  it('gets an image and resource links', async () => {
    const image = (await client.call('get-tiny-image')).content.find(({ type }) => type === 'image');
    expect(image).toMatchObject({ mimeType: 'image/png', data: expect.stringMatching(/^iVBOR/) as string });
    const links = (await client.call('get-resource-links', { count: 3 })).content;
    expect(links.filter(({ type }) => type === 'resource_link')).toHaveLength(3);
  });

  const watch = async (steps: number): Promise<Progress[]> => {
    const seen: Progress[] = [];
    const options = { onprogress: (progress: Progress) => void seen.push(progress) };
    await client.call('trigger-long-running-operation', { duration: 0.4, steps }, options);
    return seen;
  };

  it('sees the progress of a long call, in order and only its own', async () => {
    const [three, five] = await Promise.all([watch(3), watch(5)]);
    expect(three.map(({ progress, total }) => [progress, total])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    expect(five.map(({ progress }) => progress)).toEqual([1, 2, 3, 4, 5]);
  });

  it('lists and gets prompts', async () => {
    const names = (await client.prompts()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['simple-prompt', 'args-prompt', 'completable-prompt']));
    const { messages } = await client.prompt('args-prompt', { city: 'Lyon' });
    expect(messages).toEqual([{ role: 'user', content: { type: 'text', text: "What's weather in Lyon?" } }]);
  });

  it('lists and reads resources, and those of a template', async () => {
    const resources = await client.resources();
    expect(resources.length).toBeGreaterThan(0);
    const { contents } = await client.read(resources[0]?.uri ?? '');
    expect(contents[0]?.text?.length).toBeGreaterThan(0);

    const templates = (await client.templates()).map(({ uriTemplate }) => uriTemplate);
    expect(templates).toContain('demo://resource/dynamic/text/{resourceId}');
    const dynamic = await client.read('demo://resource/dynamic/text/7');
    expect(dynamic.contents[0]?.text).toContain('Resource 7');
  });

  it('is told that a resource is not there', async () => {
    await expect(client.read('demo://resource/none')).rejects.toThrow(/not found/i);
  });

  it('completes an argument', async () => {
    expect(await client.complete('completable-prompt', 'department', 'S')).toEqual(['Sales', 'Support']);
  });
});

describe.each(CLIENTS)('%s, server-filesystem', (_name, connect) => {
  let client: TestClient;
  beforeAll(async () => void (client = await connect(filesystem)));
  afterAll(() => client?.close());

  it('writes, lists and reads files', async () => {
    const path = join(files.path, 'written.txt');
    const content = `line one\nGrüße, 안녕 👋\n${'x'.repeat(100_000)}\n`;
    await client.call('write_file', { path, content });
    expect(firstText(await client.call('list_directory', { path: files.path }))).toContain('written.txt');
    expect(firstText(await client.call('read_text_file', { path }))).toBe(content);
    expect(
      firstText(await client.call('read_text_file', { path: join(files.path, 'notes/hello.txt') })),
    ).toBe('Grüße, 안녕 👋\n');
  });

  it('is kept inside of the allowed folder', async () => {
    const result = await client.call('read_text_file', { path: '/etc/passwd' });
    expect(result.isError).toBe(true);
    expect(firstText(result)).toMatch(/access denied/i);
  });

  it('finds no prompts and resources where the server has none', async () => {
    expect(await client.prompts()).toEqual([]);
    expect(await client.resources()).toEqual([]);
  });
});
