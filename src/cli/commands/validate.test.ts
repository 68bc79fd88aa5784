import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { schema } from './schema.ts';
import { validate } from './validate.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-validate-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  file: string | undefined,
  options: { json?: boolean; cwd?: string; color?: boolean } = {},
): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  const io = {
    stdout: { write: (text: string) => (written.stdout += text) },
    stderr: { write: (text: string) => (written.stderr += text) },
    env: { TOKEN: 'canary-token' },
    cwd: options.cwd ?? folder,
    color: options.color ?? false,
    tty: false,
  };
  const code = await validate(file, options.json === undefined ? {} : { json: options.json }, io);
  return { code, ...written };
}

const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);

describe('sallyport validate', () => {
  it('says in one line that a file is valid', async () => {
    write('good.yaml', 'mcpServers: {net: {builtin: net}, b: {command: x, env: {T: "${env:TOKEN}"}}}\n');
    expect(await run('good.yaml')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'good.yaml is valid: 2 servers, net, b.\n',
    });
  });

  it('shows every mistake, and exits with 1', async () => {
    write('bad.yaml', 'listen: here\nmcpServers:\n  a:\n    comand: npx\n');
    expect(await run('bad.yaml')).toEqual({
      code: 1,
      stdout: '',
      stderr: `bad.yaml:1:9: error: This is not an address to listen on.
  1 | listen: here
    |         ^^^^
    HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080, or a port alone.
bad.yaml:4:5: error: There is no key "comand" here.
  4 |     comand: ***
    |     ^^^^^^
    Did you mean "command"?
`,
    });
  });

  it('shows notes beside the verdict', async () => {
    write('noted.json', '{"mcpServers": {"a": {"command": "x", "autoApprove": []}}}');
    const { code, stderr } = await run('noted.json');
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^noted\.json:1:39: note: The key "autoApprove" is passed over[^]*\nnoted\.json is valid: 1 server, a\.\n$/,
    );
  });

  it('says the same as one JSON object', async () => {
    const bad = await run('bad.yaml', { json: true });
    expect(bad.code).toBe(1);
    expect(bad.stdout.endsWith('}\n')).toBe(true);
    expect(JSON.parse(bad.stdout)).toEqual({
      valid: false,
      file: 'bad.yaml',
      servers: [],
      diagnostics: [
        {
          severity: 'error',
          message: 'This is not an address to listen on.',
          hint: 'HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080, or a port alone.',
          file: 'bad.yaml',
          line: 1,
          column: 9,
          length: 4,
          source: 'listen: here',
        },
        expect.objectContaining({ line: 4, column: 5, hint: 'Did you mean "command"?' }),
      ],
    });
    const good = await run('good.yaml', { json: true });
    expect(JSON.parse(good.stdout)).toEqual({
      valid: true,
      file: 'good.yaml',
      servers: [
        { name: 'net', kind: 'builtin' },
        { name: 'b', kind: 'stdio' },
      ],
      diagnostics: [],
    });
    expect(good.stdout + good.stderr).not.toContain('canary');
  });

  it('colours where colour is wanted', async () => {
    expect((await run('bad.yaml', { color: true })).stderr).toContain('\u001B[');
    expect((await run('bad.yaml')).stderr).not.toContain('\u001B[');
  });

  it('looks for sallyport.yaml, .yml and .json when no file is named', async () => {
    const cwd = join(folder, 'project');
    mkdirSync(cwd);
    const nothing = await run(undefined, { cwd, json: true });
    expect(nothing).toMatchObject({
      code: 1,
      stderr: `.: error: There is no sallyport.yaml, sallyport.yml, sallyport.json in this folder.
   Name the file: sallyport validate FILE.
`,
    });
    expect(JSON.parse(nothing.stdout)).toMatchObject({
      valid: false,
      file: null,
      diagnostics: [{ severity: 'error' }],
    });

    writeFileSync(join(cwd, 'sallyport.json'), '{"mcpServers": {}}');
    const found = await run(undefined, { cwd });
    expect(found.code).toBe(0);
    expect(found.stderr).toMatch(/sallyport\.json is valid: no servers\.\n$/);
  });

  it('says when there is no such file', async () => {
    expect(await run('nowhere.yaml')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'nowhere.yaml: error: There is no such file.\n',
    });
  });
});

describe('sallyport schema', () => {
  it('prints the JSON Schema', async () => {
    let stdout = '';
    expect(await schema({ stdout: { write: (text: string) => (stdout += text) } })).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      properties: { mcpServers: { type: 'object' }, servers: { type: 'object' } },
      additionalProperties: false,
    });
  });
});
