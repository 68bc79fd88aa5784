import type { JsonObject } from '../../core/json.ts';

/**
 * The Client ID Metadata Documents of well-known clients, as they were published in autumn 2026. Those in front of them
 * often turn machines in data centres away, and their users would stand before a closed door for that. A document that
 * can be fetched goes before the one that stands here. The addresses are compared as they are: the same sites host
 * others, whose redirects lead elsewhere.
 */
const DOCUMENTS: readonly (JsonObject & { readonly client_id: string })[] = [
  {
    client_id: 'https://claude.ai/oauth/mcp-oauth-client-metadata',
    client_name: 'Claude',
    client_uri: 'https://claude.ai',
    redirect_uris: ['https://claude.ai/api/mcp/auth_callback', 'https://claude.com/api/mcp/auth_callback'],
  },
  {
    client_id: 'https://claude.ai/oauth/claude-code-client-metadata',
    client_name: 'Claude Code',
    client_uri: 'https://claude.ai',
    redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
  },
  {
    client_id: 'https://vscode.dev/oauth/client-metadata.json',
    client_name: 'Visual Studio Code',
    client_uri: 'https://vscode.dev/product',
    redirect_uris: ['http://127.0.0.1:33418/', 'https://vscode.dev/redirect'],
  },
  {
    client_id: 'https://chatgpt.com/oauth/client.json',
    client_name: 'ChatGPT',
    client_uri: 'https://chatgpt.com',
    redirect_uris: ['https://chatgpt.com/connector_platform_oauth_redirect'],
  },
];

const BY_ID = new Map(DOCUMENTS.map((document) => [document.client_id, document]));

/** The document that a known client has at this address. */
export function pinnedDocument(clientId: string): JsonObject | undefined {
  return BY_ID.get(clientId);
}
