import type { ClientGuide, Connection } from './connection.ts';

/**
 * claude.ai, which Claude Desktop and the mobile apps share their connectors with. It comes from Anthropic's network and
 * takes no token, so it needs a public https address and OAuth.
 */
export function claudeAi(connection: Connection): ClientGuide {
  return {
    id: 'claude-ai',
    title: 'claude.ai',
    snippets: [
      { kind: 'value', where: 'Settings ▸ Connectors ▸ Add custom connector ▸ Name', text: connection.name },
      { kind: 'value', where: 'Remote MCP server URL', text: connection.endpoint },
      { kind: 'value', where: 'Advanced settings ▸ OAuth Client ID and Secret', text: 'leave empty' },
    ],
    note: needsWeb(connection, 'claude.ai'),
  };
}

/** ChatGPT: a connector in developer mode, with OAuth. */
export function chatgpt(connection: Connection): ClientGuide {
  return {
    id: 'chatgpt',
    title: 'ChatGPT',
    snippets: [
      { kind: 'value', where: 'Settings ▸ Apps & Connectors ▸ Advanced ▸ Developer mode', text: 'on' },
      { kind: 'value', where: 'Create ▸ Name', text: connection.name },
      { kind: 'value', where: 'MCP Server URL', text: connection.endpoint },
      { kind: 'value', where: 'Authentication', text: 'OAuth' },
    ],
    note: needsWeb(connection, 'ChatGPT'),
  };
}

function needsWeb({ endpoint }: Connection, who: string): string {
  const { protocol, port, hostname } = new URL(endpoint);
  const isLocal = hostname === 'localhost' || hostname.startsWith('127.') || hostname === '[::1]';
  if (isLocal || protocol !== 'https:' || port !== '')
    return `${who} connects from the internet: it needs a public https address on port 443 (publicUrl) and OAuth (auth: {server: {}}). This endpoint is not there yet.`;
  return `When it does not connect: sallyport doctor --public ${new URL(endpoint).origin}`;
}
