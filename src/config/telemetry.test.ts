import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from './diagnose.ts';
import { loadConfig } from './load.ts';
import { PRIVATE_BLOCKS } from './metrics.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sallyport-config-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function load(text: string, env: NodeJS.ProcessEnv = {}) {
  const file = join(folder, 'sallyport.yaml');
  writeFileSync(file, `mcpServers: { net: { builtin: net } }\n${text}\n`);
  return loadConfig(file, { env });
}

async function mistakeIn(text: string): Promise<string> {
  const error: unknown = await load(text).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof ConfigError ? error.diagnostics.map(({ message }) => message).join(' ') : 'none';
}

describe('metrics', () => {
  it('are not there unless somebody wants them; {} is enough', async () => {
    expect((await load('')).config.metrics).toBeUndefined();
    expect((await load('metrics: {}')).config.metrics).toEqual({ allow: PRIVATE_BLOCKS, tools: 200 });
  });

  it('have an address and readers of their own', async () => {
    const text = "metrics: { listen: '[::1]:9464', allow: [10.0.0.0/8], tools: 50 }";
    expect((await load(text)).config.metrics).toEqual({
      listen: { host: '::1', port: 9464 },
      allow: ['10.0.0.0/8'],
      tools: 50,
    });
  });

  it.each([
    ['metrics: { listen: nowhere }', 'not an address to listen on'],
    ['metrics: { allow: [everybody] }', 'not an address'],
    ['metrics: { allow: [] }', ''],
    ['metrics: { tools: 0 }', 'not a whole number'],
    ['metrics: { port: 9464 }', 'no key "port"'],
  ])('%s is a mistake', async (text, said) => {
    const mistake = await mistakeIn(text);
    expect(mistake).not.toBe('none');
    expect(mistake).toContain(said);
  });
});

describe('telemetry.traces', () => {
  const endpoint = 'http://127.0.0.1:4318/v1/traces';

  it('need an endpoint, and have defaults for the rest', async () => {
    expect((await load(`telemetry: { traces: { endpoint: '${endpoint}' } }`)).config.telemetry).toEqual({
      traces: { endpoint, headers: {}, sample: 1, service: 'sallyport', interval: 5000 },
    });
  });

  it('keep their headers to themselves', async () => {
    const text = `telemetry: { traces: { endpoint: '${endpoint}', headers: { x-key: 'literal-secret', y: '\${env:KEY}' } } }`;
    const { config, secrets, shown } = await load(text, { KEY: 'secret-from-outside' });
    expect(config.telemetry?.traces?.headers).toEqual({
      'x-key': 'literal-secret',
      y: 'secret-from-outside',
    });
    expect(JSON.stringify(shown)).not.toMatch(/literal-secret|secret-from-outside/);
    expect(secrets.redact('a literal-secret, a secret-from-outside')).not.toMatch(/literal-|from-/);
  });

  it.each([
    ['{}', ''],
    ['{ endpoint: ftp://x }', 'not an http:// or https:// URL'],
    [`{ endpoint: '${endpoint}', sample: 2 }`, ''],
    [`{ endpoint: '${endpoint}', headers: { 'a b': x } }`, 'name of a header'],
    [`{ endpoint: '${endpoint}', headers: { a: "x\\ny" } }`, 'value of a header'],
  ])('%s is a mistake', async (traces, said) => {
    const mistake = await mistakeIn(`telemetry: { traces: ${traces} }`);
    expect(mistake).not.toBe('none');
    expect(mistake).toContain(said);
  });
});
