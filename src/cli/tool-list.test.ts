import type { Tool } from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';
import { displayWidth } from './text.ts';
import { toolList } from './tool-list.ts';

const TOOLS: Tool[] = [
  {
    name: 'ping_host',
    description: 'Pings a host. Tells loss and times.',
    inputSchema: { type: 'object', properties: { host: {}, count: {} }, required: ['host'] },
  },
  { name: '서버', title: 'A title', inputSchema: { type: 'object' } },
];
const screen = { tty: true, color: false, columns: 60 };

describe('toolList', () => {
  it('is one line a tool in a pipe, name and description apart by a tab', () => {
    expect(toolList(TOOLS, { ...screen, tty: false })).toBe(
      'ping_host\tPings a host. Tells loss and times.\n서버\tA title\n',
    );
  });

  it('is laid out at a terminal: first sentences, and what each takes', () => {
    expect(toolList(TOOLS, screen).split('\n')).toEqual([
      'ping_host  Pings a host.',
      '           host, count?',
      '서버       A title',
      '',
    ]);
  });

  it('keeps to the width', () => {
    const long = { ...TOOLS[0]!, description: 'word '.repeat(60) };
    for (const line of toolList([long], screen).split('\n'))
      expect(displayWidth(line)).toBeLessThanOrEqual(60);
  });

  it('is nothing for no tools', () => {
    expect(toolList([], screen)).toBe('');
  });

  it('shows escape sequences instead of sending them', () => {
    const tool = { ...TOOLS[1]!, name: 'x\u001b[31m', title: '\u001b]0;title\u0007' };
    // eslint-disable-next-line no-control-regex
    expect(toolList([tool], screen)).not.toMatch(/[\u0007\u001b]/);
  });
});
