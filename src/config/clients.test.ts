import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig, type Loaded } from './load.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-clients-'));
afterAll(() => rmSync(folder, { recursive: true }));

const env = { GITHUB_TOKEN: 'ghp_canary', API_BASE: 'https://api.example.com', EMPTY: '' };

async function load(file: string, text: string): Promise<Loaded> {
  writeFileSync(join(folder, file), text);
  return loadConfig(join(folder, file), { env });
}

const messages = (loaded: Loaded): string[] => loaded.notes.map((note) => note.message);

describe("other clients' files, as they are", () => {
  it('Cursor: ~/.cursor/mcp.json', async () => {
    const loaded = await load(
      'mcp.json',
      `{
  // installed by hand
  "mcpServers": {
    "@21st-dev/magic": {
      "command": "npx",
      "args": ["-y", "@21st-dev/magic@latest", "API_KEY=\\"abc\\""]
    },
    "Playwright MCP": { "command": "npx @playwright/mcp@latest", "env": {}, "args": [] },
    "github": {
      "url": "https://api.githubcopilot.com/mcp/",
      "headers": { "Authorization": "Bearer \${env:GITHUB_TOKEN}" },
      "auth": { "CLIENT_ID": "abc", "scopes": ["read"] },
    },
    "old-sse": { "url": "http://localhost:3000/sse", "env": { "API_KEY": "value" } },
    "local": {
      "type": "stdio",
      "command": "python",
      "args": ["\${workspaceFolder}\${/}tools\${pathSeparator}server.py", "\${userHome}/x"],
      "envFile": ".env"
    },
  }
}`.replace('"envFile": ".env"', '"env": { "PORT": 8080, "UNSET": null, "V": 1.10 }'),
    );
    expect(loaded.config.servers).toEqual([
      {
        name: '21st-dev-magic',
        kind: 'stdio',
        command: 'npx',
        args: ['-y', '@21st-dev/magic@latest', 'API_KEY="abc"'],
        env: {},
        cwd: undefined,
      },
      {
        name: 'Playwright-MCP',
        kind: 'stdio',
        command: 'npx @playwright/mcp@latest',
        args: [],
        env: {},
        cwd: undefined,
      },
      {
        name: 'github',
        kind: 'http',
        url: 'https://api.githubcopilot.com/mcp/',
        headers: { Authorization: 'Bearer ghp_canary' },
        type: undefined,
        auth: { grant: 'authorization_code', clientId: 'abc', scope: 'read' },
      },
      { name: 'old-sse', kind: 'http', url: 'http://localhost:3000/sse', headers: {}, type: undefined },
      {
        name: 'local',
        kind: 'stdio',
        command: 'python',
        args: [join(folder, 'tools', 'server.py'), `${homedir()}/x`],
        env: { PORT: '8080', V: '1.10' },
        cwd: undefined,
      },
    ]);
    expect(messages(loaded)).toEqual([
      'This server is called "21st-dev-magic" here: names stand in URLs.',
      'This server is called "Playwright-MCP" here: names stand in URLs.',
      'The whole command is taken for the name of the program: there is no shell to take it apart.',
      'The key "env" is passed over (of a local server).',
    ]);
  });

  it('Claude Desktop: claude_desktop_config.json', async () => {
    const loaded = await load(
      'claude_desktop_config.json',
      `{
  "mcpServers": {
    "filesystem": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-filesystem", "/Users/me/Desktop"]
    },
    "postgres": {
      "command": "docker",
      "args": ["run", "-i", "--rm", "mcp/postgres", "postgresql://host.docker.internal:5432/mydb"]
    }
  },
  "globalShortcut": "Ctrl+Space",
  "coworkUserFilesPath": "/Users/me/Claude",
  "preferences": { "sidebarMode": "task", "coworkScheduledTasksEnabled": true },
  "somethingFromNextMonth": { "a": 1 }
}`,
    );
    expect(loaded.config.servers.map(({ name, kind }) => [name, kind])).toEqual([
      ['filesystem', 'stdio'],
      ['postgres', 'stdio'],
    ]);
    expect(messages(loaded)).toEqual([
      'The key "globalShortcut" is passed over (Claude Desktop).',
      'The key "coworkUserFilesPath" is passed over (Claude Desktop).',
      'The key "preferences" is passed over (Claude Desktop).',
      'A key that the client keeps here for itself: passed over.',
    ]);
  });

  it('Claude Code: .mcp.json', async () => {
    const loaded = await load(
      '.mcp.json',
      `{
  "mcpServers": {
    "api": {
      "type": "http",
      "url": "\${API_BASE:-https://fallback.example.com}/mcp",
      "headers": { "Authorization": "Bearer \${GITHUB_TOKEN}", "X-Team": "\${EMPTY:-core}" },
      "oauth": { "clientId": "x" },
      "alwaysLoad": true,
      "timeout": 600000
    },
    "events": { "type": "sse", "url": "\${NOT_SET:-https://fallback.example.com}/sse", "headersHelper": "./h.sh" }
  }
}`,
    );
    expect(loaded.config.servers).toEqual([
      {
        name: 'api',
        kind: 'http',
        type: 'http',
        url: 'https://api.example.com/mcp',
        headers: { Authorization: 'Bearer ghp_canary', 'X-Team': 'core' },
      },
      { name: 'events', kind: 'http', type: 'sse', url: 'https://fallback.example.com/sse', headers: {} },
    ]);
    expect(loaded.notes.find((note) => note.message.includes('headersHelper'))?.hint).toBe(
      'Here it is not run: write headers.',
    );
  });

  it('VS Code: .vscode/mcp.json', async () => {
    writeFileSync(join(folder, '.env'), 'FROM_FILE="a b"\nBOTH=file # comment\n', { mode: 0o600 });
    const loaded = await load(
      'vscode-mcp.json',
      `{
  "inputs": [{ "type": "promptString", "id": "key", "description": "API key", "password": true }],
  "servers": {
    "playwright": {
      "type": "stdio",
      "command": "npx",
      "args": ["-y", "@microsoft/mcp-server-playwright"],
      "envFile": "\${workspaceFolder}/.env",
      "env": { "BOTH": "entry" },
      "cwd": "\${workspaceFolder}/sub",
      "dev": { "watch": "build/**/*.js", "debug": { "type": "node" } },
      "gallery": true,
      "version": "1.0.0",
      "sandboxEnabled": true
    },
    "github": { "type": "http", "url": "https://api.githubcopilot.com/mcp" }
  }
}`,
    );
    expect(loaded.config.servers).toEqual([
      {
        name: 'playwright',
        kind: 'stdio',
        command: 'npx',
        args: ['-y', '@microsoft/mcp-server-playwright'],
        env: { FROM_FILE: 'a b', BOTH: 'entry' },
        cwd: join(folder, 'sub'),
      },
      { name: 'github', kind: 'http', type: 'http', url: 'https://api.githubcopilot.com/mcp', headers: {} },
    ]);
    expect(loaded.sources).toEqual([join(folder, 'vscode-mcp.json'), join(folder, '.env')]);
    expect(loaded.notes.every((note) => note.message.includes('is passed over'))).toBe(true);
    expect(loaded.notes).toHaveLength(5);
  });

  it('VS Code with a question to the user: a mistake that says what to do', async () => {
    const text = '{"servers": {"a": {"command": "x", "env": {"KEY": "${input:perplexity-key}"}}}}';
    await expect(load('input.json', text)).rejects.toMatchObject({
      diagnostics: [
        {
          line: 1,
          column: 51,
          message: 'Only VS Code asks for "${input:perplexity-key}"; a gateway has nobody to ask.',
          hint: 'Set an environment variable and write ${env:PERPLEXITY_KEY}.',
        },
      ],
    });
  });

  it('Cline, Roo Code, Windsurf, Kiro, Gemini CLI, Copilot, Cherry Studio', async () => {
    const loaded = await load(
      'mixed.json',
      `{
  "mcpServers": {
    "github.com/upstash/context7-mcp": {
      "autoApprove": [], "disabled": false, "timeout": 60, "transportType": "stdio", "command": "npx", "args": []
    },
    "roo": { "type": "streamable-http", "url": "https://a/mcp", "alwaysAllow": ["x"], "disabledTools": ["y"] },
    "windsurf": { "serverUrl": "https://b/mcp", "headers": {} },
    "gemini": { "httpUrl": "https://c/mcp", "trust": false, "includeTools": ["x"], "timeout": 5 },
    "copilot": { "type": "local", "transport": "stdio", "command": "x", "tools": ["*"] },
    "cline": { "type": "streamableHttp", "url": "https://d/mcp" },
    "off1": { "command": "\${input:never-looked-at}", "disabled": true },
    "off2": { "url": "nonsense", "enabled": false },
    "off3": { "isActive": false, "name": "x", "description": "y", "command": "z" }
  }
}`,
    );
    expect(
      loaded.config.servers.map((server) => [server.name, server.kind, 'type' in server && server.type]),
    ).toEqual([
      ['github.com-upstash-context7-mcp', 'stdio', false],
      ['roo', 'http', 'http'],
      ['windsurf', 'http', undefined],
      ['gemini', 'http', 'http'],
      ['copilot', 'stdio', false],
      ['cline', 'http', 'http'],
    ]);
    expect(messages(loaded)).toContain('The server "off1" is disabled and left out.');
    expect(messages(loaded)).toContain(
      'The key "timeout" (2 times) is passed over (a time limit whose unit differs from client to client).',
    );
    const tools = loaded.notes.find((note) => note.message.includes('"disabledTools"'));
    expect(tools?.hint).toBe('Here they are served all the same.');
  });

  it('a file whose client keeps everything in it: ~/.claude.json', async () => {
    const loaded = await load(
      '.claude.json',
      '{"numStartups": 7, "mcpServers": {"a": {"type": "stdio", "command": "x"}}, "projects": {"/p": {}}, "listen": {}}',
    );
    expect(loaded.config.servers).toHaveLength(1);
    expect(messages(loaded)).toEqual(['3 keys that the client keeps here for itself: passed over.']);
  });

  it('comments as keys are passed over without a word, in both syntaxes', async () => {
    const json =
      '{"//": "x", "_comment": 1, "mcpServers": {"//": "y", "a": {"command": "x", "comment": "z", "//x": 1}}}';
    expect((await load('comments.json', json)).notes).toEqual([]);
    const yaml = 'x-env: &env {A: b}\nmcpServers: {a: {command: x, env: *env}}';
    const { config, notes } = await load('anchors.yaml', yaml);
    expect([config.servers[0], notes]).toMatchObject([{ env: { A: 'b' } }, []]);
  });

  it('both names for the servers at once is a mistake', async () => {
    await expect(load('both.json', '{"servers": {}, "mcpServers": {}}')).rejects.toMatchObject({
      diagnostics: [{ line: 1, column: 17, other: { line: 1, column: 2 } }],
    });
  });
});
