import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { codexFile } from './codex.ts';
import { cursorFile } from './cursor.ts';
import { CLIENT_FILES } from './index.ts';
import { patched } from './patch.ts';
import { zedFile } from './zed.ts';

const CONNECTION = {
  endpoint: 'https://mcp.example.com/mcp',
  token: 'sp_token',
  name: 'sallyport',
  platform: 'linux',
} as const;

describe('a client’s JSON', () => {
  it('keeps comments, order, indentation and what it does not know', () => {
    const before = `{
    // mine
    "theme": "dark",
    "context_servers": {
        "old": { "command": "x" }, // stays
    },
    "last": 1,
}
`;
    const after = patched(before, zedFile, CONNECTION);
    expect(after).toContain('    // mine\n    "theme": "dark",');
    expect(after).toContain('"old": { "command": "x" }, // stays');
    expect(after).toContain('"last": 1,\n}\n');
    expect(after).toContain('        "sallyport": {\n            "url": "https://mcp.example.com/mcp"');
    expect(patched(after, zedFile, CONNECTION)).toBe(after);
  });

  it('changes an entry of the same name, and nothing else', () => {
    const before = '{"mcpServers":{"a":{"url":"x"},"sallyport":{"url":"old","headers":{}}}}';
    expect(JSON.parse(patched(before, cursorFile, CONNECTION))).toEqual({
      mcpServers: {
        a: { url: 'x' },
        sallyport: { url: CONNECTION.endpoint, headers: { Authorization: 'Bearer sp_token' } },
      },
    });
  });

  it('is made where there is none', () => {
    for (const text of [undefined, '', '  \n'])
      expect(JSON.parse(patched(text, cursorFile, { ...CONNECTION, token: null }))).toEqual({
        mcpServers: { sallyport: { url: CONNECTION.endpoint } },
      });
  });

  it('keeps a comment that stands alone', () => {
    const after = patched('{\n  // none yet\n}\n', cursorFile, { ...CONNECTION, token: null });
    expect(after).toContain('// none yet\n}\n');
    expect(after).toContain('"url": "https://mcp.example.com/mcp"');
  });

  it.each([
    ['{"a": 1 "b": 2}', /^line 1: /],
    ['{\n"mcpServers": {\n', /^line 3: /],
    ['[]', 'it is no JSON object'],
    ['{"mcpServers": []}', '"mcpServers" in it is no object'],
  ])('that is broken is left alone: %j', (text, message) => {
    expect(() => patched(text, cursorFile, CONNECTION)).toThrow(message);
  });
});

describe('a client’s TOML', () => {
  const BEFORE = `# mine
model = "o9" # stays

[mcp_servers.other]
command = "npx"
[mcp_servers.other.env]
A = "b"

[mcp_servers.sallyport] # old
url = "http://old"
[mcp_servers.sallyport.http_headers]
X = "y"

[profiles.work]
model = "x"
`;

  it('keeps comments and tables, and has ours once', () => {
    const after = patched(BEFORE, codexFile, CONNECTION);
    expect(after).toContain('# mine\nmodel = "o9" # stays\n');
    expect(after).not.toContain('http://old');
    expect(parse(after)).toEqual({
      model: 'o9',
      mcp_servers: {
        other: { command: 'npx', env: { A: 'b' } },
        sallyport: { url: CONNECTION.endpoint, bearer_token_env_var: 'SALLYPORT_TOKEN' },
      },
      profiles: { work: { model: 'x' } },
    });
    expect(patched(after, codexFile, CONNECTION)).toBe(after);
  });

  it('never has the token in it: Codex refuses that', () => {
    expect(patched(undefined, codexFile, CONNECTION)).not.toContain('sp_token');
  });

  it('that is written in another way is left alone', () => {
    const inline = 'mcp_servers = { sallyport = { url = "x" } }\n';
    expect(() => patched(inline, codexFile, CONNECTION)).toThrow('written in a way that is not changed');
    expect(() => patched('a = \n', codexFile, CONNECTION)).toThrow(/^line 1: /);
  });
});

describe.each(CLIENT_FILES)('$title', (file) => {
  it('has a place on every platform', () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      const place = file.place({ platform, home: platform === 'win32' ? 'C:\\Users\\a' : '/home/a' });
      expect(place).toMatch(platform === 'win32' ? /^C:\\Users\\a\\[^/]+$/ : /^\/home\/a\/[^\\]+$/);
    }
  });

  it('has the endpoint in its entry', () => {
    expect(JSON.stringify(file.entry(CONNECTION))).toContain(CONNECTION.endpoint);
  });
});
