import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError } from './diagnose.ts';
import { loadConfig } from './load.ts';
import { PROTOCOL_VERSIONS, type ServerConfig } from './schema.ts';

describe('what a configuration says of a server behind a URL', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-remote-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function serverOf(entry: string): Promise<ServerConfig | undefined> {
    const file = join(folder, 'sallyport.yaml');
    writeFileSync(file, `mcpServers:\n  a: ${entry}\n`);
    return (await loadConfig(file, { env: {} })).config.servers[0];
  }

  it('is its address, and nothing more where nothing more is written', async () => {
    expect(await serverOf('{url: "https://example.com/mcp"}')).toStrictEqual({
      name: 'a',
      kind: 'http',
      url: 'https://example.com/mcp',
      headers: {},
      type: undefined,
    });
  });

  it('may open the way to a private address', async () => {
    expect(await serverOf('{url: "http://mcp.internal/mcp", allowPrivate: true}')).toMatchObject({
      allowPrivate: true,
    });
  });

  it.each(PROTOCOL_VERSIONS)('may pin %s, and so may that of a command', async (protocol) => {
    expect(await serverOf(`{url: "https://x", protocol: "${protocol}"}`)).toMatchObject({ protocol });
    expect(await serverOf(`{command: x, protocol: "${protocol}"}`)).toMatchObject({ protocol });
  });

  it.each([
    ['{url: "https://x", protocol: "2024-10-07"}', 'protocol'],
    ['{url: "https://x", allowPrivate: "yes"}', 'allowPrivate'],
    ['{command: x, allowPrivate: true}', 'allowPrivate'],
  ])('%s is a mistake', async (entry, key) => {
    const error = await serverOf(entry).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error instanceof ConfigError && error.diagnostics[0]?.message).toContain(key);
  });
});
