import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandAfterDashes, loadSource } from './source.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-source-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string): void =>
  writeFileSync(join(folder, name), '{"mcpServers": {"a": {"command": "node"}}}');
const load = (options: { config?: string; command?: string[] } = {}) =>
  loadSource({ command: [], ...options }, {}, folder);

describe('loadSource', () => {
  it('is the quickstart where there is nothing', async () => {
    const source = await load();
    expect(source.config.servers).toMatchObject([{ kind: 'builtin', builtin: 'net' }]);
    expect(source.file).toBeUndefined();
  });

  it('is the config of the folder', async () => {
    write('sallyport.json');
    await expect(load()).resolves.toMatchObject({
      title: './sallyport.json',
      config: { servers: [{ name: 'a' }] },
    });
    write('sallyport.yaml');
    const source = await load();
    expect(source.title).toBe('./sallyport.yaml');
    expect(source.file?.sources).toEqual([join(folder, 'sallyport.yaml')]);
  });

  it('is the file that is named, before that of the folder', async () => {
    write('sallyport.yaml');
    mkdirSync(join(folder, 'sub'));
    write('sub/mcp.json');
    await expect(load({ config: 'sub/mcp.json' })).resolves.toMatchObject({ title: './sub/mcp.json' });
    await expect(load({ config: join(folder, 'sub/mcp.json') })).resolves.toMatchObject({
      title: './sub/mcp.json',
    });
  });

  it('is the command after --, quoted as it would be typed', async () => {
    write('sallyport.yaml');
    const source = await load({ command: ['node', 'my server.js'] });
    expect(source.title).toBe("node 'my server.js'");
    expect(source.config.servers).toMatchObject([{ kind: 'stdio', command: 'node', args: ['my server.js'] }]);
  });

  it('is not both', async () => {
    await expect(load({ config: 'x', command: ['y'] })).rejects.toMatchObject({ exitCode: 2 });
  });

  it('fails where the file is no config', async () => {
    writeFileSync(join(folder, 'sallyport.yaml'), 'lisen: 1');
    await expect(load()).rejects.toThrow(/sallyport\.yaml:1:1/);
    await expect(load({ config: 'none.yaml' })).rejects.toThrow(/none\.yaml/);
  });
});

/** What is thrown. */
const advice = (words: string[], argv: string[]): unknown => {
  try {
    return commandAfterDashes(words, argv);
  } catch (error) {
    return error;
  }
};

describe('commandAfterDashes', () => {
  it('is what stands behind them', () => {
    expect(commandAfterDashes(['npx', '-y', 'x'], ['up', '--json', '--', 'npx', '-y', 'x'])).toEqual([
      'npx',
      '-y',
      'x',
    ]);
    expect(commandAfterDashes([], ['up'])).toEqual([]);
    expect(commandAfterDashes(['a', '--', 'b'], ['up', '--', 'a', '--', 'b'])).toEqual(['a', '--', 'b']);
  });

  it('says what was meant where they are missing', () => {
    expect(advice(['my.yaml'], ['up', 'my.yaml'])).toMatchObject({
      exitCode: 2,
      advice: [expect.stringContaining('sallyport up --config my.yaml')],
    });
    expect(advice(['npx', 'x'], ['up', 'npx', 'x'])).toMatchObject({
      advice: [expect.stringContaining('sallyport up -- npx x')],
    });
    expect(advice(['a', 'b'], ['up', 'a', '--', 'b'])).toMatchObject({ exitCode: 2 });
  });
});
