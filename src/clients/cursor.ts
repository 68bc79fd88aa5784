import { type ClientFile, underHome } from './client-file.ts';
import { headersField } from './connection.ts';
import type { ClientGuide, Connection } from './connection.ts';

/**
 * Cursor: an entry with `url` and `headers` under `mcpServers` of `~/.cursor/mcp.json` (https://cursor.com/docs/mcp),
 * or an install link whose `config` is that entry as JSON in base64.
 */
export function cursor(connection: Connection): ClientGuide {
  const entry = cursorFile.entry(connection);
  return {
    id: 'cursor',
    title: 'Cursor',
    snippets: [
      {
        kind: 'file',
        where: '~/.cursor/mcp.json',
        text: JSON.stringify({ mcpServers: { [connection.name]: entry } }),
      },
      { kind: 'link', text: installLink(connection.name, entry) },
    ],
  };
}

function installLink(name: string, entry: object): string {
  const config = Buffer.from(JSON.stringify(entry)).toString('base64');
  // Base64 has `+`, `/` and `=`, which a query string would take for something else.
  return `cursor://anysphere.cursor-deeplink/mcp/install?name=${encodeURIComponent(name)}&config=${encodeURIComponent(config)}`;
}

/** The servers of the user, for every project. */
export const cursorFile: ClientFile = {
  id: 'cursor',
  title: 'Cursor',
  place: (machine) => underHome(machine, '.cursor', 'mcp.json'),
  syntax: 'json',
  section: 'mcpServers',
  entry: (connection) => ({ url: connection.endpoint, ...headersField(connection) }),
};
