import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from './diagnose.ts';
import { findConfig } from './find.ts';
import { configFromCommand, quickstartConfig } from './start.ts';

describe('configFromCommand', () => {
  it('serves one command, the words as they are', () => {
    const config = configFromCommand([
      'npx',
      '-y',
      '@modelcontextprotocol/server-everything',
      'stdio',
      '${env:X}',
    ]);
    expect(config.servers).toEqual([
      {
        name: 'server-everything',
        kind: 'stdio',
        command: 'npx',
        args: ['-y', '@modelcontextprotocol/server-everything', 'stdio', '${env:X}'],
        env: {},
        cwd: undefined,
      },
    ]);
    expect(config.listen).toEqual({ host: '127.0.0.1', port: 8080 });
  });

  it.each([[[]], [['']], [['  ', 'x']]])('refuses %j', (argv) => {
    expect(() => configFromCommand(argv)).toThrow(ConfigError);
  });
});

describe('quickstartConfig', () => {
  it('serves the built-in net server, and nothing to anybody but this machine', () => {
    const config = quickstartConfig();
    expect(config.servers).toEqual([{ name: 'net', kind: 'builtin', builtin: 'net', options: {} }]);
    expect(config).toMatchObject({
      listen: { host: '127.0.0.1', port: 8080 },
      allowedHosts: [],
      allowedOrigins: [],
    });
  });
});

describe('findConfig', () => {
  it('prefers yaml to yml to json', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-find-'));
    try {
      expect(await findConfig(folder)).toBeUndefined();
      for (const name of ['sallyport.json', 'sallyport.yml', 'sallyport.yaml']) {
        writeFileSync(join(folder, name), '');
        expect(await findConfig(folder)).toBe(name);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
