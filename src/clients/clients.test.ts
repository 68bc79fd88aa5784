import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { claudeCode } from './claude-code.ts';
import { claudeDesktop } from './claude-desktop.ts';
import type { ClientGuide, Connection, Snippet } from './connection.ts';
import { curl } from './curl.ts';
import { cursor } from './cursor.ts';
import { CLIENT_FILES, clientGuides, WEB_CLIENTS } from './index.ts';
import { vscode } from './vscode.ts';

const TOKEN = 'sp_abcDEF-_123';
const here: Connection = {
  endpoint: 'http://127.0.0.1:8080/mcp',
  token: TOKEN,
  name: 'sallyport',
  platform: 'linux',
};
const open: Connection = { ...here, token: null };

function text(guide: ClientGuide, kind: Snippet['kind']): string {
  const found = guide.snippets.find((snippet) => snippet.kind === kind);
  if (found === undefined) throw new Error(`${guide.id} has no ${kind} snippet`);
  return found.text;
}

/** The words a real shell hands to the command, so that quoting is judged by a shell and not by us. */
function wordsOf(line: string): string[] {
  const [program = ''] = line.split(' ');
  const script = `${program}() { for word in "$@"; do printf '%s\\0' "$word"; done; }\n${line}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

describe('Claude Code', () => {
  it('is the documented `claude mcp add` line, the header last', () => {
    expect(wordsOf(text(claudeCode(here), 'command'))).toEqual([
      'mcp',
      'add',
      '--transport',
      'http',
      'sallyport',
      'http://127.0.0.1:8080/mcp',
      '--header',
      `Authorization: Bearer ${TOKEN}`,
    ]);
  });

  it('has no header where there is no token', () => {
    expect(text(claudeCode(open), 'command')).toBe(
      'claude mcp add --transport http sallyport http://127.0.0.1:8080/mcp',
    );
  });
});

describe('Claude Desktop', () => {
  it('is a command entry which runs mcp-remote, the token in its environment and without a blank in any argument', () => {
    expect(JSON.parse(text(claudeDesktop(here), 'file'))).toEqual({
      mcpServers: {
        sallyport: {
          command: 'npx',
          args: ['-y', 'mcp-remote', 'http://127.0.0.1:8080/mcp', '--header', 'Authorization:${AUTH_HEADER}'],
          env: { AUTH_HEADER: `Bearer ${TOKEN}` },
        },
      },
    });
  });

  it('starts npx through cmd on Windows', () => {
    const { mcpServers } = JSON.parse(text(claudeDesktop({ ...here, platform: 'win32' }), 'file'));
    expect(mcpServers.sallyport.command).toBe('cmd');
    expect(mcpServers.sallyport.args.slice(0, 4)).toEqual(['/c', 'npx', '-y', 'mcp-remote']);
  });

  it.each([
    ['http://127.0.0.1:8080/mcp', false],
    ['http://localhost:8080/mcp', false],
    ['https://mcp.example.com/mcp', false],
    ['http://[::1]:8080/mcp', true],
    ['http://192.168.1.2:8080/mcp', true],
  ])('%s: --allow-http %s', (endpoint, expected) => {
    const { mcpServers } = JSON.parse(text(claudeDesktop({ ...here, endpoint }), 'file'));
    expect(mcpServers.sallyport.args.includes('--allow-http')).toBe(expected);
  });

  it('asks for no environment where there is no token', () => {
    expect(JSON.parse(text(claudeDesktop(open), 'file')).mcpServers.sallyport).toEqual({
      command: 'npx',
      args: ['-y', 'mcp-remote', 'http://127.0.0.1:8080/mcp'],
    });
  });
});

describe('Cursor', () => {
  it('is an mcp.json entry with url and headers', () => {
    expect(JSON.parse(text(cursor(here), 'file'))).toEqual({
      mcpServers: {
        sallyport: {
          url: 'http://127.0.0.1:8080/mcp',
          headers: { Authorization: `Bearer ${TOKEN}` },
        },
      },
    });
  });

  it('has an install link whose config is the same entry', () => {
    const link = new URL(text(cursor(here), 'link'));
    expect(link.protocol).toBe('cursor:');
    expect(`${link.host}${link.pathname}`).toBe('anysphere.cursor-deeplink/mcp/install');
    expect(link.searchParams.get('name')).toBe('sallyport');
    const config = Buffer.from(link.searchParams.get('config') ?? '', 'base64').toString();
    const file = JSON.parse(text(cursor(here), 'file'));
    expect(JSON.parse(config)).toEqual(file.mcpServers.sallyport);
  });

  it('survives the characters of base64 in the link', () => {
    // `?>` and `~~` put `+` and `/` into the base64 of this entry.
    const endpoint = 'http://127.0.0.1:8080/mcp?a=??>>~~~';
    const link = new URL(text(cursor({ ...here, endpoint }), 'link'));
    const config = Buffer.from(link.searchParams.get('config') ?? '', 'base64').toString();
    expect(JSON.parse(config).url).toBe(endpoint);
  });
});

describe('VS Code', () => {
  const added = {
    name: 'sallyport',
    type: 'http',
    url: 'http://127.0.0.1:8080/mcp',
    headers: { Authorization: `Bearer ${TOKEN}` },
  };

  it('is added to the profile by one line', () => {
    const [flag, json = ''] = wordsOf(text(vscode(here), 'command'));
    expect(flag).toBe('--add-mcp');
    expect(JSON.parse(json)).toEqual(added);
  });

  it('has an install link with the same object', () => {
    const link = text(vscode(here), 'link');
    expect(link).toMatch(/^vscode:mcp\/install\?[^?&=#"{} ]+$/);
    expect(JSON.parse(decodeURIComponent(link.slice(link.indexOf('?') + 1)))).toEqual(added);
  });

  it('keeps the token out of the workspace file, which is committed', () => {
    const file = text(vscode(here), 'file');
    expect(file).not.toContain(TOKEN);
    expect(JSON.parse(file)).toEqual({
      inputs: [
        { type: 'promptString', id: 'sallyport-token', description: 'Token of sallyport', password: true },
      ],
      servers: {
        sallyport: {
          type: 'http',
          url: 'http://127.0.0.1:8080/mcp',
          headers: { Authorization: 'Bearer ${input:sallyport-token}' },
        },
      },
    });
  });

  it('asks for no token where there is none', () => {
    expect(JSON.parse(text(vscode(open), 'file'))).toEqual({
      servers: { sallyport: { type: 'http', url: 'http://127.0.0.1:8080/mcp' } },
    });
  });

  it('is quoted for Windows with double quotes', () => {
    expect(text(vscode({ ...open, platform: 'win32' }), 'command')).toBe(
      String.raw`code --add-mcp "{\"name\":\"sallyport\",\"type\":\"http\",\"url\":\"http://127.0.0.1:8080/mcp\"}"`,
    );
  });
});

describe('curl', () => {
  it('sends headers which agree with the body, and everything 2026-07-28 asks for', () => {
    const words = wordsOf(text(curl(here), 'command'));
    const headers = new Map(
      words.flatMap((word, index) =>
        words[index - 1] === '-H' ? [word.split(': ') as [string, string]] : [],
      ),
    );
    const body = JSON.parse(words[words.indexOf('-d') + 1] ?? '');
    expect(headers.get('Authorization')).toBe(`Bearer ${TOKEN}`);
    expect(headers.get('Accept')).toBe('application/json, text/event-stream');
    expect(headers.get('Mcp-Method')).toBe('tools/list');
    expect(headers.get('MCP-Protocol-Version')).toBe('2026-07-28');
    expect(body).toEqual({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/list',
      params: {
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    });
  });
});

describe('all clients', () => {
  it('show the token where there is one and never the word null where there is none', () => {
    for (const guide of clientGuides(here)) {
      expect(guide.snippets[0].text, guide.id).toContain(TOKEN);
    }
    for (const guide of clientGuides(open)) {
      for (const snippet of guide.snippets) expect(snippet.text, guide.id).not.toMatch(/null|Authorization/);
    }
  });

  it('survive a quote in the endpoint', () => {
    const endpoint = "http://127.0.0.1:8080/mcp?it's=$HOME`x`";
    expect(wordsOf(text(claudeCode({ ...here, endpoint }), 'command'))).toContain(endpoint);
    expect(wordsOf(text(curl({ ...here, endpoint }), 'command'))).toContain(endpoint);
  });
});

describe('docs/clients.md', () => {
  it('has every client, with where its servers stand', () => {
    const page = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('|'));
    for (const { id, title, section } of CLIENT_FILES) {
      const row = rows.find((line) => line.includes(`\`${id}\``));
      expect(row).toContain(title);
      expect(row).toContain(`\`${section}\``);
    }
    for (const guide of WEB_CLIENTS) expect(page).toContain(`\`${guide(here).id}\``);
  });
});
