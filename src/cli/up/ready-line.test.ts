import type { ServerSummary } from '../../gateway.ts';
import { describe, expect, it } from 'vitest';
import { clientGuides } from '../../clients/index.ts';
import { readyLine } from './ready-line.ts';
import type { Welcome } from './start-screen.ts';

const endpoint = 'http://127.0.0.1:8080/mcp';
const welcome: Welcome = {
  version: '1.2.3',
  endpoint,
  token: 'sp_abc',
  source: './sallyport.yaml',
  guides: clientGuides({ endpoint, token: 'sp_abc', name: 'sallyport', platform: 'linux' }),
  notes: ['a note'],
  warnings: ['a warning'],
};

const listening = { host: '127.0.0.1', port: 8080 };

describe('the ready line', () => {
  it('is one line with the shape that docs/cli.md promises', () => {
    const servers: ServerSummary[] = [
      { name: 'net', kind: 'builtin', state: 'ready', era: 'modern' },
      { name: 'x', kind: 'stdio', state: 'failed', detail: 'line\nbreak', stderrTail: ['no'] },
    ];
    const line = readyLine(welcome, { listening, servers });
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(JSON.parse(line)).toEqual({
      event: 'ready',
      version: '1.2.3',
      endpoint,
      listening,
      token: 'sp_abc',
      pid: process.pid,
      source: './sallyport.yaml',
      servers: [
        { name: 'net', kind: 'builtin', state: 'ready' },
        { name: 'x', kind: 'stdio', state: 'failed', detail: 'line\nbreak', stderrTail: ['no'] },
      ],
      warnings: ['a warning'],
      notes: ['a note'],
      clients: {
        'claude-code': [{ kind: 'command', text: expect.stringContaining(endpoint) }],
        'claude-desktop': expect.any(Array),
        cursor: expect.any(Array),
        vscode: expect.any(Array),
        curl: expect.any(Array),
      },
    });
  });

  it('has null for a token that is not asked for', () => {
    expect(JSON.parse(readyLine({ ...welcome, token: null }, { listening, servers: [] }))).toMatchObject({
      token: null,
      servers: [],
    });
  });
});
