import type { JsonObject } from '../core/json.ts';
import { type ClientFile, settings } from './client-file.ts';
import { authorization } from './connection.ts';
import type { ClientGuide, Connection } from './connection.ts';

/** Its own file, which is for commands; what is reached by HTTP is added as a connector of claude.ai. */
export const claudeDesktopFile: ClientFile = {
  id: 'claude-desktop',
  title: 'Claude Desktop',
  place: (machine) => settings(machine, 'Claude', 'claude_desktop_config.json'),
  syntax: 'json',
  section: 'mcpServers',
  entry,
  after: () => 'Quit Claude Desktop and start it afresh.',
};

/** Claude Desktop, by its file. */
export function claudeDesktop(connection: Connection): ClientGuide {
  return {
    id: 'claude-desktop',
    title: 'Claude Desktop',
    snippets: [
      {
        kind: 'file',
        where: 'claude_desktop_config.json (Settings > Developer)',
        text: JSON.stringify({ mcpServers: { [connection.name]: entry(connection) } }),
      },
    ],
    note: 'claude.ai and its connectors need OAuth and a public HTTPS address; a token is not enough for them.',
  };
}

/**
 * Claude Desktop reads commands only from `claude_desktop_config.json`, so `mcp-remote` carries the calls to the
 * endpoint. Its readme asks for `--header Authorization:${VARIABLE}` without a blank, since on Windows the client
 * breaks arguments at blanks; the value with its blank is handed over in the environment, which also keeps the token
 * out of the process list.
 */
function entry(connection: Connection): JsonObject {
  const value = authorization(connection);
  const args = ['-y', 'mcp-remote', connection.endpoint];
  if (value !== null) args.push('--header', 'Authorization:${AUTH_HEADER}');
  if (needsAllowHttp(connection.endpoint)) args.push('--allow-http');
  const npx =
    connection.platform === 'win32'
      ? { command: 'cmd', args: ['/c', 'npx', ...args] }
      : { command: 'npx', args };
  return { ...npx, ...(value === null ? {} : { env: { AUTH_HEADER: value } }) };
}

/** `mcp-remote` takes plain HTTP to `localhost` and `127.0.0.1` only, unless it is told. */
function needsAllowHttp(endpoint: string): boolean {
  const { protocol, hostname } = new URL(endpoint);
  return protocol === 'http:' && hostname !== 'localhost' && hostname !== '127.0.0.1';
}
