import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERRORS } from './errors.ts';
import { failure } from './reply.ts';

const ROOT = join(import.meta.dirname, '../..');

const page = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');

/** The page's entries: a heading with the name, a line with code and status, what it means, what to do. */
const documented = page
  .split(/^### /m)
  .slice(1)
  .map((section) => {
    const [name = '', codes = '', meaning = '', action = ''] = section.trim().split('\n\n');
    const [, rpc, http] = /^`(-\d+)` · HTTP (\d+)$/.exec(codes) ?? [];
    return { name, rpc: Number(rpc), http: Number(http), meaning, action };
  });

describe('docs/errors.md', () => {
  it('has every error of the table, once and in its order, with its code and status', () => {
    expect(documented.map(({ name, rpc, http }) => [name, rpc, http])).toEqual(
      Object.entries(ERRORS).map(([name, { rpc, http }]) => [name, rpc, http]),
    );
  });

  it.each(documented)('$name: says what it means and what to do', ({ meaning, action }) => {
    expect(meaning).toMatch(/^[A-Z`][^]{10,}\.$/);
    expect(action).toMatch(/^\*\*What to do:\*\* [A-Z`][^]{10,}\.$/);
  });

  it('names only settings and commands that exist', () => {
    const settings = readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8').split(/^### /m);
    const commands = readFileSync(join(ROOT, 'docs/cli.md'), 'utf8');
    const named = page.matchAll(
      /`(limits|timeouts|publicUrl|allowedHosts|allowedOrigins|mcpServers)(?:\.(\w+))?`/g,
    );
    for (const [, setting = '', key = setting] of named) {
      const section = settings.find((each) => each.startsWith(`\`${setting}\``));
      expect(section, setting).toContain(`\`${key}\``);
    }
    for (const [, command] of page.matchAll(/`(sallyport \w+)/g))
      expect(commands).toContain(`## \`${command}`);
  });
});

describe('the error table', () => {
  const entries = Object.entries(ERRORS);

  it.each(entries)('%s keeps to the codes that the protocol leaves to us', (name, { rpc, http, message }) => {
    // > Error codes MUST be integers … -32000 to -32099 is reserved  (basic/index); these four are the protocol's own.
    const ofTheProtocol = {
      session_not_found: -32001,
      header_mismatch: -32020,
      missing_capability: -32021,
      unsupported_version: -32022,
    };
    const known = (ofTheProtocol as Record<string, number>)[name];
    if (known !== undefined) expect(rpc).toBe(known);
    else expect([-32700, -32600, -32601, -32602, -32603]).toContain(rpc);
    expect(http === 200 || (http >= 400 && http < 600)).toBe(true);
    expect(message).toMatch(/^[A-Z].*\.$|\)\.$/);
  });

  it('has no error that nothing answers with', () => {
    const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter(
        (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== join('core', 'errors.ts'),
      )
      .map((file) => readFileSync(join(ROOT, 'src', file), 'utf8'))
      .join('\n');
    expect(entries.map(([name]) => name).filter((name) => !sources.includes(`'${name}'`))).toEqual([]);
  });
});

describe('failure', () => {
  it('is the entry of the table, with what happened this time behind it', () => {
    expect(failure('server_exited', 'It exited with code 1.', { server: 'files' })).toEqual({
      kind: 'failure',
      error: {
        code: -32603,
        message: 'The server ended before it answered. It exited with code 1.',
        data: { reason: 'server_exited', server: 'files' },
        status: 200,
      },
    });
  });
});
