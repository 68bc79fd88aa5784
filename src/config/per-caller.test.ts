import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError } from './diagnose.ts';
import { loadConfig } from './load.ts';
import type { ServerConfig } from './schema.ts';
import { filled, referencesIn } from './template.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-per-caller-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The only server of a configuration with this entry. */
async function serverOf(entry: unknown): Promise<ServerConfig | undefined> {
  const file = join(folder, 'sallyport.json');
  writeFileSync(file, JSON.stringify({ mcpServers: { own: entry } }));
  const env = { SECRET: 'from outside', MARKED: 'x\ufdd0principal.id\ufdd1', DOLLAR: '${principal.id}' };
  return (await loadConfig(file, { env })).config.servers[0];
}

/** What is wrong with an entry. */
async function problems(entry: unknown): Promise<string> {
  try {
    await serverOf(entry);
  } catch (error) {
    if (error instanceof ConfigError) return error.diagnostics.map(({ message }) => message).join(' ');
    throw error;
  }
  return '';
}

describe('what only a call knows, in the configuration', () => {
  it('may stand in env and args of a command, and waits for a call', async () => {
    const server = await serverOf({
      command: 'x',
      args: ['--as=${principal.user}', '$${principal.id}', '${env:DOLLAR}'],
      env: { MAIL: '${principal.email}', KEY: '${header:X-Api-Key} ${env:SECRET}' },
      passHeaders: ['X-Api-Key'],
    });
    expect(referencesIn(server)).toEqual(['header:x-api-key', 'principal.email', 'principal.user']);
    const values = new Map([
      ['header:x-api-key', 'k'],
      ['principal.email', 'a@b.c'],
      ['principal.user', 'alice'],
    ]);
    expect(server && filled(server, values)).toMatchObject({
      // What was quoted stays what it is, and so does what came from outside.
      args: ['--as=alice', '${principal.id}', '${principal.id}'],
      env: { MAIL: 'a@b.c', KEY: 'k from outside' },
      life: { passHeaders: ['x-api-key'] },
    });
  });

  it('may stand in the headers of a remote server', async () => {
    const server = await serverOf({ url: 'https://a.example/mcp', headers: { 'X-User': '${principal.id}' } });
    expect(referencesIn(server)).toEqual(['principal.id']);
  });

  it.each([
    ['elsewhere', { command: '${principal.id}' }, 'only in env, args and headers'],
    ['a header that is not passed', { command: 'x', env: { K: '${header:X-Key}' } }, 'in passHeaders'],
    ['a shared server', { command: 'x', args: ['${principal.id}'], isolation: 'shared' }, 'cannot be shared'],
    ['one started ahead', { command: 'x', args: ['${principal.id}'], warm: 2 }, 'started ahead'],
    ['its mark in the file', { command: 'x', args: ['\ufdd0principal.id\ufdd1'] }, 'no text has'],
    ['its mark from outside', { command: 'x', args: ['${env:MARKED}'] }, 'no text has'],
    ['Authorization', { command: 'x', passHeaders: ['Authorization'] }, 'not for a server'],
    ['a session', { command: 'x', passHeaders: ['Mcp-Session-Id'] }, 'not for a server'],
    ['no header at all', { command: 'x', passHeaders: ['a b'] }, 'cannot be the name of a header'],
  ])('is refused: %s', async (_what, entry, said) => {
    expect(await problems(entry)).toContain(said);
  });
});
