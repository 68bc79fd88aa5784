import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sallyport, startGateway } from '../support/gateway.ts';
import { callTool, textOf } from '../support/http.ts';
import { CHILD, temporaryFolder } from '../support/processes.ts';

const URL_AND_TOKEN = ['--url', 'https://mcp.example.com/mcp', '--token', 'sp_secret_token'];

describe('sallyport connect-client', () => {
  it('writes a file: what is there stays and is kept, the token is not shown', async () => {
    using home = temporaryFolder();
    const env = { HOME: home.path };
    const file = join(home.path, '.cursor', 'mcp.json');
    mkdirSync(join(home.path, '.cursor'));
    writeFileSync(file, '{\n  // mine\n  "mcpServers": { "a": { "command": "x" } }\n}\n');
    const { code, stdout, stderr } = await sallyport(
      ['connect-client', 'cursor', '--write', ...URL_AND_TOKEN],
      { env },
    );
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('Written.') });
    expect(stdout).toContain('+      "url": "https://mcp.example.com/mcp"');
    expect(stdout + stderr).not.toContain('sp_secret_token');
    expect(readFileSync(file, 'utf8')).toContain('// mine');
    expect(readFileSync(file, 'utf8')).toContain('Bearer sp_secret_token');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [backup] = readdirSync(join(home.path, '.cursor')).filter((name) =>
      name.includes('before-sallyport'),
    );
    expect(readFileSync(join(home.path, '.cursor', backup ?? ''), 'utf8')).not.toContain('sallyport');

    const again = await sallyport(['connect-client', 'cursor', '--write', ...URL_AND_TOKEN], { env });
    expect(again.stderr).toContain('has it already');
  });

  it('prints for a client on the web what to type where, and says when it cannot work', async () => {
    const web = await sallyport(['connect-client', 'claude-ai', '--url', 'https://mcp.example.com/mcp']);
    expect(web.stdout).toContain('Remote MCP server URL: https://mcp.example.com/mcp');
    const local = await sallyport(['connect-client', 'chatgpt', '--url', 'http://127.0.0.1:8080/mcp']);
    expect(local.stderr).toContain('needs a public https address');
  });

  it('lists the clients, and knows a slip of the pen', async () => {
    const listed = await sallyport(['connect-client', '--json']);
    const { clients } = JSON.parse(listed.stdout) as { clients: { id: string }[] };
    const ids = clients.map(({ id }) => id);
    for (const id of [
      'claude-desktop',
      'claude-code',
      'cursor',
      'vscode',
      'chatgpt',
      'codex',
      'gemini',
      'windsurf',
      'zed',
    ])
      expect(ids).toContain(id);
    const slip = await sallyport(['connect-client', 'curser', ...URL_AND_TOKEN]);
    expect(slip).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean cursor?') });
  });

  it('prints a TOML table for Codex, with the variable of the token', async () => {
    const { stdout, stderr } = await sallyport(['connect-client', 'codex', ...URL_AND_TOKEN]);
    expect(stdout).toContain('[mcp_servers."sallyport"]\nurl = "https://mcp.example.com/mcp"');
    expect(stdout + stderr).not.toContain('sp_secret_token');
  });
});

describe('sallyport import', () => {
  it('shows, writes, keeps comments, and what comes out is served', async () => {
    using home = temporaryFolder();
    const env = { HOME: home.path };
    const at = { cwd: home.path, env };
    mkdirSync(join(home.path, '.cursor'));
    const theirs = {
      mcpServers: {
        'My Child': { command: process.execPath, args: [CHILD], env: { API_TOKEN: 'sk-1234567890abcdef' } },
        off: { command: 'x', disabled: true },
      },
    };
    writeFileSync(join(home.path, '.cursor', 'mcp.json'), JSON.stringify(theirs));
    const file = join(home.path, 'sallyport.yaml');
    const shown = await sallyport(['import', 'cursor'], at);
    expect(shown.stdout).toContain('+  My-Child:');
    expect(shown.stderr).toContain('"off" stays there: it is switched off');
    expect(shown.stderr).toContain('API_TOKEN looks like a secret');
    expect(shown.stderr).not.toContain('sk-1234567890abcdef');
    expect(existsSync(file)).toBe(false);

    writeFileSync(file, '# mine\nlog: {level: warn} # stays\n');
    expect((await sallyport(['import', '--write'], at)).code).toBe(0);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('# mine\n');
    expect(text).toContain('# stays');
    const again = await sallyport(['import', '--write', '--json'], at);
    expect(JSON.parse(again.stdout)).toMatchObject({ added: [] });
    expect(readFileSync(file, 'utf8')).toBe(text);

    await using gateway = await startGateway({ args: ['--config', file] });
    expect(textOf(await callTool(gateway, 'whoami'))).toContain('pid');
  });

  it('says what it looked for where there is nothing', async () => {
    const { code, stderr } = await sallyport(['import']);
    expect(code).toBe(1);
    expect(stderr).toContain('there is no file of a client here');
    expect((await sallyport(['import', 'nobody.json'])).stderr).toContain('neither a file nor a client');
  });
});
