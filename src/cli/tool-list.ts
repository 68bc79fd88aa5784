import type { Tool } from '@modelcontextprotocol/client';
import { createStyle } from './style.ts';
import type { Terminal } from './terminal.ts';
import { displayWidth, oneLine, pad, wrap } from './text.ts';
import { signature } from './tool-arguments.ts';

/** A column of names is not made wider than this; a longer name pushes its own line to the right. */
const MAX_NAME = 36;

/** The tools for reading. Off a terminal one line a tool, name and description apart by a tab. */
export function toolList(tools: readonly Tool[], data: Terminal['data']): string {
  if (!data.tty) return tools.map((tool) => `${oneLine(tool.name)}\t${about(tool)}\n`).join('');
  const style = createStyle(data.color);
  const names = tools.map((tool) => oneLine(tool.name));
  const column = Math.min(MAX_NAME, Math.max(0, ...names.map(displayWidth))) + 2;
  return tools
    .map((tool, index) => {
      const name = names[index] ?? '';
      const lines = wrap(firstSentence(about(tool)), Math.max(20, data.columns - column));
      const takes = signature(tool.inputSchema);
      if (takes !== '') lines.push(style.faint(takes));
      const rows = lines.map((line, row) => `${row === 0 ? '' : ' '.repeat(column)}${line}`);
      return `${style.strong(pad(name, column - 2))}  ${rows.join('\n')}`.trimEnd();
    })
    .join('\n')
    .concat(tools.length === 0 ? '' : '\n');
}

function about(tool: Tool): string {
  return oneLine(tool.description ?? tool.title ?? '');
}

function firstSentence(text: string): string {
  return /^.*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text;
}
