import { describe, expect, it } from 'vitest';
import { importedFrom } from './import.ts';

describe('servers out of a client’s file', () => {
  it.each([
    ['Cursor', '{"mcpServers": {"a": {"command": "npx", "args": ["-y", "x"], "env": {"K": "v"}}}}'],
    [
      'VS Code',
      '{"servers": {"a": {"type": "stdio", "command": "npx", "args": ["-y", "x"], "env": {"K": "v"}}}}',
    ],
    [
      'Zed',
      '{"context_servers": {"a": {"source": "custom", "command": "npx", "args": ["-y", "x"], "env": {"K": "v"}}}}',
    ],
    [
      'OpenCode',
      '{"mcp": {"a": {"type": "local", "command": ["npx", "-y", "x"], "environment": {"K": "v"}}}}',
    ],
  ])('%s', (_client, text) => {
    expect(importedFrom(text, 'json')).toEqual({
      servers: [{ name: 'a', entry: { command: 'npx', args: ['-y', 'x'], env: { K: 'v' } }, secrets: [] }],
      left: [],
    });
  });

  it.each([
    ['Cursor', '{"mcpServers": {"a": {"url": "https://x.example/mcp", "headers": {"X-Team": "7"}}}}', 'json'],
    [
      'Gemini CLI',
      '{"mcpServers": {"a": {"httpUrl": "https://x.example/mcp", "headers": {"X-Team": "7"}}}}',
      'json',
    ],
    [
      'Windsurf',
      '{"mcpServers": {"a": {"serverUrl": "https://x.example/mcp", "headers": {"X-Team": "7"}}}}',
      'json',
    ],
    ['Codex', '[mcp_servers.a]\nurl = "https://x.example/mcp"\nhttp_headers = { "X-Team" = "7" }\n', 'toml'],
  ] as const)('by address: %s', (_client, text, syntax) => {
    expect(importedFrom(text, syntax).servers).toEqual([
      { name: 'a', entry: { url: 'https://x.example/mcp', headers: { 'X-Team': '7' } }, secrets: [] },
    ]);
  });

  it('names what looks like a secret, never its value', () => {
    const text =
      '{"mcpServers": {"gh": {"command": "gh", "env": {"GITHUB_TOKEN": "ghp_abc", "MODE": "x", "K_TOKEN": "${env:K}"}}}}';
    expect(importedFrom(text, 'json').servers[0]?.secrets).toEqual(['GITHUB_TOKEN']);
  });

  it('makes names that can stand in URLs, and says what stays there and why', () => {
    const text = `{"mcpServers": {
      "@scope/My Server": {"command": "x"}, "off": {"command": "x", "disabled": true},
      "gone": {"command": "x", "enabled": false}, "__": {"command": "x"}, "odd": {"description": "?"} // comment
    }}`;
    const { servers, left } = importedFrom(text, 'json');
    expect(servers.map(({ name }) => name)).toEqual(['scope-My-Server']);
    expect(left.map(({ name }) => name)).toEqual(['off', 'gone', '__', 'odd']);
  });

  it('has nothing where there is nothing', () => {
    expect(importedFrom('{}', 'json')).toEqual({ servers: [], left: [] });
    expect(() => importedFrom('{"mcpServers": ', 'json')).toThrow(/^line 1/);
  });
});
