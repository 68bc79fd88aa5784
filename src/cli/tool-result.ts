import type { CallToolResult } from '@modelcontextprotocol/client';

type ContentBlock = CallToolResult['content'][number];

/**
 * What a tool answered, for reading: its texts, and a line for what is not text. A tool that answers with structured
 * content alone is shown as JSON. Ends with a line feed.
 */
export function resultText(result: CallToolResult): string {
  const parts = (result.content ?? []).map(blockText);
  if (parts.length === 0 && result.structuredContent !== undefined) {
    parts.push(JSON.stringify(result.structuredContent, null, 2));
  }
  const text = parts.join('\n');
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

function blockText(block: ContentBlock): string {
  if (block.type === 'text') return block.text;
  if (block.type === 'resource_link') return `[${block.name}] ${block.uri}`;
  if (block.type === 'resource') {
    const { resource } = block;
    return 'text' in resource ? resource.text : `[${resource.uri}, ${bytes(resource.blob)}: --json has it]`;
  }
  return `[${block.type} ${block.mimeType}, ${bytes(block.data)}: --json has it]`;
}

function bytes(base64: string): string {
  const count = Buffer.byteLength(base64, 'base64');
  return count < 1000 ? `${count} bytes` : `${(count / 1000).toFixed(1)} kB`;
}
