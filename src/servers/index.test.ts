import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BUILTINS, BuiltinOptionsError, loadBuiltin } from './index.ts';

/** Runs a module in a Node of its own and answers the packages it has loaded. */
async function packagesOf(source: string): Promise<string[]> {
  const script = `
    import { registerHooks } from 'node:module';
    const seen = new Set();
    registerHooks({
      resolve(specifier, context, next) {
        const found = next(specifier, context);
        seen.add(/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(found.url)?.[1]);
        return found;
      },
    });
    ${source}
    console.log(JSON.stringify([...seen].filter(Boolean)));`;
  const run = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--no-warnings', '--eval', script],
    { cwd: import.meta.dirname },
  );
  return JSON.parse(run.stdout) as string[];
}

describe('the registry', () => {
  it('tells of each server what it is, in a line', () => {
    expect([...BUILTINS.keys()]).toEqual(['net', 'localities', 'oauth', 'security', 'slack']);
    for (const { title, summary } of BUILTINS.values()) {
      expect(title).toMatch(/^[A-Z]/);
      expect(summary).toMatch(/^[^\n]{10,100}\.$/);
    }
  });

  it('loads no server before it is asked for, and of it only what it needs', async () => {
    expect(await packagesOf(`await import('./index.ts');`)).toEqual(['zod']);
    const loaded = await packagesOf(`await (await import('./index.ts')).loadBuiltin('net');`);
    expect(loaded).toContain('@modelcontextprotocol/server');
    expect(loaded).not.toContain('undici');
    expect(loaded).not.toContain('html-to-text');
  }, 20_000);

  it('gives the schema of the options, for the schema of the config', async () => {
    const schema = await BUILTINS.get('net')?.schema();
    expect(schema && z.toJSONSchema(schema, { io: 'input' })).toMatchObject({
      type: 'object',
      properties: { allow: { type: 'array', items: { type: 'string' } } },
      additionalProperties: false,
    });
  });
});

describe('loadBuiltin', () => {
  it('makes a server of the options, and takes none for none', async () => {
    expect(await loadBuiltin('net')).toBeTypeOf('function');
    expect(await loadBuiltin('net', { allow: ['10.0.0.0/8', 'db.internal'] })).toBeTypeOf('function');
  });

  it.each([
    ['nett', {}, 'There is no built-in server "nett". There are: net, localities, oauth, security, slack.'],
    ['__proto__', {}, 'There is no built-in server "__proto__".'],
    ['net', { alow: [] }, 'options: Unrecognized key: "alow" (it knows: allow)'],
    ['net', { allow: '10.0.0.0/8' }, 'allow: Invalid input: expected array, received string'],
    ['net', { allow: ['10.0.0.0/8', 7] }, 'allow[1]: Invalid input: expected string, received number'],
    ['net', { allow: ['10.0.0.0/99'] }, 'allow[0]: "10.0.0.0/99" in "allow" is not understood: write a CIDR'],
    ['net', null, 'options: Invalid input'],
    ['net', 'allow', 'options: Invalid input'],
  ])('refuses %s with %j', async (name, options, message) => {
    const refused = loadBuiltin(name, options);
    await expect(refused).rejects.toBeInstanceOf(BuiltinOptionsError);
    await expect(refused).rejects.toThrow(message);
  });

  it('names all mistakes at once', async () => {
    await expect(loadBuiltin('net', { allow: [1], x: 1, y: 2 })).rejects.toThrow(
      /allow\[0\]: .*; options: .*"x", "y"/,
    );
  });
});
